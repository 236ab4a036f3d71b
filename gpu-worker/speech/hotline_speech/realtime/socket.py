"""The WebSocket `/v1/realtime?intent=transcription`."""

from __future__ import annotations

import asyncio
import json
import logging
from typing import Any

from fastapi import APIRouter, WebSocket, WebSocketDisconnect
from fastapi.responses import JSONResponse

from hotline_speech.errors import ApiError, invalid, overloaded
from hotline_speech.http.access import check_key, worker_of
from hotline_speech.realtime.session import TranscriptionSession
from hotline_speech.worker import Worker

log = logging.getLogger("hotline.speech")
router = APIRouter()

MAX_FRAME_BYTES = 15 * 1024 * 1024
"""A larger frame closes the connection with 1009, as OpenAI's limit on one append."""

_MAX_UNSENT_EVENTS = 1000
_SEND_TIMEOUT_SECONDS = 20.0


@router.websocket("/v1/realtime")
async def realtime(socket: WebSocket) -> None:
    """Serve one session; refusals come as HTTP answers before the upgrade."""
    worker = worker_of(socket)
    try:
        _admit(socket, worker)
    except ApiError as error:
        await socket.send_denial_response(JSONResponse(error.body(), error.status, headers=error.headers))
        return
    worker.sessions += 1
    worker.metrics.sessions.set(worker.sessions)
    try:
        await _serve(socket, worker)
    finally:
        worker.sessions -= 1
        worker.metrics.sessions.set(worker.sessions)


def _admit(socket: WebSocket, worker: Worker) -> None:
    check_key(socket)
    worker.ready_registry()
    if socket.query_params.get("intent") != "transcription":
        raise invalid("intent", "This worker transcribes only: use ?intent=transcription.")
    if worker.sessions >= worker.settings.max_sessions:
        worker.metrics.refused.labels("session").inc()
        raise overloaded(f"All {worker.settings.max_sessions} sessions are in use.")


async def _serve(socket: WebSocket, worker: Worker) -> None:
    offered = socket.scope.get("subprotocols", [])
    await socket.accept(subprotocol="realtime" if "realtime" in offered else None)
    unsent: asyncio.Queue[dict[str, Any]] = asyncio.Queue(_MAX_UNSENT_EVENTS)
    too_slow = asyncio.Event()

    def send(event: dict[str, Any]) -> None:
        try:
            unsent.put_nowait(event)
        except asyncio.QueueFull:
            too_slow.set()

    session = TranscriptionSession(worker, send)
    session.begin()
    parts = [
        asyncio.create_task(_read(socket, session)),
        asyncio.create_task(_write(socket, unsent)),
        asyncio.create_task(too_slow.wait()),
    ]
    try:
        await asyncio.wait(parts, return_when=asyncio.FIRST_COMPLETED)
    finally:
        session.close()
        for part in parts:
            part.cancel()
        results = await asyncio.gather(*parts, return_exceptions=True)
        for result in results:
            expected = (asyncio.CancelledError, WebSocketDisconnect, TimeoutError, RuntimeError)
            if isinstance(result, BaseException) and not isinstance(result, expected):
                log.error("session failed", exc_info=result)
    if too_slow.is_set():
        await socket.close(1008, "events are not being read")


async def _read(socket: WebSocket, session: TranscriptionSession) -> None:
    while True:
        message = await socket.receive()
        if message["type"] == "websocket.disconnect":
            return
        text = message.get("text")
        session.handle(text if text is not None else "")


async def _write(socket: WebSocket, unsent: asyncio.Queue[dict[str, Any]]) -> None:
    while True:
        event = await unsent.get()
        async with asyncio.timeout(_SEND_TIMEOUT_SECONDS):
            await socket.send_text(json.dumps(event, ensure_ascii=False, separators=(",", ":")))
