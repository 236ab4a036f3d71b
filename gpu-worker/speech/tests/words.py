"""Comparing what was heard with what was said."""

from __future__ import annotations

import re

from hotline_speech.text.normalize import normalize


def words(text: str) -> list[str]:
    """Spoken words, whatever the way of writing numbers and times."""
    return re.sub(r"[^a-z ]", " ", normalize(text).lower().replace("'", "")).split()


def word_errors(reference: list[str], heard: list[str]) -> int:
    """Word edit distance."""
    row = list(range(len(heard) + 1))
    for i, word in enumerate(reference, 1):
        last, row = row, [i] + [0] * len(heard)
        for j, other in enumerate(heard, 1):
            row[j] = min(last[j] + 1, row[j - 1] + 1, last[j - 1] + (word != other))
    return row[-1]


def word_error_rate(said: str, heard: str) -> float:
    """Word error rate of one text."""
    reference = words(said)
    return word_errors(reference, words(heard)) / len(reference)
