"""What the endpoints share: settings, pool, models, metrics, and the counts that limits are checked against."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field

from hotline_speech.errors import ApiError
from hotline_speech.metrics import Metrics
from hotline_speech.pool import InferencePool
from hotline_speech.registry import Registry
from hotline_speech.settings import Settings


@dataclass
class Worker:
    """One per application."""

    settings: Settings
    pool: InferencePool
    metrics: Metrics
    registry: Registry | None = None
    """None until the models are loaded and warm."""
    failure: str | None = None
    """Why loading failed, if it did."""
    sessions: int = 0
    speech_requests: int = 0
    tasks: set[asyncio.Task[None]] = field(default_factory=set)

    def ready_registry(self) -> Registry:
        """The models. Raises ApiError 503 while they load."""
        if self.registry is None:
            raise ApiError(
                503, "not_ready", self.failure or "The models are still being loaded.", headers={"Retry-After": "1"}
            )
        return self.registry
