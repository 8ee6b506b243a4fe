"""How many of those in the open conversation are online; asked for now and then."""

import time

from messenger.console.screen.guarded import GuardedApp
from messenger.console.screen.members import Counted
from messenger.jim.contacts import Person
from messenger.jim.errors import ProtocolError
from messenger.jim.names import is_room
from messenger.sdk.client import Client
from messenger.sdk.errors import NotOnline
from messenger.sdk.events import ConnectionState
from messenger.ui.people import count_online, people_in

_SHORTEST, _LONGEST = 4.0, 60.0
"""Seconds, for which an answer holds."""
_SECONDS_A_PERSON = 0.1
_PATIENCE = 10.0


class OnlineCount:
    """`count` is None where it is not known, as in direct chats."""

    def __init__(self, client: Client) -> None:
        self.count: int | None = None
        self._client = client
        self._of = ""
        self._asked = 0.0
        self._holds = _SHORTEST

    def forget(self) -> None:
        """Ask anew: somebody has come or gone."""
        self._asked = 0.0

    def take(self, conversation: str, people: list[Person]) -> None:
        """The server has said who is there: in large rooms it is asked less often."""
        if conversation == self._of:
            self.count = count_online(people)
            self._holds = min(_LONGEST, max(_SHORTEST, len(people) * _SECONDS_A_PERSON))

    def refresh(self, app: GuardedApp[int], conversation: str) -> None:
        """Ask the server, if it is time to, in a thread."""
        if conversation != self._of:
            self._of, self.count, self._asked = conversation, None, 0.0
        is_online = self._client.core.state is ConnectionState.ONLINE
        now = time.monotonic()
        if not is_online:
            self.count = None
        elif is_room(conversation) and (not self._asked or now - self._asked > self._holds):
            self._asked = now
            app.in_thread(self._ask, app, conversation)

    def _ask(self, app: GuardedApp[int], conversation: str) -> None:
        try:
            people = people_in(self._client, conversation, _PATIENCE)
        except (ProtocolError, NotOnline):
            return
        app.post_message(Counted(conversation, people))
