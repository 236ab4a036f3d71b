"""POST /v1/audio/speech against a real worker: early, whole, polite when refused."""

from __future__ import annotations

import json
import struct
import threading
import time
from typing import Any

import numpy as np
import pytest
from speech_client import Client

LONG = "This is a rather long answer, made of several sentences. " * 12


def test_models_and_voices_are_listed(worker: Client) -> None:
    voices = worker.get_json("/v1/audio/voices")["data"]
    assert [v["id"] for v in voices if v["default"]] == ["joe"]
    assert {"id", "name", "language", "engine", "sample_rate", "default"} <= voices[0].keys()
    assert "moonshine-tiny-en" in [m["id"] for m in worker.get_json("/v1/models")["data"]]


def test_the_first_audio_arrives_before_the_last_is_made(worker: Client) -> None:
    began = time.monotonic()
    response = worker.start_speech(input=LONG, voice="joe")
    assert response.read(4800)
    first = time.monotonic() - began
    response.read()
    assert first < (time.monotonic() - began) / 2


def test_audio_begins_and_ends_at_once(worker: Client) -> None:
    for rate_hz in (8000, 16000, 22050, 24000):
        response = worker.start_speech(input="Yes, of course.", sample_rate=rate_hz)
        assert response.getheader("x-sample-rate") == str(rate_hz)
        samples = np.frombuffer(response.read(), dtype="<i2")
        loud = np.flatnonzero(np.abs(samples.astype(int)) > 150)
        assert loud[0] / rate_hz < 0.02
        assert (len(samples) - loud[-1]) / rate_hz < 0.06


def test_speed_changes_the_length(worker: Client) -> None:
    text = "The quick brown fox jumps over the lazy dog."
    slow, natural, fast = (len(worker.speak(text, speed=s)) for s in (0.5, 1.0, 2.0))
    assert slow > 1.5 * natural > 2.2 * fast


def test_wav_has_a_header_that_readers_accept(worker: Client) -> None:
    data = worker.start_speech(input="Hello.", response_format="wav", sample_rate=8000).read()
    assert data[:4] == b"RIFF"
    assert struct.unpack("<I", data[24:28])[0] == 8000
    text = json.loads(worker.transcribe(data).read())["text"]
    assert "hello" in text.lower()


def test_nothing_to_say_is_a_moment_of_silence_not_an_error(worker: Client) -> None:
    assert len(worker.speak("😀 **")) == 320


@pytest.mark.parametrize(
    ("change", "status", "param"),
    [
        ({"input": ""}, 400, "input"),
        ({"input": "x" * 4097}, 400, "input"),
        ({"input": None}, 400, "input"),
        ({"speed": 9}, 400, "speed"),
        ({"speed": "NaN"}, 400, "speed"),
        ({"voice": "nobody"}, 400, "voice"),
        ({"model": "nothing"}, 404, "model"),
        ({"response_format": "mp3"}, 400, "response_format"),
        ({"sample_rate": 11025}, 400, "sample_rate"),
        ({"model": "piper-joe", "voice": "af_heart"}, 400, "voice"),
    ],
)
def test_bad_requests_get_typed_errors(worker: Client, change: dict[str, Any], status: int, param: str) -> None:
    response = worker.start_speech(**{"input": "Hello.", **change})
    error = json.loads(response.read())["error"]
    assert (response.status, error["param"], error["type"]) == (status, param, "invalid_request_error")
    assert error["message"]
    assert error["code"]


def test_bytes_that_are_no_request_get_typed_errors(worker: Client) -> None:
    for body in (b"", b"{", b"[]", b"\xff\xfe", b'"x"', b"nul"):
        response = worker.request("POST", "/v1/audio/speech", body)
        assert response.status == 400
        assert json.loads(response.read())["error"]["type"] == "invalid_request_error"
    assert worker.request("GET", "/v1/nothing").status == 404


def test_a_client_that_leaves_stops_the_work(worker: Client) -> None:
    before = worker.metric("hotline_speech_inference_seconds_count")
    response = worker.start_speech(input=LONG, voice="joe", speed=0.5)
    response.read(1000)
    response.close()
    deadline = time.monotonic() + 5
    while worker.metric("hotline_speech_requests") and time.monotonic() < deadline:
        time.sleep(0.05)
    assert worker.metric("hotline_speech_requests") == 0
    made = worker.metric("hotline_speech_inference_seconds_count")
    time.sleep(0.5)
    assert worker.metric("hotline_speech_inference_seconds_count") == made
    assert made - before < 20


def test_a_full_queue_answers_429_and_recovers(small_worker: Client) -> None:
    statuses: list[tuple[int, str | None]] = []

    def ask() -> None:
        response = small_worker.start_speech(input="Please say all of this in one go without a pause", speed=0.25)
        response.read()
        statuses.append((response.status, response.getheader("retry-after")))

    threads = [threading.Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (429, "1") in statuses
    assert (200, None) in statuses
    assert {s for s, _ in statuses} == {200, 429}
    assert len(small_worker.speak("Hello.")) > 1000


def test_uploads_that_are_no_audio_get_typed_errors(worker: Client) -> None:
    for data in (b"", b"RIFFxxxxWAVE", b"\x00" * 1000, b"hello"):
        response = worker.transcribe(data)
        assert response.status == 400
        assert json.loads(response.read())["error"]["code"] == "invalid_audio"
    assert worker.transcribe(b"x", model="nothing").status == 404
    assert worker.transcribe(b"x", response_format="srt").status == 400


def test_optional_models_that_are_missing_are_left_out(small_worker: Client) -> None:
    assert [m["id"] for m in small_worker.get_json("/v1/models")["data"]] == ["moonshine-tiny-en", "piper-joe"]
    assert [v["id"] for v in small_worker.get_json("/v1/audio/voices")["data"]] == ["joe"]
    assert small_worker.start_speech(input="Hello.", voice="af_heart").status == 400
