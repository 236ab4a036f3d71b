"""What the process is told: command line first, then environment, then defaults."""

from __future__ import annotations

import argparse
import ipaddress
import os
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Settings:
    """Everything the worker can be told."""

    models: Path
    """Folder with one sub-folder for each model."""
    host: str = "127.0.0.1"
    port: int = 8090
    asr: str = "moonshine"
    """What `transcription.model` left out means: moonshine, whisper (the English one where both are there) or
    whisper-base (multilingual)."""
    api_key: str | None = None
    """When set, every /v1 request must carry it as a bearer token."""
    threads: int = 2
    """Inference threads: one for each core."""
    max_queued: int = 64
    """Jobs that may wait for a thread before requests are refused with 429."""
    max_sessions: int = 64
    """Realtime sessions at once."""
    max_speech_requests: int = 64
    """Speech requests at once."""
    max_buffer_seconds: float = 120.0
    """Audio that one session may hold."""


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _cores() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def parse_settings(argv: list[str], env: dict[str, str]) -> Settings:
    """Settings from arguments and environment. Ends the process with a message when they make no sense."""
    parser = argparse.ArgumentParser(prog="python -m hotline_speech", description="Hotline's speech worker.")
    parser.add_argument("--host", default=env.get("HOTLINE_SPEECH_HOST", "127.0.0.1"))
    parser.add_argument("--port", type=int, default=env.get("HOTLINE_SPEECH_PORT", "8090"))
    parser.add_argument("--models", type=Path, default=env.get("HOTLINE_MODELS"), help="folder with the models")
    parser.add_argument("--threads", type=int, default=env.get("HOTLINE_SPEECH_THREADS", str(_cores())))
    parser.add_argument("--max-sessions", type=int, default=env.get("HOTLINE_SPEECH_MAX_SESSIONS", "64"))
    parser.add_argument("--max-queued", type=int, default=env.get("HOTLINE_SPEECH_MAX_QUEUED", "64"))
    parser.add_argument(
        "--asr", choices=["moonshine", "whisper", "whisper-base"], default=env.get("HOTLINE_ASR", "moonshine")
    )
    options = parser.parse_args(argv)
    api_key = env.get("HOTLINE_SPEECH_API_KEY") or None
    if options.models is None:
        parser.error("say where the models are: --models DIR or HOTLINE_MODELS")
    if not options.models.is_dir():
        parser.error(f"the models folder {options.models} does not exist")
    if not 0 <= options.port <= 65535:
        parser.error("the port must be between 0 and 65535")
    if min(options.threads, options.max_sessions, options.max_queued) < 1:
        parser.error("threads, max-sessions and max-queued must be at least 1")
    if not _is_loopback(options.host) and api_key is None:
        parser.error(f"to listen on {options.host}, set HOTLINE_SPEECH_API_KEY; without a key only loopback is served")
    return Settings(
        models=options.models, host=options.host, port=options.port, asr=options.asr, api_key=api_key,
        threads=options.threads, max_queued=options.max_queued, max_sessions=options.max_sessions,
    )  # fmt: skip
