"""WAV: a header for a stream of unknown length, and decoding of uploads."""

from __future__ import annotations

import io
import struct

import numpy as np
import soundfile
from numpy.typing import NDArray

from hotline_speech.audio.rate import to_16k
from hotline_speech.errors import ApiError, invalid

_UNKNOWN_LENGTH = 0xFFFFFFFF
"""What a reader takes as "until the end of the stream" in the RIFF and data sizes."""


def stream_header(rate_hz: int) -> bytes:
    """The 44-byte header of a mono 16-bit WAV whose length is not known yet."""
    riff = struct.pack("<4sI4s", b"RIFF", _UNKNOWN_LENGTH, b"WAVE")
    fmt = struct.pack("<4sIHHIIHH", b"fmt ", 16, 1, 1, rate_hz, rate_hz * 2, 2, 16)
    return riff + fmt + struct.pack("<4sI", b"data", _UNKNOWN_LENGTH)


def decode_upload(data: bytes, max_seconds: float) -> NDArray[np.float32]:
    """An uploaded audio file (WAV, FLAC, Ogg, MP3 …) as mono float samples at 16 kHz. Raises ApiError (400)."""
    try:
        with soundfile.SoundFile(io.BytesIO(data)) as file:
            if file.frames > max_seconds * file.samplerate:
                raise invalid("file", f"The audio is longer than {max_seconds:.0f} seconds.", "audio_too_long")
            samples = np.asarray(file.read(dtype="int16", always_2d=True), dtype=np.int16)
            rate_hz = int(file.samplerate)
    except (soundfile.LibsndfileError, RuntimeError, ValueError, TypeError) as error:
        raise ApiError(
            400, "invalid_audio", "The file could not be read as audio. Send WAV, FLAC, Ogg or MP3.", param="file"
        ) from error
    if not 4000 <= rate_hz <= 192000:
        raise invalid("file", f"A sample rate of {rate_hz} Hz is outside 4000 to 192000.", "invalid_audio")
    mono = samples.mean(axis=1).astype(np.int16) if samples.shape[1] > 1 else samples[:, 0]
    return to_16k(mono, rate_hz)
