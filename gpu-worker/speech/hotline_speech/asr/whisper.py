"""Whisper on CTranslate2, the engine of faster-whisper, for GPUs and for what Moonshine hears badly.

faster-whisper itself brings PyAV, whose wheels carry GPL codecs; features and tokens are small enough to do here.
"""

from __future__ import annotations

import json
from pathlib import Path

import ctranslate2
import numpy as np
from numpy.typing import NDArray

from hotline_speech.asr.log_mel import log_mel
from hotline_speech.asr.repetition import strip_repeats
from hotline_speech.once import Once
from hotline_speech.pool import Cancellation

_TOKENS_PER_SECOND = 8


def _byte_decoder() -> dict[str, int]:
    """GPT-2's printable stand-ins for bytes, backwards."""
    printable = [*range(33, 127), *range(161, 173), *range(174, 256)]
    others = [b for b in range(256) if b not in printable]
    return {chr(b): b for b in printable} | {chr(256 + i): b for i, b in enumerate(others)}


class WhisperEngine:
    """The AsrEngine over a CTranslate2 folder (`model.bin`, `vocabulary.txt` or `.json`). English only.

    Its cost is that of thirty seconds whatever the length, and one call cannot be interrupted. The model is loaded at
    its first use.
    """

    max_seconds = 30.0

    def __init__(self, folder: Path, name: str) -> None:
        self.name = name
        self._model = Once(lambda: _open_model(folder))
        self._vocabulary = _read_vocabulary(folder)
        self._bytes = _byte_decoder()

    def transcribe(self, pcm_16k: NDArray[np.float32], cancellation: Cancellation) -> str:
        """See AsrEngine."""
        cancellation.check()
        model = self._model()
        task = ["<|en|>", "<|transcribe|>"] if model.is_multilingual else []
        prompt = ["<|startoftranscript|>", *task, "<|notimestamps|>"]
        features = ctranslate2.StorageView.from_array(np.ascontiguousarray(log_mel(pcm_16k)[np.newaxis]))
        cancellation.check()
        limit = min(224, 12 + int(len(pcm_16k) / 16000 * _TOKENS_PER_SECOND))
        result = model.generate(
            features, [prompt], beam_size=1, max_length=limit + len(prompt), return_no_speech_prob=True
        )[0]
        cancellation.check()
        if result.no_speech_prob > 0.8:
            return ""
        ids = result.sequences_ids[0]
        return strip_repeats(self._text(ids), endless=len(ids) >= limit)

    def _text(self, ids: list[int]) -> str:
        tokens = [t for t in (self._vocabulary[i] for i in ids) if not t.startswith("<|")]
        data = bytes(self._bytes[c] for c in "".join(tokens) if c in self._bytes)
        return data.decode("utf-8", "replace").strip()


def _open_model(folder: Path) -> ctranslate2.models.Whisper:
    device = "cuda" if ctranslate2.get_cuda_device_count() else "cpu"
    compute_type = "float16" if device == "cuda" else "int8"
    return ctranslate2.models.Whisper(
        str(folder), device=device, compute_type=compute_type, intra_threads=1, inter_threads=1
    )


def _read_vocabulary(folder: Path) -> list[str]:
    as_json = folder / "vocabulary.json"
    if as_json.is_file():
        return list(json.loads(as_json.read_text(encoding="utf-8")))
    return (folder / "vocabulary.txt").read_text(encoding="utf-8").split("\n")
