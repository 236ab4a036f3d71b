"""The interface of a synthesis engine."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from hotline_speech.pool import Cancellation


@dataclass(frozen=True)
class Voice:
    """A voice that can be asked for by `id`."""

    id: str
    name: str
    language: str
    engine: str
    rate_hz: int


class TtsEngine(Protocol):
    """Turns normalised text into speech. One instance serves all requests from any thread."""

    name: str
    """The model's name in `/v1/models`."""

    rate_hz: int
    """The rate of the samples it makes."""

    voices: list[Voice]

    def synthesize(
        self, spoken: str, voice_id: str, speed: float, cancellation: Cancellation
    ) -> Iterator[NDArray[np.float32]]:
        """One clause of normalised text to mono float samples in [-1, 1] at `rate_hz`, in pieces as they are made.

        `speed` 1 is natural, 2 twice as fast. Raises CancelledWorkError once `cancellation` is set.
        """
        ...
