"""The health check: honest from the first second to the last."""

import threading
import urllib.error
import urllib.request
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest
from hotline_llm.health import Health, serve_health
from hotline_llm.warm_up import WarmUpError, complete

STREAM = b'data: {"choices":[{"delta":{"role":"assistant","content":""}}]}\n\ndata: {"choices":[{"delta":%s}]}\n\n'


def status_of(port: int, path: str = "/healthz") -> int:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=5) as answer:
            return answer.status
    except urllib.error.HTTPError as error:
        return error.code


def test_a_server_that_is_up_but_not_warm_is_not_ready() -> None:
    well = True
    health = Health(probe=lambda: well)
    server = serve_health("127.0.0.1", 0, health)
    port = server.server_address[1]
    try:
        assert status_of(port) == 503
        health.state = "ready"
        assert status_of(port) == 200
        well = False
        assert status_of(port) == 503
        assert status_of(port, "/metrics") == 404
    finally:
        server.shutdown()
        server.server_close()


@pytest.fixture
def speaker() -> Iterator[tuple[str, list[bytes]]]:
    """A server that streams what the test puts into the list."""
    deltas: list[bytes] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["content-length"]))
            self.send_response(200)
            self.end_headers()
            self.wfile.write(STREAM % deltas[0])

        def log_message(self, format: str, *args: object) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_address[1]}", deltas
    server.shutdown()
    server.server_close()


def test_warm_up_waits_for_words_not_for_an_empty_first_chunk(speaker: tuple[str, list[bytes]]) -> None:
    url, deltas = speaker
    deltas.append(b'{"content":"Hello"}')
    assert complete(url, "Be brief.", "Hi") > 0


def test_a_model_that_says_nothing_is_not_warm(speaker: tuple[str, list[bytes]]) -> None:
    url, deltas = speaker
    deltas.append(b"{}")
    with pytest.raises(WarmUpError):
        complete(url, "Be brief.", "Hi")


def test_a_server_that_is_away_is_a_warm_up_failure_not_a_crash() -> None:
    with pytest.raises(WarmUpError):
        complete("http://127.0.0.1:9", "Be brief.", "Hi")
