"""Work outside the event loop, in daemon threads.

asyncio joins the threads of its executor when the loop is closed: one that waits for a reply would
keep the program from ending.
"""

import asyncio
import queue
import threading
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from typing import Any, TypeVar

from messenger.sdk.cancelling import Cancellation

_T = TypeVar("_T")


def start(work: Callable[..., object], *arguments: Any) -> None:
    """Run the work in a new thread."""
    threading.Thread(target=work, args=arguments, daemon=True, name="screen").start()


async def off_loop(work: Callable[..., _T], *arguments: Any, **options: Any) -> _T:
    """Run the work in a new thread, and await its result or exception.

    If the task is cancelled, so is what the thread waits for, such as a search for an older text.
    """
    cancellation = Cancellation()

    def cancellable() -> _T:
        with cancellation:
            return work(*arguments, **options)

    job = _Job(cancellable)
    start(job)
    try:
        return await job.result  # type: ignore[no-any-return]  # that of the work: _T
    except asyncio.CancelledError:
        start(cancellation.cancel)  # Not here: it may have to wait for a lock.
        raise


class Pen:
    """A thread with a queue: messages and drafts are stored in the order of typing."""

    def __init__(self) -> None:
        self._jobs: queue.SimpleQueue[Callable[[], object] | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._run, daemon=True, name="pen")
        self._thread.start()

    def put(self, work: Callable[[], object]) -> None:
        """Queue work that raises nothing and whose result nobody needs."""
        self._jobs.put(work)

    def begin(self, work: Callable[..., _T], *arguments: Any) -> asyncio.Future[_T]:
        """Queue work; return a future for its result or exception."""
        job = _Job(partial(work, *arguments))
        self._jobs.put(job)
        return job.result

    def close(self, patience: float) -> None:
        """Finish queued work, for at most `patience` seconds."""
        self._jobs.put(None)
        self._thread.join(patience)

    def _run(self) -> None:
        while (job := self._jobs.get()) is not None:
            job()


class _Job:
    """A callable, and a future for its result or exception."""

    def __init__(self, work: Callable[[], object]) -> None:
        self._work = work
        self._loop = asyncio.get_running_loop()
        self.result: asyncio.Future[Any] = self._loop.create_future()

    def __call__(self) -> None:
        try:
            found = self._work()
        # Of any kind: otherwise the coroutine would wait for ever.
        except BaseException as error:
            self._tell(self.result.set_exception, error)
        else:
            self._tell(self.result.set_result, found)

    def _tell(self, settle: Callable[[Any], None], outcome: object) -> None:
        def settle_unless_cancelled() -> None:
            if not self.result.done():
                settle(outcome)

        with suppress(RuntimeError):  # The loop is closed: the screen has ended.
            self._loop.call_soon_threadsafe(settle_unless_cancelled)
