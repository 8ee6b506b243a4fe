"""A list of numbers that answers when it is told to: what the pages of a table are asked for."""

from collections.abc import Callable
from typing import Any, NamedTuple

from messenger.admin_window.table.columns import NUMBER, Column, Query, Slice


class Asked(NamedTuple):
    """A request that waits for its answer."""

    query: Query
    offset: int
    limit: int
    then: Callable[[Slice[int]], object]
    failed: Callable[[Exception], object]


class Numbers:
    """The numbers from 0 on; `first` is the number of the first row."""

    def __init__(self, total: int) -> None:
        self.total = total
        self.first = 0
        self.waiting: list[Asked] = []
        self.offsets: list[int] = []

    def __call__(self, *asked: Any) -> None:
        """Take a request."""
        self.waiting.append(Asked(*asked))
        self.offsets.append(asked[1])

    def answer(self) -> None:
        """Answer all requests that wait."""
        while self.waiting:
            asked = self.waiting.pop(0)
            numbers = range(asked.offset, min(asked.offset + asked.limit, self.total))
            if asked.query.descending:
                numbers = range(self.total - 1 - asked.offset, self.total - 1 - numbers.stop, -1)
            asked.then(Slice([self.first + number for number in numbers], self.total))


COLUMNS = [
    Column[int]("Number", lambda row: row, "number", kind=NUMBER, stretches=True),
    Column[int]("Parity", lambda row: "odd" if row % 2 else "even", "parity"),
    Column[int]("Square", lambda row: row * row),
]
