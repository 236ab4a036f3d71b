"""Times of day and dates."""

from __future__ import annotations

import re

from hotline_speech.text.numbers import cardinal, ordinal, year

_MONTHS = "January February March April May June July August September October November December".split()
_SHORT_MONTHS = {m[:3].lower(): m for m in _MONTHS} | {"sept": "September"}
_DAYS = {"mon": "Monday", "tue": "Tuesday", "tues": "Tuesday", "wed": "Wednesday", "thu": "Thursday",
         "thur": "Thursday", "thurs": "Thursday", "fri": "Friday", "sat": "Saturday", "sun": "Sunday"}  # fmt: skip
_MONTH = r"(?P<month>" + "|".join([*_MONTHS, *(m[:3] for m in _MONTHS if m != "May"), "Sept"]) + r")\b\.?"

_HALF_DAY = r"(?P<half>[ap])\.?[ ]?m(?P<dot>\.?)"
_TIME = re.compile(rf"\b(?P<h>\d{{1,2}})[:.](?P<m>\d{{2}})(?::(?P<s>\d{{2}}))?[ ]?{_HALF_DAY}(?![\w])", re.I)
_HOUR = re.compile(rf"\b(?P<h>\d{{1,2}})[ ]?{_HALF_DAY}(?![\w])", re.I)
_TIME_24 = re.compile(r"\b(?P<h>[01]?\d|2[0-4]):(?P<m>[0-5]\d)(?::(?P<s>[0-5]\d))?(?![\d:])")
_OCLOCK = re.compile(r"\b(\d{1,2})[ ]?o'clock", re.I)
_HALF_ALONE = re.compile(r"(?<=[a-z] )(?P<half>[ap])\.m(?P<dot>\.?)(?![\w])", re.I)
_MONTH_DAY = re.compile(_MONTH + r"[ ](?P<day>\d{1,2})(?:st|nd|rd|th)?(?:,?[ ](?P<year>\d{4}))?(?![\d:])")
_DAY_MONTH = re.compile(
    r"\b(?P<day>\d{1,2})(?:st|nd|rd|th)?[ ](?:of[ ])?" + _MONTH + r"(?:,?[ ](?P<year>\d{4}))?(?!\d)"
)
_MONTH_YEAR = re.compile(_MONTH + r"(?:,|[ ]of)?[ ](?P<year>\d{4})(?!\d)")
_ISO = re.compile(r"\b(?P<y>[12]\d{3})-(?P<m>0\d|1[0-2])-(?P<d>[0-2]\d|3[01])\b(?:T(?=\d))?")
_SLASHED = re.compile(r"\b(?P<m>0?[1-9]|1[0-2])/(?P<d>0?[1-9]|[12]\d|3[01])/(?P<y>\d{4}|\d{2})\b")
_DAY_NAME = re.compile(r"\b(Mon|Tues?|Wed|Thurs?|Thu|Fri|Sat|Sun)\b(?:\.(?=[ ]\S)|(?=,?[ ]\d))")
_SINCE = re.compile(
    r"\b(?P<word>in|since|year|from|by|until|of|during)[ ](?P<year>1[5-9]\d\d|20\d\d)\b(?![ ]?(?:%|[a-z]+s\b))", re.I
)


def _minutes(hour: int, minute: int) -> str:
    if minute == 0:
        return cardinal(hour)
    return f"{cardinal(hour)} {'oh ' if minute < 10 else ''}{cardinal(minute)}"


def _half(match: re.Match[str]) -> str:
    """'ay em' or 'pee em'; a dot that also ended the sentence stays as its end."""
    rest = match.string[match.end() :].lstrip(" \"')")
    ends = bool(match.group("dot")) and (not rest or rest[0].isupper())
    return f"{'ay' if match.group('half').lower() == 'a' else 'pee'} em{'.' if ends else ''}"


def _clock(match: re.Match[str]) -> str:
    hour, minute = int(match.group("h")), int(match.group("m"))
    if hour > 24 or minute > 59:
        return match.group(0)
    seconds = match.groupdict().get("s")
    spoken = _minutes(hour, minute)
    if seconds:
        spoken += f" and {cardinal(int(seconds))} seconds"
    if "half" in match.groupdict() and match.groupdict()["half"]:
        return f"{spoken} {_half(match)}"
    if minute == 0:
        return f"{cardinal(hour)} hundred hours" if hour > 12 or hour == 0 else f"{cardinal(hour)} o'clock"
    return spoken


def _month_name(text: str) -> str:
    return _SHORT_MONTHS.get(text.lower().rstrip("."), text)


def _date(month: str, day: int, year_text: str | None) -> str:
    spoken = f"{month} {ordinal(day)}"
    return f"{spoken}, {year(int(year_text))}" if year_text else spoken


def _named_date(match: re.Match[str]) -> str:
    day = int(match.group("day"))
    if not 1 <= day <= 31:
        return match.group(0)
    return _date(_month_name(match.group("month")), day, match.group("year"))


def _numeric_date(match: re.Match[str]) -> str:
    text = match.group("y")
    full = text if len(text) == 4 else ("20" if int(text) < 70 else "19") + text
    return _date(_MONTHS[int(match.group("m")) - 1], int(match.group("d")), full) + " " * match.group(0).endswith("T")


def expand_clock(text: str) -> str:
    """Times and dates to words. Slashed dates are read month first, as in the United States."""
    text = _DAY_NAME.sub(lambda m: _DAYS[m.group(1).lower()], text)
    text = _ISO.sub(_numeric_date, text)
    text = _SLASHED.sub(_numeric_date, text)
    text = _MONTH_DAY.sub(_named_date, text)
    text = _DAY_MONTH.sub(_named_date, text)
    text = _MONTH_YEAR.sub(lambda m: f"{_month_name(m.group('month'))} {year(int(m.group('year')))}", text)
    text = _SINCE.sub(lambda m: f"{m.group('word')} {year(int(m.group('year')))}", text)
    text = _TIME.sub(_clock, text)
    text = _HOUR.sub(lambda m: f"{cardinal(int(m.group('h')))} {_half(m)}", text)
    text = _HALF_ALONE.sub(_half, text)
    text = _OCLOCK.sub(lambda m: f"{cardinal(int(m.group(1)))} o'clock", text)
    return _TIME_24.sub(_clock, text)
