"""One item's audio: what is between two commits, and how much of it is already text."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from hotline_speech.audio.level import VoiceGate
from hotline_speech.realtime.agreement import Agreement

_AFTER_VOICE_MS = 60
"""A complete decode heard this much after the last voiced frame: soft word ends are below the gate."""

_MIN_VOICED_FRAMES = 4
"""Less than 40 ms above the noise is no word."""


class Segment:
    """Positions are samples from the start of the item, at the session's rate.

    Text comes in two parts: `folded_text` of the audio before `folded_end`, which is final, and the latest decode of
    the rest. Folded audio is only kept while the buffer's bound allows.
    """

    def __init__(self, item_id: str, rate_hz: int, max_seconds: float) -> None:
        self.item_id = item_id
        self.rate_hz = rate_hz
        self.agreement = Agreement()
        self.folded_end = 0
        self.decoded_end = 0
        self.decoded_text = ""
        self._folded_texts: list[str] = []
        self._max_samples = int(max_seconds * rate_hz)
        self._chunks: list[NDArray[np.int16]] = []
        self._start = 0
        self._end = 0
        self._gate = VoiceGate(rate_hz)

    @property
    def end(self) -> int:
        """All samples ever appended."""
        return self._end

    @property
    def seconds(self) -> float:
        """Duration of everything appended."""
        return self._end / self.rate_hz

    @property
    def tail_seconds(self) -> float:
        """Duration that a decode has to cover."""
        return (self._end - self.folded_end) / self.rate_hz

    @property
    def text(self) -> str:
        """The best text so far."""
        return " ".join(t for t in (*self._folded_texts, self.decoded_text) if t)

    @property
    def needed_end(self) -> int:
        """A decode up to here has heard every word; 0 when there was no voice."""
        if self._gate.voiced_frames < _MIN_VOICED_FRAMES:
            return 0
        return min(self._end, self._gate.voiced_end_samples + self.rate_hz * _AFTER_VOICE_MS // 1000)

    @property
    def complete(self) -> bool:
        """Whether the text covers all voice."""
        return max(self.decoded_end, self.folded_end) >= self.needed_end

    @property
    def trailing_silence_ms(self) -> float:
        """How long the end has been without voice."""
        return (self._end - self._gate.voiced_end_samples) / self.rate_hz * 1000

    def has_room(self, samples: int) -> bool:
        """Whether the bound allows so many more samples that are not text yet."""
        return self._end - self.folded_end + samples <= self._max_samples

    def append(self, pcm: NDArray[np.int16]) -> None:
        """More audio at the end. The caller has asked `has_room`."""
        self._chunks.append(pcm)
        self._end += len(pcm)
        self._gate.push(pcm)
        while self._chunks and self._end - self._start > self._max_samples:
            first = self._chunks[0]
            if self._start + len(first) > self.folded_end:
                break
            self._start += len(first)
            self._chunks.pop(0)

    def tail(self) -> NDArray[np.int16]:
        """The audio that is not folded yet, at the session's rate."""
        return self._joined()[self.folded_end - self._start :]

    def set_decoded(self, end: int, text: str) -> None:
        """A decode from `folded_end` to `end` gave `text`."""
        self.decoded_end = end
        self.decoded_text = text

    def fold(self, end: int, text: str) -> None:
        """Audio before `end` is final as `text`; the next decode starts there."""
        self._folded_texts.append(text)
        self.folded_end = end
        self.decoded_end = end
        self.decoded_text = ""

    @property
    def whole(self) -> bool:
        """Whether all its audio is still here."""
        return self._start == 0

    def join(self, later: Segment) -> None:
        """Put the audio of a later segment, which must be `whole`, behind this one: a commit is taken back."""
        self.append(later._joined())

    def restart_deltas(self) -> None:
        """After a take-back, what was sent as deltas is void."""
        self.agreement = Agreement()

    def _joined(self) -> NDArray[np.int16]:
        if len(self._chunks) != 1:
            self._chunks = [np.concatenate(self._chunks) if self._chunks else np.zeros(0, dtype=np.int16)]
        return self._chunks[0]
