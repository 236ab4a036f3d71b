"""Spoken words to phonemes in context: homographs by part of speech, weak forms, guesses for unknown words."""

from __future__ import annotations

import re
import threading
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import gruut_lang_en
from gruut.g2p import GraphemesToPhonemes
from gruut.pos import PartOfSpeechTagger

from hotline_speech.g2p.lexicon import Lexicon

_TOKEN = re.compile(r"[a-z]+(?:'[a-z]+)*|[.,;:!?]")
_WEAK = frozenset(
    (
        "a an the and or but nor if than as at by for from in into of on onto to with is are was were be been "
        "am has have had can could will would shall should may might must do does he she it we they you him "
        "her them us me my your his its our their that there's it's i'll you'll we'll i'd you'd i've you've "
        "we've some"
    ).split()
)
"""Function words, which carry no stress inside a phrase."""

_VOWELS = tuple("aeiouæɑɐɔəɚɛɜɪʊʌ")
_SIBILANTS = ("s", "z", "ʃ", "ʒ", "t͡ʃ", "d͡ʒ")
_VOICELESS = ("p", "t", "k", "f", "θ")


def is_vowel(phoneme: str) -> bool:
    """Whether a phoneme, stress mark or not, is a vowel."""
    return phoneme.lstrip("ˈˌ").startswith(_VOWELS)


@dataclass(frozen=True)
class Word:
    """One word's IPA phonemes, stress marks in front of the vowels they belong to."""

    phonemes: tuple[str, ...]


@dataclass(frozen=True)
class Mark:
    """One punctuation mark: . , ; : ! ?"""

    character: str


class Phonemizer:
    """Thread-safe: the CRF taggers, which keep state during a call, are guarded by a lock."""

    def __init__(self) -> None:
        folder = Path(gruut_lang_en.get_lang_dir())
        self._lexicon = Lexicon()
        self._guesser = GraphemesToPhonemes(folder / "g2p" / "model.crf")
        self._tagger = PartOfSpeechTagger(folder / "pos" / "model.crf")
        self._lock = threading.Lock()
        self._guess = lru_cache(maxsize=4096)(self._guess_uncached)

    def __call__(self, spoken: str) -> list[Word | Mark]:
        """Phonemes of normalised text, in order. Characters outside it are ignored."""
        tokens = _TOKEN.findall(spoken.lower())
        words = [t for t in tokens if t[0].isalpha()]
        tags = self._tags(tokens) if any(self._lexicon.is_homograph(w) for w in words) else [None] * len(tokens)
        out: list[Word | Mark] = []
        for i, token in enumerate(tokens):
            if not token[0].isalpha():
                out.append(Mark(token))
                continue
            following = next((t for t in tokens[i + 1 : i + 2] if t[0].isalpha()), None)
            phonemes = self._in_context(token, tags[i], following)
            if token in _WEAK and len(words) > 1 and following is not None:
                phonemes = [p.lstrip("ˈˌ") for p in phonemes]
            out.append(Word(tuple(phonemes)))
        return out

    def pronounce(self, word: str, part_of_speech: str | None = None) -> list[str]:
        """One lower-case word by lexicon, by its stem, or by guess."""
        found = self._lexicon.look_up(word, part_of_speech)
        if found:
            return found
        if word.endswith("'s") and len(word) > 2:
            return _with_s(self.pronounce(word[:-2]))
        if "'" in word:
            return [p for part in word.split("'") if part for p in self.pronounce(part)]
        if word.endswith("s") and not word.endswith("ss") and word[:-1] in self._lexicon:
            return _with_s(self.pronounce(word[:-1]))
        return list(self._guess(word))

    def _in_context(self, word: str, tag: str | None, following: str | None) -> list[str]:
        if word in ("the", "to") and following is not None:
            next_vowel = is_vowel(self.pronounce(following)[0])
            if next_vowel:
                return ["ð", "i"] if word == "the" else ["t", "u"]
        if word == "to" and following is None:
            return ["t", "ˈu"]
        return self.pronounce(word, tag)

    def _tags(self, tokens: list[str]) -> list[str | None]:
        with self._lock:
            return list(self._tagger(tokens))

    def _guess_uncached(self, word: str) -> tuple[str, ...]:
        word = re.sub(r"(.)\1{2,}", r"\1\1", word)[:40]
        with self._lock:
            phonemes = tuple(self._guesser(word))
        return phonemes or ("ə",)


def _with_s(stem: list[str]) -> list[str]:
    last = stem[-1].lstrip("ˈˌ")
    if last in _SIBILANTS:
        return [*stem, "ɪ", "z"]
    return [*stem, "s" if last in _VOICELESS else "z"]
