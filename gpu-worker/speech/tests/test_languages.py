"""Languages: which model takes which, and recorded speech that is not English, understood."""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile
from hotline_speech.asr.engine import AsrEngine, Heard
from hotline_speech.asr.languages import primary_code, tokens_per_second
from hotline_speech.asr.repetition import strip_repeats
from hotline_speech.asr.whisper import prompt_for, read_vocabulary, spoken_languages
from hotline_speech.errors import ApiError
from hotline_speech.pool import Cancellation
from hotline_speech.registry import Registry
from hotline_speech.tts.engine import Voice
from numpy.typing import NDArray
from speech_client import Client
from words import word_error_rate

RECORDINGS = Path(__file__).parent / "fixtures"


class _Ears:
    max_seconds = 30.0

    def __init__(self, name: str, *languages: str) -> None:
        self.name = name
        self.languages: tuple[str, ...] = languages

    def transcribe(
        self, pcm_16k: NDArray[np.float32], cancellation: Cancellation, language: str | None = None
    ) -> Heard:
        raise AssertionError("only chosen, never used")


class _Mouth:
    name = "mouth"
    rate_hz = 8000
    voices = [Voice("v", "V", "en-US", "mouth", 8000)]  # noqa: RUF012

    def synthesize(
        self, spoken: str, voice_id: str, speed: float, cancellation: Cancellation
    ) -> Iterator[NDArray[np.float32]]:
        raise AssertionError("only chosen, never used")


def _registry(*ears: AsrEngine) -> Registry:
    return Registry({e.name: e for e in ears}, {"mouth": _Mouth()}, ears[0].name)


ENGLISH, SEVERAL = _Ears("small", "en"), _Ears("large", "de", "en", "es", "fr")


@pytest.mark.parametrize(
    ("model", "language", "chosen"),
    [
        (None, None, ("small", None)),
        (None, "en", ("small", "en")),
        (None, "en-GB", ("small", "en")),
        ("default", "de", ("large", "de")),
        ("whisper-1", "fr_CA", ("large", "fr")),
        ("large", None, ("large", None)),
        ("large", "EN", ("large", "en")),
    ],
)
def test_the_language_selects_the_model(model: str | None, language: str | None, chosen: tuple[str, str]) -> None:
    engine, code = _registry(ENGLISH, SEVERAL).asr_engine(model, language)
    assert (engine.name, code) == chosen


@pytest.mark.parametrize(("model", "known"), [(None, "de, en, es, fr."), ("small", "en.")])
def test_an_unknown_language_is_refused_by_naming_the_known(model: str | None, known: str) -> None:
    with pytest.raises(ApiError) as refused:
        _registry(ENGLISH, SEVERAL).asr_engine(model, "xx")
    assert (refused.value.status, refused.value.code, refused.value.param) == (400, "unsupported_language", "language")
    assert refused.value.message.endswith(f": {known}")


def test_a_multilingual_prompt_names_the_language_and_an_english_one_does_not() -> None:
    several = ("de", "en", "jv")
    assert prompt_for(several, "de") == ["<|startoftranscript|>", "<|de|>", "<|transcribe|>", "<|notimestamps|>"]
    assert prompt_for(several, "jv")[1] == "<|jw|>"
    assert prompt_for(("en",), "en") == ["<|startoftranscript|>", "<|notimestamps|>"]


def test_the_vocabulary_says_which_languages_a_model_has(models: Path) -> None:
    def languages(name: str) -> tuple[str, ...]:
        return spoken_languages(read_vocabulary(models / name))

    # The English-only model has the tokens of all languages too.
    assert languages("whisper-tiny-en") == ("en",)
    several = languages("whisper-base")
    assert {"de", "es", "fr", "ja", "jv", "no", "zh"} <= set(several)
    assert "transcribe" not in several
    assert list(several) == sorted(several)


