"""`GET /healthz`: 200 once the model has answered and as long as vLLM says that it is well."""

import json
import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class Health:
    """What the worker knows about itself; read by the HTTP handler's threads."""

    def __init__(self, probe: Callable[[], bool]) -> None:
        self.state = "starting"
        self._probe = probe

    def check(self) -> tuple[int, str]:
        """The HTTP status and one word."""
        if self.state != "ready":
            return 503, self.state
        return (200, "ready") if self._probe() else (503, "not answering")


def serve_health(host: str, port: int, health: Health) -> ThreadingHTTPServer:
    """Serves the health check in a background thread."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            status, word = health.check() if self.path == "/healthz" else (404, "not found")
            body = json.dumps({"status": word}).encode()
            self.send_response(status)
            self.send_header("content-type", "application/json")
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            """Health checks come every second: they are not worth a line."""

    server = ThreadingHTTPServer((host, port), Handler)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, name="health", daemon=True).start()
    return server
