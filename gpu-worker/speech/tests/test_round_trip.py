"""What is synthesised can be understood: text → speech → text, also through a telephone."""

from __future__ import annotations

import io
import json

import numpy as np
import pytest
import soundfile
from speech_client import Client
from words import word_error_rate, word_errors, words

SENTENCES: list[str] = list(
    """
Good morning, thank you for calling, how can I help you today?
Your appointment is on Tuesday, March 3rd at 2:30 p.m.
The total comes to $45.90, including shipping.
I'm sorry, I didn't catch that. Could you please repeat it?
Our office is open from 9 a.m. to 5:30 p.m. on weekdays.
Your order number is 48213 and it ships tomorrow.
You can call us back at 555-123-4567 at any time.
Let me check that for you, it will only take a moment.
It costs $1,250 per month, or 10% less if you pay yearly.
The restaurant is at 221 Baker Street on the second floor.
Dr. Smith will see you at 10:15 tomorrow morning.
We have twelve tables free on the 21st of December.
Please send an email to support@example.com with your account name.
I would like to book a table for four people at seven o'clock.
Can you tell me what the weather is like in San Francisco?
My name is John Johnson and I live in New York.
The flight leaves at 6:45 and arrives at noon.
Yes, that works for me, thank you very much.
No, I need to cancel my reservation for Friday night.
About 3.5 million people visited the museum.
""".strip().splitlines()
)

SHORT: list[str] = list("Yes. No. Okay. Hello. Seven. Three. Eight. Thanks. Monday. Stop.".split())


def _ulaw_wav(pcm: np.ndarray, rate_hz: int) -> bytes:
    out = io.BytesIO()
    soundfile.write(out, pcm, rate_hz, format="WAV", subtype="ULAW")
    return out.getvalue()


def _wer(worker: Client, voice: str, sentences: list[str], **fields: str) -> float:
    wrong = total = 0
    for sentence in sentences:
        data = _ulaw_wav(worker.speak(sentence, 8000, voice=voice), 8000)
        heard = json.loads(worker.transcribe(data, **fields).read())["text"]
        reference = words(sentence)
        total += len(reference)
        wrong += word_errors(reference, words(heard))
    return wrong / total


@pytest.mark.parametrize(("voice", "count"), [("joe", 20), ("af_heart", 6)])
def test_speech_is_understood_through_a_telephone(worker: Client, voice: str, count: int) -> None:
    assert _wer(worker, voice, SENTENCES[:count]) < 0.08


def test_isolated_words_are_understood(worker: Client) -> None:
    assert _wer(worker, "joe", SHORT) <= 0.2


def test_whisper_understands_too(worker: Client) -> None:
    assert _wer(worker, "joe", SENTENCES[:3], model="whisper-tiny-en") < 0.1


def test_a_minute_of_audio_loses_nothing_between_its_windows(worker: Client) -> None:
    """The very same audio, sentence by sentence and as a whole: what the voice slurs, both hear alike."""
    pieces = [worker.speak(sentence, 8000) for sentence in SENTENCES[:12]]
    apart = [json.loads(worker.transcribe(_ulaw_wav(piece, 8000)).read())["text"] for piece in pieces]
    pause = np.zeros(2400, dtype="<i2")
    whole = np.concatenate([part for piece in pieces for part in (piece, pause)])
    answer = json.loads(worker.transcribe(_ulaw_wav(whole, 8000), response_format="verbose_json").read())
    assert answer["duration"] > 30
    assert len(answer["segments"]) > 2
    assert word_error_rate(" ".join(apart), answer["text"]) < 0.1
