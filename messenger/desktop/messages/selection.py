"""The selected text, which may reach over several messages."""

from collections.abc import Callable, Sequence
from enum import Enum, auto
from typing import NamedTuple

from messenger.desktop.messages.model import text_of
from messenger.desktop.messages.text_block import TextBlock
from messenger.language import _
from messenger.output import visible
from messenger.ui.message_rows import Row
from messenger.ui.text_spans import Span
from messenger.ui.wording import shown_name, when


class Place(NamedTuple):
    """A place in the text of a row, which is known by its key: rows may come before it."""

    key: int
    at: int


class By(Enum):
    """What a selection grows by."""

    CHARACTER = auto()
    WORD = auto()
    MESSAGE = auto()


class TextSelection:
    """The selection, from where it was begun to where it was drawn.

    `row_of` returns the number of a row by its key, None if it is not loaded any more; `text_of`
    the text of a row by its number.
    """

    def __init__(
        self, row_of: Callable[[int], int | None], text_of: Callable[[int], TextBlock]
    ) -> None:
        self._row_of = row_of
        self._text_of = text_of
        self._begun: Place | None = None
        self._drawn: Place | None = None
        self._by = By.CHARACTER

    def begin(self, place: Place, by: By = By.CHARACTER) -> None:
        """Begin a selection; by words or messages something is selected at once."""
        self._begun = self._drawn = place
        self._by = by

    def draw(self, place: Place) -> None:
        """Select up to a place."""
        if self._begun is None:
            self._begun = place
        self._drawn = place

    def select_rows(self, first: Row, last: Row) -> None:
        """Select whole rows."""
        self._begun, self._drawn, self._by = Place(first.key, 0), Place(last.key, 0), By.MESSAGE

    def clear(self) -> None:
        """Select nothing."""
        self._begun = self._drawn = None

    @property
    def is_begun(self) -> bool:
        """Whether there is a place from which it can be drawn."""
        return self._begun is not None and self._row_of(self._begun.key) is not None

    @property
    def is_empty(self) -> bool:
        """Whether nothing is selected."""
        rows = self.rows
        return rows is None or (rows[0] == rows[1] and self.span(rows[0]) is None)

    @property
    def rows(self) -> tuple[int, int] | None:
        """The numbers of the first and the last row with selected text."""
        ends = self._ends()
        return None if ends is None else (ends[0][0], ends[1][0])

    def span(self, row: int) -> Span | None:
        """Return what is selected of a row's text, as places."""
        ends = self._ends()
        if ends is None or not ends[0][0] <= row <= ends[1][0]:
            return None
        (first, start), (last, end) = ends
        text = self._text_of(row)
        start = start if row == first else 0
        end = end if row == last else text.end
        return (start, end) if start < end else None

    def _ends(self) -> tuple[tuple[int, int], tuple[int, int]] | None:
        """Return the row and the place of both ends, in order."""
        if self._begun is None or self._drawn is None:
            return None
        rows = self._row_of(self._begun.key), self._row_of(self._drawn.key)
        if rows[0] is None or rows[1] is None:
            return None
        first, last = sorted(((rows[0], self._begun.at), (rows[1], self._drawn.at)))
        return (first[0], self._grown(*first)[0]), (last[0], self._grown(*last)[1])

    def _grown(self, row: int, at: int) -> Span:
        """Return the word or the message around a place, if the selection grows by these."""
        if self._by is By.CHARACTER:
            return at, at
        text = self._text_of(row)
        return (0, text.end) if self._by is By.MESSAGE else text.word_at(at)

    # --- copying ---------------------------------------------------------------------------------

    def copied(self, rows: Sequence[Row]) -> str:
        """Return the selected text; of several messages with names and times."""
        ends = self.rows
        if ends is None:
            return ""
        first, last = ends
        spans = [(row, self.span(row)) for row in range(first, last + 1)]
        parts = [(rows[row], self._cut(rows[row], row, span)) for row, span in spans if span]
        if len(parts) < 2:
            return "".join(text for _row, text in parts)
        return "\n".join(headed(row, text) for row, text in parts)

    def _cut(self, one: Row, row: int, span: Span) -> str:
        shown = self._text_of(row)
        # A very long text is not shown as a whole.
        return text_of(one) if span == (0, shown.end) else shown.cut(*span)


def headed(row: Row, text: str) -> str:
    """Return a text below its sender and time; a note of the program has none."""
    if row.message is None:
        return text
    head = _(
        "{name}, {time}:",
        name=visible(shown_name(row.message.sender)),
        time=when(row.message.shown_time),
    )
    return f"{head}\n{text}"
