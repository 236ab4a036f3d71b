"""What a client may send, validated at the edge. Unknown fields are ignored, unknown event types are refused."""

from __future__ import annotations

import base64
import binascii
import json
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from hotline_speech.errors import ApiError, invalid


class _Shape(BaseModel):
    model_config = ConfigDict(extra="ignore", strict=True)


class G711Format(_Shape):
    """Telephone audio, always 8 kHz."""

    type: Literal["audio/pcmu", "audio/pcma"]


class PcmFormat(_Shape):
    """16-bit little-endian mono; OpenAI's is 24 kHz, the lower rates are an extension."""

    type: Literal["audio/pcm"]
    rate: Literal[8000, 16000, 24000] = 24000


class Transcription(_Shape):
    """Which model listens, and for which language (ISO 639-1)."""

    model: str | None = None
    language: str | None = None
    prompt: str | None = None


class AudioInput(_Shape):
    """`session.audio.input`; what is left out stays as it is."""

    format: Annotated[G711Format | PcmFormat, Field(discriminator="type")] | None = None
    transcription: Transcription | None = None
    turn_detection: dict[str, Any] | None = None


class Audio(_Shape):
    """`session.audio`."""

    input: AudioInput = AudioInput()


class SessionChange(_Shape):
    """`session` of a session.update."""

    type: Literal["transcription"]
    audio: Audio = Audio()


class _Event(_Shape):
    event_id: str | None = Field(default=None, max_length=512)


class SessionUpdate(_Event):
    """session.update"""

    type: Literal["session.update"]
    session: SessionChange


class Append(_Event):
    """input_audio_buffer.append: base64 audio in the session's format."""

    type: Literal["input_audio_buffer.append"]
    audio: str

    def decoded(self) -> bytes:
        """The audio's bytes. Raises ApiError 400 when it is not base64."""
        try:
            return base64.b64decode(self.audio, validate=True)
        except (binascii.Error, ValueError) as error:
            raise invalid("audio", "The audio is not valid base64.", "invalid_audio") from error


class Commit(_Event):
    """input_audio_buffer.commit"""

    type: Literal["input_audio_buffer.commit"]


class Clear(_Event):
    """input_audio_buffer.clear"""

    type: Literal["input_audio_buffer.clear"]


class Reopen(_Event):
    """hotline.input_audio_buffer.reopen (extension): take a commit back."""

    type: Literal["hotline.input_audio_buffer.reopen"]
    item_id: str = Field(max_length=512)


ClientEvent = SessionUpdate | Append | Commit | Clear | Reopen
_ADAPTER: TypeAdapter[ClientEvent] = TypeAdapter(Annotated[ClientEvent, Field(discriminator="type")])


def parse_client_event(text: str) -> ClientEvent:
    """One frame's text to an event. Raises ApiError 400 with the parameter that is wrong."""
    try:
        data = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise ApiError(400, "invalid_json", "The event is not valid JSON.") from error
    if not isinstance(data, dict) or not isinstance(data.get("type"), str):
        raise invalid("type", "An event is an object with a type.", "missing_required_parameter")
    try:
        return _ADAPTER.validate_python(data)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        if first["type"] == "union_tag_invalid" and not first["loc"]:
            raise invalid("type", f"The event type {data['type'][:80]!r} is not known here.") from error
        # The first part of the place is the event's own type, which says nothing to the reader.
        raise invalid(".".join(str(p) for p in first["loc"][1:]) or "type", str(first["msg"])) from error
