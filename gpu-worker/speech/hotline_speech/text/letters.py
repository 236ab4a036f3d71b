"""Spelling: letters by their names, acronyms, and codes of letters and digits."""

from __future__ import annotations

import re

from hotline_speech.text.numbers import cardinal, digits

NAMES = dict(
    zip(
        "abcdefghijklmnopqrstuvwxyz",
        (
            "ay bee see dee ee eff gee aitch eye jay kay ell em en oh pee cue ar ess tee you vee double-you ex why zee"
        ).split(),
        strict=True,
    )
)
"""Spelling aloud, as words that the lexicon knows how to pronounce."""

_SPOKEN_AS_WORD = frozenset(
    "NASA NATO COVID LASER RADAR SCUBA PIN SIM RAM ZIP SWAT UNICEF UNESCO OPEC YES NO NOT AND ALL NOW STOP DO IS VERY "
    "NEVER".split()
)


def spell(text: str) -> str:
    """'USB-2' → 'you ess bee two'."""
    spoken = [NAMES[c] if c in NAMES else digits(c) for c in text.lower() if c in NAMES or c.isdigit()]
    return " ".join(s.replace("-", " ") for s in spoken if s)


def _acronym(match: re.Match[str]) -> str:
    word, plural = match.group(1), match.group(2) or ""
    if word == "OK":
        return "okay"
    if word in _SPOKEN_AS_WORD:
        return word.lower() + plural
    return spell(word) + ("'s" if plural else "")


def _code(match: re.Match[str]) -> str:
    """'B12' → 'bee twelve', 'A380' → 'ay three eighty', 'X7Q2' → letter by letter."""
    text = match.group(0)
    simple = re.fullmatch(r"([A-Za-z]{1,3})-?(\d{1,2})", text)
    if simple:
        return f"{spell(simple.group(1))} {cardinal(int(simple.group(2)))}"
    return spell(text)


def expand_letters(text: str) -> str:
    """Acronyms and codes to spoken letters. A text that shouts throughout is read as words, not spelled."""
    letters = [c for c in text if c.isalpha()]
    shouting = len(letters) > 12 and sum(c.isupper() for c in letters) > 0.8 * len(letters)
    text = re.sub(r"\b(?:[A-Za-z]\.){2,}(?=\W|$)", lambda m: spell(m.group(0)) + "." * (m.end() == len(text)), text)
    text = re.sub(
        r"\b(?=[A-Za-z]*\d)(?=\d*[A-Za-z])[A-Za-z\d]{2,}(?:-\d+)?\b(?<!\dst)(?<!\dnd)(?<!\drd)(?<!\dth)", _code, text
    )
    text = re.sub(r"\b([A-Z]{1,3})-(\d{1,4})\b", _code, text)
    if shouting:
        text = re.sub(r"\b(US|UK|EU|TV|PC|AI)\b", _acronym, text)
    else:
        text = re.sub(r"\b([A-Z]{2,6})(s)?\b", _acronym, text)
    return re.sub(r"(?<![\w'])([B-HJ-Zb-hj-z])(?![\w'])", lambda m: spell(m.group(1)), text)
