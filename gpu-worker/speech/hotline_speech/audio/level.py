"""Where the voice is, by level: trimming for synthesis, an incremental gate for recognition."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Float32 = NDArray[np.float32]

_SILENCE_DBFS = -50.0
_FRAME_MS = 5


def frame_levels_db(samples: Float32, frame_samples: int) -> Float32:
    """RMS level of each whole frame, in dB relative to full scale."""
    count = len(samples) // frame_samples
    frames = samples[: count * frame_samples].reshape(count, frame_samples)
    return (10.0 * np.log10(np.mean(np.square(frames), axis=1) + 1e-10)).astype(np.float32)


def trim_silence(samples: Float32, rate_hz: int, keep_before_ms: float = 8, keep_after_ms: float = 25) -> Float32:
    """Cut the silence at both ends down to what is kept, with a short fade so that no cut clicks."""
    frame = rate_hz * _FRAME_MS // 1000
    loud = np.flatnonzero(frame_levels_db(samples, frame) > _SILENCE_DBFS)
    if len(loud) == 0:
        return samples[:0]
    start = max(0, int(loud[0]) * frame - int(rate_hz * keep_before_ms / 1000))
    end = min(len(samples), (int(loud[-1]) + 1) * frame + int(rate_hz * keep_after_ms / 1000))
    trimmed = samples[start:end].copy()
    fade = min(len(trimmed) // 2, rate_hz * 3 // 1000)
    if fade:
        ramp = np.linspace(0.0, 1.0, fade, dtype=np.float32)
        trimmed[:fade] *= ramp
        trimmed[-fade:] *= ramp[::-1]
    return trimmed


class VoiceGate:
    """Follows a stream of 16-bit samples and remembers where voice was last heard.

    Ten-millisecond frames; a frame is voiced when it stands clear of the noise floor, which falls at once and rises
    slowly. It errs on the side of voice: it decides only what need not be decoded again.
    """

    FLOOR_START_DB = -45.0
    LOWEST_FLOOR_DB = -70.0
    FLOOR_RISE_DB = 0.05
    ABOVE_FLOOR_DB = 9.0
    QUIETEST_VOICE_DB = -57.0

    def __init__(self, rate_hz: int) -> None:
        self._frame_samples = rate_hz // 100
        self._rest = np.zeros(0, dtype=np.int16)
        self._floor_db = self.FLOOR_START_DB
        self._seen_samples = 0
        self.voiced_frames = 0
        self.voiced_end_samples = 0
        """End of the last voiced frame, in samples from the start of the stream."""

    def push(self, pcm: NDArray[np.int16]) -> None:
        """Take the next samples."""
        data = np.concatenate([self._rest, pcm]) if len(self._rest) else pcm
        size = self._frame_samples
        levels = frame_levels_db(data.astype(np.float32) / 32768.0, size)
        for level in levels.tolist():
            if self._seen_samples == 0:
                self._floor_db = min(level, self.FLOOR_START_DB)
            self._seen_samples += size
            if level > max(self.QUIETEST_VOICE_DB, self._floor_db + self.ABOVE_FLOOR_DB):
                self.voiced_frames += 1
                self.voiced_end_samples = self._seen_samples
            self._floor_db = max(self.LOWEST_FLOOR_DB, min(level, self._floor_db + self.FLOOR_RISE_DB))
        self._rest = data[len(levels) * size :]
