"""Whisper on CTranslate2, the engine of faster-whisper, for GPUs and for what Moonshine hears badly.

faster-whisper itself brings PyAV, whose wheels carry GPL codecs; features and tokens are small enough to do here.
"""

from __future__ import annotations

import json
from pathlib import Path

import ctranslate2
import numpy as np
from numpy.typing import NDArray

from hotline_speech.asr.engine import Heard
from hotline_speech.asr.languages import NAMES, tokens_per_second
from hotline_speech.asr.log_mel import log_mel
from hotline_speech.asr.repetition import strip_repeats
from hotline_speech.once import Once
from hotline_speech.pool import Cancellation

_MULTILINGUAL_TOKENS = 51865
"""An English-only vocabulary is one token shorter; it has the language tokens too, but they mean nothing to it."""

_LONGEST_ANSWER_TOKENS = 224
"""Half of the decoder's context, as trained."""

_OWN_CODES = {"jv": "jw"}
"""Where Whisper's token for a language is not its ISO 639-1 code."""


def _byte_decoder() -> dict[str, int]:
    """GPT-2's printable stand-ins for bytes, backwards."""
    printable = [*range(33, 127), *range(161, 173), *range(174, 256)]
    others = [b for b in range(256) if b not in printable]
    return {chr(b): b for b in printable} | {chr(256 + i): b for i, b in enumerate(others)}


class WhisperEngine:
    """The AsrEngine over a CTranslate2 folder (`model.bin`, `vocabulary.txt` or `.json`), English or multilingual.

    Its cost is that of thirty seconds whatever the length, and a step cannot be interrupted. The model is loaded at
    its first use.
    """

    max_seconds = 30.0

    def __init__(self, folder: Path, name: str) -> None:
        self.name = name
        self._model = Once(lambda: _open_model(folder))
        self._vocabulary = read_vocabulary(folder)
        self._bytes = _byte_decoder()
        self.languages = spoken_languages(self._vocabulary)

    def transcribe(
        self, pcm_16k: NDArray[np.float32], cancellation: Cancellation, language: str | None = None
    ) -> Heard:
        """See AsrEngine."""
        cancellation.check()
        model = self._model()
        features = ctranslate2.StorageView.from_array(np.ascontiguousarray(log_mel(pcm_16k)[np.newaxis]))
        cancellation.check()
        encoded = model.encode(features)
        cancellation.check()
        if language is None:
            language = "en" if self.languages == ("en",) else self._detect(model, encoded)
        prompt = prompt_for(self.languages, language)
        seconds = len(pcm_16k) / 16000
        limit = min(_LONGEST_ANSWER_TOKENS, 12 + int(seconds * tokens_per_second(language)))
        # CTranslate2 gives the answer half of `max_length`.
        result = model.generate(encoded, [prompt], beam_size=1, max_length=2 * limit, return_no_speech_prob=True)[0]
        cancellation.check()
        if result.no_speech_prob > 0.8:
            return Heard("", None)
        ids = result.sequences_ids[0]
        return Heard(strip_repeats(self._text(ids), endless=len(ids) >= limit), language)

    def _detect(self, model: ctranslate2.models.Whisper, encoded: ctranslate2.StorageView) -> str:
        """The likeliest of `languages`."""
        for token, _probability in model.detect_language(encoded)[0]:
            code = _iso_code(token)
            if code in self.languages:
                return code
        raise RuntimeError(f"{self.name} found no language")

    def _text(self, ids: list[int]) -> str:
        tokens = [t for t in (self._vocabulary[i] for i in ids) if not t.startswith("<|")]
        data = bytes(self._bytes[c] for c in "".join(tokens) if c in self._bytes)
        return data.decode("utf-8", "replace").strip()


def prompt_for(languages: tuple[str, ...], language: str) -> list[str]:
    """The tokens that tell a model with `languages` to write down `language`, without time stamps."""
    start = ["<|startoftranscript|>"]
    if languages != ("en",):
        start += [f"<|{_OWN_CODES.get(language, language)}|>", "<|transcribe|>"]
    return [*start, "<|notimestamps|>"]


def spoken_languages(vocabulary: list[str]) -> tuple[str, ...]:
    """The languages of a model with this vocabulary, as ISO 639-1 codes."""
    if len(vocabulary) < _MULTILINGUAL_TOKENS:
        return ("en",)
    return tuple(sorted({code for token in vocabulary if (code := _iso_code(token)) in NAMES}))


def _iso_code(token: str) -> str:
    """'de' for '<|de|>'; anything for what is no language."""
    code = token.removeprefix("<|").removesuffix("|>") if token.startswith("<|") else ""
    return next((iso for iso, own in _OWN_CODES.items() if own == code), code)


def _open_model(folder: Path) -> ctranslate2.models.Whisper:
    device = "cuda" if ctranslate2.get_cuda_device_count() else "cpu"
    compute_type = "float16" if device == "cuda" else "int8"
    return ctranslate2.models.Whisper(
        str(folder), device=device, compute_type=compute_type, intra_threads=1, inter_threads=1
    )


def read_vocabulary(folder: Path) -> list[str]:
    """The tokens of a model folder, by id."""
    as_json = folder / "vocabulary.json"
    if as_json.is_file():
        return list(json.loads(as_json.read_text(encoding="utf-8")))
    return (folder / "vocabulary.txt").read_text(encoding="utf-8").removesuffix("\n").split("\n")
