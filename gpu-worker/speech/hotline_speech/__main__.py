"""`python -m hotline_speech`: serve until SIGINT or SIGTERM."""

from __future__ import annotations

import logging
import os
import sys

import uvicorn

from hotline_speech.app import create_app
from hotline_speech.realtime.socket import MAX_FRAME_BYTES
from hotline_speech.settings import parse_settings


def _is_news(record: logging.LogRecord) -> bool:
    """uvicorn calls every refused WebSocket upgrade an error; a 429 or 503 is an answer like any other."""
    return "without completing handshake" not in record.getMessage()


def main() -> None:
    """Parse settings and serve."""
    settings = parse_settings(sys.argv[1:], dict(os.environ))
    logging.basicConfig(level=logging.INFO, format="%(levelname)s %(name)s %(message)s")
    logging.getLogger("uvicorn.error").addFilter(_is_news)
    uvicorn.run(
        create_app(settings), host=settings.host, port=settings.port, log_level="warning", access_log=False,
        ws="websockets-sansio",
        ws_max_size=MAX_FRAME_BYTES, ws_per_message_deflate=False, timeout_graceful_shutdown=5,
        timeout_keep_alive=75, backlog=512,
    )  # fmt: skip


if __name__ == "__main__":
    main()
