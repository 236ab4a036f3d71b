"""E-mail addresses, web addresses and telephone numbers."""

from __future__ import annotations

import re

from hotline_speech.text.letters import spell
from hotline_speech.text.numbers import cardinal, digits

_SPELLED_ENDINGS = {"uk", "us", "eu", "de", "io", "ai", "fr", "ca", "tv", "co.uk"}
_PUNCTUATION = {".": "dot", "-": "dash", "_": "underscore", "+": "plus", "/": "slash", "@": "at", "~": "tilde",
                "?": "question mark", "=": "equals", "&": "and", "%": "percent", "#": "hash", ":": "colon"}  # fmt: skip

_EMAIL = re.compile(r"\b[\w.+-]{1,64}@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+")
_URL = re.compile(
    r"\b(?:https?://|www\.)[^\s<>\"]+"
    r"|\b(?:[A-Za-z0-9-]+\.)+(?:com|org|net|io|ai|dev|gov|edu|info|app|co\.uk|uk|eu|de)\b(?:/[^\s<>\"]*)?"
)
_PHONE = re.compile(
    r"(?<![\w.$€£-])(?:\+(?P<country>\d{1,3})[ .-]?)?(?:"
    r"\(\d{2,4}\)[ ]?\d{3}[ .-]?\d{3,4}|(?:1[ .-])?\d{3}[ .-]\d{3}[ .-]\d{4}|\d{3}-\d{4}|(?<=\+\d\d)[\d .-]{6,14}\d"
    r"|(?<=\+\d\d )[\d .-]{6,14}\d|(?<=\+\d )[\d .-]{6,14}\d|\d{10,11}(?=\D|$))(?![\w-]|\.\d)"
)


def _address_part(text: str) -> str:
    """Words stay words, digits are read one by one, signs get their names."""
    out: list[str] = []
    for token in re.findall(r"[A-Za-z]+|\d+|.", text):
        if token in _PUNCTUATION:
            out.append(_PUNCTUATION[token])
        elif token.isdigit():
            out.append(cardinal(int(token)) if len(token) <= 2 and token[0] != "0" else digits(token))
        elif token.lower() in _SPELLED_ENDINGS or (len(token) <= 3 and not re.search(r"[aeiouyAEIOUY]", token)):
            out.append(spell(token))
        elif token.lower() == "www":
            out.append("double you double you double you")
        elif token.isalpha():
            out.append(token.lower())
    return " ".join(out)


def _url(match: re.Match[str]) -> str:
    text = match.group(0)
    trailing = re.search(r"[.,;:!?)\]]+$", text)
    end = trailing.group(0) if trailing else ""
    body = text[: len(text) - len(end)]
    return _address_part(re.sub(r"^(?:https?://)?(?:www\.)?", "", body).rstrip("/")) + end


def _phone(match: re.Match[str]) -> str:
    """Groups as they are written, each read digit by digit, a breath between."""
    groups = re.findall(r"\d+", match.group(0))
    if len(groups) == 1 and len(groups[0]) in (10, 11):
        number = groups[0]
        groups = ([number[0]] if len(number) == 11 else []) + [number[-10:-7], number[-7:-4], number[-4:]]
    spoken = ", ".join(digits(g) for g in groups)
    return f"plus {spoken}" if match.group(0).startswith("+") else spoken


def expand_contacts(text: str) -> str:
    """Addresses and telephone numbers to words."""
    text = _EMAIL.sub(lambda m: _address_part(m.group(0).rstrip(".")) + ("." if m.group(0).endswith(".") else ""), text)
    text = _URL.sub(_url, text)
    return _PHONE.sub(_phone, text)
