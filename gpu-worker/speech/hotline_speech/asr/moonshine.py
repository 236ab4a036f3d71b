"""Moonshine tiny (Jeffries et al. 2024, arXiv:2410.15608) on onnxruntime: cost grows with the audio's length.

Facts about this export: the decoder's `encoder_attention_mask` wants the raw sample count (the encoder's own length
crashes near 10 s), and its output is only sane up to about 6.5 tokens a second of audio.
"""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import onnxruntime
from numpy.typing import NDArray

from hotline_speech.asr.engine import Heard
from hotline_speech.asr.moonshine_vocabulary import BEGIN, END, MoonshineVocabulary
from hotline_speech.asr.repetition import strip_repeats
from hotline_speech.onnx import interruptible, open_session
from hotline_speech.pool import Cancellation

_HEADS = 8
_HEAD_SIZE = 36
_TOKENS_PER_SECOND = 6.5
_MIN_TOKENS = 8
_LEAD_SECONDS = 0.3
_TRAIL_SECONDS = 0.5
"""Silence around the audio: without it isolated words ('eight', 'stop') come out wrong one time in five."""


class MoonshineEngine:
    """The AsrEngine over `encoder_model.ort`, `decoder_model_merged.ort` and `tokenizer.bin` in one folder."""

    max_seconds = 30.0
    languages: tuple[str, ...] = ("en",)

    def __init__(self, folder: Path, name: str) -> None:
        self.name = name
        self._encoder = open_session(folder / "encoder_model.ort")
        self._decoder = open_session(folder / "decoder_model_merged.ort")
        self._vocabulary = MoonshineVocabulary(folder / "tokenizer.bin")
        self._past_names = [i.name for i in self._decoder.get_inputs() if i.name.startswith("past_key_values")]
        self._output_names = [o.name for o in self._decoder.get_outputs()]

    def transcribe(
        self, pcm_16k: NDArray[np.float32], cancellation: Cancellation, language: str | None = None
    ) -> Heard:
        """See AsrEngine."""
        cancellation.check()
        options = interruptible(cancellation)
        samples = _padded(pcm_16k)[np.newaxis, :]
        mask = np.ones(samples.shape, dtype=np.int64)
        try:
            hidden = self._encoder.run(None, {"input_values": samples, "attention_mask": mask}, options)[0]
            limit = max(_MIN_TOKENS, math.ceil(samples.shape[1] / 16000 * _TOKENS_PER_SECOND))
            ids = self._decode(hidden, mask, limit, cancellation, options)
        except Exception:
            # A terminated run surfaces as onnxruntime's own error; what matters is that we asked for it.
            cancellation.check()
            raise
        return Heard(strip_repeats(self._vocabulary.text(ids), endless=len(ids) >= limit), "en")

    def _decode(
        self,
        hidden: object,
        mask: NDArray[np.int64],
        limit: int,
        cancellation: Cancellation,
        options: onnxruntime.RunOptions,
    ) -> list[int]:
        past: dict[str, object] = {
            name: np.zeros((1, _HEADS, 0, _HEAD_SIZE), dtype=np.float32) for name in self._past_names
        }
        ids: list[int] = []
        token = BEGIN
        for step in range(limit):
            cancellation.check()
            outputs = self._decoder.run(
                None,
                {
                    "input_ids": np.array([[token]], dtype=np.int64),
                    "encoder_hidden_states": hidden,
                    "encoder_attention_mask": mask,
                    "use_cache_branch": np.array([step > 0]),
                    **past,
                },
                options,
            )
            token = int(np.argmax(np.asarray(outputs[0])[0, -1]))
            if token == END:
                break
            ids.append(token)
            for name, value in zip(self._output_names[1:], outputs[1:], strict=True):
                # The cache branch returns no new encoder keys: those of the first step stay.
                if step == 0 or ".decoder." in name:
                    past[name.replace("present", "past_key_values")] = value
        return ids


def _padded(samples: NDArray[np.float32]) -> NDArray[np.float32]:
    lead, trail = int(_LEAD_SECONDS * 16000), int(_TRAIL_SECONDS * 16000)
    return np.pad(samples.astype(np.float32, copy=False), (lead, trail))
