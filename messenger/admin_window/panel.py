"""A panel beside a table with the details of the row that is chosen."""

from collections.abc import Callable, Sequence
from typing import Generic, TypeVar

from msgspec import Struct, structs
from PyQt6.QtCore import Qt, QTimer
from PyQt6.QtGui import QKeyEvent
from PyQt6.QtWidgets import QFrame, QGridLayout, QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from messenger.admin_window.requests import Requests, Task
from messenger.admin_window.sheets import add_facts
from messenger.admin_window.table.table import Table
from messenger.language import _
from messenger.sdk.administration import Administration
from messenger.ui.errors import explain
from messenger.windows.look.avatars import avatar
from messenger.windows.look.theme import theme
from messenger.windows.look.tokens import Size, Space
from messenger.windows.widgets.buttons import IconButton
from messenger.windows.widgets.icon_label import IconLabel
from messenger.windows.widgets.labels import section, text, title
from messenger.windows.widgets.layouts import empty, spaced
from messenger.windows.widgets.scrolling import scrolled

_WIDTH = 320
_ANY = 16_777_215
"""Qt's greatest width of a widget: as good as none."""
_REST = 120
"""Milliseconds on a row before its details are asked for: arrow keys pass many."""
_DOT = 10
_SIGN = 30

_Row = TypeVar("_Row")
_Found = TypeVar("_Found")


