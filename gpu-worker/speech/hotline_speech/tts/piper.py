"""Piper voices (VITS, Kim et al. 2021, arXiv:2106.06103) on onnxruntime, without the GPL parts around them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from hotline_speech.g2p.espeak_symbols import espeak_symbols
from hotline_speech.g2p.phonemizer import Phonemizer
from hotline_speech.onnx import interruptible, open_session
from hotline_speech.pool import Cancellation
from hotline_speech.tts.engine import Voice

_NOISE = 0.5
_DURATION_NOISE = 0.6
"""Both below the training values: steadier speech, fewer slurred words, same naturalness on a telephone."""

_PAD, _BEGIN, _END = "_", "^", "$"


class PiperEngine:
    """The TtsEngine over one `*.onnx` and its `*.onnx.json`."""

    def __init__(self, model: Path, voice_id: str, phonemizer: Phonemizer) -> None:
        config = json.loads(model.with_name(model.name + ".json").read_text(encoding="utf-8"))
        self.name = f"piper-{voice_id}"
        self.rate_hz = int(config["audio"]["sample_rate"])
        language = str(config.get("language", {}).get("code", "en_US")).replace("_", "-")
        self.voices = [Voice(voice_id, voice_id.capitalize(), language, self.name, self.rate_hz)]
        self._ids: dict[str, list[int]] = config["phoneme_id_map"]
        self._length_scale = float(config["inference"].get("length_scale", 1.0))
        self._phonemizer = phonemizer
        self._session = open_session(model)

    def synthesize(
        self, spoken: str, voice_id: str, speed: float, cancellation: Cancellation
    ) -> Iterator[NDArray[np.float32]]:
        """See TtsEngine. The whole clause is one piece: the model is not incremental."""
        cancellation.check()
        pad = self._ids[_PAD]
        ids = [*self._ids[_BEGIN], *pad]
        for symbol in espeak_symbols(self._phonemizer(spoken)):
            ids += [*self._ids.get(symbol, []), *pad]
        ids += self._ids[_END]
        options = interruptible(cancellation)
        scales = np.array([_NOISE, self._length_scale / speed, _DURATION_NOISE], dtype=np.float32)
        inputs = {
            "input": np.array([ids], dtype=np.int64),
            "input_lengths": np.array([len(ids)], dtype=np.int64),
            "scales": scales,
        }
        try:
            samples = np.asarray(self._session.run(None, inputs, options)[0])
        except Exception:
            cancellation.check()
            raise
        yield samples.ravel().astype(np.float32, copy=False)
