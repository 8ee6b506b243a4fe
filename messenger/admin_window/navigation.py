"""The list of pages at the left of the window."""

from collections.abc import Sequence
from typing import NamedTuple

from PyQt6.QtCore import QSize, Qt, pyqtSignal
from PyQt6.QtWidgets import QFrame, QHBoxLayout, QListWidget, QListWidgetItem, QVBoxLayout, QWidget

from messenger.language import _
from messenger.windows.look.fonts import metrics
from messenger.windows.look.icons import icon
from messenger.windows.look.theme import theme
from messenger.windows.look.tokens import Size, Space
from messenger.windows.widgets.buttons import LinkButton
from messenger.windows.widgets.choosing import on_row_chosen
from messenger.windows.widgets.labels import text, title

_WIDTH = 208
_ROW = 38
"""Sizes at the scale 1, in pixels."""


class Place(NamedTuple):
    """An entry: the page's name, its icon and its title."""

    name: str
    icon_name: str
    words: str


class Navigation(QWidget):
    """The server's name, and the pages below it. Signals: `chosen`, with the name of a page."""

    chosen = pyqtSignal(str)

    def __init__(self, server: str, who: str, places: Sequence[Place]) -> None:
        """`server` is the server's name or address, `who` the account that administers it."""
        super().__init__()
        self.setObjectName("side")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._places = list(places)
        name = title(server)
        self._who = text(who, small=True)
        self.list = QListWidget()
        self.list.setObjectName("navigation")
        self.list.setAccessibleName(_("Pages"))
        self.list.setFrameShape(QFrame.Shape.NoFrame)
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.setIconSize(QSize(Size.ICON, Size.ICON))
        for place in places:
            QListWidgetItem(place.words, self.list)
        on_row_chosen(self.list, self._choose)
        names = QVBoxLayout()
        names.setContentsMargins(Space.L, Space.M, Space.S, Space.XS)
        names.setSpacing(2)
        names.addWidget(name)
        names.addWidget(self._who)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, Space.S)
        layout.setSpacing(Space.S)
        layout.addLayout(names)
        layout.addWidget(self.list, 1)
        self.keys = LinkButton(_("Keys"))
        self.keys.setAccessibleDescription("F1")
        foot = QHBoxLayout()
        foot.setContentsMargins(Space.S, 0, Space.S, 0)
        foot.addWidget(self.keys)
        foot.addStretch(1)
        layout.addLayout(foot)
        self._refit()
        theme.changed.connect(self._refit)

    def show_page(self, name: str) -> None:
        """Choose a page."""
        names = [place.name for place in self._places]
        self.list.setCurrentRow(names.index(name))

    def step(self, by: int) -> None:
        """Choose the next page, or the one before it."""
        count = len(self._places)
        self.list.setCurrentRow((self.list.currentRow() + by) % count)

    def _choose(self, row: int) -> None:
        self._recolour()
        self.chosen.emit(self._places[row].name)

    def _refit(self) -> None:
        words = max((metrics().horizontalAdvance(one.words) for one in self._places), default=0)
        self.setFixedWidth(max(round(_WIDTH * theme.scale), round(words) + 80))
        self._recolour()

    def _recolour(self) -> None:
        for number, place in enumerate(self._places):
            if (item := self.list.item(number)) is not None:
                is_chosen = number == self.list.currentRow()
                item.setIcon(icon(place.icon_name, theme.colours.accent if is_chosen else None))
                item.setSizeHint(QSize(0, round(_ROW * theme.scale)))
