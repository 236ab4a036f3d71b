"""Phonemes to the symbols of Piper voices, which learned from eSpeak's American English (public description of its
phoneme set; no eSpeak code or data is used)."""

from __future__ import annotations

from hotline_speech.g2p.phonemizer import Mark, Word, is_vowel

_SIMPLE = {"d͡ʒ": "dʒ", "t͡ʃ": "tʃ", "u": "uː", "g": "ɡ"}


def _stress(phoneme: str) -> tuple[str, str]:
    return (phoneme[0], phoneme[1:]) if phoneme[0] in "ˈˌ" else ("", phoneme)


def _symbol(word: tuple[str, ...], i: int) -> str:
    stress, sound = _stress(word[i])
    after = word[i + 1].lstrip("ˈˌ") if i + 1 < len(word) else ""
    if sound == "ɚ":
        sound = "ɜː" if stress else "ɚ"
    elif sound == "i":
        sound = "iː" if stress or i + 1 < len(word) else "i"
    elif sound in ("ɑ", "ɔ"):
        sound = f"{sound}ː"
    elif sound == "ə" and i == 0 and len(word) > 2:
        sound = "ɐ"
    elif sound == "t" and i > 0 and is_vowel(word[i - 1]) and after and is_vowel(after) and word[i + 1][0] not in "ˈˌ":
        sound = "ɾ"
    return stress + _SIMPLE.get(sound, sound)


def espeak_symbols(tokens: list[Word | Mark]) -> str:
    """'of course' → 'ʌv kˈɔːɹs'."""
    out: list[str] = []
    for token in tokens:
        if isinstance(token, Mark):
            out.append(token.character)
        else:
            out.append((" " if out else "") + "".join(_symbol(token.phonemes, i) for i in range(len(token.phonemes))))
    return "".join(out)
