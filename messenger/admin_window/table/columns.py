"""The columns of a table: what stands in them and in files, and how they look."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Generic, Literal, NamedTuple, TypeVar

from messenger.language import N_, _
from messenger.ui.csv_text import utc
from messenger.ui.quantities import date_and_time, duration, number, size

Row = TypeVar("Row")

Tone = Literal["text", "soft", "good", "warn", "bad", "accent"]
"""The name of a colour of the theme, for text."""


class Kind(NamedTuple):
    """A kind of values: how they are said in a table, and written to a file in which `unit`.

    `unit` is untranslated, empty where the value says it or needs none.
    """

    say: Callable[[Any], str]
    write: Callable[[Any], object]
    unit: str = ""
    is_number: bool = False


TEXT = Kind(str, str)
NUMBER = Kind(number, lambda value: value, is_number=True)
SIZE = Kind(size, lambda value: value, N_("bytes"), is_number=True)
TIME = Kind(date_and_time, utc, "UTC")
DURATION = Kind(duration, round, N_("seconds"), is_number=True)


@dataclass(frozen=True)
class Column(Generic[Row]):
    """A column: its title, the value of its cells, their kind, and the server's name of its order.

    Without `order` the server cannot sort by it. `width` is in pixels at the scale 1, and
    `stretches` takes what is left. `absent` is said where there is no value. A `dot` before the
    text has the colour that it returns.
    """

    title: str
    value: Callable[[Row], Any]
    order: str = ""
    width: int = 120
    kind: Kind = TEXT
    absent: str = ""
    stretches: bool = False
    is_strong: bool = False
    tone: Callable[[Row], Tone] = lambda _row: "text"
    dot: Callable[[Row], str] | None = None

    def text(self, row: Row) -> str:
        """Return what stands in the table."""
        value = self.value(row)
        return self.absent if value is None or value == "" else self.kind.say(value)

    def written(self, row: Row) -> object:
        """Return what stands in a file; None for nothing."""
        value = self.value(row)
        return None if value is None or value == "" else self.kind.write(value)

    @property
    def written_title(self) -> str:
        """The title in a file, with the unit of the values."""
        return f"{self.title} ({_(self.kind.unit)})" if self.kind.unit else self.title


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
