"""One request's audio: clauses through an engine, trimmed, joined with pauses, converted, as it is made."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator

import numpy as np
from numpy.typing import NDArray

from hotline_speech.audio.level import trim_silence
from hotline_speech.audio.rate import StreamResampler, to_pcm16
from hotline_speech.pool import Cancellation, InferencePool, Priority
from hotline_speech.text.normalize import normalize
from hotline_speech.tts.clauses import Clause, clauses
from hotline_speech.tts.engine import TtsEngine

_NOTHING_TO_SAY_MS = 20


async def speech_stream(
    pool: InferencePool, engine: TtsEngine, voice_id: str, text: str, speed: float, rate_hz: int
) -> AsyncGenerator[bytes, None]:
    """Signed 16-bit little-endian mono at `rate_hz`, one chunk for each clause, the next clause being made meanwhile.

    The first chunk may raise QueueFullError; later ones belong to an admitted request. Closing the iterator cancels
    what is queued or running. Text with nothing to say gives a moment of silence.
    """
    pieces = clauses(normalize(text))
    resampler = StreamResampler(engine.rate_hz, rate_hz)
    if not pieces:
        yield bytes(2 * rate_hz * _NOTHING_TO_SAY_MS // 1000)
        return

    def start(index: int) -> asyncio.Future[NDArray[np.float32]]:
        clause, last = pieces[index], index == len(pieces) - 1

        def work(cancellation: Cancellation) -> NDArray[np.float32]:
            return _clause_samples(engine, voice_id, clause, speed, last, cancellation)

        return pool.submit(work, priority=Priority.SPEECH, kind=f"tts_{engine.name}", admitted=index > 0).done

    running: asyncio.Future[NDArray[np.float32]] | None = start(0)
    try:
        for index in range(len(pieces)):
            assert running is not None
            samples = await running
            last = index == len(pieces) - 1
            running = None if last else start(index + 1)
            chunk = to_pcm16(resampler.push(samples, last=last))
            if chunk:
                yield chunk
    finally:
        if running is not None:
            running.cancel()


def _clause_samples(
    engine: TtsEngine, voice_id: str, clause: Clause, speed: float, last: bool, cancellation: Cancellation
) -> NDArray[np.float32]:
    samples = np.concatenate([*engine.synthesize(clause.text, voice_id, speed, cancellation)])
    trimmed = trim_silence(samples, engine.rate_hz)
    if last:
        return trimmed
    pause = np.zeros(int(engine.rate_hz * clause.pause_ms / speed / 1000), dtype=np.float32)
    return np.concatenate([trimmed, pause])
