"""What a server says to everybody who logs in, reported once and not at each reconnect."""

from collections.abc import Callable

from messenger.jim.session import Welcome
from messenger.sdk.events import CoreEvent, ServerAnnounced

_MAX_CHARACTERS = 1000  # our servers allow no more; another may send what fills the screen


class Announcement:
    """Remembers what was reported while the program runs."""

    def __init__(self, tell: Callable[[CoreEvent], object]) -> None:
        self._tell = tell
        self._told = ""

    def take(self, welcome: Welcome) -> None:
        """Report the message of the day of a login, unless it is the one of the login before."""
        text = welcome.message_of_the_day[:_MAX_CHARACTERS].strip()
        if text and text != self._told:
            self._tell(ServerAnnounced(text, welcome.name[:_MAX_CHARACTERS].strip()))
        self._told = text
