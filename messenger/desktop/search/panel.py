"""The panel that searches in all conversations."""

from PyQt6.QtCore import QEvent, QObject, Qt, pyqtSignal
from PyQt6.QtGui import QHideEvent, QKeyEvent
from PyQt6.QtWidgets import QVBoxLayout

from messenger.desktop.bridge import Bridge
from messenger.desktop.name_list import NameList
from messenger.desktop.search.results import ResultsDelegate, ResultsModel
from messenger.desktop.search.running import RunningSearch
from messenger.desktop.search.stepping import Stepping
from messenger.language import _
from messenger.windows.look.tokens import Space
from messenger.windows.widgets.search_field import SearchField


class SearchPanel(Stepping):
    """Lists the messages that contain the words, the latest first.

    Signals: `opened`, with the message to show in its conversation; `words_changed`, with what to
    mark in the messages, empty for nothing.
    """

    opened = pyqtSignal(object)
    words_changed = pyqtSignal(str)

    def __init__(self, bridge: Bridge, words: str = "") -> None:
        super().__init__()
        self.setObjectName("page")
        self._search = RunningSearch(bridge, self)
        self.model = ResultsModel(self._search, bridge.me, self)
        prompt = _("Search all messages")
        self.field = SearchField(prompt, prompt)
        self.list = NameList(_("Results"))
        self.list.setModel(self.model)
        self.list.setItemDelegate(ResultsDelegate(self.list))
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, Space.M, 0, 0)
        layout.setSpacing(Space.S)
        top = QVBoxLayout()
        top.setContentsMargins(Space.M, 0, Space.M, 0)
        top.addWidget(self.field)
        layout.addLayout(top)
        layout.addWidget(self.list, 1)
        self.setFocusProxy(self.field)
        self.field.textChanged.connect(self._search.begin)
        self.field.installEventFilter(self)
        self.list.opened.connect(self._open)
        self.list.left.connect(self.field.setFocus)
        self._search.begun.connect(self._begun)
        self._search.found.connect(self._found)
        self._say_why_empty()
        self.field.setText(words)

    def hideEvent(self, event: QHideEvent | None) -> None:
        """Have nothing marked any more."""
        super().hideEvent(event)
        self.words_changed.emit("")

    def step(self, by: int) -> None:
        """Open the next result, or the one before."""
        if self.model.rowCount():
            self.list.step(by)
            self.list.activate()

    def eventFilter(self, watched: QObject | None, event: QEvent | None) -> bool:
        """Go from the field to the results by Down, and open one by Enter."""
        if isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress:
            if event.key() == Qt.Key.Key_Down and self.model.rowCount():
                self.list.setFocus()
                return True
            if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
                is_back = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
                self.step(-1 if is_back else 1)
                return True
        return super().eventFilter(watched, event)

    def _begun(self) -> None:
        self._say_why_empty()
        self.words_changed.emit(self._search.words)

    def _found(self) -> None:
        self._say_why_empty()

    def _say_why_empty(self) -> None:
        if self._search.is_running:
            said = ""
        elif self._search.words:
            said = _("No messages found.")
        else:
            said = _("Search the text of all messages that are stored on this computer.")
        self.list.show_empty(said)

    def _open(self, message_id: str) -> None:
        row = self.model.row_of(message_id)
        self.list.choose(self.model.index(row))
        self.opened.emit(self.model.message(row))
