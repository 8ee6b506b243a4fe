"""Exponential backoff: when to repeat a request that was not answered."""

import math
from collections import OrderedDict
from collections.abc import Callable


class Retries:
    """Remembers requests by name; the pauses double from `first` to `longest` seconds.

    Others choose the names: only the `max_names` that were requested last are remembered.
    """

    def __init__(self, first: float, longest: float, max_names: int = 10_000) -> None:
        self._first = first
        self._longest = longest
        self._max_names = max_names
        self._asked: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def is_due(self, name: str, now: float) -> bool:
        """Whether it may be requested at this time, in seconds of any clock."""
        return now >= self.due_at(name)

    def due_at(self, name: str) -> float:
        """Return the time from which it may be requested."""
        return self._asked.get(name, (-math.inf, 0.0))[0]

    def note(self, name: str, now: float) -> None:
        """Note that it is requested now."""
        # Half, as the next line doubles it: the first pause is `first`.
        _again, pause = self._asked.pop(name, (0.0, self._first / 2))
        pause = min(2 * pause, self._longest)
        self._asked[name] = now + pause, pause
        if len(self._asked) > self._max_names:
            self._asked.popitem(last=False)

    def forget(self, names: Callable[[str], bool] = lambda _: True) -> None:
        """Forget requests whose names match, by default all: they may be repeated at once."""
        for name in [name for name in self._asked if names(name)]:
            del self._asked[name]
