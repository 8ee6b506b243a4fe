"""Completes what is typed in the input field: names, commands, emoji."""

import re

from PyQt6.QtCore import QEvent, QObject, Qt
from PyQt6.QtGui import QKeyEvent

from messenger.desktop.bridge import Bridge
from messenger.desktop.writing.emoji_catalogue import Catalogue, catalogue
from messenger.desktop.writing.input import MessageInput
from messenger.desktop.writing.suggestions import SuggestionPopup
from messenger.jim.names import is_room
from messenger.sdk.client import Client
from messenger.ui.completion import Candidate, complete
from messenger.ui.people import in_order, people_in

_RECENT = 50
"""Messages whose senders are likely to be mentioned."""
_WHOLE_NAME = re.compile(r"(?<![\w:/]):([\w+-]+):$")


class Completing(QObject):
    """Shows completions of a field, and inserts the chosen one.

    It reads names when they are first needed in a conversation, and the emoji with the first colon.
    """

    def __init__(self, bridge: Bridge, field: MessageInput) -> None:
        super().__init__(field)
        self._bridge = bridge
        self._field = field
        self._popup: SuggestionPopup | None = None
        self._start = 0
        self._conversation = ""
        self._names: list[str] = []
        self._members: list[str] = []
        self._has_asked = False
        self._emoji: Catalogue | None = None
        field.takes_key = self.takes_key
        field.takes_tab = lambda: self.is_shown and bool(self.popup.candidates)
        field.takes_escape = lambda: self.is_shown
        field.touched.connect(self._touched)
        field.installEventFilter(self)

    @property
    def popup(self) -> SuggestionPopup:
        """The list; made when it is first needed, in the window that the field is in by then."""
        if self._popup is None:
            window = self._field.window()
            assert window is not None  # a widget's window is at least itself
            self._popup = SuggestionPopup(window)
            self._popup.chosen.connect(self._choose)
            window.installEventFilter(self)
        return self._popup

    @property
    def is_shown(self) -> bool:
        """Whether the list is shown."""
        return self._popup is not None and self._popup.isVisible()

    def turn_to(self, conversation: str) -> None:
        """Complete the names of another conversation."""
        self._conversation = conversation
        self._names, self._members, self._has_asked = [], [], False
        self.hide()

    def hide(self) -> None:
        """Hide the list."""
        if self._popup is not None:
            self._popup.hide()

    # --- keys ------------------------------------------------------------------------------------

    def takes_key(self, event: QKeyEvent) -> bool:
        """Take a key if it is for the list; return whether it was."""
        if not self.is_shown:
            return False
        if event.key() == Qt.Key.Key_Escape:
            self.hide()
            return True
        if not self.popup.candidates or event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier:
            return False
        return self._moves(event.key()) or self._accepts(event.key())

    def _moves(self, key: int) -> bool:
        if key not in (Qt.Key.Key_Up, Qt.Key.Key_Down):
            return False
        selected = self.popup.move_selection(1 if key == Qt.Key.Key_Down else -1)
        self._field.setAccessibleDescription(selected.label)
        return True

    def _accepts(self, key: int) -> bool:
        selected = self.popup.selected
        if key == Qt.Key.Key_Tab:
            selected = selected or self.popup.candidates[0]
        elif key not in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            return False
        if selected is None:  # Enter sends what is typed.
            return False
        self._choose(selected)
        return True

    def eventFilter(self, watched: QObject | None, event: QEvent | None) -> bool:
        """Hide the list when the field loses the focus; keep it above the field."""
        if event is not None and self.is_shown:
            if event.type() == QEvent.Type.FocusOut and watched is self._field:
                self.hide()
            elif event.type() == QEvent.Type.Resize:
                self.popup.place_above(self._field)
        return super().eventFilter(watched, event)

    # --- completions -----------------------------------------------------------------------------

    def _touched(self, typed: str) -> None:
        before = self._field.text_before_cursor()
        if ":" in before and self._emoji is None:
            self._bridge.read(lambda _client: catalogue(), self._take_emoji, owner=self)
        if ("@" in before or before.startswith("/")) and not self._has_asked:
            self._ask_for_names()
        if typed == ":" and self._emoji is not None:
            whole = _WHOLE_NAME.search(before)
            if whole is not None and (emoji := self._emoji.named(whole[1])):
                self._field.replace_before_cursor(whole[0], emoji)
                self.hide()
                return
        self._offer()

    def _offer(self) -> None:
        before = self._field.text_before_cursor()
        names = list(dict.fromkeys([*self._members, *self._names]))
        emoji = self._emoji.complete if self._emoji is not None else None
        found = complete(before, names, emoji)
        self._start = found.start
        if found.candidates or found.usage:
            self.popup.offer(found, self._field)
            selected = self.popup.selected
            self._field.setAccessibleDescription(selected.label if selected else found.usage)
        else:
            self.hide()
            self._field.setAccessibleDescription("")

    def _choose(self, candidate: Candidate) -> None:
        before = self._field.text_before_cursor()
        self._field.replace_before_cursor(before[self._start :], candidate.text)
        self.hide()
        self._offer_arguments()

    def _offer_arguments(self) -> None:
        """Go on with the arguments of a command that was chosen."""
        if self._field.text_before_cursor().startswith("/"):
            self._touched("")

    def _take_emoji(self, found: Catalogue) -> None:
        self._emoji = found
        self._offer_again()

    def _offer_again(self) -> None:
        """Something was read that completions are made of: the user may have gone on meanwhile."""
        if self._field.hasFocus():
            self._offer()

    # --- names -----------------------------------------------------------------------------------

    def _ask_for_names(self) -> None:
        self._has_asked = True
        conversation = self._conversation

        def take_names(names: list[str]) -> None:
            if conversation == self._conversation:
                self._names = [name for name in names if name != self._bridge.me]
                self._offer_again()

        def take_members(names: list[str]) -> None:
            if conversation == self._conversation:
                self._members = [name for name in names if name != self._bridge.me]
                self._offer_again()

        self._bridge.read(lambda client: known_names(client, conversation), take_names, owner=self)
        if is_room(conversation):
            self._bridge.request(
                lambda client: [
                    one.account_name for one in in_order(people_in(client, conversation))
                ],
                take_members,
                owner=self,
                failed=lambda _error: None,  # Offline the known names are enough.
            )


def known_names(client: Client, conversation: str) -> list[str]:
    """Return names that are likely to be typed: those who wrote here last, contacts, the list."""
    page = client.store.page(conversation, limit=_RECENT)
    senders = [message.sender for message in reversed(page)]
    other = [] if is_room(conversation) else [conversation]
    rows = [row.name for row in client.store.summaries()]
    return list(dict.fromkeys([*other, *senders, *client.store.contacts(), *rows]))
