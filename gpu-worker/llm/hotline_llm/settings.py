"""What the worker is told by its environment."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path


class SettingsError(ValueError):
    """The environment asks for something that cannot be; the message says which variable and what it may be."""


@dataclass(frozen=True)
class Settings:
    """The worker's configuration; ports are TCP on `host`."""

    model: Path
    """A Hugging Face model folder."""
    host: str
    port: int
    """The OpenAI-compatible API, served by vLLM."""
    health_port: int
    """`GET /healthz`, served by the worker itself: 200 only after vLLM has really answered."""
    max_model_len: int
    """Longest prompt and answer together, in tokens."""
    max_loras: int
    """Adapters that one batch may mix."""
    max_lora_rank: int
    kv_cache_gib: int
    """Memory for the KV cache on a CPU, GiB."""


def read_settings(env: Mapping[str, str]) -> Settings:
    """Reads and checks the environment; raises SettingsError."""
    model = Path(env.get("LLM_MODEL", ""))
    if not (model / "config.json").is_file():
        raise SettingsError(f"LLM_MODEL must be a Hugging Face model folder with a config.json, not {str(model)!r}")
    port = read_integer(env, "HOTLINE_LLM_PORT", 8100, 1, 65535)
    return Settings(
        model=model,
        host=env.get("HOTLINE_LLM_HOST", "127.0.0.1"),
        port=port,
        health_port=read_integer(env, "HOTLINE_LLM_HEALTH_PORT", min(port + 1, 65535), 1, 65535),
        max_model_len=read_integer(env, "HOTLINE_LLM_MAX_TOKENS", 4096, 256, 1_048_576),
        max_loras=read_integer(env, "HOTLINE_LLM_MAX_LORAS", 2, 1, 64),
        max_lora_rank=read_integer(env, "HOTLINE_LLM_MAX_LORA_RANK", 8, 1, 512),
        kv_cache_gib=read_integer(env, "HOTLINE_LLM_KV_CACHE_GIB", 1, 1, 1024),
    )


def read_integer(env: Mapping[str, str], name: str, default: int, low: int, high: int) -> int:
    """The variable as a whole number from low to high, or the default when it is unset or empty."""
    text = env.get(name, "")
    if text == "":
        return default
    try:
        value = int(text)
    except ValueError:
        value = low - 1
    if not low <= value <= high:
        raise SettingsError(f"{name} must be a whole number from {low} to {high}, not {text!r}")
    return value
