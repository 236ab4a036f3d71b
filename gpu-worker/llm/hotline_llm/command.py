"""vLLM's command line and environment: one configuration, with the few differences that a CPU needs."""

import sys
from collections.abc import Sequence

from hotline_llm.settings import Settings


def build_arguments(settings: Settings, *, on_cpu: bool) -> list[str]:
    """The command that starts vLLM's OpenAI-compatible server."""
    # The module, because the `vllm` program of the CPU package does not find its own metadata.
    command = [sys.executable, "-m", "vllm.entrypoints.openai.api_server"]
    options = {
        "--model": str(settings.model),
        "--host": settings.host,
        "--port": str(settings.port),
        "--dtype": "bfloat16",
        "--max-model-len": str(settings.max_model_len),
        "--max-loras": str(settings.max_loras),
        "--max-lora-rank": str(settings.max_lora_rank),
        "--max-cpu-loras": str(max(16, settings.max_loras)),
    }
    flags = ["--enable-lora", "--enable-prefix-caching", "--disable-uvicorn-access-log"]
    if on_cpu:
        # Blocks of 128, the default, leave a long uncached tail of every prompt; the CPU backend takes multiples of 32.
        options |= {"--block-size": "32", "--max-num-seqs": "8"}
        # Compiling costs a minute at every start, and vLLM turns it off anyway whenever LoRA is configured.
        flags.append("--enforce-eager")
    command += [part for pair in options.items() for part in pair]
    # The first name is what answers carry; callers may also use the folder's.
    return [*command, "--served-model-name", "default", settings.model.name, *flags]


def build_environment(settings: Settings, cores: Sequence[int], *, on_cpu: bool) -> dict[str, str]:
    """Variables for vLLM beside the inherited ones; `cores` are those that this process may run on."""
    env = {
        "VLLM_ALLOW_RUNTIME_LORA_UPDATING": "True",
        "VLLM_NO_USAGE_STATS": "1",
        "DO_NOT_TRACK": "1",
        "HF_HUB_OFFLINE": "1",
        "VLLM_LOGGING_LEVEL": "WARNING",
    }
    if on_cpu:
        env["VLLM_CPU_KVCACHE_SPACE"] = str(settings.kv_cache_gib)
        env["VLLM_CPU_OMP_THREADS_BIND"] = bind_threads(cores)
    return env


def bind_threads(cores: Sequence[int]) -> str:
    """The cores for vLLM's threads, as its own list syntax ("0,1").

    With two cores it gets both: keeping one back, as vLLM does by default, makes a cold prefill 1.7 times as long. With
    more, one stays free for the media plane.
    """
    ordered = sorted(cores)
    kept = ordered if len(ordered) <= 2 else ordered[:-1]
    return ",".join(str(core) for core in kept)
