"""What is not encrypted: sent only where that lowers nothing, and marked where it comes."""

from collections.abc import Set
from enum import StrEnum
from typing import NamedTuple

import msgspec

from messenger.jim.errors import Forbidden
from messenger.jim.names import EVERYONE, is_room
from messenger.language import _
from messenger.sdk.encryption.room_ids import RoomIds
from messenger.sdk.errors import NotEncryptable
from messenger.sdk.store import IdentityTrust, MessageSecurity, Store, StoredMessage
from messenger.sdk.store.keys import KeyStore
from messenger.sdk.store.messages import Contents


class PreparedMessage(NamedTuple):
    """A message as it goes out, for the devices of this version."""

    message: str
    encoding: str
    devices: str | None = None


class _Open(StrEnum):
    """How this device knows that a room takes unencrypted messages."""

    MADE = "made"
    """The user has made it so."""
    JOINED = "joined"
    """The server said so when the user joined it."""


_DECIDED = {IdentityTrust.VERIFIED, IdentityTrust.CHANGED}
"""What somebody whom the user has verified may be."""


class Plain:
    """Decides what may be sent unencrypted, by what the user has said and not by the server."""

    def __init__(self, store: Store, keys: KeyStore, rooms: RoomIds, me: str) -> None:
        self._store = store
        self._keys = keys
        self._rooms = rooms
        self._me = me

    def prepared(
        self,
        message: StoredMessage,
        reason: str,
        device_list: Set[str] | None,
        version: str | None = None,
    ) -> PreparedMessage | Forbidden:
        """Return a message as it is, unless that lowers its protection.

        `device_list` are the accounts that read it, None where the server lists none. A
        conversation that was encrypted, and people whose identity is known, are written to in plain
        only where the user has said so for this conversation. A room that was joined as one that is
        not encrypted goes on as it is, unless somebody is in it whom the user has verified.
        """
        name = message.conversation
        if device_list is None:
            device_list = self._who_may_read(name)
        if self._is_protected(name, device_list) and self._rooms.of(name) not in self._allowed():
            return NotEncryptable(_("{reason}: not sent unencrypted", reason=reason))
        if message.security is not MessageSecurity.UNENCRYPTED:
            # It was encrypted, and refused; what is shown of it has to be what goes out.
            self._keys.note_plain(message.sent_id or "")
        # Plain for these readers: once all of them can open it, it is refused, and sealed.
        return in_plain(message)._replace(devices=version)

    def allow(self, conversation: str, *, allowed: bool) -> None:
        """Keep whether what cannot be encrypted there may go out in plain."""
        where = {self._rooms.of(conversation)}  # a room made again under the name is another one
        changed = self._allowed() - where | (where if allowed else set())
        self._keys.put("plain_allowed", msgspec.json.encode(sorted(changed)).decode())

    def note_encrypted(self, conversation: str) -> None:
        """Keep that a conversation is encrypted, whatever comes; the common chat never is."""
        if conversation != EVERYONE and not self._keys.is_encrypted(conversation):
            self._store.describe(conversation, encrypted=True)

    def note_encrypting(self, conversation: str) -> None:
        """A message is to go out encrypted: from now on the conversation is.

        An open room only once the server has one that is: of who can read there the list may be
        an old one, and nobody would have wanted the next message to be refused.
        """
        if not is_room(conversation) or self._open(conversation) is None:
            self.note_encrypted(conversation)

    def note_open(self, room: str, *, made: bool) -> None:
        """Keep that a room takes unencrypted messages: the user has made it so, or joined it so.

        That says nothing of a room that was encrypted, unless the user has made it anew.
        """
        if made:
            self._store.describe(room, encrypted=False)
        if made or self._open(room) is None:
            self._keys.put(self._open_value(room), _Open.MADE if made else _Open.JOINED)

    def marked(self, conversation: str, found: list[Contents]) -> list[Contents]:
        """Mark what came plain into a conversation that is encrypted: the server may have made it.

        Messages in one's own name, too.
        """
        if conversation == EVERYONE or not self._keys.is_encrypted(conversation):
            return found
        return [
            one._replace(security=MessageSecurity.DOWNGRADED)
            if one.security is MessageSecurity.UNENCRYPTED
            else one
            for one in found
        ]

    def _is_protected(self, conversation: str, device_list: Set[str]) -> bool:
        """Whether something would be readable to the server that may not be by itself."""
        if self._keys.is_encrypted(conversation):
            return True
        known = filter(None, map(self._keys.identity_of, device_list))
        trusts = {trust for _identity, trust in known}
        how = self._open(conversation) if is_room(conversation) else None
        if how is not None:
            return how is _Open.JOINED and bool(trusts & _DECIDED)
        return bool(trusts)

    def _who_may_read(self, conversation: str) -> Set[str]:
        """Return who may read a conversation of which there is no list: in a room, anybody."""
        if not is_room(conversation):
            return {conversation}
        return self._keys.trusts().keys() - {self._me}

    def _open(self, room: str) -> _Open | None:
        kept = self._keys.get(self._open_value(room))
        return _Open(kept) if kept else None

    def _open_value(self, room: str) -> str:
        return f"open {self._rooms.of(room)}"

    def _allowed(self) -> set[str]:
        return msgspec.json.decode(self._keys.get("plain_allowed") or "[]", type=set[str])


def in_plain(message: StoredMessage) -> PreparedMessage:
    """Return a message as it is, for the common chat and for those who can open nothing."""
    return PreparedMessage(message.text, message.encoding)
