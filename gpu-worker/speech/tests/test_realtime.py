"""The Realtime transcription WebSocket against a real worker."""

from __future__ import annotations

import base64
import contextlib
import json
import random
import time
from typing import Any

import numpy as np
import pytest
from speech_client import Client, Pcm
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import connect
from words import word_error_rate

PCM16 = {"type": "audio/pcm", "rate": 16000}
FIRST = "I would like to book a table for four people."
MUTATIONS = ["", "{", '"', "9" * 30, "\u0000", "null", "é", "[[[["]
LONG = [
    "Can you tell me what the weather is like in San Francisco?",
    "My friend wants to know whether the restaurant has a garden.",
    "No, I need to cancel my reservation for Friday night.",
    "We have been there many times, and the food was always good.",
    "The last time we paid by card, and the waiter was very kind.",
    "Is there a parking place near the house for our two cars?",
    "I hope that the price is still as much as before.",
]
SECOND = "Please make it tomorrow evening at seven."


def _heard(event: dict[str, Any], said: str) -> bool:
    """Whether a completed event has the words that were said, give or take a slip of either model."""
    return word_error_rate(said, event["transcript"]) < 0.2


@pytest.fixture(scope="module")
def first(worker: Client) -> Pcm:
    return worker.speak(FIRST)


@pytest.fixture(scope="module")
def second(worker: Client) -> Pcm:
    return worker.speak(SECOND)


@pytest.fixture(scope="module")
def pause() -> bytes:
    return bytes(16000)


def test_a_turn_gives_partials_and_deltas_that_add_up(worker: Client, first: Pcm, second: Pcm, pause: bytes) -> None:
    with worker.session(PCM16) as session:
        session.append(first.tobytes() + pause + second.tobytes(), pause_seconds=0.08)
        item_id = session.commit()["item_id"]
        final = session.final()
        assert final["item_id"] == item_id
        assert final["usage"]["type"] == "duration"
        assert abs(final["usage"]["seconds"] - (len(first) + len(second) + 8000) / 16000) < 0.01
        assert _heard(final, f"{FIRST} {SECOND}")
        assert session.deltas(item_id) == final["transcript"]
        partials = [e for e in session.events if e["type"] == "hotline.transcription.partial"]
        assert len(partials) >= 3
        assert {p["item_id"] for p in partials} == {item_id}
        kinds = [e["type"] for e in session.events]
        assert kinds.index("input_audio_buffer.committed") < kinds.index("conversation.item.added")


def test_the_final_is_there_at_once_when_the_voice_has_paused(worker: Client, first: Pcm) -> None:
    with worker.session(PCM16) as session:
        session.append(first.tobytes() + bytes(9600), pause_seconds=0.05)
        time.sleep(1.5)
        reused = worker.metric("hotline_speech_inference_seconds_count")
        session.commit()
        session.final()
        assert worker.metric("hotline_speech_inference_seconds_count") == reused


@pytest.mark.parametrize("wait_seconds", [0.0, 1.5])
def test_a_commit_taken_back_loses_no_audio(worker: Client, first: Pcm, second: Pcm, wait_seconds: float) -> None:
    """Once while its transcription still runs, once when it is done."""
    with worker.session(PCM16) as session:
        session.append(first.tobytes())
        item_id = session.commit()["item_id"]
        time.sleep(wait_seconds)
        session.append(second.tobytes()[:6400])
        session.send("hotline.input_audio_buffer.reopen", item_id=item_id)
        reopened = session.wait_for("buffer.reopened")
        assert reopened["item_id"] == item_id
        early = [e for e in session.events if e["type"].endswith("transcription.completed")]
        assert len(early) <= (1 if wait_seconds else 0)
        session.events.clear()
        session.append(second.tobytes()[6400:])
        assert session.commit()["item_id"] == item_id
        final = session.final()
        assert final["item_id"] == item_id
        assert _heard(final, f"{FIRST} {SECOND}")
        assert session.deltas(item_id) == final["transcript"]
        assert abs(final["usage"]["seconds"] - (len(first) + len(second)) / 16000) < 0.01


