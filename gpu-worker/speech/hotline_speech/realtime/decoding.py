"""Decoding of one segment: again and again while it grows, once more at its end, in windows when it is long."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hotline_speech.asr.engine import AsrEngine
from hotline_speech.asr.windows import quiet_cut
from hotline_speech.audio.rate import to_16k
from hotline_speech.pool import Cancellation, InferencePool, Job, Priority
from hotline_speech.realtime.segment import Segment

FOLD_AFTER_SECONDS = 12.0
"""A longer tail is cut in a quiet place; what is before the cut becomes final text."""

_FOLD_EARLIEST_SECONDS = 5.0
_FOLD_LATEST_SECONDS = 11.0


@dataclass(frozen=True)
class Ear:
    """Who listens, and for which language (None: whichever it hears)."""

    engine: AsrEngine
    language: str | None


class Decoding:
    """One decode of a segment's tail, queued or running. `await apply()` writes its result into the segment."""

    def __init__(self, pool: InferencePool, ear: Ear, segment: Segment, priority: Priority, admitted: bool) -> None:
        self.segment = segment
        self.end = segment.end
        self._folded_end = segment.folded_end
        self.folding = segment.tail_seconds > FOLD_AFTER_SECONDS
        tail, rate_hz = segment.tail(), segment.rate_hz
        seconds = (_FOLD_EARLIEST_SECONDS, _FOLD_LATEST_SECONDS)

        def hear(samples: NDArray[np.float32], cancellation: Cancellation) -> str:
            return ear.engine.transcribe(samples, cancellation, ear.language).text

        def work(cancellation: Cancellation) -> tuple[int, str]:
            if not self.folding:
                return len(tail), hear(to_16k(tail, rate_hz), cancellation)
            samples = to_16k(tail[: int((seconds[1] + 1) * rate_hz)], rate_hz)
            cut = quiet_cut(samples, 16000, int(seconds[0] * 16000), int(seconds[1] * 16000))
            return cut * rate_hz // 16000, hear(samples[:cut], cancellation)

        kind = f"asr_{'final' if priority == Priority.FINAL else 'partial'}_{ear.engine.name}"
        self.job: Job = pool.submit(work, priority=priority, kind=kind, admitted=admitted)

    async def apply(self) -> None:
        """Wait for the result and write it into the segment. Cancelling the wait cancels the work."""
        length, text = await self.job.done
        # After a take-back two decodes of one segment may overlap; the one that knows less is dropped.
        if self.segment.folded_end != self._folded_end:
            return
        if self.folding:
            self.segment.fold(self._folded_end + length, text)
        elif self.end >= self.segment.decoded_end:
            self.segment.set_decoded(self.end, text)

    def cancel(self) -> None:
        """Drop it from the queue or stop it."""
        self.job.done.cancel()

    def serves_final(self) -> bool:
        """Whether the end of the segment should wait for this rather than start over."""
        return self.job.started and (self.folding or self.end >= self.segment.needed_end)


async def finish(pool: InferencePool, ear: Ear, segment: Segment) -> None:
    """Decode until the segment's text covers all its voice. Raises QueueFullError at the pool's bound."""
    admitted = False
    while not segment.complete:
        await Decoding(pool, ear, segment, Priority.FINAL, admitted).apply()
        admitted = True
