"""A bounded pool of inference threads with priorities.

Model inference never runs on the event loop. Jobs wait in a heap ordered by priority and age; the heap has a bound
and a full one refuses at the door. Background work (partials, uploads) always leaves one thread free, where there is
more than one, so that a final transcription or the first piece of an answer never waits behind it.
"""

from __future__ import annotations

import asyncio
import heapq
import itertools
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from enum import IntEnum
from typing import Any, TypeVar

T = TypeVar("T")


class Priority(IntEnum):
    """Who goes first when threads are scarce. Lower is sooner."""

    FINAL = 0
    SPEECH = 1
    UPLOAD = 2
    PARTIAL = 3


class QueueFullError(Exception):
    """The queue is at its bound; the caller should retry after a moment (HTTP 429)."""


class CancelledWorkError(Exception):
    """Raised inside a worker thread by `Cancellation.check` after the work was cancelled."""


class Cancellation:
    """A flag that inference polls between steps, and that can interrupt a step by a callback."""

    def __init__(self) -> None:
        self._flag = threading.Event()
        self._callbacks: list[Callable[[], None]] = []

    @property
    def cancelled(self) -> bool:
        return self._flag.is_set()

    def cancel(self) -> None:
        """Ask the work to stop. Safe from any thread, and more than once."""
        self._flag.set()
        for callback in list(self._callbacks):
            callback()

    def on_cancel(self, callback: Callable[[], None]) -> None:
        """Run `callback` at cancellation (at once if it already happened)."""
        self._callbacks.append(callback)
        if self._flag.is_set():
            callback()

    def check(self) -> None:
        """Raise CancelledWorkError once cancelled."""
        if self._flag.is_set():
            raise CancelledWorkError


@dataclass(order=True)
class Job:
    """One piece of inference, waiting or running."""

    priority: Priority
    order: int
    work: Callable[[Cancellation], Any] = field(compare=False)
    kind: str = field(compare=False)
    done: asyncio.Future[Any] = field(compare=False)
    cancellation: Cancellation = field(compare=False, default_factory=Cancellation)
    started: bool = field(compare=False, default=False)
    queued_at: float = field(compare=False, default_factory=time.monotonic)


@dataclass
class PoolObserver:
    """Callbacks for metrics; times in seconds."""

    on_depth: Callable[[int], None] = lambda _depth: None
    on_finished: Callable[[str, float, float], None] = lambda _kind, _waited, _ran: None


class InferencePool:
    """Runs jobs on `threads` threads; at most `max_queued` may wait. All methods belong to one event loop."""

    def __init__(self, threads: int, max_queued: int, observer: PoolObserver | None = None) -> None:
        if threads < 1 or max_queued < 1:
            raise ValueError("threads and max_queued must be at least 1")
        self._executor = ThreadPoolExecutor(threads, thread_name_prefix="inference")
        self._threads = threads
        self._max_background = max(1, threads - 1)
        self._max_queued = max_queued
        self._observer = observer or PoolObserver()
        self._heap: list[Job] = []
        self._order = itertools.count()
        self._running = 0
        self._running_background = 0
        self._waiting = 0
        self._closed = False

    @property
    def waiting(self) -> int:
        """How many jobs wait for a thread."""
        return self._waiting

    @property
    def running(self) -> int:
        """How many jobs have a thread."""
        return self._running

    def submit(
        self, work: Callable[[Cancellation], T], *, priority: Priority, kind: str, admitted: bool = False
    ) -> Job:
        """Queue `work`; await `job.done` for its result.

        `admitted` work belongs to a request that was let in before (its later pieces) and is not refused in the middle.
        Raises QueueFullError at the bound.
        """
        if self._closed:
            raise QueueFullError("the worker is shutting down")
        if not admitted and self._waiting >= self._max_queued:
            raise QueueFullError(f"{self._waiting} jobs are waiting")
        job = Job(priority, next(self._order), work, kind, asyncio.get_running_loop().create_future())
        job.done.add_done_callback(lambda _f: self._abandon(job))
        heapq.heappush(self._heap, job)
        self._waiting += 1
        self._dispatch()
        return job

    async def run(
        self, work: Callable[[Cancellation], T], *, priority: Priority, kind: str, admitted: bool = False
    ) -> T:
        """`submit` and wait. Cancelling the awaiting task removes the job from the queue or stops its work."""
        job = self.submit(work, priority=priority, kind=kind, admitted=admitted)
        return await job.done

    def close(self) -> None:
        """Stop taking jobs, cancel those that wait or run, and let the threads end."""
        self._closed = True
        for job in self._heap:
            job.done.cancel()
        self._executor.shutdown(wait=False, cancel_futures=True)

    def _abandon(self, job: Job) -> None:
        """A future that its owner cancelled: forget the job if it waits, interrupt it if it runs."""
        if not job.done.cancelled():
            return
        job.cancellation.cancel()
        if not job.started and job in self._heap:
            self._heap.remove(job)
            heapq.heapify(self._heap)
            self._waiting -= 1
            self._observer.on_depth(self._waiting)

    def _dispatch(self) -> None:
        held: list[Job] = []
        while self._heap and self._running < self._threads:
            job = heapq.heappop(self._heap)
            background = job.priority >= Priority.UPLOAD
            if background and self._running_background >= self._max_background:
                held.append(job)
                continue
            self._start(job, background)
        for job in held:
            heapq.heappush(self._heap, job)
        self._observer.on_depth(self._waiting)

    def _start(self, job: Job, background: bool) -> None:
        self._waiting -= 1
        self._running += 1
        self._running_background += background
        job.started = True
        started_at = time.monotonic()
        thread_future = asyncio.get_running_loop().run_in_executor(self._executor, job.work, job.cancellation)

        def finished(future: asyncio.Future[Any]) -> None:
            self._running -= 1
            self._running_background -= background
            self._observer.on_finished(job.kind, started_at - job.queued_at, time.monotonic() - started_at)
            error = None if future.cancelled() else future.exception()
            if not job.done.done():
                if future.cancelled() or isinstance(error, CancelledWorkError):
                    job.done.cancel()
                elif error is not None:
                    job.done.set_exception(error)
                else:
                    job.done.set_result(future.result())
            if not self._closed:
                self._dispatch()

        thread_future.add_done_callback(finished)
