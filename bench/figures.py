"""What a benchmark yields, and how much it measures."""

from collections.abc import Callable, Iterator
from typing import NamedTuple

_SECONDS = 4.0


class Figure(NamedTuple):
    """A row of the table: the value, its unit, its target, and the relay's value.

    With `at_most` the target is the largest value allowed, otherwise the smallest.
    """

    name: str
    value: float
    unit: str
    target: float | None = None
    at_most: bool = False
    relay: float | None = None

    @property
    def holds(self) -> bool:
        """Whether the target is met."""
        if self.target is None:
            return True
        return self.value <= self.target if self.at_most else self.value >= self.target


class Options(NamedTuple):
    """How long to measure, how many rows a full database has, and how many connections to make."""

    seconds: float = _SECONDS
    rows: int = 10_000_000
    max_connections: int = 10_000


Scenario = Callable[[Options], Iterator[Figure]]
