"""The user at the desktop client: commands run in threads, and the window shows what they say."""

from typing import Protocol

from messenger.desktop.bridge import Bridge
from messenger.jim.names import EVERYONE
from messenger.sdk.profiles import Profile
from messenger.ui.command_threads import CommandView, ThreadedController
from messenger.ui.notices import Notice
from messenger.ui.prompts import Prompter
from messenger.ui.where import Where


class View(CommandView, Protocol):
    """The window as commands see it; its methods are called in the GUI thread."""

    def show_notice(self, notice: Notice) -> None:
        """Show a notice with its actions."""

    def show_code(self, text: str) -> None:
        """Show a text as a QR code."""


class DesktopController(ThreadedController):
    """A user at the desktop client."""

    where = Where.WINDOW

    def __init__(
        self, bridge: Bridge, profile: Profile, prompter: Prompter, view: View, to: str = EVERYONE
    ) -> None:
        super().__init__(bridge.client, profile, prompter, view, bridge.post, to=to)
        self._window = view
        self._post = bridge.post

    def tell(self, notice: Notice) -> None:
        """Show a notice with its actions."""
        self._post(lambda: self._window.show_notice(notice))

    def show_code(self, text: str) -> None:
        """Show a text as a QR code."""
        self._post(lambda: self._window.show_code(text))
