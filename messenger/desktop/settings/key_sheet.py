"""The sheet of keys and commands, in two columns, with a filter."""

from collections.abc import Sequence
from html import escape

from PyQt6.QtCore import QEvent, QObject, Qt
from PyQt6.QtGui import QKeyEvent, QResizeEvent
from PyQt6.QtWidgets import (
    QDialog,
    QFrame,
    QGridLayout,
    QLabel,
    QLineEdit,
    QScrollArea,
    QTabBar,
    QVBoxLayout,
    QWidget,
)

from messenger.language import _
from messenger.ui.commands import COMMANDS
from messenger.ui.shortcuts import shortcuts, window_keys
from messenger.ui.where import Where
from messenger.windows.look.theme import theme
from messenger.windows.look.tokens import Space
from messenger.windows.widgets.dialog import fit_into_window
from messenger.windows.widgets.key_caps import add_row, key_caps
from messenger.windows.widgets.labels import heading, text

Row = tuple[str, str]
"""Keys or a command, and what they do."""

_SIZE = (820, 620)
_SMALLEST = (320, 360)
_TWO_COLUMNS = 700
"""Pixels: a narrower sheet has one column."""


def key_rows(send_key: str = "enter") -> list[Row]:
    """Return the keys of the window; `send_key` is the setting."""
    rows = [(one.label, _(one.summary)) for one in shortcuts(Where.WINDOW)]
    return rows + [(one.label, _(one.summary)) for one in window_keys(send_key)]


def command_rows() -> list[Row]:
    """Return the commands, as they are written."""
    return [entry.usage.partition(" - ")[::2] for entry in COMMANDS.values()]


def matching(rows: Sequence[Row], words: str) -> list[Row]:
    """Return the rows that have all the words, in any order and case."""
    wanted = words.casefold().split()
    return [row for row in rows if all(one in " ".join(row).casefold() for one in wanted)]


class KeySheet(QDialog):
    """Keys and commands; typing filters both, Up and Down scroll, Ctrl+Tab changes the part."""

    def __init__(
        self, send_key: str = "enter", parent: QWidget | None = None, *, first: str = "keys"
    ) -> None:
        """`first` is the part to begin with: `keys` or `commands`."""
        super().__init__(parent)
        self._columns = 2
        self.setObjectName("key_sheet")
        self.setWindowTitle(_("Keys and commands"))
        self.setModal(True)
        self._parts = [key_rows(send_key), command_rows()]
        self.tabs = QTabBar()
        self.tabs.addTab(_("Keys"))
        self.tabs.addTab(_("Commands"))
        self.tabs.setAccessibleName(_("Keys or commands"))
        self.tabs.setExpanding(False)
        self.filter = QLineEdit()
        self.filter.setPlaceholderText(_("Type to filter"))
        self.filter.setAccessibleName(_("Filter"))
        self.filter.setClearButtonEnabled(True)
        self.filter.installEventFilter(self)
        self._area = QScrollArea()
        self._area.setObjectName("page")
        self._area.setFrameShape(QFrame.Shape.NoFrame)
        self._area.setWidgetResizable(True)
        self._area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(Space.XL, Space.XL, Space.XL, Space.L)
        layout.setSpacing(Space.M)
        for widget in (heading(self.windowTitle()), self.filter, self.tabs):
            layout.addWidget(widget)
        layout.addWidget(self._area, 1)
        self.tabs.setCurrentIndex(1 if first == "commands" else 0)
        self.tabs.currentChanged.connect(self._show)
        self.filter.textChanged.connect(self._show)
        theme.changed.connect(self._show)
        self.filter.setFocus()
        fit_into_window(self, _SIZE, _SMALLEST)
        self._show()

    @property
    def shown(self) -> list[Row]:
        """The rows that are shown."""
        return matching(self._parts[self.tabs.currentIndex()], self.filter.text())

    def eventFilter(self, watched: QObject | None, event: QEvent | None) -> bool:
        """Scroll with the keys that the filter has no use for."""
        if watched is self.filter and isinstance(event, QKeyEvent) and self._takes(event):
            return True
        return super().eventFilter(watched, event)

    def keyPressEvent(self, event: QKeyEvent | None) -> None:
        """Close by F1, too, which has opened it."""
        if event is not None and event.key() == Qt.Key.Key_F1:
            self.reject()
        else:
            super().keyPressEvent(event)

    def resizeEvent(self, event: QResizeEvent | None) -> None:
        """Show as many columns as there is room for."""
        super().resizeEvent(event)
        columns = 2 if self.width() >= _TWO_COLUMNS * theme.scale else 1
        if columns != self._columns:
            self._columns = columns
            self._show()

    def _takes(self, event: QKeyEvent) -> bool:
        bar = self._area.verticalScrollBar()
        if event.type() != QEvent.Type.KeyPress or bar is None:
            return False
        steps = {
            Qt.Key.Key_Up: -bar.singleStep(),
            Qt.Key.Key_Down: bar.singleStep(),
            Qt.Key.Key_PageUp: -bar.pageStep(),
            Qt.Key.Key_PageDown: bar.pageStep(),
        }
        if event.key() in steps:
            bar.setValue(bar.value() + steps[Qt.Key(event.key())])
            return True
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.reject()
            return True
        return False

    def _show(self) -> None:
        rows = self.shown
        is_keys = self.tabs.currentIndex() == 0
        page = QWidget()
        grid = QGridLayout(page)
        grid.setContentsMargins(0, Space.XS, Space.S, 0)
        grid.setHorizontalSpacing(Space.M)
        grid.setVerticalSpacing(Space.S)
        half = -(-len(rows) // self._columns)
        for place, row in enumerate(rows):
            column, line = divmod(place, half)
            shown = QLabel(key_caps(row[0]) if is_keys else _command(row[0]))
            shown.setWordWrap(not is_keys)
            add_row(grid, line, 3 * column, shown, row)
        for column in range(self._columns):
            grid.setColumnStretch(3 * column + 1, 1)
            if column:
                grid.setColumnMinimumWidth(3 * column - 1, Space.L)
        if not rows:
            grid.addWidget(text(_("Nothing found."), soft=True), 0, 0)
        grid.setRowStretch(half + 1, 1)
        self._area.setWidget(page)


def _command(usage: str) -> str:
    """Return a command as rich text: what is typed as it stands is bold."""
    name, space, rest = usage.partition(" ")
    soft = theme.colours.soft
    return f'<b>{escape(name)}</b>{space}<span style="color: {soft}">{escape(rest)}</span>'
