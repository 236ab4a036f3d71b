"""Pieces of an answer: small first, nothing lost, nothing endless."""

from __future__ import annotations

from hotline_speech.tts.clauses import clauses


def test_no_word_is_lost_or_moved() -> None:
    text = "Well, yes. " + "this sentence goes on and on because nobody ever told it to stop when it should " * 6 + "."
    assert " ".join(c.text for c in clauses(text)).split() == text.split()


def test_the_first_piece_of_a_long_sentence_is_short() -> None:
    first = clauses("Thank you for calling, I have found four tables that are free for you on Friday night.")[0]
    assert first.text == "Thank you for calling,"


def test_a_short_answer_stays_in_one_piece() -> None:
    assert [c.text for c in clauses("Of course.")] == ["Of course."]


def test_endless_text_without_punctuation_is_cut() -> None:
    assert max(len(c.text.split()) for c in clauses("word " * 500)) <= 32


def test_sentences_are_followed_by_longer_pauses_than_commas() -> None:
    pieces = clauses("As I said before, we are closed. Call tomorrow.")
    assert pieces[0].pause_ms < pieces[1].pause_ms


def test_punctuation_alone_is_nothing_to_say() -> None:
    assert clauses(".,!?") == []
