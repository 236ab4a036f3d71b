"""Whisper's log-mel features: 80 bands, 25 ms windows every 10 ms, always thirty seconds (Radford et al. 2022)."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

_RATE_HZ = 16000
_WINDOW = 400
_HOP = 160
_BANDS = 80
_SAMPLES = 30 * _RATE_HZ


def _hz_to_mel(hz: NDArray[np.float64]) -> NDArray[np.float64]:
    """Slaney's scale: linear below 1 kHz, logarithmic above."""
    linear = hz * 3.0 / 200.0
    return np.where(hz < 1000.0, linear, 15.0 + np.log(np.maximum(hz, 1e-9) / 1000.0) * 27.0 / np.log(6.4))


def _mel_to_hz(mel: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.where(mel < 15.0, mel * 200.0 / 3.0, 1000.0 * np.exp(np.log(6.4) / 27.0 * (mel - 15.0)))


def _filters() -> NDArray[np.float32]:
    bins = np.linspace(0, _RATE_HZ / 2, _WINDOW // 2 + 1)
    top = _hz_to_mel(np.array([_RATE_HZ / 2]))[0]
    edges = _mel_to_hz(np.linspace(0.0, top, _BANDS + 2))
    rising = (bins - edges[:-2, None]) / (edges[1:-1] - edges[:-2])[:, None]
    falling = (edges[2:, None] - bins) / (edges[2:] - edges[1:-1])[:, None]
    triangles = np.maximum(0.0, np.minimum(rising, falling))
    return (triangles * (2.0 / (edges[2:] - edges[:-2]))[:, None]).astype(np.float32)


_FILTERS = _filters()
_HANN = np.hanning(_WINDOW + 1)[:-1].astype(np.float32)


def log_mel(samples: NDArray[np.float32]) -> NDArray[np.float32]:
    """Mono samples at 16 kHz, cut or padded to thirty seconds, to features of shape [80, 3000]."""
    padded = np.zeros(_SAMPLES, dtype=np.float32)
    padded[: min(len(samples), _SAMPLES)] = samples[:_SAMPLES]
    padded = np.pad(padded, _WINDOW // 2, mode="reflect")
    frames = np.lib.stride_tricks.sliding_window_view(padded, _WINDOW)[::_HOP][:-1]
    power = np.abs(np.fft.rfft(frames * _HANN, axis=1)) ** 2
    mel = np.log10(np.maximum(_FILTERS @ power.T.astype(np.float32), 1e-10))
    mel = np.maximum(mel, mel.max() - 8.0)
    return ((mel + 4.0) / 4.0).astype(np.float32)