def test_a_discarded_transcription_never_completes(worker: Client, first: Pcm) -> None:
    with worker.session(PCM16) as session:
        session.append(first.tobytes())
        item_id = session.commit()["item_id"]
        session.send("hotline.input_audio_buffer.reopen", item_id=item_id)
        session.wait_for("buffer.reopened")
        time.sleep(1)
        session.send("input_audio_buffer.clear")
        session.wait_for("buffer.cleared")
        assert not [e for e in session.events if e["type"].endswith("transcription.completed")]


def test_only_the_latest_commit_can_be_taken_back(worker: Client, first: Pcm) -> None:
    with worker.session(PCM16) as session:
        session.append(first.tobytes())
        old = session.commit()["item_id"]
        session.append(first.tobytes())
        new = session.commit()
        assert new["previous_item_id"] == old
        session.send("hotline.input_audio_buffer.reopen", item_id=old)
        assert session.wait_for("error")["error"]["code"] == "item_not_found"
        session.send("input_audio_buffer.clear")
        session.send("hotline.input_audio_buffer.reopen", item_id=new["item_id"])
        assert session.wait_for("error")["error"]["param"] == "item_id"


def test_two_sessions_share_nothing(worker: Client, first: Pcm, second: Pcm) -> None:
    with worker.session(PCM16) as one, worker.session(PCM16) as two:
        ours, theirs = first.tobytes(), second.tobytes()
        for start in range(0, max(len(ours), len(theirs)), 3200):
            if ours[start : start + 3200]:
                one.append(ours[start : start + 3200])
            if theirs[start : start + 3200]:
                two.append(theirs[start : start + 3200])
            time.sleep(0.02)
        one.commit()
        two.commit()
        assert _heard(one.final(), FIRST)
        assert _heard(two.final(), SECOND)
        one.send("input_audio_buffer.commit")
        assert one.wait_for("error")["error"]["code"] == "input_audio_buffer_commit_empty"


@pytest.mark.parametrize("kind", ["audio/pcmu", "audio/pcma"])
def test_telephone_codecs_are_understood(worker: Client, kind: str) -> None:
    from hotline_speech.audio.g711 import decode_alaw, decode_ulaw

    table = (decode_ulaw if kind == "audio/pcmu" else decode_alaw)(bytes(range(256))).astype(int)
    pcm = worker.speak(FIRST, 8000).astype(int)
    order = np.argsort(table)
    nearest = order[np.clip(np.searchsorted(table[order], pcm), 0, 255)]
    with worker.session({"type": kind}) as session:
        session.append(nearest.astype(np.uint8).tobytes(), 800)
        session.commit()
        assert _heard(session.final(), FIRST)


def test_a_long_turn_stays_fast_and_whole(worker: Client) -> None:
    text = " ".join([FIRST, SECOND, *LONG])
    pcm = worker.speak(text)
    assert len(pcm) > 16000 * 24
    with worker.session(PCM16) as session:
        session.append(pcm.tobytes(), 16000)
        session.commit()
        final = session.final()
    assert _heard(final, text)
    assert abs(final["usage"]["seconds"] - len(pcm) / 16000) < 0.01


def test_silence_and_noise_are_not_words(worker: Client) -> None:
    noise = np.random.default_rng(5).normal(0, 40, 32000).astype(np.int16)
    with worker.session(PCM16) as session:
        session.append(bytes(32000) + noise.tobytes())
        session.commit()
        assert session.final()["transcript"] == ""


@pytest.mark.parametrize(
    ("event", "param"),
    [
        ({"type": "input_audio_buffer.append"}, "audio"),
        ({"type": "input_audio_buffer.append", "audio": "***"}, "audio"),
        ({"type": "input_audio_buffer.append", "audio": "AAA="}, None),
        ({"type": "input_audio_buffer.append", "audio": "AA=="}, "audio"),
        ({"type": "input_audio_buffer.append", "audio": 5}, "audio"),
        ({"type": "nothing.known"}, "type"),
        ({"type": 7}, "type"),
        ({"type": "response.create"}, "type"),
        ({"type": "hotline.input_audio_buffer.reopen"}, "item_id"),
        ({"type": "session.update", "session": {"type": "realtime"}}, "session.type"),
        (
            {
                "type": "session.update",
                "session": {"type": "transcription", "audio": {"input": {"turn_detection": {}}}},
            },
            "session.audio.input.turn_detection",
        ),
        (
            {
                "type": "session.update",
                "session": {"type": "transcription", "audio": {"input": {"transcription": {"model": "nothing"}}}},
            },
            "model",
        ),
    ],
)
def test_bad_events_are_answered_and_the_session_lives(
    worker: Client, event: dict[str, object], param: str | None
) -> None:
    with worker.session(PCM16) as session:
        session.connection.send(json.dumps({**event, "event_id": "e1"}))
        if param is not None:
            error = session.wait_for("error")["error"]
            assert (error["param"], error["event_id"] in ("e1", None)) == (param, True)
        session.send("input_audio_buffer.clear")
        session.wait_for("buffer.cleared")


