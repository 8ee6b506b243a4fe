"""`Cancellation`: ends what blocks in another thread, such as a verb or a search."""

import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from contextvars import ContextVar

from messenger.sdk.errors import Cancelled

_entered: ContextVar[tuple["Cancellation", ...]] = ContextVar("cancellations", default=())
"""Those that the thread has entered: each of them cancels what it waits for."""


class Cancellation:
    """Cancels whatever a thread is waiting for that entered it: `with cancellation: ...`.

    `cancel` may be called from any thread, also before; what is cancelled raises Cancelled. Several
    threads may enter one, and a thread several. For asyncio it is not needed: there a task is
    cancelled.
    """

    def __init__(self) -> None:
        self.is_cancelled = False
        self._lock = threading.Lock()
        self._stops: list[Callable[[], None]] = []

    def __enter__(self) -> "Cancellation":
        _entered.set((*_entered.get(), self))
        return self

    def __exit__(self, *_error: object) -> None:
        _entered.set(_entered.get()[:-1])

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
    try:
        with ExitStack() as stack:
            for one in _entered.get():
                stack.enter_context(one.stopping(stop))
            yield
    except Exception as error:
        if _is_cancelled():
            raise Cancelled from error
        raise
    raise_if_cancelled()


def raise_if_cancelled() -> None:
    """Raise Cancelled if the thread was cancelled: between steps that nothing interrupts."""
    if _is_cancelled():
        raise Cancelled


def _is_cancelled() -> bool:
    return any(one.is_cancelled for one in _entered.get())
