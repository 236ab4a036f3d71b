"""Abbreviations that are read as their words."""

from __future__ import annotations

import re

_TITLES = {"Dr": "Doctor", "Mr": "Mister", "Mrs": "Missus", "Ms": "Miz", "Prof": "Professor", "St": "Saint",
           "Sgt": "Sergeant", "Capt": "Captain", "Gen": "General", "Rev": "Reverend", "Mt": "Mount", "Ft": "Fort",
           "Gov": "Governor", "Sen": "Senator", "Lt": "Lieutenant", "Hon": "Honorable"}  # fmt: skip
_STREETS = {"St": "Street", "Ave": "Avenue", "Rd": "Road", "Blvd": "Boulevard", "Dr": "Drive", "Ln": "Lane",
            "Apt": "Apartment", "Ste": "Suite", "Hwy": "Highway", "Pkwy": "Parkway", "Ct": "Court"}  # fmt: skip
_OTHERS = {"etc": "et cetera", "vs": "versus", "approx": "approximately", "dept": "department", "appt": "appointment",
           "est": "established", "inc": "incorporated", "ltd": "limited", "jr": "junior", "sr": "senior",
           "co": "company", "corp": "corporation", "ext": "extension", "tel": "telephone", "min": "minimum",
           "max": "maximum", "misc": "miscellaneous", "temp": "temperature"}  # fmt: skip
_NUMBER_SIGN = re.compile(r"(?:\b[Nn]o\.|#)[ ]?(?=\d)")
_LATIN = [
    (re.compile(r"\be\.?g\.(?=\W|$),?", re.I), "for example,"),
    (re.compile(r"\bi\.e\.(?=\W|$),?", re.I), "that is,"),
    (re.compile(r"\bw/o\b"), "without"),
    (re.compile(r"\bw/(?=\s|\w)"), "with "),
    (re.compile(r"\bc/o\b"), "care of"),
    (re.compile(r"\ba\.k\.a\.?(?=\W|$)", re.I), "also known as"),
    (re.compile(r"\bPh\.?[ ]?D\b\.?"), "pee aitch dee"),
    (re.compile(r"\bo\.?k\b\.?(?=[ ]?[,?!]|$|[ ])", re.I), "okay"),
    (re.compile(r"(?<=\d)'(?=\d{1,2}(?:\"|''))"), " foot "),
]
_AMBIGUOUS = re.compile(
    rf"(?P<before>(?:\S+[ ]){{0,2}})\b(?P<word>{'|'.join(sorted(_TITLES.keys() | _STREETS.keys()))})(?P<dot>\.?)"
    r"(?![\w'])(?=(?P<rest>[ ]*\S{0,2}))"
)
_OTHER = re.compile(rf"\b({'|'.join(_OTHERS)})\.(?=(?P<rest>.?.?))", re.I | re.S)


def _ends_sentence(rest: str) -> str:
    """The dot of an abbreviation that also ended its sentence is kept."""
    return "." if not rest.strip() or rest.strip()[0].isupper() else ""


def _title_or_street(match: re.Match[str]) -> str:
    """'Dr. Smith' and 'see St. Mary' are titles; 'Main St.' and '5 Oak Dr. Call me.' are streets."""
    word, dot, rest = match.group("word"), match.group("dot"), match.group("rest")
    words = match.group("before").split()
    previous = words[-1] if words else ""
    named = bool(re.match(r"[A-Z][a-z]+$|\d+(st|nd|rd|th)$", previous))
    numbered = bool(words) and words[0][0].isdigit()
    before_name = bool(re.match(r"[ ][A-Z]", rest))
    street = word in _STREETS and named and (numbered or not before_name or (word == "St" and len(words) == 2))
    if street:
        return f"{match.group('before')}{_STREETS[word]}{_ends_sentence(rest) if dot else ''}"
    if word in _TITLES and before_name and (dot or word in ("Dr", "Mr", "Mrs", "Ms", "Prof")):
        return match.group("before") + _TITLES[word]
    return match.group(0)


def expand_abbreviations(text: str) -> str:
    """'Dr. Smith, 5 Oak St., etc.' → 'Doctor Smith, 5 Oak Street, et cetera'."""
    for pattern, replacement in _LATIN:
        text = pattern.sub(replacement, text)
    text = _NUMBER_SIGN.sub("number ", text)
    text = _AMBIGUOUS.sub(_title_or_street, text)
    return _OTHER.sub(lambda m: _OTHERS[m.group(1).lower()] + _ends_sentence(m.group("rest")), text)
