"""The panel about a room: topic, encryption, members, and what its creator can change."""

from functools import partial
from typing import Any

from PyQt6.QtCore import Qt, pyqtSignal
from PyQt6.QtWidgets import QSizePolicy

from messenger.desktop.bridge import Bridge
from messenger.desktop.people.members import MembersView
from messenger.desktop.people.mute_button import MuteButton
from messenger.desktop.people.panel_parts import ActionButton, Card, Panel, Portrait
from messenger.desktop.people.room_actions import ask_to_close, ask_to_encrypt, ask_to_leave
from messenger.desktop.people.searches import invite
from messenger.desktop.people.topic import TopicEditor
from messenger.jim.names import EVERYONE
from messenger.language import _, ngettext
from messenger.sdk.events import SummariesChanged
from messenger.sdk.store import ConversationSummary
from messenger.ui.errors import explain
from messenger.ui.people import count_online
from messenger.ui.wording import shown_name, why_not_encrypted
from messenger.windows.widgets.buttons import DangerButton, LinkButton
from messenger.windows.widgets.labels import section
from messenger.windows.widgets.switch import Switch


class RoomPanel(Panel):
    """Shows a room, and what can be done.

    Signals: `opened`, `information_wanted` and `verify_wanted`, a member; `left`, the room that
    the user has left or closed.
    """

    opened = pyqtSignal(str)
    information_wanted = pyqtSignal(str)
    verify_wanted = pyqtSignal(str)
    left = pyqtSignal(str)

    def __init__(self, bridge: Bridge, name: str, *, is_closed: bool = False) -> None:
        super().__init__(_("Information about {name}", name=shown_name(name)))
        self.name = name
        self._bridge = bridge
        self._row: ConversationSummary | None = None
        self._is_closed = is_closed
        self.portrait = Portrait(name)
        self.topic = TopicEditor(bridge, name)
        self.encryption = Card()
        self.encrypt = LinkButton(_("Encrypt…"))
        self.history = Switch(_("History for new members"))
        self.members = MembersView(bridge, name)
        self.invite = ActionButton("user-plus", _("Invite"), _("Invite somebody"))
        self.mute = MuteButton(bridge, name)
        self.leave = ActionButton("sign-out", _("Leave"), _("Leave the room"))
        self.close_room = DangerButton(_("Close the room for good…"))
        # It may elide its text: the panel is never wider than its place.
        self.history.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self._members_title = section(_("Members"))
        self._build()
        self._connect()
        self._show_row()
        bridge.read(lambda client: client.summaries([name]), self._take_rows, owner=self)

    def _build(self) -> None:
        self.encryption.body.addWidget(self.encrypt, 0, Qt.AlignmentFlag.AlignLeft)
        self.encryption.body.addWidget(self.history)
        self.add(self.portrait)
        self.add(self.topic)
        self.add(self.invite, self.mute, self.leave)
        self.add(self.encryption)
        self.add(self._members_title)
        self.add_wide(self.members)
        self.add(self.close_room)

    def _connect(self) -> None:
        members = self.members
        members.changed.connect(self._show_row)
        members.opened.connect(self.opened)
        members.information_wanted.connect(self.information_wanted)
        members.verify_wanted.connect(self.verify_wanted)
        members.failed.connect(self.show_error)
        self.topic.failed.connect(self.show_error)
        self.invite.clicked.connect(self._invite)
        self.leave.clicked.connect(self._leave)
        self.close_room.clicked.connect(self._close)
        self.encrypt.clicked.connect(self._encrypt)
        self.history.clicked.connect(self._show_history)
        self._bridge.happened.connect(self._take)

    # --- what is shown ---------------------------------------------------------------------------

    def _take_rows(self, rows: list[ConversationSummary]) -> None:
        self._row = next((row for row in rows if row.name == self.name), self._row)
        self._show_row()

    def _show_row(self) -> None:
        row, people = self._row, self.members.people
        is_room = self.name != EVERYONE and not self._is_closed
        is_mine = is_room and self.members.is_mine
        self._show_count(len(people), count_online(people))
        self.topic.show_topic(row.topic if row is not None else "", may_edit=is_room)
        self.mute.show_row(row)
        for button in (self.invite, self.leave):
            button.setVisible(is_room)
        self.close_room.setVisible(is_mine)
        self._show_encryption(row)
        is_encrypted = row is not None and row.encrypted
        self.encrypt.setVisible(is_mine and not is_encrypted)
        self.history.setVisible(is_room)
        self.history.setEnabled(is_mine)
        self.history.setChecked(row is not None and row.history)

    def _show_count(self, members: int, online: int) -> None:
        said = ngettext("{count} member", "{count} members", members)
        online_said = ngettext("{count} online", "{count} online", online)
        if self._is_closed:
            self.portrait.show_lines(_("closed for good"))
        elif self.name == EVERYONE:  # The server lists those who are online only.
            self.portrait.show_lines(online_said)
        elif members:
            self.portrait.show_lines(f"{said}, {online_said}")
        title = _("Online") if self.name == EVERYONE else _("Members")
        self._members_title.setText(f"{title} ({members})" if members else title)

    def _show_encryption(self, row: ConversationSummary | None) -> None:
        if row is not None and row.encrypted:
            words = _("End-to-end encrypted: only members can read it.")
            self.encryption.say("lock-simple", "good", words)
        else:
            words = why_not_encrypted(self.name, row)
            self.encryption.say("lock-simple-open", "warn", words[:1].upper() + words[1:])

    # --- what happens ----------------------------------------------------------------------------

    def _take(self, events: list[Any]) -> None:
        changes = (one.summaries for one in events if isinstance(one, SummariesChanged))
        if rows := [row for rows in changes for row in rows if row.name == self.name]:
            self._take_rows(rows[-1:])

    def _failed(self, error: Exception) -> None:
        self.show_error(explain(error))
        self._show_row()  # A switch shows again what is the case.

    def _invite(self) -> None:
        invite(self._bridge, self.name, self)

    def _leave(self) -> None:
        then = partial(self.left.emit, self.name)
        ask_to_leave(self._bridge, self, self.name, then=then, failed=self._failed)

    def _close(self) -> None:
        then = partial(self.left.emit, self.name)
        ask_to_close(self._bridge, self, self.name, then=then, failed=self._failed)

    def _encrypt(self) -> None:
        ask_to_encrypt(self._bridge, self, self.name, failed=self._failed)

    def _show_history(self, shown: bool) -> None:
        self.show_error("")
        self._bridge.request(
            lambda client: client.show_history(self.name, shown=shown),
            owner=self,
            failed=self._failed,
        )
