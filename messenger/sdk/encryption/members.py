"""Who is in a room, by its lists of devices: who is new there is told, whatever the server says."""

from collections.abc import Set

import msgspec

from messenger.jim.names import EVERYONE, is_room
from messenger.sdk.encryption.context import DeviceContext
from messenger.sdk.events import MembersAppeared


class Members:
    """Remembers the accounts of each room of this account, in the local database.

    The server could list somebody who is given keys then, and tell nobody that he has joined. What
    is remembered goes with the name of a room, and ends by what the user does: nothing that the
    server says makes a list the first one again.
    """

    def __init__(self, context: DeviceContext) -> None:
        self._keys = context.keys
        self._me = context.account
        self._tell = context.tell

    def listed(self, room: str, accounts: Set[str]) -> None:
        """Take who is listed; tell of those who are new. The first list of a room is not news."""
        if not is_room(room) or room == EVERYONE:
            return
        known = self._known(room)
        if known == accounts:
            return
        self._put(room, accounts)
        new = accounts - known - {self._me} if known is not None else set()
        if new:
            self._tell(MembersAppeared(room, tuple(sorted(new))))

    def joined(self, room: str, account: str) -> None:
        """The server has told that somebody has joined: that he is listed is no news."""
        known = self._known(room)
        if known is not None:
            self._put(room, known | {account})

    def left(self, room: str, account: str) -> None:
        """The server has told that somebody has left: if he is listed again that is news."""
        known = self._known(room)
        if known is not None:
            self._put(room, known - {account})

    def forget(self, room: str) -> None:
        """The user has left or closed the room: the next list is the first one."""
        self._keys.put(_value_of(room), None)

    def _known(self, room: str) -> Set[str] | None:
        kept = self._keys.get(_value_of(room))
        return msgspec.json.decode(kept, type=frozenset[str]) if kept is not None else None

    def _put(self, room: str, accounts: Set[str]) -> None:
        self._keys.put(_value_of(room), msgspec.json.encode(sorted(accounts)).decode())


def _value_of(room: str) -> str:
    return f"members {room}"
