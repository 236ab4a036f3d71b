"""Who waits, who goes first, who is refused."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable

import pytest
from hotline_speech.pool import Cancellation, InferencePool, Priority, QueueFullError


def _blocked(gate: threading.Event) -> Callable[[Cancellation], None]:
    def work(_cancellation: Cancellation) -> None:
        gate.wait(5)

    return work


def test_a_final_overtakes_partials_that_wait() -> None:
    async def scenario() -> list[str]:
        pool = InferencePool(1, 8)
        gate, order = threading.Event(), []
        first = pool.submit(_blocked(gate), priority=Priority.FINAL, kind="x").done
        rest = [
            pool.submit(lambda _c, name=name: order.append(name), priority=priority, kind="x").done
            for name, priority in [
                ("partial", Priority.PARTIAL),
                ("speech", Priority.SPEECH),
                ("final", Priority.FINAL),
            ]
        ]
        gate.set()
        await asyncio.gather(first, *rest)
        pool.close()
        return order

    assert asyncio.run(scenario()) == ["final", "speech", "partial"]


def test_a_full_queue_refuses_at_the_door() -> None:
    async def scenario() -> None:
        pool = InferencePool(1, 1)
        gate = threading.Event()
        jobs = [pool.submit(_blocked(gate), priority=Priority.SPEECH, kind="x").done for _ in range(2)]
        with pytest.raises(QueueFullError):
            pool.submit(_blocked(gate), priority=Priority.FINAL, kind="x")
        jobs.append(pool.submit(_blocked(gate), priority=Priority.SPEECH, kind="x", admitted=True).done)
        gate.set()
        await asyncio.gather(*jobs)
        pool.close()

    asyncio.run(scenario())


def test_work_that_nobody_awaits_leaves_the_queue() -> None:
    async def scenario() -> None:
        pool = InferencePool(1, 4)
        gate, ran = threading.Event(), []
        first = pool.submit(_blocked(gate), priority=Priority.SPEECH, kind="x").done
        abandoned = pool.submit(lambda _c: ran.append(1), priority=Priority.SPEECH, kind="x").done
        abandoned.cancel()
        await asyncio.sleep(0)
        assert pool.waiting == 0
        gate.set()
        await first
        await asyncio.sleep(0.05)
        pool.close()
        assert ran == []

    asyncio.run(scenario())


def test_running_work_sees_its_cancellation() -> None:
    async def scenario() -> None:
        pool = InferencePool(1, 4)
        started, stopped = threading.Event(), threading.Event()

        def work(cancellation: Cancellation) -> None:
            cancellation.on_cancel(stopped.set)
            started.set()
            stopped.wait(5)
            cancellation.check()

        job = pool.submit(work, priority=Priority.SPEECH, kind="x")
        await asyncio.to_thread(started.wait, 5)
        job.done.cancel()
        assert await asyncio.to_thread(stopped.wait, 5)
        assert await pool.run(lambda _c: 7, priority=Priority.SPEECH, kind="x") == 7
        pool.close()

    asyncio.run(scenario())


def test_background_work_leaves_a_thread_for_callers_who_wait() -> None:
    async def scenario() -> None:
        pool = InferencePool(2, 8)
        gate = threading.Event()
        partials = [pool.submit(_blocked(gate), priority=Priority.PARTIAL, kind="x").done for _ in range(3)]
        assert pool.running == 1
        await asyncio.wait_for(pool.run(lambda _c: None, priority=Priority.FINAL, kind="x"), 2)
        gate.set()
        await asyncio.gather(*partials)
        pool.close()

    asyncio.run(scenario())
