"""Deltas cannot be taken back: which words are sure enough, and what they add up to."""

from __future__ import annotations

import random

from hotline_speech.realtime.agreement import Agreement


def test_r1_a_repeated_partial_does_not_confirm_its_words() -> None:
    agreement = Agreement()
    assert agreement.offer("hello brave") == ""
    assert agreement.offer("hello brave") == ""
    assert agreement.offer("hello brave new") == "hello"


def test_the_rest_comes_with_the_final() -> None:
    agreement = Agreement()
    for partial in ("one", "one two", "one two three"):
        agreement.offer(partial)
    assert agreement.finish("one two three four.") == (" two three four.", "one two three four.")


def test_a_later_change_of_punctuation_does_not_break_the_sum() -> None:
    agreement = Agreement()
    sent = agreement.offer("Well, yes") + agreement.offer("Well, yes I") + agreement.offer("Well, yes I do")
    delta, transcript = agreement.finish("Well yes, I do.")
    assert sent + delta == transcript == "Well, yes I do."


def test_deltas_add_up_whatever_the_partials_say() -> None:
    rng = random.Random(3)
    for _ in range(2000):
        agreement = Agreement()
        sent = ""
        for _ in range(rng.randrange(6)):
            sent += agreement.offer(" ".join(rng.choices("ab a. B, cd".split(), k=rng.randrange(6))))
        delta, transcript = agreement.finish(" ".join(rng.choices("ab a. B, cd".split(), k=rng.randrange(6))))
        assert sent + delta == transcript
