"""One Realtime transcription session: what a client's events do.

The protocol is OpenAI's (GA) transcription session without turn detection. Extensions of this worker:

* `hotline.transcription.partial {item_id, transcript}` (server): the whole text of the open buffer so far. It may
  revise itself; the standard `…delta` events carry only words that two consecutive different partials agree on, and
  all deltas of an item, joined, are exactly the transcript of its `…completed`.
* `hotline.input_audio_buffer.reopen {item_id}` (client): take back the latest commit, which came too early. Its audio
  goes back in front of whatever was appended since, under its own item id; nothing is lost. The answer is
  `hotline.input_audio_buffer.reopened {item_id}`. A transcription that was still running is discarded and no
  `…completed` comes for it; deltas received for the item are void and start again. The next commit covers everything.
  A committed item can be taken back until the next commit or clear, and for 30 seconds.
* `transcription.language` (ISO 639-1) without a model, or with a default one, selects the model that understands it;
  `session.updated` says which. Left out, a multilingual model detects the language of every decode.
* `audio/pcm` may have a rate of 8000 or 16000 besides 24000.

While the open buffer grows it is decoded again for every 400 ms of new audio, and at once when the voice pauses, so
that at the commit the text is usually there already.
"""

from __future__ import annotations

import asyncio
import logging
import uuid
from collections.abc import Callable
from typing import Any

from hotline_speech.errors import ApiError, internal, invalid, overloaded
from hotline_speech.pool import Priority, QueueFullError
from hotline_speech.realtime import client_events as client
from hotline_speech.realtime.audio_format import AudioFormat
from hotline_speech.realtime.decoding import Decoding, Ear, finish
from hotline_speech.realtime.segment import Segment
from hotline_speech.worker import Worker

log = logging.getLogger("hotline.speech")

_PARTIAL_EVERY_SECONDS = 0.4
_PARTIAL_SELDOM_SECONDS = 1.5
_PAUSE_MS = 100
_STALL_SECONDS = 0.12
_HELD_SECONDS = 30.0
_FINAL_TIMEOUT_SECONDS = 15.0
_MAX_PENDING_FINALS = 8


