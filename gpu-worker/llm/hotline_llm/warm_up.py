"""Real requests against the server, so that the first caller does not pay for what happens only once."""

import json
import time
import urllib.error
import urllib.request

# Long enough to run the prefill kernels on more than one block, in the way of a real agent's instructions.
INSTRUCTIONS = "You answer the telephone of a small restaurant. Be brief and friendly. " * 24
REQUEST_TIMEOUT_S = 120.0


class WarmUpError(RuntimeError):
    """The server answered, but not with words."""


def is_listening(url: str, timeout_s: float = 2.0) -> bool:
    """Whether vLLM's own health check says 200: it is up, which is not yet warm."""
    try:
        with urllib.request.urlopen(f"{url}/health", timeout=timeout_s) as answer:
            return answer.status == 200
    except (OSError, urllib.error.URLError):
        return False


def complete(url: str, instructions: str, text: str, max_tokens: int = 8) -> float:
    """Streams one chat completion and returns the time to its first words, in seconds; raises WarmUpError."""
    body = {
        "model": "default",
        "stream": True,
        "max_tokens": max_tokens,
        "temperature": 0,
        "messages": [{"role": "system", "content": instructions}, {"role": "user", "content": text}],
    }
    request = urllib.request.Request(
        f"{url}/v1/chat/completions", json.dumps(body).encode(), {"content-type": "application/json"}
    )
    begun = time.monotonic()
    first: float | None = None
    try:
        with urllib.request.urlopen(request, timeout=REQUEST_TIMEOUT_S) as answer:
            for line in answer:
                if first is None and b'"content":"' in line and b'"content":""' not in line:
                    first = time.monotonic() - begun
    except (OSError, urllib.error.URLError) as error:
        raise WarmUpError(f"no answer from the language model: {error}") from error
    if first is None:
        raise WarmUpError("the language model answered without a word")
    return first


def warm_up(url: str) -> tuple[float, float]:
    """A cold prompt, then the same with its prefix cached; returns both times to first token, in seconds."""
    cold = complete(url, INSTRUCTIONS, "When do you open?")
    return cold, complete(url, INSTRUCTIONS, "Thank you.")
