"""A real worker process for the tests that need one, and speech that the worker itself made."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from http.client import HTTPConnection
from pathlib import Path

import pytest
from speech_client import Client

PACKAGE_ROOT = Path(__file__).parents[1]


@pytest.fixture(scope="session")
def models() -> Path:
    """The models folder that set-up made."""
    folder = os.environ.get("HOTLINE_MODELS")
    if not folder:
        cache = Path(os.environ.get("HOTLINE_CACHE", Path.home() / ".cache" / "hotline"))
        folder = str(cache / "models")
    path = Path(folder)
    if not (path / "moonshine-tiny-en").is_dir():
        pytest.fail(f"no speech models in {path}: run `npm run setup`, or say where they are in HOTLINE_MODELS")
    return path


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def _serve(models: Path, *arguments: str) -> Iterator[Client]:
    port = _free_port()
    command = [sys.executable, "-m", "hotline_speech", "--port", str(port), "--models", str(models), *arguments]
    process = subprocess.Popen(command, env={**os.environ, "PYTHONPATH": str(PACKAGE_ROOT)})
    client = Client(port, process.pid)
    try:
        deadline = time.monotonic() + 90
        while not _healthy(port):
            if process.poll() is not None or time.monotonic() > deadline:
                pytest.fail("the worker did not become healthy")
            time.sleep(0.1)
        models_found = len(client.get_json("/v1/models")["data"])
        while client.metric('hotline_speech_inference_seconds_count{kind="warm_up"}') < models_found:
            # Optional models load in the background; tests that count inferences want that over.
            if time.monotonic() > deadline:
                pytest.fail("the optional models did not load")
            time.sleep(0.1)
        yield client
    finally:
        process.terminate()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _healthy(port: int) -> bool:
    try:
        connection = HTTPConnection("127.0.0.1", port, timeout=5)
        connection.request("GET", "/healthz")
        return connection.getresponse().status == 200
    except OSError:
        return False


@pytest.fixture(scope="session")
def worker(models: Path) -> Iterator[Client]:
    """A worker with its default limits."""
    yield from _serve(models)


@pytest.fixture(scope="session")
def small_worker(models: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Client]:
    """A worker with one thread, room for one waiting job and two sessions, and only the models it cannot do without."""
    needed = tmp_path_factory.mktemp("models")
    for name in ("moonshine-tiny-en", "piper-joe"):
        (needed / name).symlink_to(models / name)
    yield from _serve(needed, "--threads", "1", "--max-queued", "1", "--max-sessions", "2")
