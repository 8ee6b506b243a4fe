"""Exponential backoff between attempts to connect, with jitter so that not all clients coincide."""

import random


class Backoff:
    """Pauses from `first` to `longest` seconds, each twice the one before, half of it random.

    The random half spreads the clients of a server that was restarted.
    """

    def __init__(self, first: float = 0.5, longest: float = 60) -> None:
        self._first = first
        self._longest = longest
        self._next = first

    def pause(self, at_least: float = 0) -> float:
        """Return the seconds to wait before the next attempt, at least `at_least`."""
        whole = self._next
        self._next = min(self._next * 2, self._longest)
        return max(at_least, whole / 2 + random.random() * whole / 2)  # noqa: S311  no secret

    def reset(self) -> None:
        """Start over with `first`: an attempt has succeeded."""
        self._next = self._first
