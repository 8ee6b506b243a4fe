"""Attempts to log in: the window submits them, a thread that waits for them makes them."""

import queue
from collections.abc import Callable
from typing import NamedTuple, Protocol

from messenger.jim.errors import ProtocolError
from messenger.sdk.cancelling import Cancellation
from messenger.sdk.errors import Cancelled
from messenger.sdk.events import StateChanged
from messenger.ui.first_run import Newcomer


class Outcome(NamedTuple):
    """What has become of an attempt.

    Neither an error nor `unreachable`: the login has succeeded. `error` is what the server has
    refused it with, `unreachable` the state of a connection that could not be made.
    """

    newcomer: Newcomer
    error: Exception | None = None
    unreachable: StateChanged | None = None

    @property
    def is_login(self) -> bool:
        """Whether the login has succeeded."""
        return self.error is None and self.unreachable is None


class Form(Protocol):
    """The window, as its attempts see it; called in their thread."""

    def tell(self, outcome: Outcome) -> None:
        """Show what has become of an attempt."""


class _Attempt(NamedTuple):
    newcomer: Newcomer
    cancellation: Cancellation
    is_offline: bool = False


class Attempts:
    """Brings attempts from the GUI thread to the thread that makes them.

    `submit`, `cancel`, `go_offline` and `leave` are for the GUI thread, `make` for the other.
    """

    def __init__(self) -> None:
        self._waiting: queue.SimpleQueue[_Attempt | None] = queue.SimpleQueue()
        self._current: Cancellation | None = None

    def submit(self, newcomer: Newcomer) -> None:
        """Try to log in."""
        self._current = Cancellation()
        self._waiting.put(_Attempt(newcomer, self._current))

    def cancel(self) -> None:
        """End the current attempt."""
        if self._current is not None:
            self._current.cancel()

    def go_offline(self, newcomer: Newcomer) -> None:
        """Go on with this account though its server could not be reached."""
        self._waiting.put(_Attempt(newcomer, Cancellation(), is_offline=True))

    def leave(self) -> None:
        """Make no more attempts: the user has closed the window."""
        self.cancel()
        self._waiting.put(None)

    def make(
        self, introduce: Callable[[Newcomer], StateChanged | None], form: Form
    ) -> Newcomer | None:
        """Make attempts until one succeeds; return its account, None if the user leaves."""
        while (attempt := self._waiting.get()) is not None:
            if attempt.is_offline:
                return attempt.newcomer
            outcome = _made(attempt, introduce)
            form.tell(outcome)
            if outcome.is_login:
                return attempt.newcomer
        return None


def _made(attempt: _Attempt, introduce: Callable[[Newcomer], StateChanged | None]) -> Outcome:
    newcomer = attempt.newcomer
    try:
        with attempt.cancellation:
            return Outcome(newcomer, unreachable=introduce(newcomer))
    except (ProtocolError, Cancelled) as error:
        return Outcome(newcomer, error)
