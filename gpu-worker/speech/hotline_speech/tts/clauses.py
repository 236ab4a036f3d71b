"""Cuts normalised text into the pieces that are synthesised one after the other.

The first piece is small, so that the first audio comes early; later ones are whole sentences, which sound best.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

_SENTENCE_PAUSE_MS = 260
_CLAUSE_PAUSE_MS = 120
_CUT_PAUSE_MS = 15
_FIRST_MAX_WORDS = 12
_FIRST_MIN_WORDS = 2
_MAX_WORDS = 32

_SENTENCE = re.compile(r"[^.!?]+[.!?]*")
_CLAUSE = re.compile(r"[^,;:]+[,;:]*")
_JOINTS = frozenset("and but or because so when while which that who where if then with for from to in on at".split())


@dataclass(frozen=True)
class Clause:
    """A piece of normalised text and the silence that follows it, in ms, when another piece comes after."""

    text: str
    pause_ms: int


def _pause(text: str) -> int:
    if text[-1] in ".!?":
        return _SENTENCE_PAUSE_MS
    return _CLAUSE_PAUSE_MS if text[-1] in ",;:" else _CUT_PAUSE_MS


def _cut_long(text: str, limit: int) -> list[str]:
    """Text without usable punctuation, cut in front of a joining word near the limit."""
    words = text.split()
    out: list[str] = []
    while len(words) > limit:
        choices = [i for i in range(max(2, limit // 2), limit + 1) if words[i].lower() in _JOINTS]
        cut = choices[-1] if choices else limit
        out.append(" ".join(words[:cut]))
        words = words[cut:]
    if words:
        out.append(" ".join(words))
    return out


def _grouped(parts: list[str], least: int, most: int) -> list[str]:
    """Neighbouring parts joined until each has at least `least` words, without passing `most`."""
    out: list[str] = []
    for part in parts:
        short = bool(out) and (len(out[-1].split()) < least or len(part.split()) < least)
        if short and len(out[-1].split()) + len(part.split()) <= most:
            out[-1] = f"{out[-1]} {part}"
        else:
            out.append(part)
    return out


def clauses(spoken: str) -> list[Clause]:
    """Pieces in order; joined by spaces they are the text again."""
    pieces: list[str] = []
    for sentence in (m.group(0).strip() for m in _SENTENCE.finditer(spoken)):
        if not re.search(r"[A-Za-z]", sentence):
            continue
        size = len(sentence.split())
        if not pieces and size > _FIRST_MIN_WORDS + 2:
            parts = [m.group(0).strip() for m in _CLAUSE.finditer(sentence)]
            parts = _grouped([p for p in parts if p], _FIRST_MIN_WORDS, _FIRST_MAX_WORDS)
            pieces += _cut_long(parts[0], _FIRST_MAX_WORDS)
            sentence = " ".join(parts[1:])
        if not sentence:
            continue
        if len(sentence.split()) <= _MAX_WORDS:
            pieces.append(sentence)
            continue
        parts = _grouped([m.group(0).strip() for m in _CLAUSE.finditer(sentence)], 6, _MAX_WORDS)
        pieces += [cut for part in parts for cut in _cut_long(part, _MAX_WORDS)]
    return [Clause(p, _pause(p)) for p in pieces]
