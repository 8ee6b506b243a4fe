"""The administration window: the pages at the left, one of them at the right."""

from collections.abc import Callable, Sequence
from typing import NamedTuple

from PyQt6.QtCore import Qt, QTimer
from PyQt6.QtGui import QCloseEvent, QKeySequence, QShortcut
from PyQt6.QtWidgets import QHBoxLayout, QMainWindow, QStackedWidget, QWidget

from messenger.admin_window.keys import KEYS, KeySheet
from messenger.admin_window.navigation import Navigation, Place
from messenger.admin_window.page import Page
from messenger.language import _
from messenger.windows.look.theme import theme
from messenger.windows.widgets.dialog import open_dialog

_SIZE = 1280, 760
_SMALLEST = 760, 520
_EVERY = 15_000
"""Milliseconds after which the page in sight is brought up to date."""


class PageMaker(NamedTuple):
    """A page that is made when it is first shown."""

    place: Place
    make: Callable[[], Page]


class AdminWindow(QMainWindow):
    """Shows pages, and brings the one that is in sight up to date."""

    def __init__(self, server: str, who: str, pages: Sequence[PageMaker]) -> None:
        """`server` and `who` are for the head of the list of pages."""
        super().__init__()
        self.setObjectName("administration")
        self.setWindowTitle(_("{server} – administration", server=server))
        self._makers = {one.place.name: one for one in pages}
        self._made: dict[str, Page] = {}
        self._closed: Callable[[], object] = lambda: None
        self.navigation = Navigation(server, who, [one.place for one in pages])
        self._stack = QStackedWidget()
        middle = QWidget()
        layout = QHBoxLayout(middle)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self.navigation)
        layout.addWidget(self._stack, 1)
        self.setCentralWidget(middle)
        self._fit()
        theme.changed.connect(self._fit)
        self.resize(*_SIZE)
        self.navigation.chosen.connect(self.show_page)
        self._timer = QTimer(self)
        self._timer.setInterval(_EVERY)
        self._timer.timeout.connect(self._refresh_in_sight)
        self._timer.start()
        for key in KEYS:
            if key.action:
                shortcut = QShortcut(self)
                shortcut.setKeys([QKeySequence(one) for one in key.keys.split(", ")])
                shortcut.activated.connect(getattr(self, key.action))
        self.navigation.keys.clicked.connect(self.show_keys)
        self.navigation.list.setFocus()

    @property
    def page(self) -> Page | None:
        """The page that is shown."""
        shown = self._stack.currentWidget()
        return shown if isinstance(shown, Page) else None

    def on_close(self, do: Callable[[], object]) -> None:
        """Have something done when the window is closed."""
        self._closed = do

    def show_first_page(self) -> None:
        """Show the page at the top of the list."""
        self.show_page(next(iter(self._makers)))

    def show_page(self, name: str) -> None:
        """Show a page, and bring it up to date."""
        if name not in self._made:
            self._made[name] = self._makers[name].make()
            self._made[name].elsewhere.connect(self.search_for)
            self._stack.addWidget(self._made[name])
        page = self._made[name]
        if self._stack.currentWidget() is not page or self.navigation_is_behind(name):
            self._stack.setCurrentWidget(page)
            self.navigation.show_page(name)
        page.refresh()

    def search_for(self, name: str, words: str) -> None:
        """Show a page with what is found there."""
        self.show_page(name)
        self._made[name].search_for(words)

    def navigation_is_behind(self, name: str) -> bool:
        """Tell whether the list shows another page as the chosen one."""
        names = list(self._makers)
        row = self.navigation.list.currentRow()
        return row < 0 or names[row] != name

    def show_page_above(self) -> None:
        """Show the page above in the list."""
        self.navigation.step(-1)

    def show_page_below(self) -> None:
        """Show the page below in the list."""
        self.navigation.step(1)

    def show_keys(self) -> None:
        """Show the keys."""
        open_dialog(KeySheet(self))

    def tell(self, words: str) -> None:
        """Say something above the page in sight."""
        if self.page is not None:
            self.page.tell(words)

    def refresh(self) -> None:
        """Bring the page in sight up to date."""
        if self.page is not None:
            self.page.refresh()

    def closeEvent(self, event: QCloseEvent | None) -> None:
        """Tell whoever waits for it."""
        super().closeEvent(event)
        self._timer.stop()
        self._closed()

    def _fit(self) -> None:
        width, height = _SMALLEST
        self.setMinimumSize(round(width * theme.scale), height)

    def _refresh_in_sight(self) -> None:
        state = self.windowState()
        if self.isVisible() and not state & Qt.WindowState.WindowMinimized:
            self.refresh()

    def cross(self) -> None:
        """Go from the list of pages to the page, or back."""
        focused, page = self.focusWidget(), self.page
        if page is None or (focused is not None and page.isAncestorOf(focused)):
            self.navigation.list.setFocus()
        else:
            page.setFocus()
