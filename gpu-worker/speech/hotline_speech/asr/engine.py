"""The interface of a recognition engine."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from hotline_speech.pool import Cancellation


@dataclass(frozen=True)
class Heard:
    """What an engine made of audio."""

    text: str
    """'' for no speech."""
    language: str | None
    """ISO 639-1, as asked for or as detected; None when there was nothing to detect it from."""


class AsrEngine(Protocol):
    """Turns speech into text. One instance serves all sessions from any thread and keeps nothing between calls."""

    name: str
    """The model's name in `/v1/models`."""

    max_seconds: float
    """The longest audio that one call may carry."""

    languages: tuple[str, ...]
    """What it understands, as ISO 639-1 codes in alphabetical order. An engine with several detects which it hears."""

    def transcribe(
        self, pcm_16k: NDArray[np.float32], cancellation: Cancellation, language: str | None = None
    ) -> Heard:
        """Mono float samples in [-1, 1] at 16 kHz to text. `language` is one of `languages`, or None.

        Polls `cancellation` between steps and raises CancelledWorkError once it is set.
        """
        ...
