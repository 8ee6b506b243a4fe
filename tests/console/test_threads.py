"""Work outside the event loop ends with the task that waits for it."""

import asyncio
import threading

import pytest

from messenger.console.screen.threads import off_loop
from messenger.sdk import Cancelled
from messenger.sdk.cancelling import cancellable


def test_work_returns_its_result_or_raises() -> None:
    def fail() -> None:
        raise KeyError("ключ")

    assert asyncio.run(off_loop(sorted, "ба", reverse=True)) == ["б", "а"]
    with pytest.raises(KeyError):
        asyncio.run(off_loop(fail))


def test_what_the_thread_waits_for_is_cancelled_with_the_task() -> None:
    waiting, stopped, ended = threading.Event(), threading.Event(), threading.Event()

    def search() -> None:
        try:
            with cancellable(stopped.set):
                waiting.set()
                stopped.wait(60)
        except Cancelled:
            ended.set()

    async def work() -> None:
        task = asyncio.create_task(off_loop(search))
        await asyncio.to_thread(waiting.wait, 60)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert await asyncio.to_thread(ended.wait, 60)

    asyncio.run(work())
