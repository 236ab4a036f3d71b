"""The audio formats of a transcription session."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hotline_speech.audio.g711 import decode_alaw, decode_ulaw
from hotline_speech.errors import invalid


@dataclass(frozen=True)
class AudioFormat:
    """`audio/pcmu` and `audio/pcma` at 8 kHz; `audio/pcm` (16-bit little-endian mono) at `rate_hz`."""

    type: str = "audio/pcm"
    rate_hz: int = 24000

    def decode(self, data: bytes) -> NDArray[np.int16]:
        """Bytes from the wire to 16-bit samples. Raises ApiError 400 for half a sample."""
        if self.type == "audio/pcmu":
            return decode_ulaw(data)
        if self.type == "audio/pcma":
            return decode_alaw(data)
        if len(data) % 2:
            raise invalid("audio", "16-bit audio needs an even number of bytes.", "invalid_audio")
        return np.frombuffer(data, dtype="<i2").astype(np.int16, copy=False)

    def as_json(self) -> dict[str, object]:
        """The `format` object of a session."""
        return {"type": self.type, "rate": self.rate_hz} if self.type == "audio/pcm" else {"type": self.type}
