"""Takes away what is for the eye only: Markdown, HTML, emoji, typographic forms of plain characters."""

from __future__ import annotations

import html
import re
import unicodedata

_PLAIN = str.maketrans(
    {
        "’": "'", "‘": "'", "ʼ": "'", "`": "", "´": "'", "“": '"', "”": '"', "„": '"', "«": '"', "»": '"',
        "–": "–", "—": "—", "―": "—", "−": "-", "‐": "-", "‑": "-", "…": "…", "\u00a0": " ", "\u200b": "",
        "\u200d": "", "\ufeff": "", "\t": " ", "\r": "\n",
    }
)  # fmt: skip

_RULES: list[tuple[re.Pattern[str], str]] = [
    (re.compile(r"```[^\n]*\n?"), "\n"),
    (re.compile(r"!?\[([^\]\n]*)\]\((?:[^()\n]|\([^()\n]*\))*\)"), r"\1"),
    (re.compile(r"</?[a-zA-Z][^<>\n]{0,200}>"), " "),
    (re.compile(r"^[ ]{0,3}#{1,6}[ ]+", re.M), ""),
    (re.compile(r"^[ ]{0,3}>[ ]?", re.M), ""),
    (re.compile(r"^[ ]*[-*+•‣◦][ ]+", re.M), ""),
    (re.compile(r"^[ ]*([-*_=][ ]*){3,}$", re.M), ""),
    (re.compile(r"\|"), ", "),
    (re.compile(r"(\*{1,3}|~~)(?=\S)(.+?)(?<=\S)\1", re.S), r"\2"),
    (re.compile(r"(?<!\w)_{1,2}(?=\S)(.+?)(?<=\S)_{1,2}(?!\w)"), r"\1"),
]


def _speakable(character: str) -> bool:
    """Letters, digits and punctuation stay; emoji, dingbats, control and private characters go."""
    if character == "\n":
        return True
    category = unicodedata.category(character)
    return category[0] in "LNPZM" or category in ("Sc", "Sm") or character in "°^"


def _plain_digit(character: str) -> str:
    """Digits of any script as 0 to 9."""
    return str(unicodedata.digit(character)) if character.isdecimal() else character


def strip_markup(text: str) -> str:
    """Plain text whose line ends became sentence ends."""
    text = unicodedata.normalize("NFC", html.unescape(text)).translate(_PLAIN)
    for pattern, replacement in _RULES:
        text = pattern.sub(replacement, text)
    text = "".join(_plain_digit(c) if _speakable(c) else " " for c in text)
    lines = [line.strip() for line in text.split("\n")]
    spoken = [line if line[-1] in ".,;:!?…—" else line + "." for line in lines[:-1] if line]
    if lines[-1]:
        spoken.append(lines[-1])
    return re.sub(r"[ ]{2,}", " ", " ".join(spoken)).strip()
