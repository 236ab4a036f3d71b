"""Sample rate conversion by soxr: whole buffers for recognition, a stream without seams for synthesis."""

from __future__ import annotations

import numpy as np
import soxr
from numpy.typing import NDArray

Float32 = NDArray[np.float32]


def to_16k(pcm: NDArray[np.int16], rate_hz: int) -> Float32:
    """16-bit samples at `rate_hz` to float samples in [-1, 1] at 16 kHz."""
    samples = pcm.astype(np.float32) / 32768.0
    if rate_hz == 16000:
        return samples
    return np.asarray(soxr.resample(samples, rate_hz, 16000, quality="HQ"), dtype=np.float32)


class StreamResampler:
    """Converts pieces of one stream without a seam between them."""

    def __init__(self, from_hz: int, to_hz: int) -> None:
        self._stream = None if from_hz == to_hz else soxr.ResampleStream(from_hz, to_hz, 1, "float32", quality="HQ")

    def push(self, samples: Float32, last: bool = False) -> Float32:
        """Convert the next piece; with `last`, also what the filter still holds."""
        if self._stream is None:
            return samples
        return np.asarray(self._stream.resample_chunk(samples, last=last), dtype=np.float32)


def to_pcm16(samples: Float32) -> bytes:
    """Float samples in [-1, 1] to signed 16-bit little-endian bytes."""
    return (np.clip(samples, -1.0, 1.0) * 32767.0).astype("<i2").tobytes()
