"""A plain client of the worker's protocols."""

from __future__ import annotations

import base64
import json
import time
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPResponse
from typing import Any

import numpy as np
from numpy.typing import NDArray
from websockets.sync.client import ClientConnection, connect

Pcm = NDArray[np.int16]


@dataclass(frozen=True)
class Client:
    """Talks to a worker on a loopback port."""

    port: int
    pid: int

    def request(
        self, method: str, path: str, body: bytes | None = None, kind: str = "application/json"
    ) -> HTTPResponse:
        connection = HTTPConnection("127.0.0.1", self.port, timeout=60)
        connection.request(method, path, body, {"content-type": kind} if body is not None else {})
        return connection.getresponse()

    def get_json(self, path: str) -> Any:
        return json.loads(self.request("GET", path).read())

    def start_speech(self, **body: Any) -> HTTPResponse:
        """An answer whose body may still be on its way."""
        return self.request("POST", "/v1/audio/speech", json.dumps(body).encode())

    def speak(self, text: str, rate_hz: int = 16000, **body: Any) -> Pcm:
        response = self.start_speech(input=text, sample_rate=rate_hz, **body)
        data = response.read()
        assert response.status == 200, data
        return np.frombuffer(data, dtype="<i2")

    def transcribe(self, file: bytes, **fields: str) -> HTTPResponse:
        boundary = b"----------------boundary"
        parts = [
            b'--%s\r\ncontent-disposition: form-data; name="%s"\r\n\r\n%s\r\n' % (boundary, k.encode(), v.encode())
            for k, v in fields.items()
        ]
        head = b'--%s\r\ncontent-disposition: form-data; name="file"; filename="a.wav"\r\n\r\n' % boundary
        body = b"".join(parts) + head + file + b"\r\n--%s--\r\n" % boundary
        return self.request(
            "POST", "/v1/audio/transcriptions", body, f"multipart/form-data; boundary={boundary.decode()}"
        )

    def metric(self, name: str) -> float:
        """The sum of a metric's samples; `name` may carry labels."""
        lines = self.request("GET", "/metrics").read().decode().splitlines()
        return sum(float(line.rsplit(" ", 1)[1]) for line in lines if line.startswith((name + " ", name + "{")))

    def session(self, format_: dict[str, Any] | None = None) -> Session:
        return Session(connect(f"ws://127.0.0.1:{self.port}/v1/realtime?intent=transcription"), format_)


class Session:
    """One Realtime transcription session; keeps every event it has read."""

    def __init__(self, connection: ClientConnection, format_: dict[str, Any] | None) -> None:
        self.connection = connection
        self.events: list[dict[str, Any]] = []
        self.wait_for("session.created")
        if format_ is not None:
            source = {"format": format_, "turn_detection": None}
            self.send("session.update", session={"type": "transcription", "audio": {"input": source}})
            self.wait_for("session.updated")

    def __enter__(self) -> Session:
        return self

    def __exit__(self, *_: object) -> None:
        self.connection.close()

    def send(self, kind: str, **fields: Any) -> None:
        self.connection.send(json.dumps({"type": kind, **fields}))

    def read(self, timeout: float = 20) -> dict[str, Any]:
        event = json.loads(self.connection.recv(timeout))
        self.events.append(event)
        return event

    def wait_for(self, ending: str, timeout: float = 20) -> dict[str, Any]:
        """The next event whose type ends so."""
        deadline = time.monotonic() + timeout
        while True:
            event = self.read(deadline - time.monotonic())
            if event["type"].endswith(ending):
                return event

    def append(self, data: bytes, piece_bytes: int = 3200, pause_seconds: float = 0.0) -> None:
        for start in range(0, len(data), piece_bytes):
            audio = base64.b64encode(data[start : start + piece_bytes]).decode()
            self.send("input_audio_buffer.append", audio=audio)
            if pause_seconds:
                time.sleep(pause_seconds)

    def commit(self) -> dict[str, Any]:
        self.send("input_audio_buffer.commit")
        return self.wait_for("input_audio_buffer.committed")

    def final(self) -> dict[str, Any]:
        return self.wait_for("input_audio_transcription.completed")

    def deltas(self, item_id: str) -> str:
        found = [e for e in self.events if e["type"].endswith("transcription.delta") and e["item_id"] == item_id]
        return "".join(e["delta"] for e in found)
