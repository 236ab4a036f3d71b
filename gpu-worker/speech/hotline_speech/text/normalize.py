"""The whole way from written text to words that can be spoken."""

from __future__ import annotations

import re
import unicodedata

from hotline_speech.text.abbreviations import expand_abbreviations
from hotline_speech.text.clock import expand_clock
from hotline_speech.text.contacts import expand_contacts
from hotline_speech.text.letters import expand_letters
from hotline_speech.text.markup import strip_markup
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
    return "".join(c for c in unicodedata.normalize("NFKD", special) if not unicodedata.combining(c))


def normalize(text: str) -> str:
    """English text as a person would read it aloud: words, apostrophes and the punctuation . , ; : ! ? only.

    Never raises; text with nothing to say gives ''.
    """
    text = strip_markup(text)
    text = expand_contacts(text)
    text = expand_abbreviations(text)
    text = expand_clock(text)
    text = expand_quantities(text)
    text = expand_letters(_fold(text))
    for pattern, replacement in _SIGNS:
        text = pattern.sub(replacement, text)
    text = _UNSPOKEN.sub(" ", _APOSTROPHE.sub(" ", text))
    # A digit that no rule knew (another script's, or inside a code) is read by itself rather than lost.
    text = expand_quantities(text) if re.search(r"\d", text) else text
    for pattern, replacement in _TIDY:
        text = pattern.sub(replacement, text)
    return text.strip()
