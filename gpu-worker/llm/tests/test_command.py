"""vLLM's command line: the few settings that make the difference on a CPU."""

import sys
from pathlib import Path

from hotline_llm.command import build_arguments, build_environment, count_threads
from hotline_llm.settings import Settings


def make_settings(**changes: object) -> Settings:
    values: dict[str, object] = {
        "model": Path("/models/smollm2-135m-instruct"),
        "host": "127.0.0.1",
        "port": 8100,
        "health_port": 8101,
        "max_model_len": 4096,
        "max_loras": 2,
        "max_lora_rank": 8,
        "kv_cache_gib": 1,
    }
    return Settings(**{**values, **changes})  # pyright: ignore[reportArgumentType]


def option(command: list[str], name: str) -> str:
    return command[command.index(name) + 1]


def test_the_vllm_program_that_cannot_find_its_metadata_is_not_used() -> None:
    assert build_arguments(make_settings(), on_cpu=True)[:3] == [
        sys.executable,
        "-m",
        "vllm.entrypoints.openai.api_server",
    ]


def test_a_tuned_adapter_can_be_loaded_while_the_server_runs() -> None:
    for on_cpu in (True, False):
        assert "--enable-lora" in build_arguments(make_settings(), on_cpu=on_cpu)
        env = build_environment(make_settings(), 2, on_cpu=on_cpu)
        assert env["VLLM_ALLOW_RUNTIME_LORA_UPDATING"] == "True"


def test_prompts_do_not_lose_a_long_uncached_tail_on_a_cpu() -> None:
    command = build_arguments(make_settings(), on_cpu=True)
    assert "--enable-prefix-caching" in command
    assert int(option(command, "--block-size")) == 32


def test_a_gpu_keeps_its_own_block_size_and_compiles() -> None:
    command = build_arguments(make_settings(), on_cpu=False)
    assert "--block-size" not in command
    assert "--enforce-eager" not in command


def test_callers_find_the_model_by_a_fixed_name_and_by_its_own() -> None:
    command = build_arguments(make_settings(), on_cpu=True)
    at = command.index("--served-model-name")
    assert command[at + 1 : at + 3] == ["default", "smollm2-135m-instruct"]


def test_nothing_is_sent_or_fetched_from_outside() -> None:
    env = build_environment(make_settings(), 1, on_cpu=True)
    assert env["HF_HUB_OFFLINE"] == env["VLLM_NO_USAGE_STATS"] == env["DO_NOT_TRACK"] == "1"


def test_two_cores_are_both_used_and_of_more_one_stays_free() -> None:
    assert [count_threads(cores) for cores in (1, 2, 4, 16)] == [1, 2, 3, 15]


def test_the_engine_on_a_cpu_does_not_start_another_process_for_the_model() -> None:
    command = build_arguments(make_settings(), on_cpu=True)
    assert option(command, "--distributed-executor-backend") == "uni"
    # Without this vLLM silently goes back to a process of its own.
    assert build_environment(make_settings(), 2, on_cpu=True)["VLLM_ENABLE_V1_MULTIPROCESSING"] == "0"
    assert "--distributed-executor-backend" not in build_arguments(make_settings(), on_cpu=False)