def test_loops_are_cut_in_scripts_without_spaces_too() -> None:
    looped = "ご視聴ありがとうございました" * 9
    assert strip_repeats(looped, endless=True) == "ご視聴ありがとうございました"
    assert strip_repeats(looped, endless=False) == looped
    assert strip_repeats("1" + ",5" * 60, endless=True) == "1,5"
    assert strip_repeats(" . ", endless=False) == ""


def test_codes_are_read_as_people_write_them() -> None:
    assert [primary_code(c) for c in ("de", " DE-at", "pt_BR", "nb", "")] == ["de", "de", "pt", "no", ""]
    assert tokens_per_second("en") < tokens_per_second("de") < tokens_per_second("hi")


def _wer(said: str, heard: str) -> float:
    """Word error rate, accents aside."""
    plain = [unicodedata.normalize("NFKD", t).encode("ascii", "ignore").decode() for t in (said, heard)]
    return word_error_rate(plain[0], plain[1])


def _transcribed(worker: Client, name: str, **fields: str) -> dict[str, Any]:
    data = (RECORDINGS / f"{name}.wav").read_bytes()
    return json.loads(worker.transcribe(data, response_format="verbose_json", **fields).read())


@pytest.fixture(scope="module")
def said() -> dict[str, str]:
    return json.loads((RECORDINGS / "transcripts.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize(("name", "language"), [("french", "fr"), ("spanish", "es")])
def test_recorded_speech_in_another_language_is_understood(
    worker: Client, said: dict[str, str], name: str, language: str
) -> None:
    heard = _transcribed(worker, name, language=language)
    assert heard["language"] == name
    assert _wer(said[name], heard["text"]) < 0.15


def test_the_multilingual_model_finds_the_language_out(worker: Client, said: dict[str, str]) -> None:
    heard = _transcribed(worker, "spanish", model="whisper-base")
    assert heard["language"] == "spanish"
    assert _wer(said["spanish"], heard["text"]) < 0.15


def test_a_session_in_french_is_heard_in_french(worker: Client, said: dict[str, str]) -> None:
    pcm, rate_hz = soundfile.read(RECORDINGS / "french.wav", dtype="int16")
    format_ = {"type": "audio/pcm", "rate": rate_hz}
    with worker.session() as session:
        source = {"format": format_, "transcription": {"language": "fr"}, "turn_detection": None}
        session.send("session.update", session={"type": "transcription", "audio": {"input": source}})
        updated = session.wait_for("session.updated")["session"]["audio"]["input"]["transcription"]
        assert updated == {"model": "whisper-base", "language": "fr"}
        session.append(pcm.tobytes(), 32000)
        session.commit()
        assert _wer(said["french"], session.final()["transcript"]) < 0.15


def test_a_session_keeps_its_ears_when_the_language_is_unknown(worker: Client) -> None:
    with worker.session() as session:
        source = {"transcription": {"language": "tlh"}}
        session.send("session.update", session={"type": "transcription", "audio": {"input": source}}, event_id="e1")
        error = session.wait_for("error")["error"]
        assert error["param"] == "session.audio.input.transcription.language"
        assert (error["code"], error["event_id"]) == ("unsupported_language", "e1")
        assert " de, " in error["message"]


def test_uploads_in_an_unknown_language_get_a_typed_error(worker: Client) -> None:
    for fields in ({"language": "tlh"}, {"model": "moonshine-tiny-en", "language": "de"}):
        response = worker.transcribe((RECORDINGS / "spanish.wav").read_bytes(), **fields)
        error = json.loads(response.read())["error"]
        assert (response.status, error["param"], error["code"]) == (400, "language", "unsupported_language")


def test_english_is_understood_by_the_multilingual_model(worker: Client, tmp_path: Path) -> None:
    text = "We would like to book a table for four people, please."
    file = tmp_path / "english.wav"
    soundfile.write(file, worker.speak(text), 16000)
    answer = worker.transcribe(file.read_bytes(), model="whisper-base", language="en").read()
    assert word_error_rate(text, json.loads(answer)["text"]) < 0.15
