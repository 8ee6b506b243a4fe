"""The foot of a conversation: the input field, what protects it, emoji, and the button to send."""

from collections.abc import Iterable
from functools import partial
from typing import Any

from PyQt6.QtCore import Qt, pyqtSignal
from PyQt6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from messenger.desktop.bridge import Bridge
from messenger.desktop.writing.completing import Completing
from messenger.desktop.writing.drafting import Drafting
from messenger.desktop.writing.emoji_picker import EmojiPicker
from messenger.desktop.writing.input import MessageInput
from messenger.desktop.writing.lock_button import LockButton
from messenger.language import _
from messenger.sdk.events import SummariesChanged
from messenger.sdk.store import ConversationSummary, StoredMessage
from messenger.ui.errors import explain
from messenger.ui.sent_texts import SentTexts
from messenger.ui.texts import cleaned, is_command, message_of
from messenger.ui.typing import TypingSender
from messenger.ui.wording import shown_name
from messenger.windows.look.tokens import Space
from messenger.windows.widgets.buttons import IconButton
from messenger.windows.widgets.labels import text as text_label

_SPACING = 6


class Composer(QWidget):
    """Writes to the conversation that it is turned to.

    Signals: `sent`, with the message as it is stored, for the view to show; `command_entered`, with
    a line that begins with a slash and the conversation it was typed in; `information_wanted`, with
    a name, for who wants to know more about its encryption; `emoji_used`, with an emoji.

    It has more attributes than other classes: the widgets, and the parts that it connects.
    """

    sent = pyqtSignal(object)
    command_entered = pyqtSignal(str, str)
    information_wanted = pyqtSignal(str)
    emoji_used = pyqtSignal(str)

    def __init__(self, bridge: Bridge, recent_emoji: Iterable[str] = ()) -> None:
        super().__init__()
        self.setObjectName("foot")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._bridge = bridge
        self._sent_texts = SentTexts()
        self._typing = TypingSender(bridge.client)
        self._recent = tuple(recent_emoji)
        self._is_loading = False
        self.input = MessageInput()
        self.lock = LockButton()
        self.emoji = IconButton("smiley", _("Emoji"))
        self.send = IconButton("paper-plane-right", _("Send"), colour="on_accent")
        self.send.setObjectName("send")
        self._problem = text_label("")
        self._problem.setObjectName("error")
        self._problem.hide()
        self.picker: EmojiPicker | None = None
        self.drafting = Drafting(bridge)
        self.drafting.setParent(self)
        self.completing = Completing(bridge, self.input)
        self._arrange()
        self._connect()

    def _arrange(self) -> None:
        row = QHBoxLayout()
        row.setSpacing(_SPACING)
        row.addWidget(self.input, 1, Qt.AlignmentFlag.AlignBottom)
        for button in (self.lock, self.emoji, self.send):
            row.addWidget(button, 0, Qt.AlignmentFlag.AlignBottom)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(Space.M, _SPACING + 3, Space.M - 2, _SPACING + 3)
        layout.setSpacing(Space.XS)
        layout.addWidget(self._problem)
        layout.addLayout(row)
        self.setFocusProxy(self.input)
        for one, following in (
            (self.input, self.send),
            (self.send, self.emoji),
            (self.emoji, self.lock),
        ):
            QWidget.setTabOrder(one, following)

    def _connect(self) -> None:
        self.input.submitted.connect(self.submit)
        self.input.recall_wanted.connect(self._recall)
        self.input.too_long.connect(self._refuse_pasted)
        self.input.textChanged.connect(self._text_changed)
        self.send.clicked.connect(self._send_clicked)
        self.emoji.clicked.connect(self.open_picker)
        self.lock.clicked.connect(lambda: self.information_wanted.emit(self.conversation))
        self.drafting.loaded.connect(self._load)
        self._bridge.happened.connect(self._take_events)

    # --- conversations ---------------------------------------------------------------------------

    @property
    def conversation(self) -> str:
        """The conversation that the text goes to."""
        return self.drafting.conversation

    def turn_to(self, name: str, row: ConversationSummary | None = None) -> None:
        """Write to another conversation: the draft is stored, and the other's is shown.

        Without the `row` of the list it is read.
        """
        if name == self.conversation:
            return
        self.show_problem("")
        self.drafting.turn_to(name)
        self._sent_texts.leave()
        self.completing.turn_to(name)
        self.lock.show_security(name, row)
        self.input.setAccessibleName(_("Message to {name}", name=shown_name(name)))
        if row is None:
            self._bridge.read(
                lambda client: client.store.summary(name),
                lambda found: self._show_row(name, found),
                owner=self,
            )

    def store_draft(self) -> None:
        """Store and share the draft: the window is closing."""
        self.drafting.keep()
        self.drafting.share()

    def _show_row(self, name: str, row: ConversationSummary | None) -> None:
        if name == self.conversation:
            self.lock.show_security(name, row)

    def _take_events(self, events: list[Any]) -> None:
        for event in events:
            if isinstance(event, SummariesChanged):
                self.drafting.take_rows(event.summaries)
                for row in event.summaries:
                    self._show_row(row.name, row)

    # --- sending ---------------------------------------------------------------------------------

    def set_sends_with(self, keys: str) -> None:
        """Set what sends: `enter`, or `ctrl+enter`."""
        self.input.sends_with = keys

    def submit(self) -> None:
        """Send the text, or run the command."""
        text = cleaned(self.input.text()).strip()
        if not text:
            return
        to = self.conversation
        self._sent_texts.add(text)
        self.completing.hide()
        self._load("")
        if is_command(text):
            self.drafting.sent()
            self.command_entered.emit(text, to)
            return
        self._bridge.write(
            # The draft is stored behind it: the user may have typed the next text by then.
            lambda client: client.send_text(to, message_of(text), keep_draft=True),
            self._stored,
            owner=self,
            failed=partial(self._put_back, to, text),
        )
        self.drafting.sent()

    @property
    def problem(self) -> str:
        """What is said to have gone wrong, if anything."""
        return self._problem.text()

    def show_problem(self, sentence: str) -> None:
        """Say above the field what went wrong; an empty text takes that back."""
        self._problem.setText(sentence)
        self._problem.setAccessibleName(sentence)
        self._problem.setVisible(bool(sentence))

    def _send_clicked(self) -> None:
        self.submit()
        self.input.setFocus()

    def _stored(self, message: StoredMessage) -> None:
        self._bridge.write(lambda _client: self._typing.wrote(message.conversation), owner=self)
        self.sent.emit(message)

    def _put_back(self, to: str, text: str, error: Exception) -> None:
        """Whatever has failed, the user's text is not lost."""
        self.drafting.put_back(to, text)
        sentence = explain(error)
        if to == self.conversation:
            self.show_problem(sentence)
        else:
            self._bridge.failed.emit(sentence)

    # --- the text --------------------------------------------------------------------------------

    def insert(self, text: str) -> None:
        """Insert a text at the cursor, as if it were typed."""
        self.input.insertPlainText(text)
        self.input.ensureCursorVisible()

    def _load(self, text: str) -> None:
        """Show a text that the user has not typed just now."""
        self._is_loading = True
        try:
            self.input.load(text)
        finally:
            self._is_loading = False
        self.completing.hide()

    def _text_changed(self) -> None:
        if self._is_loading:
            return
        text, to = self.input.text(), self.conversation
        self.drafting.changed(text)
        self.show_problem("")
        if is_command(text):
            return
        typed = self._typing.typed if text else self._typing.stopped
        self._bridge.write(lambda _client: typed(to), owner=self, failed=lambda _error: None)

    def _refuse_pasted(self, length: int) -> None:
        said = _("The pasted text is {count} characters long: too long for a message", count=length)
        self.show_problem(said)

    def _recall(self, older: bool) -> None:
        text = self.input.text()
        if text and text != self._sent_texts.recalled:
            return  # Up and Down belong to what is being written.
        found = self._sent_texts.older(text) if older else self._sent_texts.newer()
        if found is not None:
            self.input.put(found)

    # --- emoji -----------------------------------------------------------------------------------

    def open_picker(self) -> None:
        """Show the emoji; the catalogue is loaded when this is done first."""
        if self.picker is None:
            self.picker = EmojiPicker(self._bridge, self._recent, self)
            self.picker.chosen.connect(self._insert_emoji)
            self.picker.closed.connect(self.input.setFocus)
        self.picker.open_above(self.emoji)

    def _insert_emoji(self, emoji: str) -> None:
        self.insert(emoji)
        self.emoji_used.emit(emoji)
