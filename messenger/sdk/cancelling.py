"""`Cancellation`: ends what blocks in another thread, such as a verb or a search."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar, Token

from messenger.sdk.errors import Cancelled

_current: ContextVar["Cancellation | None"] = ContextVar("cancellation", default=None)


class Cancellation:
    """Cancels whatever the thread is waiting for that entered it: `with cancellation: ...`.

    `cancel` may be called from any thread, also before; what is cancelled raises Cancelled. For
    asyncio it is not needed: there a task is cancelled.
    """

    def __init__(self) -> None:
        self.is_cancelled = False
        self._lock = threading.Lock()
        self._stops: list[Callable[[], None]] = []
        self._entered: list[Token[Cancellation | None]] = []

    def __enter__(self) -> "Cancellation":
        self._entered.append(_current.set(self))
        return self

    def __exit__(self, *_error: object) -> None:
        _current.reset(self._entered.pop())

    def cancel(self) -> None:
        """Cancel what is waited for now, and whatever would be waited for later."""
        with self._lock:
            self.is_cancelled = True
            for stop in self._stops:
                stop()

    @contextmanager
    def stopping(self, stop: Callable[[], None]) -> Iterator[None]:
        """Call `stop` if the block is cancelled, in the thread that cancels; never after it."""
        with self._lock:
            if self.is_cancelled:
                raise Cancelled
            self._stops.append(stop)
        try:
            yield
        finally:
            with self._lock:
                self._stops.remove(stop)


@contextmanager
def cancellable(stop: Callable[[], None]) -> Iterator[None]:
    """Wait in the block for something that `stop` ends; raises Cancelled if it was cancelled.

    Whatever the block returns or raises then, such as an error of what was interrupted, counts
    for nothing.
    """
    cancellation = _current.get()
    if cancellation is None:
        yield
        return
    try:
        with cancellation.stopping(stop):
            yield
    except Exception as error:
        if cancellation.is_cancelled:
            raise Cancelled from error
        raise
    if cancellation.is_cancelled:
        raise Cancelled


def raise_if_cancelled() -> None:
    """Raise Cancelled if the thread was cancelled: between steps that nothing interrupts."""
    with cancellable(lambda: None):
        pass
