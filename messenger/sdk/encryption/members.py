"""Notices new members of rooms by their device lists, even if the server hides them."""

from collections.abc import Set

import msgspec

from messenger.jim.names import EVERYONE, is_room
from messenger.sdk.encryption.context import DeviceContext
from messenger.sdk.events import MembersAppeared


class Members:
    """Stores the members of this account's rooms in the local database.

    Otherwise the server could list somebody, who gets keys then, without announcing that he has
    joined. The members are stored by the name of a room, and deleted by the user's actions only:
    nothing that the server sends makes a list the first one again.
    """

    def __init__(self, context: DeviceContext) -> None:
        self._keys = context.keys
        self._me = context.account
        self._tell = context.tell

    def listed(self, room: str, accounts: Set[str]) -> None:
        """Compare a list with the stored one, and report new members; a first list has none."""
        # Everybody is in the common chat, and `DeviceLists` checks the two people of a direct chat.
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
        """Note a member whom the server has announced: the next list reports no news."""
        known = self._known(room)
        if known is not None:
            self._put(room, known | {account})

    def left(self, room: str, account: str) -> None:
        """Note that a member has left: being listed again is reported."""
        known = self._known(room)
        if known is not None:
            self._put(room, known - {account})

    def forget(self, room: str) -> None:
        """Forget a room that the user has left or closed: its next list is the first one."""
        self._keys.put(_value_of(room), None)

    def _known(self, room: str) -> Set[str] | None:
        kept = self._keys.get(_value_of(room))
        return msgspec.json.decode(kept, type=frozenset[str]) if kept is not None else None

    def _put(self, room: str, accounts: Set[str]) -> None:
        self._keys.put(_value_of(room), msgspec.json.encode(sorted(accounts)).decode())


def _value_of(room: str) -> str:
    return f"members {room}"
