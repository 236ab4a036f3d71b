"""Kokoro-82M (StyleTTS 2, Li et al. 2023, arXiv:2306.07691) on onnxruntime."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from hotline_speech.g2p.kokoro_symbols import TOKEN_IDS, kokoro_symbols
from hotline_speech.g2p.phonemizer import Phonemizer
from hotline_speech.once import Once
from hotline_speech.onnx import interruptible, open_session
from hotline_speech.pool import Cancellation
from hotline_speech.tts.engine import Voice

_MAX_TOKENS = 510
_STYLE_SIZE = 256
_ENGLISH = {"a": "en-US", "b": "en-GB"}


class KokoroEngine:
    """The TtsEngine over `model.onnx` and the English styles in `voices/*.bin` ([510, 1, 256] float32 each).

    The model is loaded at its first use.
    """

    name = "kokoro"
    rate_hz = 24000

    def __init__(self, folder: Path, phonemizer: Phonemizer) -> None:
        self._phonemizer = phonemizer
        self._session = Once(lambda: open_session(folder / "model.onnx"))
        self._styles: dict[str, NDArray[np.float32]] = {}
        self.voices: list[Voice] = []
        for path in sorted((folder / "voices").glob("*.bin")):
            language = _ENGLISH.get(path.stem[0])
            if language is None or "_" not in path.stem:
                continue
            self._styles[path.stem] = np.fromfile(path, dtype=np.float32).reshape(-1, _STYLE_SIZE)
            name = path.stem.split("_", 1)[1].capitalize()
            self.voices.append(Voice(path.stem, name, language, self.name, self.rate_hz))
        if not self.voices:
            raise FileNotFoundError(f"no English voice in {folder / 'voices'}")

    def synthesize(
        self, spoken: str, voice_id: str, speed: float, cancellation: Cancellation
    ) -> Iterator[NDArray[np.float32]]:
        """See TtsEngine. Long clauses are made in pieces of at most 510 symbols."""
        ids = [TOKEN_IDS[s] for s in kokoro_symbols(self._phonemizer(spoken)) if s in TOKEN_IDS]
        styles = self._styles[voice_id]
        for start in range(0, len(ids), _MAX_TOKENS):
            cancellation.check()
            part = ids[start : start + _MAX_TOKENS]
            options = interruptible(cancellation)
            inputs = {
                "tokens": np.array([[0, *part, 0]], dtype=np.int64),
                "style": styles[min(len(part), len(styles) - 1)][np.newaxis, :],
                "speed": np.array([speed], dtype=np.float32),
            }
            try:
                samples = np.asarray(self._session().run(None, inputs, options)[0])
            except Exception:
                cancellation.check()
                raise
            yield samples.ravel().astype(np.float32, copy=False)
