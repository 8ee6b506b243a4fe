"""A button that mutes a conversation, or ends that, and says which is the case."""

from math import inf

from messenger.desktop.bridge import Bridge
from messenger.desktop.menus import mute_menu
from messenger.desktop.people.panel_parts import ActionButton
from messenger.language import _
from messenger.sdk.store import ConversationSummary
from messenger.ui.wording import when


class MuteButton(ActionButton):
    """Has a menu for how long while nothing is muted."""

    def __init__(self, bridge: Bridge, conversation: str) -> None:
        super().__init__("bell-slash", _("Mute"), _("Mute"))
        self._bridge = bridge
        self._conversation = conversation
        self._menu = mute_menu(self, self._mute)
        self.setPopupMode(self.ToolButtonPopupMode.InstantPopup)
        self.setMenu(self._menu)
        self.clicked.connect(self._unmute)

    def show_row(self, row: ConversationSummary | None) -> None:
        """Show whether the conversation is muted."""
        if row is None or not row.muted:
            self.setMenu(self._menu)
            self.say("bell-slash", _("Mute"), _("Mute"))
            return
        self.setMenu(None)
        until = _("Unmute: muted until {when}", when=when(row.muted_until))
        is_for_good = row.muted_until == inf
        self.say("bell", _("Unmute"), _("Unmute: muted for good") if is_for_good else until)

    def _mute(self, until: float) -> None:
        self._bridge.write(lambda client: client.mute(self._conversation, until), owner=self)

    def _unmute(self) -> None:
        if self.menu() is None:
            self._mute(0)
