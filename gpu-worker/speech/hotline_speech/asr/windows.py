"""Where to cut long audio: in the quietest place near the limit."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

_FRAME_MS = 20
_QUIET_MS = 300


def quiet_cut(samples: NDArray[np.float32], rate_hz: int, earliest: int, latest: int) -> int:
    """The middle of the quietest 300 ms between two sample positions."""
    frame = rate_hz * _FRAME_MS // 1000
    span = samples[earliest:latest]
    count = len(span) // frame
    width = _QUIET_MS // _FRAME_MS
    if count <= width:
        return latest
    energy = np.mean(np.square(span[: count * frame].reshape(count, frame)), axis=1)
    sums = np.convolve(energy, np.ones(width), mode="valid")
    return earliest + (int(np.argmin(sums)) + width // 2) * frame


def quiet_windows(samples: NDArray[np.float32], rate_hz: int, max_seconds: float) -> list[tuple[int, int]]:
    """The whole audio as neighbouring [start, end) windows of at most `max_seconds`, cut in quiet places."""
    longest = int(max_seconds * rate_hz)
    windows: list[tuple[int, int]] = []
    start = 0
    while len(samples) - start > longest:
        cut = quiet_cut(samples, rate_hz, start + longest // 2, start + longest)
        windows.append((start, cut))
        start = cut
    windows.append((start, len(samples)))
    return windows
