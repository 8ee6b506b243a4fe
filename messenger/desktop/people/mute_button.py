"""A button that mutes a conversation, or ends that, and says which is the case."""

from math import inf

from messenger.desktop.bridge import Bridge
from messenger.desktop.menus import mute_menu
from messenger.language import _
from messenger.sdk.store import ConversationSummary
from messenger.ui.wording import when
from messenger.windows.widgets.buttons import PlainButton


class MuteButton(PlainButton):
    """Has a menu for how long while nothing is muted."""

    def __init__(self, bridge: Bridge, conversation: str) -> None:
        super().__init__(_("Mute"))
        self._bridge = bridge
        self._conversation = conversation
        self._menu = mute_menu(self, self._mute)
        self.setMenu(self._menu)
        self.clicked.connect(self._unmute)

    def show_row(self, row: ConversationSummary | None) -> None:
        """Show whether the conversation is muted."""
        is_muted = row is not None and row.muted
        self.setMenu(None if is_muted else self._menu)
        if row is None or not is_muted:
            self.setText(_("Mute"))
            self.setToolTip("")
        else:
            self.setText(_("Unmute"))
            is_for_good = row.muted_until == inf
            until = _("Muted until {when}", when=when(row.muted_until))
            self.setToolTip(_("Muted for good") if is_for_good else until)

    def _mute(self, until: float) -> None:
        self._bridge.write(lambda client: client.mute(self._conversation, until), owner=self)

    def _unmute(self) -> None:
        if self.menu() is None:
            self._mute(0)
