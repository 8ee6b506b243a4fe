"""The main window: conversations on the left, the chat, a panel about it on the right."""

from collections.abc import Callable
from itertools import pairwise
from typing import Any

from PyQt6.QtCore import QByteArray, QEvent, pyqtSignal
from PyQt6.QtGui import QCloseEvent
from PyQt6.QtWidgets import QDialog, QMainWindow, QWidget

from messenger.desktop.about import About
from messenger.desktop.bridge import Bridge
from messenger.desktop.chat_panel import ChatPanel
from messenger.desktop.columns import Columns
from messenger.desktop.connection_bar import ConnectionBar
from messenger.desktop.controller import DesktopController
from messenger.desktop.conversations.panel import ConversationsPanel
from messenger.desktop.messages.model import MessagesModel
from messenger.desktop.messages.pages import ConversationPages
from messenger.desktop.messages.view import MessageView
from messenger.desktop.notifications.notifications import Notifications, session_bus
from messenger.desktop.search.bar import SearchBar
from messenger.desktop.security.notices import Notices
from messenger.desktop.side_panel import SidePanel
from messenger.desktop.window_actions import WindowActions
from messenger.desktop.wishes import Ending
from messenger.desktop.writing.composer import Composer
from messenger.desktop.writing.foot import Foot
from messenger.jim.names import EVERYONE
from messenger.language import _
from messenger.sdk.profiles import Profile
from messenger.sdk.store import StoredMessage
from messenger.ui.notices import Notice
from messenger.ui.prompts import Prompter
from messenger.ui.settings import text_scale
from messenger.ui.wording import preview, shown_name
from messenger.windows.look.theme import theme

_SMALLEST = (360, 480)
_FIRST_SIZE = (1080, 720)


