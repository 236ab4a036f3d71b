"""Money, percentages, measures, ordinals, fractions, ranges and plain numbers."""

from __future__ import annotations

import re

from hotline_speech.text.numbers import cardinal, decimal, digits, ordinal, year

_CURRENCIES = {
    "$": ("dollar", "dollars", "cent", "cents"), "€": ("euro", "euros", "cent", "cents"),
    "£": ("pound", "pounds", "penny", "pence"), "¥": ("yen", "yen", "sen", "sen"),
    "₹": ("rupee", "rupees", "paisa", "paise"),
}  # fmt: skip
_CODES = {"USD": "$", "EUR": "€", "GBP": "£", "JPY": "¥", "INR": "₹"}
_SCALES = {"k": "thousand", "K": "thousand", "m": "million", "M": "million", "mn": "million", "B": "billion",
           "bn": "billion", "b": "billion"}  # fmt: skip
_UNITS = {
    "km": ("kilometer", "kilometers"), "kg": ("kilogram", "kilograms"), "cm": ("centimeter", "centimeters"),
    "mm": ("millimeter", "millimeters"), "mg": ("milligram", "milligrams"), "ml": ("milliliter", "milliliters"),
    "lb": ("pound", "pounds"), "lbs": ("pound", "pounds"), "oz": ("ounce", "ounces"), "ft": ("foot", "feet"),
    "mi": ("mile", "miles"), "mph": ("mile per hour", "miles per hour"), "GB": ("gigabyte", "gigabytes"),
    "km/h": ("kilometer per hour", "kilometers per hour"), "kmh": ("kilometer per hour", "kilometers per hour"),
    "MB": ("megabyte", "megabytes"), "TB": ("terabyte", "terabytes"), "KB": ("kilobyte", "kilobytes"),
    "Hz": ("hertz", "hertz"), "kHz": ("kilohertz", "kilohertz"), "MHz": ("megahertz", "megahertz"),
    "GHz": ("gigahertz", "gigahertz"), "ms": ("millisecond", "milliseconds"), "hrs": ("hour", "hours"),
    "hr": ("hour", "hours"), "min": ("minute", "minutes"), "mins": ("minute", "minutes"), "sec": ("second", "seconds"),
    "secs": ("second", "seconds"), "kW": ("kilowatt", "kilowatts"), "kWh": ("kilowatt hour", "kilowatt hours"),
    "°C": ("degree Celsius", "degrees Celsius"), "°F": ("degree Fahrenheit", "degrees Fahrenheit"),
    "°": ("degree", "degrees"), "Mbps": ("megabit per second", "megabits per second"), "px": ("pixel", "pixels"),
}  # fmt: skip
_FRACTIONS = {"½": "1/2", "¼": "1/4", "¾": "3/4", "⅓": "1/3", "⅔": "2/3", "⅛": "1/8"}

_NUMBER = r"\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?"
_SYMBOLS = re.escape("".join(_CURRENCIES))
_MONEY = re.compile(
    rf"(?P<sign>[-−])?(?:(?P<sym>[{_SYMBOLS}])[ ]?(?P<n>{_NUMBER})"
    rf"|(?P<code>USD|EUR|GBP|JPY|INR)[ ](?P<n2>{_NUMBER})|\b(?P<n3>{_NUMBER})[ ]?(?P<post>[€£]|USD\b|EUR\b|GBP\b))"
    r"(?:[ ]?(?P<word>thousand|million|billion|trillion)\b|(?P<scale>k|K|mn|M|m|bn|B|b)\b)?"
    r"(?P<per>/(?:mo|month|yr|year|hr|hour|day|week))?"
)
_PER = {"mo": "month", "yr": "year", "hr": "hour"}
_PERCENT = re.compile(rf"(?P<sign>[-−+])?(?P<n>{_NUMBER})[ ]?%")
_RANGE = re.compile(rf"(?<![\w.-])(?P<a>{_NUMBER})[ ]?[-–][ ]?(?P<b>{_NUMBER})(?![\w-]|\.\d)")
_UNIT_NAMES = "|".join(re.escape(u) for u in sorted(_UNITS, key=len, reverse=True))
_UNIT = re.compile(rf"(?<![\w.])(?P<n>-?(?:{_NUMBER}))[ ]?(?P<unit>{_UNIT_NAMES})(?![\w/])")
_ORDINAL = re.compile(r"\b(\d{1,3}(?:,\d{3})+|\d+)(?:st|nd|rd|th)\b")
_DECADE = re.compile(r"\b(1[0-9]|20)([0-9])0'?s\b")
_FRACTION = re.compile(r"(?<![\w/.])(?:(?P<whole>\d+)[ ])?(?P<a>\d{1,2})/(?P<b>\d{1,3})(?![\w/])")
_TIMES = re.compile(r"(?<=\d)[ ]?[x×][ ]?(?=\d)|(?<=\d)x\b")
_VERSION = re.compile(r"\b\d+(?:\.\d+){2,}\b")
_PLAIN = re.compile(rf"(?<![\w])(?P<sign>[-−])?(?P<n>{_NUMBER})(?![\d])")
_YEAR_LIKE = re.compile(r"(?<![\w.,$-])(19[3-9]\d|20[2-4]\d)(?![\w,]\d|\d|\.\d)")
_IDENTIFIER = re.compile(
    r"(?P<lead>\b(?:number|code|order|account|ticket|room|flight|pin|reference|confirmation|extension|card|id|zip)"
    r"(?:[ ](?:number|code|is|id))*[ :#]*)(?P<n>\d{3,})\b(?!\.\d|,\d)", re.I,
)  # fmt: skip


