"""The interface of a recognition engine."""

from __future__ import annotations

from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from hotline_speech.pool import Cancellation


class AsrEngine(Protocol):
    """Turns speech into text. One instance serves all sessions from any thread and keeps nothing between calls."""

    name: str
    """The model's name in `/v1/models`."""

    max_seconds: float
    """The longest audio that one call may carry."""

    def transcribe(self, pcm_16k: NDArray[np.float32], cancellation: Cancellation) -> str:
        """Mono float samples in [-1, 1] at 16 kHz to text, '' for no speech.

        Polls `cancellation` between steps and raises CancelledWorkError once it is set.
        """
        ...
