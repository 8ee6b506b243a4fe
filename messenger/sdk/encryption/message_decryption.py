"""Decrypts received messages by inbound Megolm sessions, and stores them with what they tell."""

import logging
from collections.abc import Iterable, Sequence
from contextlib import suppress
from typing import NamedTuple

import vodozemac
from sqlalchemy.exc import OperationalError

from messenger.crypto.devices import MEGOLM
from messenger.crypto.identity import CannotDecrypt
from messenger.crypto.messages import (
    DecryptedMessage,
    DecryptionFailed,
    EncryptedMessage,
    decrypt,
    index_of,
    read_encrypted,
)
from messenger.crypto.signed import SignatureError
from messenger.jim.codec import encode
from messenger.jim.messages import Message
from messenger.jim.names import is_room
from messenger.sdk.encryption.context import DeviceContext
from messenger.sdk.encryption.device_trust import DeviceTrust
from messenger.sdk.encryption.internal_events import EarlierKeysMissing, KeysMissing
from messenger.sdk.encryption.key_upload import KeyUpload
from messenger.sdk.encryption.replays import without_replays
from messenger.sdk.encryption.room_ids import RoomIds
from messenger.sdk.encryption.session_keys import SessionKeys, loaded
from messenger.sdk.encryption.unencrypted import Plain
from messenger.sdk.errors import StoreUnusable
from messenger.sdk.events import MessagesMissing
from messenger.sdk.store import StoredMessage
from messenger.sdk.store.inbound_sessions import InboundSession
from messenger.sdk.store.insert import as_they_are
from messenger.sdk.store.messages import WAITS, Contents, IdentityTrust, MessageSecurity

_logger = logging.getLogger("messenger.client")

# In a longer session each message would take a search through a long list of positions.
_MAX_MESSAGES = 1_000
_MAX_CLAIMS = 10  # Others' sessions with the same id to try: anybody can claim one.


class Decrypted(NamedTuple):
    """The contents of messages; senders in `ahead` had seen messages that are missing here."""

    contents: list[Contents]
    ahead: list[str]


class _Found(NamedTuple):
    """The contents of a message, and its position in its session, -1 if it is not decrypted."""

    contents: Contents
    position: int = -1
    is_ahead: bool = False


