"""A list of rows that scrolls by pixels, by mouse and keys, and says where the user is in it."""

from PyQt6.QtCore import QModelIndex, QPoint, QRect, Qt, pyqtSignal
from PyQt6.QtGui import QRegion, QShowEvent
from PyQt6.QtWidgets import QAbstractItemView

from messenger.desktop.messages.measured_rows import MeasuredRows
from messenger.desktop.messages.model import MessagesModel

_Hint = QAbstractItemView.ScrollHint
_Action = QAbstractItemView.CursorAction


class RowsView(MeasuredRows):
    """Rows of a MessagesModel.

    Signals: `at_end_changed`, `older_wanted`, `newer_wanted`; `shown_again`, after it was hidden.

    Most of its methods are virtual ones of Qt's, by which QListView asks for the layout.
    """

    at_end_changed = pyqtSignal(bool)
    older_wanted = pyqtSignal()
    newer_wanted = pyqtSignal()
    shown_again = pyqtSignal()

    def __init__(self, model: MessagesModel) -> None:
        super().__init__(model)
        self._bar.valueChanged.connect(self._scrolled)
        model.ends_changed.connect(self._ends_changed)

    # --- scrolling -------------------------------------------------------------------------------

    @property
    def is_at_end(self) -> bool:
        """Whether the newest message is in sight."""
        return self._bar.value() >= self._bar.maximum() - 2 and not self._rows.has_newer

    def to_end(self) -> None:
        """Scroll to the last row, and follow new ones."""
        followed, self.follows = self.follows, not self._rows.has_newer
        self._settle()
        if self.follows != followed:  # Told once it is so.
            self.at_end_changed.emit(self.follows)

    def _scrolled(self, _value: int = 0) -> None:
        if not self._is_quiet:
            self._follow(follows=self.is_at_end)
            self.want_pages()
            self._idle.start()

    def want_pages(self) -> None:
        """Ask for pages where the ends of what is loaded are near."""
        value, page = self._bar.value(), self.view_height
        if value < 2 * page:
            self.older_wanted.emit()
        if value > self._bar.maximum() - 2 * page and self._rows.has_newer:
            self.newer_wanted.emit()

    def _follow(self, *, follows: bool) -> None:
        if follows != self.follows:
            self.follows = follows
            self.at_end_changed.emit(follows)

    def scrollContentsBy(self, _dx: int, dy: int) -> None:
        """Move what is painted; only the new strip is painted."""
        if self._is_quiet:  # Whoever scrolls so, paints what has changed.
            return
        # Before it is painted: the guesses of rows that come into sight are replaced.
        self._follow(follows=self.is_at_end)
        port = self.viewport()
        if port is None:
            return
        if self._measure_in_sight() or abs(dy) >= port.height():
            port.update()
        else:
            port.scroll(0, dy)

    def show_row(self, row: int, hint: _Hint = _Hint.EnsureVisible) -> None:
        """Scroll so that a row is in sight."""
        if not 0 <= row < len(self._heights):
            return
        followed, self.follows = self.follows, False  # What is measured keeps its place.
        page = self.view_height
        around = range(max(0, row - 12), min(len(self._heights), row + 12))
        self._measure(around)
        top, high = self._heights.top(row), self._heights.height(row)
        value = self._bar.value()
        if hint == _Hint.PositionAtCenter:
            value = round(top + high / 2 - page / 2)
        elif hint == _Hint.PositionAtTop or top < value or high > page:
            value = top
        elif top + high > value + page:
            value = top + high - page
        if value != self._bar.value():
            self._to(value)
            self._measure_in_sight()
            self.update_rows()
        self.follows = followed  # Now it is known whether that has changed.
        self._scrolled()

    def scroll_page(self, step: int) -> None:
        """Scroll by a page, back (-1) or on (1), which loads more at the ends."""
        # A line of the page before stays in sight.
        self._bar.setValue(self._bar.value() + step * max(1, self._bar.pageStep() - 40))
        self.want_pages()

    def _ends_changed(self) -> None:
        self._remember()
        self._restore()
        self._follow(follows=self.is_at_end)

    def showEvent(self, event: QShowEvent | None) -> None:
        """Tell that rows can be seen: what came meanwhile may be read now."""
        super().showEvent(event)
        self.shown_again.emit()

    # --- what QListView asks ---------------------------------------------------------------------

    def top_of(self, row: int) -> int:
        """Return where a row begins in the viewport."""
        return self._heights.top(row) - self._bar.value() + self._lift

    def row_at(self, y: float) -> int | None:
        """Return the row at a height of the viewport, or the nearest one; None without rows."""
        if not len(self._heights):
            return None
        return self._heights.at(y + self._bar.value() - self._lift)

    def visualRect(self, index: QModelIndex) -> QRect:
        """Return where a row is shown."""
        row = index.row()
        if not 0 <= row < len(self._heights):
            return QRect()
        return QRect(0, self.top_of(row), self._width, self._heights.height(row))

    def indexAt(self, point: QPoint) -> QModelIndex:
        """Return the row at a point."""
        row = self.row_at(point.y())
        return QModelIndex() if row is None else self._rows.index(row)

    def scrollTo(self, index: QModelIndex, hint: _Hint = _Hint.EnsureVisible) -> None:
        """Scroll so that a row is in sight."""
        self.show_row(index.row(), hint)

    def moveCursor(self, action: _Action, _modifiers: Qt.KeyboardModifier) -> QModelIndex:
        """Return the row that a key leads to."""
        count = len(self._heights)
        if not count:
            return QModelIndex()
        row = self.currentIndex().row()
        _first, end = self.in_sight()
        if row < 0:  # The keyboard has been nowhere yet: it begins at the last one in sight.
            return self._rows.index(min(end, count) - 1)
        if action == _Action.MoveHome:
            row = 0
        elif action == _Action.MoveEnd:
            row = count - 1
        else:
            down = action in (_Action.MoveDown, _Action.MoveNext, _Action.MoveRight)
            row += 1 if down else -1
        return self._rows.index(max(0, min(count - 1, row)))

    def verticalOffset(self) -> int:
        """Return how far the rows are scrolled."""
        bar = self.verticalScrollBar()
        return bar.value() if bar is not None else 0

    def setSelection(self, rect: QRect, command: object) -> None:
        """Select no rows: texts are selected instead."""

    def visualRegionForSelection(self, _selection: object) -> QRegion:
        """Return what a changed selection of rows would have painted."""
        return QRegion()
