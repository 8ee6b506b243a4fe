"""A list whose rows have heights of their own: guessed first, measured where they are seen.

It is a QListView because PyQt6 cannot describe other views to screen readers, with a layout of its
own, because that of QListView asks each row for its height.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from time import perf_counter

from PyQt6.QtCore import QAbstractItemModel, QModelIndex, Qt, QTimer
from PyQt6.QtGui import QResizeEvent
from PyQt6.QtWidgets import QAbstractItemView, QListView

from messenger.desktop.messages.blocks import Block, Look, guess
from messenger.desktop.messages.bubble import block_of
from messenger.desktop.messages.heights import Heights
from messenger.desktop.messages.model import MessagesModel
from messenger.windows.look.theme import theme

_SLICE = 0.003
"""Seconds of idle work at a time: a frame has 16 ms, of which a page that arrives takes 12."""
_ABOVE, _BELOW = 300, 60
"""Rows around what is in sight that are measured while nothing else happens."""
_MAX_BLOCKS = 800
_END = 10
"""Pixels below the last row."""


class MeasuredRows(QListView):
    """Rows of a MessagesModel; `follows`: new rows are scrolled into sight.

    What the user reads stays in its place when rows come, go or change above it. It has a method
    for each step of that, and slots for what happens to the model.
    """

    # Qt asks for geometry while the constructor of QListView still runs.
    _heights = Heights()
    _is_quiet = False
    _width = 0
    follows = True

    def __init__(self, model: MessagesModel) -> None:
        super().__init__()
        self._heights = Heights()
        self._rows = model
        self._blocks: dict[int, Block] = {}
        self._anchor: tuple[int, float] | None = None
        self._words = ""
        self.setUniformItemSizes(True)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOn)
        self.setSelectionMode(QAbstractItemView.SelectionMode.NoSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        bar = self.verticalScrollBar()
        assert bar is not None
        self._bar = bar
        self._bar.setSingleStep(48)
        self._idle = QTimer(self)
        self._idle.setInterval(0)
        self._idle.timeout.connect(self._measure_some)
        self.setModel(model)
        theme.changed.connect(self.relayout)

    # --- the model -------------------------------------------------------------------------------

    def setModel(self, model: QAbstractItemModel | None) -> None:
        """Show a model."""
        super().setModel(model)
        rows = self._rows
        rows.modelReset.connect(self._begin)
        rows.rowsAboutToBeInserted.connect(self._remember)
        rows.rowsAboutToBeRemoved.connect(self._remember)
        rows.rowsInserted.connect(self._inserted)
        rows.rowsRemoved.connect(self._removed)
        rows.dataChanged.connect(self._changed)
        rows.trusts_changed.connect(self.relayout)
        self._begin()

    @property
    def look(self) -> Look:
        """What all rows have in common."""
        rows = self._rows
        return Look(self._width, rows.me, rows.is_room, rows.is_encrypted, rows.trusts, self._words)

    def _begin(self) -> None:
        self._blocks.clear()
        self._width = self.view_width
        self._guess_all()
        self.follows = True
        self._settle()
        self._idle.start()

    def _guess_all(self) -> None:
        look = self.look
        self._heights.start = self.head_height
        self._heights.reset(guess(row, look) for row in self._rows.rows)
        self._set_range()

    def _inserted(self, _parent: QModelIndex, first: int, last: int) -> None:
        look = self.look
        rows = self._rows.rows[first : last + 1]
        self._heights.insert(first, (guess(row, look) for row in rows))
        self._restore()

    def _removed(self, _parent: QModelIndex, first: int, last: int) -> None:
        self._heights.remove(first, last)
        self._restore()

    def _changed(self, first: QModelIndex, last: QModelIndex) -> None:
        self._remember()
        for row in range(first.row(), last.row() + 1):
            self._blocks.pop(self._rows.rows[row].key, None)
            self._heights.forget(row)
        self._restore()

    def relayout(self) -> None:
        """Lay everything out anew: the width, the theme, or marks of all rows have changed."""
        self._remember()
        self._blocks.clear()
        self._width = self.view_width
        self._guess_all()
        self._restore()

    # --- blocks ----------------------------------------------------------------------------------

    def block(self, row: int) -> Block:
        """Return the geometry of a row."""
        one = self._rows.rows[row]
        found = self._blocks.get(one.key)
        # A row of that key may have changed; identity is enough, as rows are immutable.
        if found is None or found.row is not one:
            found = self._blocks[one.key] = block_of(one, self.look)
            if len(self._blocks) > _MAX_BLOCKS:
                del self._blocks[next(iter(self._blocks))]
        return found

    @property
    def view_width(self) -> int:
        """The width of what shows rows, in pixels."""
        port = self.viewport()
        return port.width() if port is not None else 0

    @property
    def view_height(self) -> int:
        """The height of what shows rows, in pixels."""
        port = self.viewport()
        return port.height() if port is not None else 0

    @property
    def head_height(self) -> int:
        """The height of what is shown above the first row, in pixels."""
        return 8

    def update_rows(self) -> None:
        """Paint what is in sight again."""
        if (port := self.viewport()) is not None:
            port.update()

    # --- what stays in its place -----------------------------------------------------------------

    def _remember(self, *_range: object) -> None:
        """Note the row at the top of what is in sight, before rows change."""
        rows = self._rows.rows
        if not len(self._heights) or self.follows:
            self._anchor = None
            return
        # The first one that is measured: guesses above it may be wrong.
        first, end = self.in_sight()
        row = next((at for at in range(first, end) if self._heights.is_known(at)), first)
        if row < len(rows):
            self._anchor = (rows[row].key, self._heights.top(row) - self._bar.value())

    def _restore(self) -> None:
        """Show the row where it was."""
        self._heights.start = self.head_height
        self._heights.arrange()
        self._set_range()
        if self.follows:
            self._settle()
        else:
            self._to_anchor()
            self._measure_in_sight()
        self.update_rows()
        self._idle.start()

    def _to_anchor(self) -> None:
        if self._anchor is not None:
            row = self._rows.place_of(self._anchor[0])
            if row is not None and row < len(self._heights):
                self._to(self._heights.top(row) - self._anchor[1])

    def _to(self, value: float) -> None:
        """Scroll by the program: it says nothing about what the user wants."""
        with self._quiet():
            self._bar.setValue(round(value))

    @contextmanager
    def _quiet(self) -> Iterator[None]:
        was, self._is_quiet = self._is_quiet, True
        try:
            yield
        finally:
            self._is_quiet = was

    def _settle(self) -> None:
        """Stand at the end, with all that is in sight measured."""
        self._to(self._bar.maximum())
        self._measure_in_sight()
        self._to(self._bar.maximum())
        self.update_rows()

    def _set_range(self) -> None:
        total = self._heights.total + _END if len(self._heights) else 0
        high = self.view_height
        with self._quiet():
            self._bar.setPageStep(high)
            self._bar.setRange(0, max(0, total - high))
            self._bar.setEnabled(
                total > high
            )  # The style sheet hides the handle of one that is not.

    # --- measuring -------------------------------------------------------------------------------

    def in_sight(self) -> tuple[int, int]:
        """Return the first row in sight, and the one after the last."""
        if not len(self._heights):
            return 0, 0
        top = self._bar.value() - self._lift
        return self._heights.at(top), self._heights.at(top + self.view_height) + 1

    def _measure(self, rows: Iterator[int] | range) -> bool:
        """Measure rows; return whether any height has changed. What is read stays in its place."""
        unknown = [row for row in rows if not self._heights.is_known(row)]
        if not unknown:
            return False
        self._remember()
        changed = [self._heights.set(row, self.block(row).height) for row in unknown]
        if not any(changed):
            return False
        self._heights.arrange()
        self._set_range()
        self._to(self._bar.maximum()) if self.follows else self._to_anchor()
        return True

    def _measure_in_sight(self) -> bool:
        has_changed = False
        for _time in range(6):
            if not self._measure(range(*self.in_sight())):
                break
            has_changed = True
        return has_changed

    def _measure_some(self) -> None:
        """Measure rows around those in sight, for some milliseconds; then stop."""
        end = perf_counter() + _SLICE
        first, last = self.in_sight()
        around = range(max(0, first - _ABOVE), min(len(self._heights), last + _BELOW))
        todo = [row for row in around if not self._heights.is_known(row)]
        for at in range(len(todo), 0, -8):  # From the end: the user scrolls back more often.
            self._measure(iter(todo[max(0, at - 8) : at]))
            if perf_counter() > end:
                return
        self._idle.stop()

    @property
    def _lift(self) -> int:
        """Pixels above the first row: few messages stand at the bottom."""
        return max(0, self.view_height - self._heights.total - _END) if len(self._heights) else 0

    # --- geometry --------------------------------------------------------------------------------

    def updateGeometries(self) -> None:
        """Fit the scroll bar."""
        if hasattr(self, "_bar"):
            self._set_range()

    def resizeEvent(self, event: QResizeEvent | None) -> None:
        """Lay out for another width; at another height the end stays the end."""
        self._remember()
        super().resizeEvent(event)
        if self.view_width != self._width:
            self._width = self.view_width
            self._blocks.clear()
            self._guess_all()
        self._restore()
