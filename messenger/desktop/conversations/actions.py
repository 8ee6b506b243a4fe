"""What the user can do with a conversation in the list, and the menu of it."""

from functools import partial

from PyQt6.QtCore import QObject, pyqtSignal
from PyQt6.QtWidgets import QMenu, QWidget

from messenger.desktop.bridge import Bridge
from messenger.desktop.conversations.model import Row
from messenger.desktop.menus import mute_menu
from messenger.desktop.people.blocks import KnownBlocks, ask_to_block, unblock
from messenger.desktop.people.room_actions import ask_to_leave
from messenger.jim.names import EVERYONE, is_room
from messenger.language import _
from messenger.ui.errors import explain
from messenger.ui.wording import shown_name
from messenger.windows.widgets.menus import add_to_menu


class ConversationActions(QObject):
    """Does what the menu of a conversation offers.

    Signals: `opened`, `information_wanted` and `report_wanted`, a conversation; `left`, a room that
    the user has left; `failed`, why something could not be done.
    """

    opened = pyqtSignal(str)
    information_wanted = pyqtSignal(str)
    report_wanted = pyqtSignal(str)
    left = pyqtSignal(str)
    failed = pyqtSignal(str)

    def __init__(self, bridge: Bridge, parent: QWidget, blocks: KnownBlocks) -> None:
        super().__init__(parent)
        self._blocks = blocks
        self._bridge = bridge
        self._window = parent

    def menu(self, row: Row) -> QMenu:
        """Return the menu of a conversation; it is deleted when it closes."""
        name, summary = row.name, row.summary
        menu = QMenu(self._window)
        menu.setAccessibleName(_("Conversation {name}", name=shown_name(name)))
        menu.aboutToHide.connect(menu.deleteLater)
        add_to_menu(menu, _("Open"), "chat-circle", partial(self.opened.emit, name))
        unread = summary is not None and summary.unread > 0
        mark = add_to_menu(menu, _("Mark as read"), "checks", partial(self.mark_read, name))
        mark.setEnabled(unread)
        menu.addSeparator()
        if summary is not None and summary.pinned:
            add_to_menu(menu, _("Unpin"), "push-pin-slash", partial(self.pin, name, pinned=False))
        else:
            add_to_menu(menu, _("Pin to the top"), "push-pin", partial(self.pin, name, pinned=True))
        if summary is not None and summary.muted:
            add_to_menu(menu, _("Unmute"), "bell", partial(self.mute, name, 0))
        else:
            menu.addMenu(mute_menu(menu, partial(self.mute, name)))
        menu.addSeparator()
        add_to_menu(menu, _("Information"), "info", partial(self.information_wanted.emit, name))
        if is_room(name) and name != EVERYONE and not row.is_closed:
            add_to_menu(menu, _("Leave the room…"), "sign-out", partial(self.leave, name))
        if name not in (EVERYONE, self._bridge.me):
            self._add_defence(menu, name)
        return menu

    def _add_defence(self, menu: QMenu, name: str) -> None:
        """Add what the user can do against unwanted people and rooms."""
        menu.addSeparator()
        if name in self._blocks.names:
            add_to_menu(menu, _("Unblock"), "prohibit", partial(self.unblock, name))
        elif not is_room(name):
            add_to_menu(menu, _("Block…"), "prohibit", partial(self.block, name))
        add_to_menu(menu, _("Report…"), "flag", partial(self.report_wanted.emit, name))

    def block(self, name: str) -> None:
        """Block somebody, after a question."""
        ask_to_block(self._bridge, self._window, name, failed=self._tell_failure)

    def unblock(self, name: str) -> None:
        """Let somebody reach the user again."""
        unblock(self._bridge, self, name, failed=self._tell_failure)

    def mark_read(self, name: str) -> None:
        """Mark all messages of a conversation as read."""
        self._bridge.write(lambda client: client.mark_read(name), owner=self)

    def pin(self, name: str, *, pinned: bool) -> None:
        """Keep a conversation at the top of the list, or no longer."""
        self._bridge.write(lambda client: client.pin(name, pinned=pinned), owner=self)

    def mute(self, name: str, until: float) -> None:
        """Mute a conversation until then (unix time); 0 unmutes it."""
        self._bridge.write(lambda client: client.mute(name, until), owner=self)

    def leave(self, name: str) -> None:
        """Leave a room, after a question."""
        ask_to_leave(
            self._bridge,
            self._window,
            name,
            then=partial(self.left.emit, name),
            failed=self._tell_failure,
        )

    def _tell_failure(self, error: Exception) -> None:
        self.failed.emit(explain(error))
