"""Notices as calm banners: those of the user's account, and those of the open conversation."""

from collections.abc import Callable
from functools import partial
from typing import NamedTuple

from PyQt6.QtCore import QObject, Qt, pyqtSignal
from PyQt6.QtWidgets import QVBoxLayout, QWidget

from messenger.desktop.bridge import Bridge
from messenger.desktop.security.actions import LABELS, Actions, Window
from messenger.desktop.security.server_changed import ServerChangedDialog
from messenger.language import _, ngettext
from messenger.sdk.events import IdentityChanged, RecoveryChanged, StateChanged, VerificationChanged
from messenger.sdk.key_states import Recovery, RecoveryState
from messenger.sdk.server_identity import ServerChanged
from messenger.sdk.verbs.devices import KnownDevice
from messenger.ui.notice_list import Entry, NoticeList
from messenger.ui.notices import Notice, NoticeAction, notice_of
from messenger.ui.server_keys import change_of, trust_server
from messenger.windows.look.tokens import Space
from messenger.windows.widgets.banner import Banner
from messenger.windows.widgets.buttons import LinkButton
from messenger.windows.widgets.dialog import open_dialog

_AT_ONCE = 2
"""Banners of one place; older ones are counted below them until the user wants to see them."""

_ICONS: dict[str, str] = {
    "approval": "shield-warning",
    "comparison": "smiley",
    "device": "device-mobile",
    "devices": "device-mobile",
    "failed": "warning-circle",
    "identity": "shield-warning",
    "invitation": "hash",
    "login": "sign-in",
    "members": "user-plus",
    "recovery": "key",
    "server": "shield-warning",
}
"""The icon of a notice, by what it is about."""


class Button(NamedTuple):
    """A button of a banner."""

    text: str
    do: Callable[[], object]


class Banners(QWidget):
    """Shows the latest notices of one place, and how many more there are.

    Signals: `closed`, with the notice that the user has closed.
    """

    closed = pyqtSignal(object)

    def __init__(self, name: str) -> None:
        super().__init__()
        self.setObjectName(name)
        self._entries: list[Entry] = []
        self._shown: dict[int, Banner] = {}
        self._is_open = False
        self._layout = QVBoxLayout(self)
        self._layout.setContentsMargins(0, Space.S, 0, 0)
        self._layout.setSpacing(Space.XS)
        self._more = LinkButton("")
        self._more.clicked.connect(self._toggle)
        self._layout.addWidget(self._more, 0, Qt.AlignmentFlag.AlignHCenter)
        self.hide()

    @property
    def banners(self) -> list[Banner]:
        """What is shown, from top to bottom."""
        return list(self._shown.values())

    def show_entries(self, entries: list[Entry], buttons: Callable[[Entry], list[Button]]) -> None:
        """Show notices, the latest on top; those that are shown already stay as they are."""
        self._entries, self._buttons = entries, buttons
        visible = entries if self._is_open else entries[:_AT_ONCE]
        wanted = {one.id for one in visible}
        for number in [one for one in self._shown if one not in wanted]:
            banner = self._shown.pop(number)
            self._layout.removeWidget(banner)
            banner.hide()
            banner.deleteLater()
        banners = {one.id: self._shown.get(one.id) or self._made(one) for one in visible}
        self._shown = banners
        for place, banner in enumerate(banners.values()):
            if self._layout.indexOf(banner) != place:
                self._layout.insertWidget(place, banner)
                banner.show()
        self._count(len(entries) - _AT_ONCE)
        self.setVisible(bool(entries))

    def _made(self, entry: Entry) -> Banner:
        banner = Banner(entry.notice.text, icon_name=_ICONS.get(entry.key[0], "info"))
        for button in self._buttons(entry):
            # It closes once the action has succeeded, not when its button is pressed.
            banner.add_action(button.text, button.do, closes=False)
        banner.closed.connect(lambda: self.closed.emit(entry))
        return banner

    def _count(self, hidden: int) -> None:
        self._more.setVisible(hidden > 0)
        self._is_open = self._is_open and hidden > 0
        if self._is_open:
            self._more.setText(_("Show fewer"))
        else:
            self._more.setText(ngettext("{count} more notice", "{count} more notices", hidden))

    def _toggle(self) -> None:
        self._is_open = not self._is_open
        self.show_entries(self._entries, self._buttons)


