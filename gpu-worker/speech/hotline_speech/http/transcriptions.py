"""POST /v1/audio/transcriptions: an audio file to text, in one answer."""

from __future__ import annotations

import asyncio
from typing import Annotated, Any

import numpy as np
from fastapi import APIRouter, Form, Request, UploadFile
from fastapi.responses import JSONResponse, PlainTextResponse, Response

from hotline_speech.asr.engine import AsrEngine
from hotline_speech.asr.languages import NAMES
from hotline_speech.asr.windows import quiet_windows
from hotline_speech.audio.wav import decode_upload
from hotline_speech.errors import ApiError, invalid, overloaded
from hotline_speech.http.access import worker_of
from hotline_speech.http.disconnect import unless_disconnected
from hotline_speech.pool import Priority, QueueFullError
from hotline_speech.worker import Worker

router = APIRouter()

_MAX_UPLOAD_BYTES = 25 * 1024 * 1024
_MAX_SECONDS = 600.0


@router.post("/v1/audio/transcriptions")
async def transcriptions(
    request: Request,
    file: UploadFile,
    model: Annotated[str | None, Form()] = None,
    language: Annotated[str | None, Form()] = None,
    response_format: Annotated[str, Form()] = "json",
) -> Response:
    """WAV, FLAC, Ogg or MP3 up to 25 MiB and ten minutes; `response_format` json, text or verbose_json.

    `language` is ISO 639-1; left out, a multilingual model finds out.
    """
    worker = worker_of(request)
    engine, code = worker.ready_registry().asr_engine(model, language)
    if response_format not in ("json", "text", "verbose_json"):
        raise invalid("response_format", "Use json, text or verbose_json.")
    data = await file.read(_MAX_UPLOAD_BYTES + 1)
    if len(data) > _MAX_UPLOAD_BYTES:
        raise ApiError(413, "file_too_large", "The file is larger than 25 MiB.", param="file")
    samples = await asyncio.to_thread(decode_upload, data, _MAX_SECONDS)
    seconds = len(samples) / 16000
    try:
        segments, code = await unless_disconnected(request, _segments(worker, engine, code, samples))
    except QueueFullError as error:
        worker.metrics.refused.labels("upload").inc()
        raise overloaded() from error
    text = " ".join(s["text"] for s in segments if s["text"])
    if response_format == "text":
        return PlainTextResponse(text + "\n")
    usage = {"type": "duration", "seconds": round(seconds, 3)}
    if response_format == "json":
        return JSONResponse({"text": text, "usage": usage})
    return JSONResponse(
        {"task": "transcribe", "language": NAMES.get(code or "", "unknown"), "duration": seconds, "text": text,
         "segments": segments, "usage": usage}
    )  # fmt: skip


async def _segments(
    worker: Worker, engine: AsrEngine, language: str | None, samples: np.ndarray
) -> tuple[list[dict[str, Any]], str | None]:
    """The windows' texts, and the language: as asked for, or that of the first window with speech.

    One window after the other, so that a long file never holds more than one thread.
    """
    out: list[dict[str, Any]] = []
    for index, (start, end) in enumerate(quiet_windows(samples, 16000, max_seconds=12.0)):
        window = samples[start:end]
        heard = await worker.pool.run(
            lambda cancellation, window=window, language=language: engine.transcribe(window, cancellation, language),
            priority=Priority.UPLOAD, kind=f"asr_upload_{engine.name}", admitted=index > 0,
        )  # fmt: skip
        language = language or heard.language
        out.append({"id": index, "start": start / 16000, "end": end / 16000, "text": heard.text})
    return out, language
