"""vLLM's command line and environment: one configuration, with the few differences that a CPU needs."""

import sys

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
    flags = [
        "--enable-lora",
        "--enable-prefix-caching",
        "--enable-prompt-tokens-details",
        "--disable-uvicorn-access-log",
    ]
    if on_cpu:
        # Blocks of 128, the default, leave a long uncached tail of every prompt; the CPU backend takes multiples of 32.
        options |= {"--block-size": "32", "--max-num-seqs": "8"}
        # The engine runs the model itself instead of in a process of its own: one import of vLLM less at every start
        # (a third of it), 0.7 GB less, and no message between processes for every token.
        options["--distributed-executor-backend"] = "uni"
        # Compiling costs a minute at every start, and vLLM turns it off anyway whenever LoRA is configured.
        flags.append("--enforce-eager")
    command += [part for pair in options.items() for part in pair]
    # The first name is what answers carry; callers may also use the folder's.
    return [*command, "--served-model-name", "default", settings.model.name, *flags]


def build_environment(settings: Settings, cores: int, *, on_cpu: bool) -> dict[str, str]:
    """Variables for vLLM beside the inherited ones; `cores` is how many this process may run on."""
    env = {
        "VLLM_ALLOW_RUNTIME_LORA_UPDATING": "True",
        "VLLM_NO_USAGE_STATS": "1",
        "DO_NOT_TRACK": "1",
        "HF_HUB_OFFLINE": "1",
        "VLLM_LOGGING_LEVEL": "WARNING",
    }
    if on_cpu:
        env["VLLM_CPU_KVCACHE_SPACE"] = str(settings.kv_cache_gib)
        # vLLM turns "uni" back into a process of its own unless this is off, because it could not tell that process's
        # OpenMP how many threads to use. It is told here. The engine stays out of the API server either way.
        env["VLLM_ENABLE_V1_MULTIPROCESSING"] = "0"
        env["OMP_NUM_THREADS"] = str(count_threads(cores))
    return env


def count_threads(cores: int) -> int:
    """Threads for the model: both of two cores, because a cold prefill needs them; of more, media keeps one."""
    return cores if cores <= 2 else cores - 1