class Panel(QFrame, Generic[_Row, _Found]):
    """Shows at once what the table knows of a row, then what the server tells.

    `fill` is called for both, with None for what is not known yet, and adds the parts.
    """

    def __init__(
        self,
        requests: Requests,
        ask: Callable[[Administration, _Row], _Found],
        fill: Callable[["Panel[_Row, _Found]", _Row, _Found | None], object],
    ) -> None:
        super().__init__()
        self.setObjectName("sheet")
        self._requests = requests
        self._ask_server = ask
        self._fill = fill
        self._row: _Row | None = None
        self._shown: object = None
        self._task: Task | None = None
        self._picture = IconLabel(size=_SIGN)
        self._name = title("")
        self._note = text("", small=True)
        self._dot = IconLabel("circle-fill", size=_DOT, colour="faint")
        self._dot.hide()
        close = IconButton("x", _("Close"))
        close.clicked.connect(self.hide)
        self.setFocusProxy(close)
        head = self._head(close)
        inside = QWidget()
        self._body = QVBoxLayout(inside)
        self._body.setContentsMargins(Space.L, Space.XS, Space.L, Space.S)
        self._body.setSpacing(Space.S)
        self._scroll = scrolled(inside)
        self._is_alone = False
        self._placed: list[QPushButton] = []
        self._buttons = QGridLayout()
        self._buttons.setContentsMargins(Space.L, Space.S, Space.L, Space.L)
        self._buttons.setSpacing(Space.S)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(1, 1, 1, 1)
        layout.setSpacing(0)
        layout.addLayout(head)
        layout.addWidget(self._scroll, 1)
        layout.addLayout(self._buttons)
        self._rest = QTimer(self)
        self._rest.setSingleShot(True)
        self._rest.setInterval(_REST)
        self._rest.timeout.connect(self._ask)
        self._fit()
        theme.changed.connect(self._fit)

    def _head(self, close: QWidget) -> QHBoxLayout:
        names = QVBoxLayout()
        names.setSpacing(2)
        names.addStretch(1)
        names.addWidget(self._name)
        names.addWidget(spaced(self._dot, self._note, spacing=Space.XS, stretch=True))
        names.addStretch(1)
        head = QHBoxLayout()
        head.setContentsMargins(Space.L, Space.M, Space.S, Space.S)
        head.setSpacing(Space.M)
        head.addWidget(self._picture)
        head.addLayout(names, 1)
        head.addWidget(close, 0, Qt.AlignmentFlag.AlignTop)
        return head

    def follow(self, table: Table[_Row]) -> None:
        """Show the row that is opened in a table, and while it is shown the one that is chosen."""
        table.opened.connect(self.show_row)
        table.chosen.connect(self._follow)

    def show_row(self, row: _Row) -> None:
        """Show a row, and ask for its details.

        What has not changed stays as it is: somebody may be about to press a button.
        """
        if row != self._row or not self.isVisible():
            self._row = row
            self._show(None)
            self.show()
        self._rest.start()

    def keyPressEvent(self, event: QKeyEvent | None) -> None:
        """Close it by Esc."""
        if event is not None and event.key() == Qt.Key.Key_Escape:
            self.hide()
        else:
            super().keyPressEvent(event)

    # --- what `fill` adds ------------------------------------------------------------------------

    def set_head(self, name: str, note: str, dot: str = "", *, sign: str = "") -> None:
        """Show a name, a note below it, and a dot before that if it has a colour.

        `sign` is the name of an icon, in place of the picture of who has the name.
        """
        self._picture.show_icon(sign, "accent")
        if not sign:
            self._picture.setPixmap(avatar(name, Size.AVATAR, self.devicePixelRatioF()))
        self._name.setText(name)
        self._note.setText(note)
        self._dot.setVisible(bool(dot))
        if dot:
            self._dot.show_icon("circle-fill", dot)
        self.setAccessibleName(name)

    def add_facts(self, facts: Sequence[tuple[str, str]]) -> None:
        """Add a table of names and values."""
        add_facts(self._body, facts)

    def add_section(self, words: str) -> None:
        """Add a small heading."""
        self._body.addSpacing(Space.S)
        self._body.addWidget(section(words))

    def add_entry(self, words: str, below: str, button: QWidget | None = None) -> None:
        """Add a line with a soft one below it, and beside them what can be done with it."""
        rows = QVBoxLayout()
        rows.setSpacing(0)
        rows.addWidget(text(words))
        rows.addWidget(text(below, small=True))
        line = QHBoxLayout()
        line.addLayout(rows, 1)
        if button is not None:
            line.addWidget(button)
        self._body.addLayout(line)

    def add_person(self, name: str, dot: str) -> None:
        """Add a name with a dot before it."""
        mark = IconLabel("circle-fill", size=_DOT, colour=dot)
        self._body.addWidget(spaced(mark, text(name), spacing=Space.S, stretch=True))

    def add_text(self, words: str) -> None:
        """Add running text of any length, which can be selected."""
        said = text(words)
        said.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._body.addWidget(said)

    def add_note(self, words: str) -> None:
        """Add soft words."""
        self._body.addWidget(text(words, small=True))

    def add_button(self, button: QPushButton) -> None:
        """Add a button to the foot."""
        self._placed.append(button)
        self._place_buttons()

    def set_alone(self, is_alone: bool) -> None:
        """Take all the room of a page that is too narrow for a table beside it, or a part of it."""
        if is_alone != self._is_alone:
            self._is_alone = is_alone
            self._fit()
            self._place_buttons()

    # --- what is shown ---------------------------------------------------------------------------

    def _fit(self) -> None:
        width = round(_WIDTH * theme.scale)
        self.setMinimumWidth(width)
        self.setMaximumWidth(_ANY if self._is_alone else width)

    def _place_buttons(self) -> None:
        columns = 2 if self._is_alone else 1
        for number, button in enumerate(self._placed):
            self._buttons.addWidget(button, number // columns, number % columns)

    def _follow(self, row: _Row | None) -> None:
        if row is None:
            self.hide()
        elif self.isVisible():
            self.show_row(row)

    def _show(self, found: _Found | None) -> None:
        shown = self._row, _told(found)
        if self._row is None or shown == self._shown:
            return
        self._shown = shown
        empty(self._body)
        empty(self._buttons)
        self._placed = []
        self._fill(self, self._row, found)
        self._body.addStretch(1)

    def _ask(self) -> None:
        if self._task is not None:
            self._task.cancel()
        row = self._row
        if row is not None:
            self._task = self._requests.ask(
                lambda server: self._ask_server(server, row),
                self._show,
                failed=lambda error: self.add_note(explain(error)),
                owner=self,
            )


def _told(found: object) -> object:
    """Return what a reply says, without what differs between any two replies."""
    if isinstance(found, Struct) and hasattr(found, "response"):
        return structs.replace(found, time=0, id=None)
    return found
