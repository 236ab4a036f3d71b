"""The pronunciation lexicon of gruut-lang-en (MIT) in memory, with a few words of ours.

The package's SQLite file has no index on words, so one scan at start costs less than one look-up later would.
"""

from __future__ import annotations

import sqlite3
from pathlib import Path

import gruut_lang_en

_ROLE = "gruut:"

_OVERRIDES: dict[str, str] = {
    "ay": "ˈeɪ", "cue": "k j ˈu", "ee": "ˈi", "eff": "ˈɛ f", "aitch": "ˈeɪ t͡ʃ", "ell": "ˈɛ l", "em": "ˈɛ m",
    "en": "ˈɛ n", "ar": "ˈɑ ɹ", "ess": "ˈɛ s", "tee": "t ˈi", "vee": "v ˈi", "ex": "ˈɛ k s", "zee": "z ˈi",
    "dee": "d ˈi", "gee": "d͡ʒ ˈi", "jay": "d͡ʒ ˈeɪ", "kay": "k ˈeɪ", "pee": "p ˈi", "bee": "b ˈi", "why": "w ˈaɪ",
    "wifi": "w ˈaɪ f ˌaɪ", "wi": "w ˈaɪ", "fi": "f ˈaɪ", "covid": "k ˈoʊ v ɪ d", "miz": "m ˈɪ z",
    "missus": "m ˈɪ s ɪ z", "et": "ɛ t", "cetera": "s ˈɛ t ɚ ə", "hmm": "h ˈʌ m", "mhm": "m ˈʌ h ˈʌ m",
    "uh": "ˈʌ", "um": "ˈʌ m", "umm": "ˈʌ m", "hm": "h ˈʌ m", "app": "ˈæ p", "apps": "ˈæ p s",
    "gmail": "d͡ʒ ˈi m ˌeɪ l", "login": "l ˈɔ ɡ ˌɪ n", "blog": "b l ˈɔ ɡ", "smartphone": "s m ˈɑ ɹ t f ˌoʊ n",
    "ai": "ˌeɪ ˈaɪ", "iphone": "ˈaɪ f ˌoʊ n", "the": "ð ə", "a": "ə", "to": "t ə", "nasa": "n ˈæ s ə",
    "hotline": "h ˈɑ t l ˌaɪ n", "percent": "p ɚ s ˈɛ n t", "i'm": "ˈaɪ m", "unicef": "j ˈu n ɪ s ˌɛ f",
}  # fmt: skip


class Lexicon:
    """Word to pronunciations. A pronunciation is a list of IPA phonemes, stress marks in front of vowels."""

    def __init__(self) -> None:
        path = Path(gruut_lang_en.get_lang_dir()) / "lexicon.db"
        self._words: dict[str, str] = {}
        self._by_role: dict[str, dict[str, str]] = {}
        connection = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
        try:
            rows = connection.execute("SELECT word, phonemes, role FROM word_phonemes ORDER BY word, pron_order")
            for word, phonemes, role in rows:
                self._words.setdefault(word, phonemes)
                if role:
                    self._by_role.setdefault(word, {}).setdefault(role.removeprefix(_ROLE), phonemes)
        finally:
            connection.close()
        for word, phonemes in _OVERRIDES.items():
            self._words[word] = phonemes
            self._by_role.pop(word, None)

    def __contains__(self, word: str) -> bool:
        return word in self._words

    def is_homograph(self, word: str) -> bool:
        """Whether the pronunciation depends on the part of speech ('record', 'lives')."""
        return word in self._by_role

    def look_up(self, word: str, part_of_speech: str | None = None) -> list[str] | None:
        """The pronunciation of a lower-case word; for a homograph, that of its Penn Treebank tag."""
        roles = self._by_role.get(word)
        if roles and part_of_speech:
            found = roles.get(part_of_speech) or roles.get(part_of_speech[:2])
            if found:
                return found.split()
        phonemes = self._words.get(word)
        return phonemes.split() if phonemes else None
