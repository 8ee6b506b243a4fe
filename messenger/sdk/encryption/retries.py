"""When what was asked for in vain is asked for again: after longer and longer pauses."""

from collections import OrderedDict
from collections.abc import Callable


class Retries:
    """Remembers what was asked for, by name: the pauses double from `first` to `longest` seconds.

    Others choose the names: of the `most` that were asked for last it is known when, no others.
    """

    def __init__(self, first: float, longest: float, most: int = 10_000) -> None:
        self._first = first
        self._longest = longest
        self._most = most
        self._asked: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def is_due(self, name: str, now: float) -> bool:
        """Whether it may be asked for at this time, in seconds of any clock."""
        again, _pause = self._asked.get(name, (now, 0.0))
        return now >= again

    def note(self, name: str, now: float) -> None:
        """It is asked for now."""
        _again, pause = self._asked.pop(name, (0.0, self._first / 2))
        pause = min(2 * pause, self._longest)
        self._asked[name] = now + pause, pause
        if len(self._asked) > self._most:
            self._asked.popitem(last=False)

    def forget(self, names: Callable[[str], bool] = lambda _: True) -> None:
        """Everything, or what has such names, may be asked for at once."""
        for name in [name for name in self._asked if names(name)]:
            del self._asked[name]
