"""POST /v1/audio/speech: text to speech, streamed as it is made."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import aclosing
from typing import Literal

from fastapi import APIRouter, Request
from fastapi.responses import Response, StreamingResponse
from pydantic import BaseModel, ConfigDict, Field

from hotline_speech.audio.wav import stream_header
from hotline_speech.errors import overloaded
from hotline_speech.http.access import worker_of
from hotline_speech.http.disconnect import unless_disconnected
from hotline_speech.pool import QueueFullError
from hotline_speech.tts.stream import speech_stream
from hotline_speech.worker import Worker

router = APIRouter()


class SpeechRequest(BaseModel):
    """OpenAI's body, with `sample_rate` as an extension."""

    model_config = ConfigDict(extra="ignore")

    model: str | None = None
    input: str = Field(min_length=1, max_length=4096)
    voice: str | None = None
    response_format: Literal["pcm", "wav"] = "pcm"
    speed: float = Field(default=1.0, ge=0.25, le=4.0, allow_inf_nan=False)
    sample_rate: Literal[8000, 16000, 22050, 24000] = 24000


@router.post("/v1/audio/speech")
async def speech(request: Request, body: SpeechRequest) -> Response:
    """Signed 16-bit little-endian mono in chunks, one a clause. The first clause is made before the status is sent,
    so that what fails, fails with an honest status."""
    worker = worker_of(request)
    voice, engine = worker.ready_registry().voice(body.voice, body.model)
    if worker.speech_requests >= worker.settings.max_speech_requests:
        worker.metrics.refused.labels("speech").inc()
        raise overloaded()
    worker.speech_requests += 1
    worker.metrics.speech_requests.set(worker.speech_requests)
    chunks = speech_stream(worker.pool, engine, voice.id, body.input, body.speed, body.sample_rate)
    try:
        first = await unless_disconnected(request, anext(chunks))
    except BaseException as error:
        await chunks.aclose()
        _end(worker)
        if isinstance(error, QueueFullError):
            worker.metrics.refused.labels("speech").inc()
            raise overloaded() from error
        raise

    async def stream() -> AsyncIterator[bytes]:
        try:
            async with aclosing(chunks):
                yield stream_header(body.sample_rate) + first if body.response_format == "wav" else first
                async for chunk in chunks:
                    yield chunk
        finally:
            _end(worker)

    media_type = "audio/wav" if body.response_format == "wav" else "audio/pcm"
    return StreamingResponse(
        stream(), media_type=media_type, headers={"x-sample-rate": str(body.sample_rate), "x-voice": voice.id}
    )


def _end(worker: Worker) -> None:
    worker.speech_requests -= 1
    worker.metrics.speech_requests.set(worker.speech_requests)