def _money(match: re.Match[str]) -> str:
    symbol = match.group("sym") or match.group("post") or match.group("code")
    one, many, cent, cents = _CURRENCIES[_CODES.get(symbol, symbol)]
    text = match.group("n") or match.group("n2") or match.group("n3")
    whole, _, fraction = text.replace(",", "").partition(".")
    word = match.group("word") or _SCALES.get(match.group("scale") or "")
    per = (match.group("per") or "").lstrip("/")
    if word:
        spoken = f"{decimal(text)} {word} {many}"
    elif len(fraction) == 2:
        units, hundredths = int(whole), int(fraction)
        parts = [f"{cardinal(units)} {one if units == 1 else many}"] if units or not hundredths else []
        if hundredths:
            parts.append(f"{cardinal(hundredths)} {cent if hundredths == 1 else cents}")
        spoken = " and ".join(parts)
    else:
        spoken = f"{decimal(text)} {one if text == '1' else many}"
    return ("minus " if match.group("sign") else "") + spoken + (f" per {_PER.get(per, per)}" if per else "")


def _fraction(match: re.Match[str]) -> str:
    top, bottom = int(match.group("a")), int(match.group("b"))
    names = {2: ("half", "halves"), 4: ("quarter", "quarters")}
    if bottom == 0 or (top > bottom and not match.group("whole")) or bottom > 100:
        return f"{match.group('whole') or ''} {cardinal(top)} slash {cardinal(bottom)}".strip()
    if top == 24 and bottom == 7:
        return "twenty four seven"
    name = names.get(bottom, (ordinal(bottom), ordinal(bottom) + "s"))[top != 1]
    spoken = f"{cardinal(top)} {name}"
    if match.group("whole"):
        amount = f"a {name}" if top == 1 and bottom in names else spoken
        return f"{cardinal(int(match.group('whole')))} and {amount}"
    return spoken


def _unit(match: re.Match[str]) -> str:
    number, unit = match.group("n"), match.group("unit")
    return f"{decimal(number)} {_UNITS[unit][number not in ('1', '-1')]}"


def _plain(match: re.Match[str]) -> str:
    number = match.group("n")
    spoken = digits(number) if len(number) > 7 and number.isdigit() else decimal(number)
    return ("minus " if match.group("sign") else "") + spoken


def expand_quantities(text: str) -> str:
    """Everything with a number in it that is not a time, date, telephone number or code."""
    for sign, written in _FRACTIONS.items():
        text = text.replace(sign, " " + written)
    text = re.sub(r"\b24/7\b", "twenty four seven", text)
    text = _MONEY.sub(_money, text)
    text = _PERCENT.sub(
        lambda m: (
            {"-": "minus ", "−": "minus ", "+": "plus "}.get(m.group("sign") or "", "")
            + f"{decimal(m.group('n'))} percent"
        ),
        text,
    )
    text = _IDENTIFIER.sub(lambda m: m.group("lead") + digits(m.group("n")), text)
    text = _VERSION.sub(lambda m: " point ".join(cardinal(int(p)) for p in m.group(0).split(".")), text)
    text = _DECADE.sub(lambda m: f"{cardinal(int(m.group(1)))} {_decade(m.group(2))}", text)
    text = _TIMES.sub(lambda m: " times" if m.group(0) == "x" else " by ", text)
    text = _RANGE.sub(lambda m: f"{decimal(m.group('a'))} to {decimal(m.group('b'))}", text)
    text = _UNIT.sub(_unit, text)
    text = _ORDINAL.sub(lambda m: ordinal(int(m.group(1).replace(",", ""))), text)
    text = _FRACTION.sub(_fraction, text)
    text = _YEAR_LIKE.sub(lambda m: year(int(m.group(1))), text)
    return _PLAIN.sub(_plain, text)


def _decade(digit: str) -> str:
    names = "hundreds tens twenties thirties forties fifties sixties seventies eighties nineties".split()
    return names[int(digit)]