def test_mutated_frames_leave_it_answering(worker: Client, first: Pcm) -> None:
    rng = random.Random(11)
    audio = base64.b64encode(first.tobytes()[:640]).decode()
    seeds = [
        json.dumps({"type": "input_audio_buffer.append", "audio": audio}),
        json.dumps({"type": "input_audio_buffer.commit"}),
        json.dumps({"type": "hotline.input_audio_buffer.reopen", "item_id": "item_1"}),
        json.dumps(
            {"type": "session.update", "session": {"type": "transcription", "audio": {"input": {"format": PCM16}}}}
        ),
    ]
    connection = connect(f"ws://127.0.0.1:{worker.port}/v1/realtime?intent=transcription", max_queue=None)
    for _ in range(400):
        text = list(rng.choice(seeds))
        for _ in range(rng.randrange(1, 6)):
            position = rng.randrange(len(text))
            text[position : position + rng.randrange(3)] = rng.choice(MUTATIONS)
        frame = "".join(text) if rng.random() < 0.9 else "".join(text).encode()
        try:
            connection.send(frame)
        except ConnectionClosed:
            connection = connect(f"ws://127.0.0.1:{worker.port}/v1/realtime?intent=transcription", max_queue=None)
        with contextlib.suppress(ConnectionClosed, TimeoutError):
            while True:
                connection.recv(0)
    connection.close()
    with worker.session(PCM16) as session:
        session.append(first.tobytes())
        session.commit()
        assert _heard(session.final(), FIRST)


def test_a_frame_over_the_limit_closes_only_its_own_connection(worker: Client, first: Pcm) -> None:
    with worker.session(PCM16) as other:
        with worker.session(PCM16) as session:
            with contextlib.suppress(ConnectionClosed):
                session.send("input_audio_buffer.append", audio="A" * (16 * 1024 * 1024))
            with pytest.raises(ConnectionClosed):
                session.read()
        other.append(first.tobytes())
        other.commit()
        other.final()


def test_the_buffer_has_a_bound(worker: Client) -> None:
    with worker.session(PCM16) as session:
        session.append(bytes(16000 * 2 * 121), 16000 * 2 * 10)
        assert session.wait_for("error")["error"]["code"] == "input_audio_buffer_full"


def test_sessions_over_the_limit_get_429(small_worker: Client) -> None:
    with small_worker.session(), small_worker.session():
        with pytest.raises(InvalidStatus) as refused:
            small_worker.session()
        assert refused.value.response.status_code == 429
        assert refused.value.response.headers["retry-after"] == "1"
    deadline = time.monotonic() + 5
    while small_worker.metric("hotline_speech_sessions") and time.monotonic() < deadline:
        time.sleep(0.05)
    with small_worker.session(PCM16):
        pass


def test_other_intents_are_refused(worker: Client) -> None:
    with pytest.raises(InvalidStatus) as refused:
        connect(f"ws://127.0.0.1:{worker.port}/v1/realtime?model=gpt-realtime")
    assert refused.value.response.status_code == 400


def test_a_closed_connection_stops_its_work(worker: Client) -> None:
    pcm = worker.speak("This is a long sentence that takes a while to understand. " * 10)
    for _ in range(3):
        session = worker.session(PCM16)
        session.append(pcm.tobytes(), 32000)
        session.send("input_audio_buffer.commit")
        session.connection.close()
    deadline = time.monotonic() + 5
    while worker.metric("hotline_speech_sessions") and time.monotonic() < deadline:
        time.sleep(0.05)
    time.sleep(0.3)
    done = worker.metric("hotline_speech_inference_seconds_count")
    time.sleep(0.7)
    assert worker.metric("hotline_speech_inference_seconds_count") == done