class MessageDecryption:
    """Decrypts with the stored keys; messages without a key are marked as waiting, and stored, too.

    Messages are decrypted and stored in one transaction: no key is used without its message.
    """

    def __init__(
        self,
        context: DeviceContext,
        inbound: "InboundSessions",
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


class InboundSessions:
    """Decrypts messages with the session keys that their senders have shared."""

    def __init__(
        self, context: DeviceContext, trust: DeviceTrust, rooms: RoomIds, sessions: SessionKeys
    ) -> None:
        self._keys = context.keys
        self._identity = context.identity
        self._trust = trust
        self._rooms = rooms
        self._sessions = sessions

    def decrypt(self, conversation: str, messages: Sequence[Message], since: float) -> Decrypted:
        """Return the contents of encrypted messages, or that they wait for their keys.

        `since` is when this device's keys were published (unix time): messages stored before were
        not encrypted for it.
        """
        room = self._rooms.of(conversation)
        found = [self._decrypt_or_refuse(room, message, since) for message in messages]
        positions = [(one.contents, one.position) for one in found]
        contents = without_replays(self._keys, messages, positions)
        ahead = [one.from_ for one, read in zip(messages, found, strict=True) if read.is_ahead]
        return Decrypted(contents, ahead)

    def _decrypt_or_refuse(self, room: str, message: Message, since: float) -> _Found:
        """Decrypt a message; one that fails verification is logged and marked as invalid."""
        try:
            return self._decrypt_one(room, message, since)
        except (StoreUnusable, OperationalError):
            raise
        except Exception as error:  # Its sender chose the bytes: only this message fails.
            _logger.warning("A message of %s is refused: %s", message.from_, error)
            return _Found(Contents("", MessageSecurity.INVALID))

    def _decrypt_one(self, room: str, message: Message, since: float) -> _Found:
        """As `_decrypt_or_refuse`, but raises SignatureError and what else invalid bytes cause.

        Any account may claim a session whose id it knows: only the sender's sessions count, and of
        several devices of the sender the one whose key decrypts the message.
        """
        encrypted = read_encrypted(message.message)
        known = self._sessions.of(encrypted.session_id, message.from_)
        if not known:
            self._check_unknown(encrypted, room, message)
        held, refusal, waits = None, None, not known
        for inbound, session in known:
            try:
                found = self._decrypt_by(inbound, session, encrypted, room, message, since)
            except SignatureError as error:
                # Another device of the sender may claim the session: its key may be the right one.
                refusal = error
                continue
            if found is not None and found.position >= 0:
                return found
            held, waits = held or found, waits or found is None
        if held is not None:
            return held
        # A key that begins too late, or is made up, may still be replaced by the owner's.
        if refusal is not None and not waits:
            raise refusal
        security = self._why_waiting(message, encrypted, since)
        return self._waits(encrypted, message, security)

    def _decrypt_by(
        self,
        inbound: InboundSession,
        session: vodozemac.InboundGroupSession,
        encrypted: EncryptedMessage,
        room: str,
        message: Message,
        since: float,
    ) -> _Found | None:
        """Decrypt a message with one session; None if its key may begin later, or be made up.

        Raises SignatureError.
        """
        # The server could move all messages of a session to another conversation otherwise.
        if inbound.room_id != room:
            raise SignatureError("The session is of another conversation")
        inbound = self._sessions.as_signed_now(inbound)
        security = self._security_of(inbound, is_earlier=message.stored < since)
        if security is MessageSecurity.UNSIGNED:
            return self._waits(encrypted, message, security)
        try:
            decrypted = decrypt(encrypted, session, room, message.from_, message.id or "")
        except CannotDecrypt:
            return None  # The stored key decrypts later messages only.
        except DecryptionFailed:
            if inbound.proved:
                raise
            return None  # A forwarded key may be made up: the owner is asked for the true one.
        if decrypted.position >= _MAX_MESSAGES:
            raise SignatureError("The session has more messages than anybody encrypts by it")
        # A sender who had seen this number in the log has seen messages that are missing here.
        is_ahead = decrypted.seen >= message.seq > 0
        return _Found(_contents(decrypted, inbound, security), decrypted.position, is_ahead)

    @staticmethod
    def _waits(encrypted: EncryptedMessage, message: Message, security: MessageSecurity) -> _Found:
        contents = Contents("", security, encrypted.session_id, encode(message))
        return _Found(contents._replace(position=index_of(encrypted)))

    def _check_unknown(self, encrypted: EncryptedMessage, room: str, message: Message) -> None:
        """Raise SignatureError if a message need not wait for the sender's key of its session.

        If the key of another account decrypts it, its content proves who wrote it, and where: any
        mismatch is raised. A few such keys are tried.
        """
        if self._keys.is_forgotten(encrypted.session_id, message.from_):
            raise SignatureError("Its session was forgotten: it may be an old message")
        for inbound in self._keys.inbound_sessions(encrypted.session_id)[:_MAX_CLAIMS]:
            with suppress(CannotDecrypt, DecryptionFailed):
                session = loaded(inbound)[1]
                decrypt(encrypted, session, room, message.from_, message.id or "")

    def _security_of(self, inbound: InboundSession, *, is_earlier: bool) -> MessageSecurity:
        """Return the security of a session's messages: `UNSIGNED` if its device does not count.

        Messages from before this device was added are shown anyway, unless the user has to decide
        first: other devices have known the identity of that time.
        """
        known = self._keys.identity_of(inbound.account)
        if known is None or inbound.owner == self._identity.device.key:
            return MessageSecurity.ENCRYPTED
        identity, trust = known
        if trust is not IdentityTrust.CHANGED and inbound.signed_by == identity.self_signing:
            return MessageSecurity.ENCRYPTED
        if trust is IdentityTrust.CHANGED or not is_earlier:
            return MessageSecurity.UNSIGNED
        return (
            MessageSecurity.ENCRYPTED
            if inbound.account == self._identity.account
            else MessageSecurity.UNPROVED
        )

    def _why_waiting(
        self, message: Message, encrypted: EncryptedMessage, since: float
    ) -> MessageSecurity:
        if message.stored < since:
            return MessageSecurity.EARLIER
        if not self._trust.is_approved:
            return MessageSecurity.UNAPPROVED
        excluded = self._trust.is_excluded(message.from_, encrypted.device_id)
        return MessageSecurity.UNSIGNED if excluded else MessageSecurity.WAITING


def _contents(
    decrypted: DecryptedMessage, inbound: InboundSession, security: MessageSecurity
) -> Contents:
    time, signed_by = decrypted.time or None, inbound.signed_by
    return Contents(decrypted.text, security, inbound.name, time=time, signed_by=signed_by)
