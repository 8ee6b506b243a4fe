"""The columns of a table: what stands in them, and how they look."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, Literal, NamedTuple, TypeVar

Row = TypeVar("Row")

Tone = Literal["text", "soft", "good", "warn", "bad", "accent"]
"""The name of a colour of the theme, for text."""


@dataclass(frozen=True)
class Column(Generic[Row]):
    """A column: its title, the text of its cells, and the server's name of its order.

    Without `order` the server cannot sort by it. `width` is in pixels at the scale 1, and
    `stretches` takes what is left. A `dot` before the text has the colour that it returns.
    """

    title: str
    text: Callable[[Row], str]
    order: str = ""
    width: int = 120
    is_number: bool = False
    stretches: bool = False
    is_strong: bool = False
    tone: Callable[[Row], Tone] = lambda _row: "text"
    dot: Callable[[Row], str] | None = None


class Look(NamedTuple):
    """How a cell is painted; `dot` is a colour's name, empty for none."""

    tone: Tone
    dot: str
    is_number: bool
    is_strong: bool


class Query(NamedTuple):
    """What a table shows: filters by their names at the server, and an order."""

    filters: tuple[tuple[str, object], ...] = ()
    order: str = ""
    descending: bool = False


class Slice(NamedTuple, Generic[Row]):
    """A page of a list from the server, and how many rows all pages have."""

    rows: list[Row]
    total: int
