"""What a language model writes, as a person would read it aloud."""

from __future__ import annotations

import random
import re

import pytest
from hotline_speech.text.normalize import normalize

CASES = [
    ("It's 7:05am.", "It's seven oh five ay em."),
    ("We open at 9 a.m. and close at 17:30.", "We open at nine ay em and close at seventeen thirty."),
    ("Come at 2:30 p.m. Please be early.", "Come at two thirty pee em. Please be early."),
    ("I'll be there at 5 p.m.", "I'll be there at five pee em."),
    ("Is it 12:00?", "Is it twelve o'clock?"),
    ("March 3rd, 2026", "March third, twenty twenty six"),
    ("on 21 Dec 1999", "on December twenty first, nineteen ninety nine"),
    ("2026-03-04", "March fourth, twenty twenty six"),
    ("3/4/26", "March fourth, twenty twenty six"),
    ("In 2007 and the 1990s", "In two thousand seven and the nineteen nineties"),
    ("$1,234.50", "one thousand two hundred thirty four dollars and fifty cents"),
    ("$1", "one dollar"),
    ("$0.99", "ninety nine cents"),
    ("£3 million", "three million pounds"),
    ("$2.5M", "two point five million dollars"),
    ("€20 or 100 USD", "twenty euros or one hundred dollars"),
    ("$5/mo", "five dollars per month"),
    ("50%", "fifty percent"),
    ("-3.5", "minus three point five"),
    ("10-15 minutes", "ten to fifteen minutes"),
    ("2 1/2 hours", "two and a half hours"),
    ("20°C and 3.5 kg", "twenty degrees Celsius and three point five kilograms"),
    ("the 21st", "the twenty first"),
    ("1,000,000 people", "one million people"),
    ("555-123-4567", "five five five, one two three, four five six seven"),
    ("(415) 555-0199", "four one five, five five five, zero one nine nine"),
    ("+1 415 555 0199", "plus one, four one five, five five five, zero one nine nine"),
    ("john.smith42@example.co.uk", "john dot smith forty two at example dot co dot you kay"),
    ("https://www.hotline.dev/docs", "hotline dot dev slash docs"),
    ("Dr. Smith, 5 Oak Dr.", "Doctor Smith, five Oak Drive."),
    ("St. Mary at 221 Main St. tomorrow", "Saint Mary at two hundred twenty one Main Street tomorrow"),
    ("e.g. tea, i.e. that, etc.", "for example, tea, that is, that, et cetera."),
    ("NASA's USB-C port", "nasa's you ess bee see port"),
    ("order number 48213", "order number four eight two one three"),
    ("code X7Q2", "code ex seven cue two"),
    ("room 305", "room three zero five"),
    ("24/7", "twenty four seven"),
    ("No. 5 of #3", "number five of number three"),
    ("No. I won't.", "No. I won't."),
    ("**Bold** and _italic_ 😀 `code`", "Bold and italic code"),
    ("- one\n- two\n", "one. two."),
    ("[a link](https://x.com/y)", "a link"),
    ("café naïve Straße", "cafe naive Strasse"),
    ("Tom & Jerry @ home", "Tom and Jerry at home"),
    ("Hold on -- wait...", "Hold on, wait,"),
    ("5'10\"", "five foot ten"),
    ("Ph.D. in A.I.", "pee aitch dee in ay eye."),
    ("WHAT ARE YOU DOING TODAY", "WHAT ARE YOU DOING TODAY"),
    ("😀 ... ***", ""),
    ("", ""),
]


@pytest.mark.parametrize(("written", "spoken"), CASES)
def test_written_forms_are_read_as_people_read_them(written: str, spoken: str) -> None:
    assert normalize(written) == spoken


def test_any_characters_give_only_speakable_text() -> None:
    rng = random.Random(7)
    alphabet = "aZ9 .,:;-/$%€@#*_[](){}<>&|\\'\"`~^+=°½²٣一é😀\u202e\x00\n\t"
    for _ in range(3000):
        text = "".join(rng.choice(alphabet) for _ in range(rng.randrange(40)))
        assert re.fullmatch(r"[A-Za-z' .,;:!?]*", normalize(text)), repr(text)


@pytest.mark.parametrize("text", ["1" * 4000, "a.b@" * 1000, "(" * 4000, "*_" * 2000, "1/2-" * 1000, "www." * 1000])
def test_hostile_text_does_not_stall(text: str) -> None:
    normalize(text)
