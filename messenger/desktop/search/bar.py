"""The bar that searches in the open conversation."""

from PyQt6.QtCore import QEvent, QObject, Qt, pyqtSignal
from PyQt6.QtGui import QKeyEvent
from PyQt6.QtWidgets import QHBoxLayout

from messenger.desktop.bridge import Bridge
from messenger.desktop.search.running import RunningSearch
from messenger.desktop.search.stepping import Stepping
from messenger.language import _
from messenger.windows.look.tokens import Space
from messenger.windows.widgets.buttons import IconButton
from messenger.windows.widgets.labels import text as text_label
from messenger.windows.widgets.search_field import SearchField


class SearchBar(Stepping):
    """Goes from hit to hit, from the latest back; Enter goes on, Shift+Enter back, Esc closes.

    Signals: `jump_wanted`, with the message to show; `words_changed`, with what to mark in the
    messages, empty for nothing; `closed`.
    """

    jump_wanted = pyqtSignal(object)
    words_changed = pyqtSignal(str)
    closed = pyqtSignal()

    def __init__(self, bridge: Bridge) -> None:
        super().__init__()
        self.setObjectName("head")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._search = RunningSearch(bridge, self)
        self._place = -1
        prompt = _("Search in this conversation")
        self.field = SearchField(prompt, prompt)
        self.count = text_label("", small=True, wrap=False)
        self.earlier = IconButton("caret-up", _("Earlier result"))
        self.later = IconButton("caret-down", _("Later result"))
        close = IconButton("x", _("Close the search"))
        layout = QHBoxLayout(self)
        layout.setContentsMargins(Space.M, Space.S, Space.S, Space.S)
        layout.setSpacing(Space.XS)
        layout.addWidget(self.field, 1)
        layout.addSpacing(Space.XS)
        layout.addWidget(self.count)
        for button in (self.earlier, self.later, close):
            layout.addWidget(button)
        self.setFocusProxy(self.field)
        self.field.textChanged.connect(self._search.begin)
        self.field.installEventFilter(self)
        self.earlier.clicked.connect(lambda: self.step(1))
        self.later.clicked.connect(lambda: self.step(-1))
        close.clicked.connect(self.close_bar)
        self._search.begun.connect(self._begun)
        self._search.found.connect(self._found)
        self._show_count()
        self.hide()

    @property
    def conversation(self) -> str | None:
        """The conversation that is searched."""
        return self._search.conversation

    def open_bar(self, conversation: str, words: str = "") -> None:
        """Show it for a conversation; without words it keeps those of the last time there."""
        if conversation != self._search.conversation:
            self._search.conversation = conversation
            self.field.setText(words)
        elif words:
            self.field.setText(words)
        self._search.begin(self.field.text())
        self.show()
        self.field.setFocus()
        self.field.selectAll()

    def close_bar(self) -> None:
        """Hide it, and end the search; nothing is marked any more."""
        if not self.isHidden():
            self.hide()
            self._search.begin("")
            self.closed.emit()

    def turn_to(self, conversation: str) -> None:
        """Another conversation was opened: the search in the last one is over."""
        if conversation != self._search.conversation:
            self.close_bar()

    def step(self, by: int) -> None:
        """Go on by so many hits, to earlier messages; below 0 to later ones."""
        count = len(self._search.messages)
        if not count:
            return
        place = self._place + by
        if place >= count and not self._search.is_complete:
            self._search.go_on()  # Its page is shown when it arrives.
            return
        self._show(place % count)

    def eventFilter(self, watched: QObject | None, event: QEvent | None) -> bool:
        """Take the keys that the field has in this bar only."""
        if isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress:
            if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
                is_back = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
                self.step(-1 if is_back else 1)
                return True
            if event.key() == Qt.Key.Key_Escape:
                self.close_bar()
                return True
        return super().eventFilter(watched, event)

    # --- results ---------------------------------------------------------------------------------

    def _begun(self) -> None:
        self._place = -1
        self._show_count()
        self.words_changed.emit(self._search.words)

    def _found(self) -> None:
        if self._place + 1 < len(self._search.messages):
            self._show(self._place + 1)
        else:
            self._show_count()

    def _show(self, place: int) -> None:
        self._place = place
        self._show_count()
        self.jump_wanted.emit(self._search.messages[place])

    def _show_count(self) -> None:
        count = len(self._search.messages)
        self.earlier.setEnabled(count > 0)
        self.later.setEnabled(count > 0)
        if count:
            total = str(count) if self._search.is_complete else f"{count}+"
            said = _("{place} of {count}", place=self._place + 1, count=total)
        else:
            is_over = bool(self._search.words) and not self._search.is_running
            said = _("Nothing found") if is_over else ""
        self.count.setText(said)
        self.field.setAccessibleDescription(said)