class TranscriptionSession:
    """State of one connection; every method runs on the event loop. `send` takes one event and must not block."""

    def __init__(self, worker: Worker, send: Callable[[dict[str, Any]], None]) -> None:
        self._worker = worker
        self._send_event = send
        self._id = f"sess_{uuid.uuid4().hex[:24]}"
        self._format = AudioFormat()
        self._ear = Ear(*worker.ready_registry().asr_engine(None))
        self._open: Segment | None = None
        self._held: Segment | None = None
        self._held_after: str | None = None
        self._held_timer: asyncio.TimerHandle | None = None
        self._stall_timer: asyncio.TimerHandle | None = None
        self._last_item_id: str | None = None
        self._stalled = False
        self._partial: tuple[Decoding, asyncio.Task[None]] | None = None
        self._partial_every_seconds = _PARTIAL_EVERY_SECONDS
        self._finals: dict[str, asyncio.Task[None]] = {}
        self._closed = False

    def begin(self) -> None:
        """Send session.created."""
        self._send("session.created", session=self._as_json())

    def handle(self, text: str) -> None:
        """One frame from the client. Whatever is wrong with it becomes an `error` event; the session lives on."""
        event_id: str | None = None
        try:
            event = client.parse_client_event(text)
            event_id = event.event_id
            self._dispatch(event)
        except ApiError as error:
            self._send("error", error={**error.body()["error"], "event_id": event_id})
        except Exception:
            log.exception("event failed")
            self._send("error", error={**internal().body()["error"], "event_id": event_id})

    def close(self) -> None:
        """The connection is gone: stop everything."""
        self._closed = True
        self._drop_open()
        self._forget_held()
        for task in self._finals.values():
            task.cancel()

    def _dispatch(self, event: client.ClientEvent) -> None:
        match event:
            case client.Append():
                self._append(event.decoded())
            case client.Commit():
                self._commit()
            case client.Clear():
                self._drop_open()
                self._forget_held()
                self._send("input_audio_buffer.cleared")
            case client.Reopen():
                self._reopen(event.item_id)
            case client.SessionUpdate():
                self._update(event.session)

    def _update(self, change: client.SessionChange) -> None:
        source = change.audio.input
        if source.turn_detection is not None:
            raise invalid(
                "session.audio.input.turn_detection", "There is no turn detection here: set it to null and commit."
            )
        ear, audio_format = self._ear, self._format
        if source.transcription is not None:
            ear = Ear(
                *self._worker.ready_registry().asr_engine(
                    source.transcription.model,
                    source.transcription.language,
                    "session.audio.input.transcription.language",
                )
            )
        if source.format is not None:
            rate_hz = source.format.rate if isinstance(source.format, client.PcmFormat) else 8000
            audio_format = AudioFormat(source.format.type, rate_hz)
        if audio_format != self._format and self._open is not None:
            raise invalid("session.audio.input.format", "The format cannot change while the buffer holds audio.")
        if audio_format.rate_hz != self._format.rate_hz:
            self._forget_held()
        self._ear, self._format = ear, audio_format
        self._send("session.updated", session=self._as_json())

    def _append(self, data: bytes) -> None:
        pcm = self._format.decode(data)
        if len(pcm) == 0:
            return
        if self._open is None:
            self._open = Segment(_item_id(), self._format.rate_hz, self._worker.settings.max_buffer_seconds)
        if not self._open.has_room(len(pcm)):
            limit = self._worker.settings.max_buffer_seconds
            raise ApiError(
                400, "input_audio_buffer_full", f"The buffer already holds {limit:.0f} seconds. Commit or clear it."
            )
        self._open.append(pcm)
        self._cancel_stall()
        self._stall_timer = asyncio.get_running_loop().call_later(_STALL_SECONDS, self._stall)
        self._consider_partial()

    def _stall(self) -> None:
        """No audio came for a while: whoever sends only speech is at a pause."""
        self._stalled = True
        self._consider_partial()

    def _commit(self) -> None:
        segment = self._open
        if segment is None:
            raise ApiError(
                400, "input_audio_buffer_commit_empty", "The buffer is empty: append audio before you commit."
            )
        if len(self._finals) >= _MAX_PENDING_FINALS:
            raise overloaded("Too many commits are waiting for their transcription.")
        self._cancel_stall()
        self._open = None
        self._forget_held()
        self._held, self._held_after = segment, self._last_item_id
        self._held_timer = asyncio.get_running_loop().call_later(_HELD_SECONDS, self._forget_held)
        previous, self._last_item_id = self._last_item_id, segment.item_id
        self._send("input_audio_buffer.committed", item_id=segment.item_id, previous_item_id=previous)
        item = {
            "id": segment.item_id, "object": "realtime.item", "type": "message", "role": "user", "status": "completed",
            "content": [{"type": "input_audio", "transcript": None}],
        }  # fmt: skip
        self._send("conversation.item.added", item=item, previous_item_id=previous)
        self._send("conversation.item.done", item=item, previous_item_id=previous)
        partial, self._partial = self._partial, None
        if partial is not None and not partial[0].serves_final():
            partial[0].cancel()
            partial = None
        if partial is None and segment.complete:
            self._worker.metrics.finals.labels("yes").inc()
            self._completed(segment)
            return
        task = asyncio.create_task(self._finish(segment, self._ear, partial[1] if partial else None))
        self._finals[segment.item_id] = task

    async def _finish(self, segment: Segment, ear: Ear, partial: asyncio.Task[None] | None) -> None:
        """Wait for the decode that runs, or do another, and send the transcript."""
        try:
            async with asyncio.timeout(_FINAL_TIMEOUT_SECONDS):
                if partial is not None:
                    await asyncio.shield(partial)
                self._worker.metrics.finals.labels("yes" if segment.complete else "no").inc()
                await finish(self._worker.pool, ear, segment)
        except asyncio.CancelledError:
            return
        except QueueFullError:
            self._failed(segment, overloaded())
        except TimeoutError:
            self._failed(segment, ApiError(504, "timeout", "The transcription took too long."))
        except Exception:
            log.exception("transcription failed")
            self._failed(segment, internal())
        else:
            self._completed(segment)
        finally:
            if self._finals.get(segment.item_id) is asyncio.current_task():
                del self._finals[segment.item_id]

    def _completed(self, segment: Segment) -> None:
        delta, transcript = segment.agreement.finish(segment.text)
        self._delta(segment, delta)
        self._send(
            "conversation.item.input_audio_transcription.completed",
            item_id=segment.item_id,
            content_index=0,
            transcript=transcript,
            usage={"type": "duration", "seconds": round(segment.seconds, 3)},
        )

    def _failed(self, segment: Segment, error: ApiError) -> None:
        self._send(
            "conversation.item.input_audio_transcription.failed",
            item_id=segment.item_id,
            content_index=0,
            error=error.body()["error"],
        )

    def _reopen(self, item_id: str) -> None:
        held = self._held
        later = self._open
        if held is None or held.item_id != item_id or (later is not None and not later.whole):
            raise invalid("item_id", f"The item {item_id!r} can no longer be taken back.", "item_not_found")
        final = self._finals.pop(item_id, None)
        if final is not None:
            final.cancel()
        if later is not None:
            self._cancel_partial()
            held.join(later)
        held.restart_deltas()
        self._last_item_id = self._held_after
        self._forget_held()
        self._open = held
        self._send("hotline.input_audio_buffer.reopened", item_id=item_id)
        self._consider_partial()

    def _consider_partial(self) -> None:
        """Decode the open buffer now if there is reason to and nothing of this session is being decoded."""
        segment = self._open
        if self._closed or segment is None or self._partial is not None or segment.complete:
            return
        fresh = (segment.end - max(segment.decoded_end, segment.folded_end)) / segment.rate_hz
        paused = self._stalled or segment.trailing_silence_ms >= _PAUSE_MS
        if fresh <= 0 or (not paused and fresh < self._partial_every_seconds):
            return
        # At a pause this is probably the final already, so it goes as early as one.
        priority = Priority.FINAL if paused else Priority.PARTIAL
        try:
            decoding = Decoding(self._worker.pool, self._ear, segment, priority, admitted=False)
        except QueueFullError:
            self._worker.metrics.refused.labels("partial").inc()
            return
        self._partial = (decoding, asyncio.create_task(self._run_partial(decoding)))

    async def _run_partial(self, decoding: Decoding) -> None:
        segment, before = decoding.segment, decoding.segment.text
        began = asyncio.get_running_loop().time()
        failed = False
        try:
            await decoding.apply()
        except asyncio.CancelledError:
            return
        except Exception:
            log.exception("partial transcription failed")
            failed = True
        finally:
            if self._partial is not None and self._partial[0] is decoding:
                self._partial = None
        if self._closed or failed:
            return
        # A busy machine gets fewer partials: at most a third of the time goes into them.
        took = asyncio.get_running_loop().time() - began
        self._partial_every_seconds = min(max(_PARTIAL_EVERY_SECONDS, 3 * took), _PARTIAL_SELDOM_SECONDS)
        if segment is not self._open:
            return
        text = segment.text
        if text != before:
            self._send("hotline.transcription.partial", item_id=segment.item_id, transcript=text)
            self._delta(segment, segment.agreement.offer(text))
        self._consider_partial()

    def _delta(self, segment: Segment, delta: str) -> None:
        if delta:
            self._send(
                "conversation.item.input_audio_transcription.delta",
                item_id=segment.item_id,
                content_index=0,
                delta=delta,
            )

    def _drop_open(self) -> None:
        self._cancel_stall()
        self._cancel_partial()
        self._open = None

    def _cancel_partial(self) -> None:
        if self._partial is not None:
            self._partial[0].cancel()
            self._partial = None

    def _cancel_stall(self) -> None:
        if self._stall_timer is not None:
            self._stall_timer.cancel()
            self._stall_timer = None
        self._stalled = False

    def _forget_held(self) -> None:
        if self._held_timer is not None:
            self._held_timer.cancel()
        self._held = self._held_timer = self._held_after = None

    def _send(self, kind: str, **fields: Any) -> None:
        if not self._closed:
            self._send_event({"event_id": f"event_{uuid.uuid4().hex[:20]}", "type": kind, **fields})

    def _as_json(self) -> dict[str, Any]:
        transcription = {"model": self._ear.engine.name, "language": self._ear.language}
        source = {
            "format": self._format.as_json(),
            "transcription": transcription,
            "noise_reduction": None,
            "turn_detection": None,
        }
        return {
            "type": "transcription",
            "id": self._id,
            "object": "realtime.transcription_session",
            "audio": {"input": source},
            "include": None,
        }


def _item_id() -> str:
    return f"item_{uuid.uuid4().hex[:20]}"
