"""The number of members of the open room that are online, requested periodically."""

import time
from contextlib import suppress

from messenger.console.screen.guarded import GuardedApp
from messenger.jim.errors import ProtocolError
from messenger.jim.names import is_room
from messenger.sdk.client import Client
from messenger.sdk.errors import NotOnline
from messenger.sdk.events import ConnectionState
from messenger.sdk.results import ContactChanged, RoomChanged
from messenger.ui.people import count_online, seconds_until_old

_PATIENCE = 10.0
_NEVER = float("-inf")


class OnlineCount:
    """Asks the server periodically: no event reports the presence of members in general."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self._of = ""
        self._asked = _NEVER

    @property
    def count(self) -> int | None:
        """The number of members online; None if unknown, as in direct chats."""
        people = self._client.people.members(self._of)
        return None if people is None else count_online(people)

    def forget(self) -> None:
        """Ask again at the next `refresh`."""
        self._asked = _NEVER

    def take(self, event: ContactChanged | RoomChanged) -> None:
        """Ask again if somebody has joined a room: only the server knows their presence."""
        if isinstance(event, RoomChanged) and event.change == "joined":
            self.forget()

    def refresh(self, app: GuardedApp[int], conversation: str) -> None:
        """Ask the server in a thread if it is time to."""
        if conversation != self._of:
            self._of, self._asked = conversation, _NEVER
        is_online = self._client.core.state is ConnectionState.ONLINE
        now = time.monotonic()
        if is_online and is_room(conversation) and now - self._asked > self._holds():
            self._asked = now
            app.in_thread(self._ask, conversation)

    def _holds(self) -> float:
        """Return the seconds between requests."""
        return seconds_until_old(len(self._client.people.members(self._of) or ()))

    def _ask(self, conversation: str) -> None:
        with suppress(ProtocolError, NotOnline):
            self._client.members(conversation, _PATIENCE)
