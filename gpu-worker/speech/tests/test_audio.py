"""Sample formats, levels and seams."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hotline_speech.asr.repetition import strip_repeats
from hotline_speech.asr.windows import quiet_windows
from hotline_speech.audio.g711 import decode_alaw, decode_ulaw
from hotline_speech.audio.level import VoiceGate, trim_silence
from hotline_speech.audio.rate import StreamResampler
from numpy.typing import NDArray


def test_g711_decodes_the_values_of_the_standard() -> None:
    assert decode_ulaw(bytes([0x00, 0x80, 0xFF, 0x7F])).tolist() == [-32124, 32124, 0, 0]
    assert decode_alaw(bytes([0xD5, 0x55, 0xAA, 0x2A])).tolist() == [8, -8, 32256, -32256]


@pytest.mark.parametrize("to_hz", [8000, 16000, 22050, 24000])
def test_a_stream_in_pieces_has_no_seams(to_hz: int) -> None:
    tone = np.sin(np.arange(22050) * 2 * np.pi * 440 / 22050).astype(np.float32) * 0.5
    whole = StreamResampler(22050, to_hz).push(tone, last=True)
    stream = StreamResampler(22050, to_hz)
    pieces = [stream.push(tone[i : i + 1111], last=i + 1111 >= len(tone)) for i in range(0, len(tone), 1111)]
    joined = np.concatenate(pieces)
    assert abs(len(joined) - to_hz) <= 2
    assert np.abs(joined - whole).max() < 1e-3


def test_silence_is_trimmed_at_both_ends() -> None:
    tone = np.full(22050, 0.3, dtype=np.float32)
    padded = np.concatenate([np.zeros(9000, np.float32), tone, np.zeros(9000, np.float32)])
    trimmed = trim_silence(padded, 22050)
    loud = np.flatnonzero(np.abs(trimmed) > 0.01)
    assert loud[0] / 22050 <= 0.0135
    assert (len(trimmed) - loud[-1]) / 22050 <= 0.0305


def test_voice_over_steady_noise_is_found_and_its_end_too() -> None:
    rng = np.random.default_rng(0)
    gate = VoiceGate(8000)

    def noise(seconds: float) -> NDArray[np.float64]:
        return rng.normal(0, 60, int(8000 * seconds))

    tone = 3000 * np.sin(np.arange(8000) * 0.3)
    for part in (noise(1), tone + noise(1), noise(0.5)):
        gate.push(part.astype(np.int16))
    assert abs(gate.voiced_end_samples - 16000) <= 160


def test_long_audio_is_cut_in_its_quiet_places() -> None:
    audio = np.full(16000 * 30, 0.3, dtype=np.float32)
    audio[16000 * 9 : 16000 * 9 + 8000] = 0
    windows = quiet_windows(audio, 16000, 12)
    assert windows[0][0] == 0
    assert windows[-1][1] == len(audio)
    assert all(a[1] == b[0] for a, b in itertools.pairwise(windows))
    assert 16000 * 9 <= windows[0][1] <= 16000 * 9.5


@pytest.mark.parametrize(
    ("heard", "kept"),
    [
        ("Okay. Okay. Okay. Okay. Okay. Okay.", "Okay."),
        ("I see. Thank you for it. Thank you for it. Thank you for it. Thank you for it.", "I see. Thank you for it."),
        ("no no no", "no no no"),
        ("five five five five five", "five five five five five"),
        ("Of course,,", "Of course,"),
        ("\"'Hello there.", "Hello there."),
        ("", ""),
    ],
)
def test_loops_are_cut_and_speech_is_kept(heard: str, kept: str) -> None:
    assert strip_repeats(heard, endless=True) == kept


def test_repetition_at_the_pace_of_speech_is_kept() -> None:
    text = " ".join(["We are open every day."] * 4)
    assert strip_repeats(text, endless=False) == text