class MainWindow(QMainWindow):
    """A user's conversations.

    Signals: `closing`, when the window closes for good; `leaving`, with a wish (`wishes`) for which
    window and client have to close first.

    It makes the parts, connects them, and is what commands see (`messenger.ui.command_threads`): so
    it has more attributes and methods than other classes. What menus and keys do is in `actions`.
    """

    closing = pyqtSignal()
    leaving = pyqtSignal(object)

    def __init__(
        self,
        bridge: Bridge,
        profile: Profile,
        prompter: Prompter,
        *,
        to: str = EVERYONE,
        invite: Callable[[], object] | None = None,
        add_account: Callable[[str], bool] | None = None,
    ) -> None:
        """`invite` shows how others can join the server of this computer, if it has one.

        `add_account` lets the user choose another account, which gets a window of its own, or make
        one by an invitation link, unless that is empty; it returns whether that has begun.
        """
        super().__init__()
        self.invite = invite
        self.add_account = add_account
        self.bridge = bridge
        self.profile = profile
        self.controller = DesktopController(bridge, profile, prompter, self, to)
        self.conversations = ConversationsPanel(bridge, to)
        self.model = MessagesModel(bridge.me)
        self.messages = MessageView(self.model)
        self.pages = ConversationPages(bridge, self.messages)
        self.composer = Composer(bridge, self.controller.preferences.recent_emoji)
        self.foot = Foot(bridge, self.composer, self.conversations.blocks)
        self.chat = ChatPanel(self.messages, self.foot)
        self.side = SidePanel()
        self.columns = Columns(self.conversations, self.chat, self.side)
        self.about = About(bridge, self)
        self.connection = ConnectionBar(bridge)
        self.search = SearchBar(bridge)
        self.actions_of = WindowActions(self)
        self.notices = Notices(bridge, self.actions_of, self)
        self.notifications = Notifications(
            bridge,
            self,
            lambda: self.controller.preferences,
            lambda: self.controller.current,
            lambda: self.conversations.blocks.names,
            bus=session_bus(),
        )
        self._build()
        self._connect()
        self.actions_of.install()
        self.apply_preferences()
        self.go_to(to)

    def _build(self) -> None:
        self.setMinimumSize(*_SMALLEST)
        size = self.controller.preferences.window_size
        if not (size and self.restoreGeometry(QByteArray.fromBase64(size.encode()))):
            self.resize(*_FIRST_SIZE)
        self.chat.add_bar(self.connection)
        self.chat.add_bar(self.search)
        self.chat.add_notices(self.notices.account)
        self.chat.add_notices(self.notices.conversation)
        self.setCentralWidget(self.columns)
        head = self.chat.head
        order = (
            self.conversations.list, head.back, head.title, head.search, head.information,
            head.more, self.messages, self.composer.input,
        )  # fmt: skip
        for first, second in pairwise(order):
            QWidget.setTabOrder(first, second)

    def _connect(self) -> None:
        head, actions = self.chat.head, self.actions_of
        self.conversations.opened.connect(self.go_to)
        self.conversations.row_changed.connect(self._row_changed)
        self.conversations.information_wanted.connect(actions.show_information)
        self.conversations.verify_wanted.connect(actions.verify)
        self.conversations.left.connect(self.leave)
        head.back_wanted.connect(self.columns.show_list)
        head.information_wanted.connect(lambda: actions.show_information(self.controller.current))
        head.search_wanted.connect(actions.search_here)
        self.columns.narrowed.connect(head.back.setVisible)
        self.about.changed.connect(self._show_head)
        self.search.jump_wanted.connect(self.pages.show_message)
        self.search.words_changed.connect(self.messages.mark)
        self.search.closed.connect(self.composer.setFocus)
        self.side.closed.connect(self._panel_closed)
        self.messages.resend_wanted.connect(self.pages.resend)
        self.messages.link_opened.connect(actions.open_link)
        self.messages.sender_clicked.connect(actions.show_information)
        self.messages.report_wanted.connect(actions.dialogs.report_message)
        self.conversations.report_wanted.connect(actions.dialogs.report)
        self.conversations.blocks.changed.connect(self.model.hide)
        self.messages.typed.connect(self._type)
        self.composer.sent.connect(self.written)
        self.composer.command_entered.connect(self._run_command)
        self.composer.information_wanted.connect(actions.show_information)
        self.composer.emoji_used.connect(actions.note_emoji)
        self.connection.login_wanted.connect(self.notices.actions.log_in)
        self.bridge.failed.connect(self.note)
        self.conversations.loaded.connect(self.notifications.take_rows)
        self.notifications.opened.connect(lambda name: self.go_to(name) if name else None)

    # --- what commands see -----------------------------------------------------------------------

    def note(self, text: str) -> None:
        """Show a note of the program below the messages."""
        self.model.note(text)

    def show_output(self, number: int, command: str, text: str, *, refused: bool = False) -> None:
        """Show output of a command below the messages, until it is closed."""
        self.chat.output.show_output(number, command, text, refused=refused)

    def go_to(self, name: str, *, keeps_output: bool = False) -> None:
        """Open a conversation, with its draft."""
        name = EVERYONE if name == "#" else name
        if name != self.pages.name:  # A double click opens a conversation twice.
            self._turn_to(name)
            self.pages.open(name)
        if not keeps_output:
            self.chat.output.close_output()
        self.columns.show_chat()
        self.composer.setFocus()

    def go_to_message(self, message: StoredMessage) -> None:
        """Open a conversation at a message, which is highlighted."""
        self._turn_to(message.conversation)
        self.pages.show_message(message)
        self.columns.show_chat()

    def written(self, message: StoredMessage) -> None:
        """Show a message of the user; a note if it went to another conversation."""
        output = self.chat.output
        # A refusal stays: without it the user may not notice that, say, /msg opened no chat.
        if not output.is_refused:
            output.close_output()
        if message.conversation == self.controller.current:
            self.pages.written(message)
        else:
            to, text = shown_name(message.conversation), preview(message.text)
            self.note(_("Written to {name}: {text}", name=to, text=text))

    def load_older(self) -> None:
        """Scroll back, which loads older messages."""
        self.pages.scroll_back()

    def show_help(self, usages: list[str]) -> None:
        """Show the commands and the keys."""
        del usages  # The sheet has them all.
        self.actions_of.help()

    def apply_preferences(self) -> None:
        """Apply the settings to the window."""
        preferences = self.controller.preferences
        theme.apply(preferences.theme, text_scale(preferences))
        self.composer.set_sends_with(preferences.send_key)

    def show_notice(self, notice: Notice) -> None:
        """Show a notice with buttons for its actions."""
        self.notices.show_notice(notice)

    def show_code(self, text: str) -> None:
        """Show a text as a QR code."""
        self.actions_of.dialogs.show_code(text)

    # --- what happens ----------------------------------------------------------------------------

    def _row_changed(self, name: str) -> None:
        if name == self.controller.current:
            row = self.conversations.row(name)
            self.model.encrypt(is_encrypted=row is not None and row.encrypted)
            self._show_head()

    def _panel_closed(self) -> None:
        """End what the panel has marked, and go back to writing."""
        if not self.search.isVisible():
            self.messages.mark("")
        self.composer.setFocus()

    def _show_head(self) -> None:
        name = self.controller.current
        self.chat.head.show_conversation(name, self.conversations.row(name), self.about.text)

    def leave(self, room: str) -> None:
        """Show something else than a room that the user has left."""
        if room == self.controller.current:
            self.go_to(EVERYONE)

    def _turn_to(self, name: str) -> None:
        self.controller.current = name
        self.conversations.show_open(name)
        self.composer.turn_to(name, self.conversations.row(name))
        self.foot.turn_to(name)
        self.about.open(name)
        self.notices.open(name)
        self.search.turn_to(name)
        self.actions_of.turn_to(name)
        self._show_head()

    def _type(self, text: str) -> None:
        """Write in the input field what was typed while the messages had the keyboard."""
        self.composer.setFocus()
        self.composer.insert(text)

    def _run_command(self, line: str, at: str) -> None:
        self.chat.output.close_output()

        def ended(_none: Any) -> None:
            if (knows := self.controller.logged_out) is not None:
                self.leaving.emit(Ending.LOGGED_OUT if knows else Ending.LOGGED_OUT_OFFLINE)
            elif self.controller.leaving:
                self.quit()

        self.bridge.request(lambda _client: self.controller.run(line, at), ended, owner=self)

    def quit(self) -> None:
        """Close the window for good: the program ends."""
        self.notifications.background.quit()

    def put_away(self) -> None:
        """Close the window and its dialogs; the program goes on."""
        for dialog in self.findChildren(QDialog):
            dialog.close()
        self.notifications.background.put_away()

    # --- the window ------------------------------------------------------------------------------

    def changeEvent(self, event: QEvent | None) -> None:
        """Mark as read, and ask for presence, only while somebody looks."""
        super().changeEvent(event)
        if event is not None and event.type() is QEvent.Type.ActivationChange:
            self.pages.set_watched(self.isActiveWindow())
            self.about.is_watched = self.isVisible() and not self.isMinimized()

    def closeEvent(self, event: QCloseEvent | None) -> None:
        """Store the draft and the size of the window; whoever listens ends the program."""
        self.composer.store_draft()
        self.actions_of.note_size(bytes(self.saveGeometry().toBase64().data()).decode())
        self.closing.emit()
        super().closeEvent(event)
