"""G.711 (ITU-T G.711) decoding by table, for the Realtime formats audio/pcmu and audio/pcma."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def _ulaw_table() -> NDArray[np.int16]:
    code = ~np.arange(256, dtype=np.uint8)
    sign, exponent, mantissa = code & 0x80, (code >> 4) & 0x07, code & 0x0F
    magnitude = (((mantissa.astype(np.int32) << 3) + 0x84) << exponent) - 0x84
    return np.where(sign, -magnitude, magnitude).astype(np.int16)


def _alaw_table() -> NDArray[np.int16]:
    code = np.arange(256, dtype=np.uint8) ^ 0x55
    sign, exponent, mantissa = code & 0x80, ((code >> 4) & 0x07).astype(np.int32), (code & 0x0F).astype(np.int32)
    magnitude = np.where(exponent == 0, (mantissa << 4) + 8, ((mantissa << 4) + 0x108) << np.maximum(exponent - 1, 0))
    return np.where(sign, magnitude, -magnitude).astype(np.int16)


_ULAW = _ulaw_table()
_ALAW = _alaw_table()


def decode_ulaw(data: bytes) -> NDArray[np.int16]:
    """µ-law bytes (8 kHz) to 16-bit samples."""
    return _ULAW[np.frombuffer(data, np.uint8)]


def decode_alaw(data: bytes) -> NDArray[np.int16]:
    """A-law bytes (8 kHz) to 16-bit samples."""
    return _ALAW[np.frombuffer(data, np.uint8)]
