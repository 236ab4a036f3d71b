"""The models that are there, by the names that requests use."""

from __future__ import annotations

import logging
from pathlib import Path

import numpy as np

from hotline_speech.asr.engine import AsrEngine
from hotline_speech.asr.languages import primary_code, unsupported_language
from hotline_speech.asr.moonshine import MoonshineEngine
from hotline_speech.asr.whisper import WhisperEngine
from hotline_speech.errors import invalid, unknown_model
from hotline_speech.g2p.phonemizer import Phonemizer
from hotline_speech.pool import Cancellation
from hotline_speech.text.normalize import normalize
from hotline_speech.tts.engine import TtsEngine, Voice
from hotline_speech.tts.kokoro import KokoroEngine
from hotline_speech.tts.piper import PiperEngine

log = logging.getLogger("hotline.speech")

_ASR_ALIASES = frozenset(
    {"whisper-1", "gpt-4o-transcribe", "gpt-4o-mini-transcribe", "gpt-realtime-whisper", "default"}
)
_TTS_ALIASES = frozenset({"tts-1", "tts-1-hd", "gpt-4o-mini-tts", "default"})
_WARM_UP = "Hello, it is 2:30 p.m."


class Registry:
    """Loaded engines. Read-only after `load`."""

    def __init__(self, asr: dict[str, AsrEngine], tts: dict[str, TtsEngine], default_asr: str) -> None:
        self.asr = asr
        self.tts = tts
        self.default_asr = default_asr
        self.voices: dict[str, tuple[Voice, TtsEngine]] = {
            voice.id: (voice, engine) for engine in tts.values() for voice in engine.voices
        }
        self.default_voice = next(iter(self.voices))
        self._short_names: dict[str, str] = {}
        for voice_id in self.voices:
            self._short_names.setdefault(voice_id.rpartition("_")[2], voice_id)

    def asr_engine(
        self, model: str | None, language: str | None = None, param: str = "language"
    ) -> tuple[AsrEngine, str | None]:
        """The engine for a request's model and language, and the language as the engine wants it.

        OpenAI's model names mean the default, or the first model that understands the language where the default does
        not. Without a language the engine listens for those it has. `param` is what a refusal of the language names.
        Raises ApiError 404 for the model and 400 for the language.
        """
        if model is None or model in _ASR_ALIASES:
            default = self.asr[self.default_asr]
            candidates = [default, *(e for e in self.asr.values() if e is not default)]
        elif model in self.asr:
            candidates = [self.asr[model]]
        else:
            raise unknown_model(model, sorted(self.asr))
        if not language:
            return candidates[0], None
        code = primary_code(language)
        for engine in candidates:
            if code in engine.languages:
                return engine, code
        raise unsupported_language(language, sorted({c for e in candidates for c in e.languages}), param)

    def voice(self, voice_id: str | None, model: str | None) -> tuple[Voice, TtsEngine]:
        """The voice and its engine; `model` may narrow it down. Raises ApiError 404 or 400."""
        if model is not None and model not in _TTS_ALIASES and model not in self.tts:
            raise unknown_model(model, sorted(self.tts))
        narrowed = self.tts.get(model or "")
        if voice_id is None:
            chosen = narrowed.voices[0].id if narrowed else self.default_voice
        else:
            chosen = voice_id if voice_id in self.voices else self._short_names.get(voice_id, "")
        if chosen not in self.voices:
            raise invalid(
                "voice", f"The voice {voice_id!r} does not exist here. See /v1/audio/voices.", "voice_not_found"
            )
        voice, engine = self.voices[chosen]
        if narrowed is not None and engine is not narrowed:
            raise invalid("voice", f"The voice {chosen!r} belongs to {engine.name}, not to {model}.", "voice_not_found")
        return voice, engine


def load(models: Path, preferred_asr: str) -> Registry:
    """Find every model under `models`, load the default ones and warm them by a real inference. Run it on a thread.

    Optional models that are missing are left out; without any recognition or synthesis model it raises
    FileNotFoundError.
    """
    asr: dict[str, AsrEngine] = {}
    for folder in sorted(models.glob("moonshine-*")):
        if (folder / "encoder_model.ort").is_file():
            asr[folder.name] = MoonshineEngine(folder, folder.name)
    for folder in sorted(models.glob("whisper-*")):
        if (folder / "model.bin").is_file():
            asr[folder.name] = WhisperEngine(folder, folder.name)
    phonemizer = Phonemizer()
    tts: dict[str, TtsEngine] = {}
    for folder in sorted(models.glob("piper-*")):
        for model in sorted(folder.glob("*.onnx")):
            piper = PiperEngine(model, folder.name.removeprefix("piper-"), phonemizer)
            tts[piper.name] = piper
    if (models / "kokoro" / "model.onnx").is_file() and any((models / "kokoro" / "voices").glob("[ab]?_*.bin")):
        tts[KokoroEngine.name] = KokoroEngine(models / "kokoro", phonemizer)
    if not asr or not tts:
        raise FileNotFoundError(f"{models} lacks a {'recognition' if not asr else 'synthesis'} model")
    registry = Registry(asr, tts, _default_asr(asr, preferred_asr))
    warm_synthesis(registry.voices[registry.default_voice][1], Cancellation())
    warm_recognition(registry.asr[registry.default_asr], Cancellation())
    log.info("recognition %s, synthesis %s, %d voices", list(asr), list(tts), len(registry.voices))
    return registry


def _default_asr(asr: dict[str, AsrEngine], preferred: str) -> str:
    """The model of the preferred kind; among several, the one with the fewest languages: it is the quickest."""
    fitting = [name for name in asr if name.startswith(preferred)] or list(asr)
    return min(fitting, key=lambda name: len(asr[name].languages))


def warm_synthesis(engine: TtsEngine, cancellation: Cancellation) -> None:
    """First inferences allocate and load lazily; callers should not wait for that."""
    for _ in engine.synthesize(normalize(_WARM_UP), engine.voices[0].id, 1.0, cancellation):
        pass


def warm_recognition(engine: AsrEngine, cancellation: Cancellation) -> None:
    """See warm_synthesis."""
    engine.transcribe(np.random.default_rng(1).normal(0, 0.01, 32000).astype(np.float32), cancellation)
