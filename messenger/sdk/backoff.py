"""Pauses between tries to reach a server: growing, and spread so that not all come at once."""

import random


class Backoff:
    """Pauses from `first` to `longest` seconds, each twice the one before, half of it random."""

    def __init__(self, first: float = 0.5, longest: float = 60) -> None:
        self._first = first
        self._longest = longest
        self._next = first

    def pause(self, at_least: float = 0) -> float:
        """Return the seconds to wait before the next try."""
        whole = self._next
        self._next = min(self._next * 2, self._longest)
        return max(at_least, whole / 2 + random.random() * whole / 2)  # noqa: S311  no secret

    def reset(self) -> None:
        """Begin anew: a try has succeeded."""
        self._next = self._first
