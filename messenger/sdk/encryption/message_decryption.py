"""Decrypts received messages, stores them, and draws conclusions about their conversation."""

from collections.abc import Iterable, Sequence

from messenger.crypto.devices import MEGOLM
from messenger.jim.messages import Message
from messenger.jim.names import is_room
from messenger.sdk.encryption.context import DeviceContext
from messenger.sdk.encryption.internal_events import EarlierKeysMissing, KeysMissing
from messenger.sdk.encryption.key_upload import KeyUpload
from messenger.sdk.encryption.megolm_inbound import InboundSessions
from messenger.sdk.encryption.room_ids import RoomIds
from messenger.sdk.encryption.unencrypted import Plain
from messenger.sdk.events import MessagesMissing
from messenger.sdk.store import MessageSecurity, StoredMessage
from messenger.sdk.store.insert import as_they_are
from messenger.sdk.store.messages import WAITS, Contents


class MessageDecryption:
    """Decrypts with the stored keys; messages without a key are marked as waiting, and stored, too.

    Messages are decrypted and stored in one transaction: no key is used without its message.
    """

    def __init__(
        self,
        context: DeviceContext,
        inbound: InboundSessions,
        plain: Plain,
        rooms: RoomIds,
        publishing: KeyUpload,
    ) -> None:
        self._store = context.store
        self._keys = context.keys
        self._me = context.account
        self._tell = context.tell
        self._emit = context.emit
        self._inbound = inbound
        self._plain = plain
        self._rooms = rooms
        self._publishing = publishing
        self._missing: dict[str, set[str]] = {}

    def keep(self, conversation: str, messages: Sequence[Message]) -> list[StoredMessage]:
        """Store messages of a conversation's log; return those that were not stored before."""
        new = self._store.add_received(conversation, self._me, messages, self._decrypt_new)
        if any(stored.security in WAITS for stored in new):
            self._emit(KeysMissing())
        if any(stored.security is MessageSecurity.EARLIER for stored in new):
            self._emit(EarlierKeysMissing())
        return new

    def keep_unnumbered(self, conversation: str, message: Message) -> StoredMessage | None:
        """Store a message of a server without sequence numbers; None if it was stored before."""
        return self._store.add_unnumbered(conversation, self._me, message, self._decrypt_new)

    def _decrypt_new(self, conversation: str, messages: Sequence[Message]) -> list[Contents]:
        """Return the contents of messages.

        Messages from before this account joined the room do not wait for keys: in a room that does
        not show its history to new members nobody sends these.
        """
        found = self.decrypt(conversation, messages)
        if not is_room(conversation) or all(
            one.security is not MessageSecurity.WAITING for one in found
        ):
            return found
        row = self._store.summary(conversation)
        joined = row.joined if row is not None and not row.history else 0.0
        return [
            contents._replace(security=MessageSecurity.BEFORE)
            if contents.security is MessageSecurity.WAITING and message.stored < joined
            else contents
            for message, contents in zip(messages, found, strict=True)
        ]

    def decrypt(self, conversation: str, messages: Sequence[Message]) -> list[Contents]:
        """Decrypt messages of a conversation; marks senders that have an identity as no guests."""
        for message in messages:
            # A guest has no keys: of somebody with an identity the server's claim is false.
            message.guest = message.guest and self._keys.identity_of(message.from_) is None
        encrypted = [message for message in messages if message.encoding == MEGOLM]
        found = as_they_are(conversation, messages)
        if encrypted:
            decrypted = iter(self._decrypt(conversation, encrypted))
            found = [
                next(decrypted) if message.encoding == MEGOLM else plain
                for message, plain in zip(messages, found, strict=True)
            ]
        return self._plain.marked(conversation, found)

    def _decrypt(self, conversation: str, encrypted: Sequence[Message]) -> list[Contents]:
        found, ahead = self._inbound.decrypt(conversation, encrypted, self._publishing.since)
        self._note_missing(conversation, ahead)
        if any(
            contents.security in (MessageSecurity.ENCRYPTED, MessageSecurity.UNPROVED)
            for contents in found
        ):
            # Not for undecryptable ones: anybody can send those to any conversation.
            self._plain.note_encrypted(conversation)
        if not is_room(conversation) and any(one.from_ != self._me for one in encrypted):
            # In a direct chat each answer makes the next message start a new session.
            self._keys.note_answer(self._rooms.of(conversation))
        return found

    def _note_missing(self, conversation: str, senders: Iterable[str]) -> None:
        """Report missing messages that others have seen; in a room two, as one may lie."""
        for sender in senders:
            claims = self._missing.setdefault(conversation, set())
            claims.add(sender)
            if not is_room(conversation) or len(claims) > 1:
                claims.clear()
                self._tell(MessagesMissing(conversation))
