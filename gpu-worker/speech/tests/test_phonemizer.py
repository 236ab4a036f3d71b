"""Pronunciation in context."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hotline_speech.g2p.espeak_symbols import espeak_symbols
from hotline_speech.g2p.kokoro_symbols import TOKEN_IDS, kokoro_symbols
from hotline_speech.g2p.phonemizer import Phonemizer


@pytest.fixture(scope="module")
def phonemizer() -> Phonemizer:
    return Phonemizer()


def test_homographs_follow_their_part_of_speech(phonemizer: Phonemizer) -> None:
    assert espeak_symbols(phonemizer("I will record a record.")).endswith("ɹɪkˈɔːɹd ə ɹˈɛkɚd.")


def test_the_changes_before_a_vowel(phonemizer: Phonemizer) -> None:
    assert espeak_symbols(phonemizer("the apple and the pear")).startswith("ði ˈæpəl ænd ðə pˈ")


def test_unknown_words_are_guessed(phonemizer: Phonemizer) -> None:
    for word in ("zyxomatic", "qqqqq", "hotlining", "xyz's", "a'b'c", "mmmmmmmmmm"):
        assert espeak_symbols(phonemizer(word)).strip()


def test_letter_names_are_pronounced_not_guessed(phonemizer: Phonemizer) -> None:
    assert espeak_symbols(phonemizer("pee em")) == "pˈiː ˈɛm"


def test_every_lexicon_word_has_symbols_of_both_voices(phonemizer: Phonemizer, models: Path) -> None:
    piper = set(json.loads(next(models.glob("piper-*/*.onnx.json")).read_text())["phoneme_id_map"])
    for word in list(phonemizer._lexicon._words)[::7]:
        tokens = phonemizer(word)
        assert set(espeak_symbols(tokens)) <= piper, word
        assert set(kokoro_symbols(tokens)) <= TOKEN_IDS.keys(), word