class Notices(QObject):
    """Turns the client's events into banners, and removes those that are obsolete.

    `account` and `conversation` are the places to put into the window; call `open` whenever another
    conversation is opened. A notice about a conversation waits until that is open.
    """

    def __init__(self, bridge: Bridge, window: Window, parent: QWidget) -> None:
        super().__init__(parent)
        self.account = Banners("account notices")
        self.conversation = Banners("conversation notices")
        self.actions = Actions(bridge, window, parent)
        self._bridge = bridge
        self._parent = parent
        self._list = NoticeList(bridge.me)
        self._current = ""
        self.actions.done.connect(self._done)
        self.actions.devices_changed.connect(self._look_at_devices)
        for banners in (self.account, self.conversation):
            banners.closed.connect(self._closed)
        bridge.happened.connect(self._take)
        # A code that was made at an earlier start may not be noted yet.
        bridge.read(lambda client: client.keys.recovery, self._remind, owner=self)

    def open(self, name: str) -> None:
        """Show the notices of another conversation."""
        self._current = name
        self._show()
        # The identity may have changed before this start: sending is blocked, and one has to know.
        self._bridge.read(
            lambda client: client.keys.has_changed(name),
            lambda has_changed: self._tell_change(name) if has_changed else None,
            owner=self,
        )

    def show_notice(self, notice: Notice, conversation: str = "") -> None:
        """Show a notice that no event has brought, such as the answer of a command."""
        self._list.add(notice, ("said", notice.text), conversation)
        self._show()

    # --- what happens --------------------------------------------------------------------------

    def _take(self, events: list[object]) -> None:
        changed = [self._takes(event) for event in events]
        if any(changed):
            self._show()

    def _takes(self, event: object) -> bool:
        """Take an event; return whether there is something else to show."""
        if isinstance(event, VerificationChanged):
            account = event.verification.account
            if account in self.actions.verifying:  # Its dialog shows it.
                return self._list.remove(("comparison", account))
        if isinstance(event, StateChanged) and isinstance(event.error, ServerChanged):
            title = change_of(event.error).title
            said = _("{title}: nothing is sent.", title=title)
            self._list.add(Notice(said), ("server", ""), event=event)
            return True
        return self._list.take(event)

    def _tell_change(self, name: str) -> None:
        known = any(one.key == ("identity", name) for one in self._list.of(name))
        if not known and (notice := notice_of(IdentityChanged(name, was_verified=True))):
            self._list.add(notice, ("identity", name), name)
            self._show()

    def _remind(self, recovery: Recovery) -> None:
        if recovery.state is RecoveryState.CODE_UNCONFIRMED:
            self._take([RecoveryChanged(recovery)])

    def _closed(self, entry: Entry) -> None:
        self._list.remove(entry.key)
        self._show()

    def _done(self, action: NoticeAction) -> None:
        if self._list.done(action):
            self._show()

    def _look_at_devices(self) -> None:
        """Remove the notices about devices that are approved or removed by now."""
        if any(one.key[0] == "device" for one in self._list.of("")):
            self._bridge.request(
                lambda client: client.keys.own_devices(),
                self._compare_devices,
                owner=self,
                failed=lambda _error: None,
            )

    def _compare_devices(self, devices: list[KnownDevice]) -> None:
        if self._list.compare_devices({one.device_id: one.approved for one in devices}):
            self._show()

    # --- what is shown -------------------------------------------------------------------------

    def _show(self) -> None:
        self.account.show_entries(self._list.of(""), self._buttons)
        here = self._list.of(self._current) if self._current else []
        self.conversation.show_entries(here, self._buttons)

    def _buttons(self, entry: Entry) -> list[Button]:
        event = entry.event
        if isinstance(event, StateChanged) and isinstance(event.error, ServerChanged):
            return [Button(_("Details…"), partial(self._explain_key, event.error))]
        found: dict[str, Button] = {}
        for action in entry.notice.actions:
            # Two actions may open the same dialog: one button is enough.
            words = _(LABELS[action.do])
            found.setdefault(words, Button(words, partial(self.actions.do, action)))
        return list(found.values())

    def _explain_key(self, error: ServerChanged) -> None:
        dialog = ServerChangedDialog(error, self._parent)

        def accepted() -> None:
            self._list.remove(("server", ""))
            self._show()
            self._bridge.request(lambda client: trust_server(client, dialog.trusted), owner=self)

        dialog.accepted.connect(accepted)
        open_dialog(dialog)
