"""Numbers as English words."""

from __future__ import annotations

_ONES = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen "
    "sixteen seventeen eighteen nineteen"
).split()
_TENS = "_ _ twenty thirty forty fifty sixty seventy eighty ninety".split()
_SCALES = [(10**12, "trillion"), (10**9, "billion"), (10**6, "million"), (10**3, "thousand")]
_ORDINALS = {
    "one": "first", "two": "second", "three": "third", "five": "fifth", "eight": "eighth", "nine": "ninth",
    "twelve": "twelfth",
}  # fmt: skip
_LARGEST = 10**15


def digits(text: str) -> str:
    """Each digit by itself: '305' → 'three zero five'."""
    return " ".join(_ONES[int(c)] for c in text if c.isascii() and c.isdigit())


def cardinal(value: int) -> str:
    """'1234' → 'one thousand two hundred thirty four'. Beyond 10^15, digit by digit."""
    if value < 0:
        return "minus " + cardinal(-value)
    if value >= _LARGEST:
        return digits(str(value))
    if value < 20:
        return _ONES[value]
    if value < 100:
        ten, one = divmod(value, 10)
        return _TENS[ten] + (f" {_ONES[one]}" if one else "")
    if value < 1000:
        hundred, rest = divmod(value, 100)
        return f"{_ONES[hundred]} hundred" + (f" {cardinal(rest)}" if rest else "")
    for size, name in _SCALES:
        if value >= size:
            count, rest = divmod(value, size)
            return f"{cardinal(count)} {name}" + (f" {cardinal(rest)}" if rest else "")
    raise AssertionError("unreachable: every value above 999 has a scale")


def ordinal(value: int) -> str:
    """'21' → 'twenty first'."""
    head, _, last = cardinal(value).rpartition(" ")
    if last in _ORDINALS:
        last = _ORDINALS[last]
    elif last.endswith("y"):
        last = last[:-1] + "ieth"
    else:
        last += "th"
    return f"{head} {last}".strip()


def year(value: int) -> str:
    """'1999' → 'nineteen ninety nine', '2007' → 'two thousand seven', '2026' → 'twenty twenty six'."""
    if not 1000 <= value <= 2999 or 2000 <= value <= 2009:
        return cardinal(value)
    century, rest = divmod(value, 100)
    if rest == 0:
        return f"{cardinal(century)} hundred" if century % 10 else cardinal(value)
    return f"{cardinal(century)} {'oh ' + _ONES[rest] if rest < 10 else cardinal(rest)}"


def decimal(text: str) -> str:
    """'1,234.50' → 'one thousand two hundred thirty four point five zero'. A sign in front is spoken."""
    sign = "minus " if text.startswith(("-", "−")) else ""
    whole, _, fraction = text.lstrip("+-−").replace(",", "").partition(".")
    spoken = digits(whole) if len(whole) > 1 and whole.startswith("0") else cardinal(int(whole or "0"))
    return sign + spoken + (f" point {digits(fraction)}" if fraction else "")
