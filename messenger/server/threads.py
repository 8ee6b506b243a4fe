"""Threads beside the event loop: they end with the server, and none outlives it."""

import asyncio
import threading
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Any, TypeVar, TypeVarTuple

_Arguments = TypeVarTuple("_Arguments")
_Result = TypeVar("_Result")

_PATIENCE = 3.0  # seconds; a commit takes milliseconds, on a slow disk one second


def start_thread(name: str, run: Callable[[], None]) -> threading.Thread:
    """Start a thread that does not keep the process alive.

    Its owner ends it, but it may hang in a system call (a disk that is gone), or the owner may fail
    before; SQLite rolls back what is not committed by then.
    """
    thread = threading.Thread(target=run, name=name, daemon=True)
    thread.start()
    return thread


async def wait_for_end(threads: Sequence[threading.Thread]) -> None:
    """Wait for threads that were asked to end; those that hang are left behind."""
    loop = asyncio.get_running_loop()
    end = loop.time() + _PATIENCE
    # Not by `join` in an executor: its thread would hang with them, and keep the process alive.
    while any(thread.is_alive() for thread in threads) and loop.time() < end:  # noqa: ASYNC110
        await asyncio.sleep(0.001)


def call_in_loop(
    loop: asyncio.AbstractEventLoop, call: Callable[[*_Arguments], object], *args: *_Arguments
) -> None:
    """Have the loop call this, from another thread; a closed loop is no error."""
    # A thread that hung and was left behind may come this far after the loop's end.
    with suppress(RuntimeError):
        loop.call_soon_threadsafe(call, *args)


async def run_in_thread(name: str, work: Callable[[], _Result], seconds: float) -> _Result:
    """Run what may take long in a thread of its own; return its result, or raise its exception.

    Raises TimeoutError after so many seconds: the thread goes on, and nobody gets its result.
    """
    loop = asyncio.get_running_loop()
    future: asyncio.Future[_Result] = loop.create_future()

    def run() -> None:
        try:
            result = work()
        # Whatever it is: the coroutine that waits has to know.
        except BaseException as error:
            call_in_loop(loop, settle, future.set_exception, error)
        else:
            call_in_loop(loop, settle, future.set_result, result)

    def settle(put: Callable[[Any], None], value: Any) -> None:
        if not future.done():
            put(value)

    start_thread(name, run)
    async with asyncio.timeout(seconds):
        return await future
