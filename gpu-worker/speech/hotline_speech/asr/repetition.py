"""Takes out the loops that attention decoders fall into on noise or silence."""

from __future__ import annotations

import re

_LONGEST_PHRASE_WORDS = 12
_DOUBLED = re.compile(r"([,.!?;:])[,;:.]+(?=\s|$)")
_UNSPACED_CHARACTERS = 24
_UNSPACED = re.compile(r"(\D{1,40}?)\1{3,}|(.{1,40}?)\2{8,}")
_DIGITS = {"zero", "oh", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "double", "triple"}


def _key(word: str) -> str:
    return re.sub(r"[^\w]", "", word).lower()


def _allowed_repeats(phrase: list[str]) -> int:
    """How often people really say a phrase in a row; digits may repeat as in a telephone number."""
    if all(w in _DIGITS or w.isdigit() for w in phrase):
        return 8
    return 4 if len(phrase) == 1 else 3 if len(phrase) == 2 else 2


def strip_repeats(text: str, endless: bool) -> str:
    """Decoded text without stray marks at the ends.

    When the decoder ran into its limit (`endless`), a phrase that comes more often in a row than people repeat
    themselves is kept once.
    """
    text = _DOUBLED.sub(r"\1", text).strip("\"'“” ")
    words = text.split() if any(c.isalnum() for c in text) else []
    if not endless:
        return " ".join(words)
    # Scripts without spaces make one long word of a whole sentence.
    words = [_UNSPACED.sub(lambda m: m[1] or m[2], w) if len(w) > _UNSPACED_CHARACTERS else w for w in words]
    keys = [_key(w) for w in words]
    out: list[str] = []
    position = 0
    while position < len(words):
        for size in range(1, min(_LONGEST_PHRASE_WORDS, (len(words) - position) // 2) + 1):
            phrase = keys[position : position + size]
            count = 1
            while keys[position + count * size : position + (count + 1) * size] == phrase:
                count += 1
            if count > _allowed_repeats(phrase):
                out.extend(words[position : position + size])
                position += count * size
                break
        else:
            out.append(words[position])
            position += 1
    return " ".join(out)
