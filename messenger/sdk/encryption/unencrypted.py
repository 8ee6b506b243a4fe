"""Unencrypted messages: sent only if that lowers no protection, and marked on arrival."""

from collections.abc import Sequence, Set
from enum import StrEnum
from typing import NamedTuple

import msgspec

from messenger.jim.errors import Forbidden
from messenger.jim.names import EVERYONE, is_room
from messenger.sdk.encryption.context import DeviceContext
from messenger.sdk.encryption.room_ids import RoomIds
from messenger.sdk.key_errors import NotEncryptable
from messenger.sdk.store import IdentityTrust, MessageSecurity, StoredMessage
from messenger.sdk.store.messages import Contents


class PreparedMessage(NamedTuple):
    """A message as it is sent, for the device list of this version."""

    message: str
    encoding: str
    devices: str | None = None


class _Open(StrEnum):
    """How this device knows that a room takes unencrypted messages."""

    MADE = "made"
    """The user has created it as one."""
    JOINED = "joined"
    """The server reported it as one when the user joined it."""


_DECIDED = {IdentityTrust.VERIFIED, IdentityTrust.CHANGED}
"""The trust in an account that the user has verified at some time."""


class Plain:
    """Decides what may be sent unencrypted: the user's actions count, not the server's claims."""

    def __init__(self, context: DeviceContext, rooms: RoomIds) -> None:
        self._store = context.store
        self._keys = context.keys
        self._rooms = rooms
        self._me = context.account

    def prepared(
        self,
        messages: Sequence[StoredMessage],
        why: NotEncryptable,
        recipients: Set[str] | None,
        version: str | None = None,
    ) -> Sequence[PreparedMessage | Forbidden]:
        """Return messages of a conversation unencrypted, unless that lowers their protection.

        `recipients` are the accounts that can read it, None if the server does not list them. A
        conversation that was encrypted, or has people whose identity is known, gets unencrypted
        messages only if the user has allowed that for it. A room that was unencrypted when the user
        joined stays so, unless the user has verified one of its members.
        """
        name = messages[0].conversation
        if recipients is None:
            recipients = self._who_may_read(name)
        if self._is_protected(name, recipients) and self._rooms.of(name) not in self._allowed():
            return [why] * len(messages)
        for message in messages:
            if message.security is not MessageSecurity.UNENCRYPTED:
                # It was encrypted, and refused: its mark has to show how it is really sent.
                self._keys.note_plain(message.sent_id or "")
        # For this list only: once all recipients can decrypt, the server refuses it.
        return [PreparedMessage(one.text, one.encoding, version) for one in messages]

    def allow(self, conversation: str, *, allowed: bool) -> None:
        """Store whether messages that cannot be encrypted may be sent unencrypted there."""
        where = {self._rooms.of(conversation)}  # By id: the user's choice is not for a later room.
        changed = self._allowed() - where | (where if allowed else set())
        self._keys.put("plain_allowed", msgspec.json.encode(sorted(changed)).decode())

    def note_encrypted(self, conversation: str) -> None:
        """Note that a conversation is encrypted from now on; the common chat never is."""
        if conversation != EVERYONE and not self._keys.is_encrypted(conversation):
            self._store.describe(conversation, encrypted=True)

    def note_encrypting(self, conversation: str) -> None:
        """Note that a conversation is encrypted, as a message is about to be sent encrypted.

        An open room counts as encrypted only once the server has stored an encrypted message: the
        device list may be outdated, and then the next message would be refused without need.
        """
        if not is_room(conversation) or self._open(conversation) is None:
            self.note_encrypted(conversation)

    def note_open(self, room: str, *, made: bool) -> None:
        """Note that a room accepts unencrypted messages: the user has created or joined it as such.

        A room that was encrypted stays so, unless the user creates it again.
        """
        if made:
            self._store.describe(room, encrypted=False)
        if made or self._open(room) is None:
            self._keys.put(self._open_value(room), _Open.MADE if made else _Open.JOINED)

    def marked(self, conversation: str, found: list[Contents]) -> list[Contents]:
        """Mark unencrypted messages in an encrypted conversation: the server may have made them up.

        Also messages in the user's own name.
        """
        if conversation == EVERYONE or not self._keys.is_encrypted(conversation):
            return found
        return [
            one._replace(security=MessageSecurity.DOWNGRADED)
            if one.security is MessageSecurity.UNENCRYPTED
            else one
            for one in found
        ]

    def _is_protected(self, conversation: str, recipients: Set[str]) -> bool:
        """Whether unencrypted messages need the user's permission."""
        if self._keys.is_encrypted(conversation):
            return True
        known = filter(None, map(self._keys.identity_of, recipients))
        trusts = {trust for _identity, trust in known}
        how = self._open(conversation) if is_room(conversation) else None
        if how is not None:
            # Of a room that others made, the server's word is worth less than a verification.
            return how is _Open.JOINED and bool(trusts & _DECIDED)
        return bool(trusts)

    def _who_may_read(self, conversation: str) -> Set[str]:
        """Return who may read a conversation without a device list: of a room, all known people."""
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
    """Return a message unencrypted, for the common chat and for clients without encryption."""
    return PreparedMessage(message.text, message.encoding)
