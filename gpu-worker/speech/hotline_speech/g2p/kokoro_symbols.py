"""Phonemes to Kokoro's symbols (American English as in its G2P, misaki, Apache-2.0) and their token ids."""

from __future__ import annotations

from hotline_speech.g2p.phonemizer import Mark, Word, is_vowel

TOKEN_IDS = {
    ";": 1, ":": 2, ",": 3, ".": 4, "!": 5, "?": 6, " ": 16, "A": 24, "I": 25, "O": 31, "T": 36, "W": 39, "Y": 41,
    "ᵊ": 42, "a": 43, "b": 44, "d": 46, "e": 47, "f": 48, "h": 50, "i": 51, "j": 52, "k": 53, "l": 54, "m": 55, "n": 56,
    "p": 58, "s": 61, "t": 62, "u": 63, "v": 64, "w": 65, "z": 68, "ɑ": 69, "æ": 72, "ɔ": 76, "ð": 81, "ʤ": 82, "ə": 83,
    "ɛ": 86, "ɜ": 87, "ɡ": 92, "ɪ": 102, "ŋ": 112, "θ": 119, "ɹ": 123, "ʃ": 131, "ʧ": 133, "ʊ": 135, "ʌ": 138, "ʒ": 147,
    "ˈ": 156, "ˌ": 157,
}  # fmt: skip

_SIMPLE = {"eɪ": "A", "aɪ": "I", "oʊ": "O", "aʊ": "W", "ɔɪ": "Y", "d͡ʒ": "ʤ", "t͡ʃ": "ʧ", "g": "ɡ"}


def _symbol(word: tuple[str, ...], i: int) -> str:
    phoneme = word[i]
    stress, sound = (phoneme[0], phoneme[1:]) if phoneme[0] in "ˈˌ" else ("", phoneme)
    after = word[i + 1] if i + 1 < len(word) else ""
    if sound == "ɚ":
        sound = "ɜɹ" if stress else "əɹ"
    elif sound == "t" and i > 0 and is_vowel(word[i - 1]) and after and is_vowel(after) and after[0] not in "ˈˌ":
        sound = "T"
    return stress + _SIMPLE.get(sound, sound)


def kokoro_symbols(tokens: list[Word | Mark]) -> str:
    """'of course' → 'ʌv kˈɔɹs'."""
    out: list[str] = []
    for token in tokens:
        if isinstance(token, Mark):
            out.append(token.character)
        else:
            out.append((" " if out else "") + "".join(_symbol(token.phonemes, i) for i in range(len(token.phonemes))))
    return "".join(out)
