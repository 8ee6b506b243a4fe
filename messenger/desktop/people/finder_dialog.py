"""A dialog that finds what is typed, and does something with what is chosen."""

from collections.abc import Callable
from typing import NamedTuple

from PyQt6.QtCore import QEvent, QObject, Qt, QTimer, pyqtSignal
from PyQt6.QtGui import QKeyEvent
from PyQt6.QtWidgets import QWidget

from messenger.desktop.bridge import Bridge, Task
from messenger.desktop.name_list import NameList
from messenger.desktop.people.found_list import FoundDelegate, FoundModel
from messenger.language import N_, _
from messenger.sdk.client import Client
from messenger.ui.errors import explain
from messenger.ui.finders import Finder
from messenger.windows.look.tokens import Space
from messenger.windows.widgets.dialog import Dialog
from messenger.windows.widgets.labels import text as text_label
from messenger.windows.widgets.search_field import SearchField

_LIST_HEIGHT = 330
_SMALLEST_LIST = 130
_BESIDE_LIST = 220
"""The height of the rest of the dialog, and of what stays free around it."""
_PAUSE = 120
"""Milliseconds without a key after which the server is asked."""
_PAGE = 7
_STEPS = {
    Qt.Key.Key_Up: -1, Qt.Key.Key_Down: 1, Qt.Key.Key_PageUp: -_PAGE, Qt.Key.Key_PageDown: _PAGE,
}  # fmt: skip


class Search(NamedTuple):
    """What a dialog finds, and what it does with it.

    `finder` makes the finder, and `do` gets the client and what was chosen, and returns the name
    that the dialog passes on: both in a thread. Texts are untranslated. `asks_server`: the finder
    does.
    """

    title: str
    prompt: str
    finder: Callable[[Client], Finder]
    do: Callable[[Client, str], str] | None = None
    asks_server: bool = False
    help: str = ""
    nothing: str = N_("Nothing found.")


class FinderDialog(Dialog):
    """Finds while the user types; Up and Down choose, Enter goes on.

    Signals: `chosen`, the name that was chosen, after the dialog has done its part and closed.
    """

    chosen = pyqtSignal(str)

    def __init__(self, bridge: Bridge, search: Search, parent: QWidget | None = None) -> None:
        super().__init__(_(search.title), parent, width=440, margin=Space.L)
        self._bridge = bridge
        self._search = search
        self._finder: Finder | None = None
        self._task: Task | None = None
        self._goes_on = False
        self.edit = SearchField(_(search.prompt), _(search.prompt))
        self.edit.installEventFilter(self)
        self._model = FoundModel()
        self.list = NameList(_("Results"))
        self.list.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.list.setModel(self._model)
        self.list.setItemDelegate(FoundDelegate(self.list))
        window = parent.window() if parent is not None else None
        room = window.height() - _BESIDE_LIST if window is not None else _LIST_HEIGHT
        self.list.setFixedHeight(max(_SMALLEST_LIST, min(_LIST_HEIGHT, room)))
        if search.help:
            self.body.addWidget(text_label(_(search.help), soft=True))
        self.body.addWidget(self.edit)
        self.body.addWidget(self.list)
        self._pause = QTimer(self)
        self._pause.setSingleShot(True)
        self._pause.setInterval(_PAUSE if search.asks_server else 0)
        self._pause.timeout.connect(self._find)
        self.edit.textChanged.connect(lambda _text: self._begin())
        self.list.opened.connect(self._choose)
        self.finished.connect(self._stop)
        self._find()

    @property
    def found(self) -> list[tuple[str, str]]:
        """The results that are shown."""
        return self._model.found

    def eventFilter(self, _watched: QObject | None, event: QEvent | None) -> bool:
        """Have keys in the field act on the list."""
        if not isinstance(event, QKeyEvent) or event.type() is not QEvent.Type.KeyPress:
            return False
        if event.key() in _STEPS:
            self.list.step(_STEPS[Qt.Key(event.key())])
            return True
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._go_on()
            return True
        return False

    # --- finding ---------------------------------------------------------------------------------

    @property
    def _is_finding(self) -> bool:
        return self._task is not None or self._pause.isActive()

    def _begin(self) -> None:
        """Find what is typed now; what was asked for earlier is not wanted any more."""
        self.show_error("")
        self._drop_task()
        self._pause.start()

    def _find(self) -> None:
        self._drop_task()
        words = self.edit.text()
        lane = self._bridge.request if self._search.asks_server else self._bridge.read
        self._task = lane(
            lambda client: self._made(client)(words), self._show, owner=self, failed=self._failed
        )

    def _made(self, client: Client) -> Finder:
        """Return the finder, in a thread."""
        if self._finder is None:
            self._finder = self._search.finder(client)
        return self._finder

    def _show(self, found: list[tuple[str, str]] | None) -> None:
        self._task = None
        self._model.show(found or [])
        self.list.show_empty(_(self._search.nothing) if found is not None else "")
        self.list.choose(self._model.index(0))
        self.shown()
        if self._goes_on:
            self._go_on()

    def shown(self) -> None:
        """Results are shown: for dialogs that show more about them."""

    def _drop_task(self) -> None:
        if self._task is not None:
            self._task.cancel()
            self._task = None

    def _stop(self) -> None:
        self._pause.stop()
        self._drop_task()

    # --- choosing --------------------------------------------------------------------------------

    def _go_on(self) -> None:
        """Go on with the chosen result: with that for what is typed, not for what was before."""
        self._goes_on = self._is_finding
        if not self._goes_on:
            self.list.activate()

    def _choose(self, name: str) -> None:
        do = self._search.do
        if do is None:
            self._done(name)
            return
        self.set_busy(True)
        self._bridge.request(
            lambda client: do(client, name), self._done, owner=self, failed=self._failed
        )

    def _done(self, name: str) -> None:
        self.accept()
        self.chosen.emit(name)

    def _failed(self, error: Exception) -> None:
        self._task = None
        self._goes_on = False
        self.set_busy(False)
        self.show_error(explain(error))
        self.edit.setFocus()
