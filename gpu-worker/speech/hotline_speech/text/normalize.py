"""The whole way from written text to words that can be spoken."""

from __future__ import annotations

import re
import unicodedata

from hotline_speech.text.abbreviations import expand_abbreviations
from hotline_speech.text.clock import expand_clock
from hotline_speech.text.contacts import expand_contacts
from hotline_speech.text.letters import expand_letters
from hotline_speech.text.markup import strip_markup
from hotline_speech.text.numbers import digits
from hotline_speech.text.quantities import expand_quantities

_SIGNS = [
    (re.compile(r"\s*&\s*"), " and "),
    (re.compile(r"\s*@\s*"), " at "),
    (re.compile(r"(?<=\w)\s*\+\s*(?=\w)"), " plus "),
    (re.compile(r"\s+=\s+"), " equals "),
    (re.compile(r"\s+[<]\s+"), " less than "),
    (re.compile(r"\s+[>]\s+"), " greater than "),
    (re.compile(r"°"), " degrees "),
    (re.compile(r"§"), " section "),
    (re.compile(r"(?<=[A-Za-z])/(?=[A-Za-z])"), " or "),
    (re.compile(r"…|\.{2,}"), ","),
    (re.compile(r"\s+[-–—]+\s+|—|–"), ", "),
    (re.compile(r"(?<=\w)-(?=\w)"), " "),
    (re.compile(r"[\[({]"), ", "),
    (re.compile(r"[\])}]"), ", "),
]
_KEPT = "°§…—–"
_APOSTROPHE = re.compile(r"(?<![A-Za-z])'|'(?![A-Za-z])")
_UNSPOKEN = re.compile(r"[^A-Za-z0-9' .,;:!?]")
_TIDY = [
    (re.compile(r"\s+"), " "),
    (re.compile(r"\s+([.,;:!?])"), r"\1"),
    (re.compile(r"[,;:]+(?=[.!?])"), ""),
    (re.compile(r"([.,;:!?])[,;:.]+"), r"\1"),
    (re.compile(r"([!?])[!?]+"), r"\1"),
    (re.compile(r"([.,;:!?])(?=[A-Za-z])"), r"\1 "),
    (re.compile(r"^[\s.,;:!?]+"), ""),
]


def _fold(text: str) -> str:
    """Accents off ('café' → 'cafe'); what has no Latin form is dropped."""
    special = text.translate(str.maketrans({"ß": "ss", "æ": "ae", "ø": "o", "ł": "l", "đ": "d", "œ": "oe", "Ø": "O"}))
    plain = (c for c in unicodedata.normalize("NFKD", special) if not unicodedata.combining(c))
    return "".join(c if c.isascii() or c in _KEPT else " " for c in plain)


def normalize(text: str) -> str:
    """English text as a person would read it aloud: words, apostrophes and the punctuation . , ; : ! ? only.

    Never raises; text with nothing to say gives ''.
    """
    text = strip_markup(text)
    text = expand_contacts(text)
    text = expand_abbreviations(text)
    text = expand_clock(text)
    text = expand_quantities(text)
    text = expand_letters(_fold(text).replace("_", " "))
    for pattern, replacement in _SIGNS:
        text = pattern.sub(replacement, text)
    text = _UNSPOKEN.sub(" ", _APOSTROPHE.sub(" ", text))
    # A number that no rule knew is read digit by digit rather than lost.
    text = re.sub(r"\d+", lambda m: f" {digits(m.group(0))} ", text)
    for pattern, replacement in _TIDY:
        text = pattern.sub(replacement, text)
    return text.strip()
