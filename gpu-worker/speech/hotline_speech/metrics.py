"""Prometheus metrics of this process."""

from __future__ import annotations

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

from hotline_speech.pool import PoolObserver

_BUCKETS = (0.01, 0.02, 0.04, 0.06, 0.08, 0.1, 0.15, 0.2, 0.3, 0.5, 0.75, 1.0, 2.0, 5.0)


class Metrics:
    """One registry for one application, so that tests can have several side by side."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.queue_depth = Gauge(
            "hotline_speech_queue_depth", "Inference jobs that wait for a thread", registry=self.registry
        )
        self.inference = Histogram(
            "hotline_speech_inference_seconds", "Time on an inference thread", ["kind"],
            buckets=_BUCKETS, registry=self.registry,
        )  # fmt: skip
        self.queued = Histogram(
            "hotline_speech_queued_seconds", "Time waiting for a thread", ["kind"],
            buckets=_BUCKETS, registry=self.registry,
        )  # fmt: skip
        self.sessions = Gauge("hotline_speech_sessions", "Open Realtime sessions", registry=self.registry)
        self.speech_requests = Gauge("hotline_speech_requests", "Speech requests in progress", registry=self.registry)
        self.refused = Counter(
            "hotline_speech_refused", "Work refused because a limit was reached", ["kind"], registry=self.registry
        )
        self.finals = Counter(
            "hotline_speech_finals", "Final transcripts, by whether the last partial could be reused", ["reused"],
            registry=self.registry,
        )  # fmt: skip

    def pool_observer(self) -> PoolObserver:
        """What the pool reports to."""

        def finished(kind: str, waited: float, ran: float) -> None:
            self.queued.labels(kind).observe(waited)
            self.inference.labels(kind).observe(ran)

        return PoolObserver(on_depth=self.queue_depth.set, on_finished=finished)

    def render(self) -> bytes:
        """The text exposition format."""
        return generate_latest(self.registry)
