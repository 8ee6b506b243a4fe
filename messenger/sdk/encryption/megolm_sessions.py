"""Group sessions (Megolm): one seals what this device writes to a conversation, others open."""

import logging
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from typing import Any, NamedTuple

import msgspec
import vodozemac
from sqlalchemy.exc import OperationalError

from messenger.crypto.devices import Device, DeviceKey
from messenger.crypto.identity import PICKLE_KEY, CannotDecrypt, Identity
from messenger.crypto.messages import (
    DecryptedMessage,
    DecryptionFailed,
    EncryptedMessage,
    certify,
    decrypt,
    encrypt,
    index_of,
    read_encrypted,
    room_key,
)
from messenger.crypto.signed import SignatureError
from messenger.crypto.to_device_content import CERTIFICATE, RoomKey, read_content
from messenger.jim.codec import encode
from messenger.jim.messages import Message
from messenger.sdk.encryption.device_lists import DeviceList
from messenger.sdk.encryption.device_trust import DeviceTrust
from messenger.sdk.encryption.replays import without_replays
from messenger.sdk.encryption.room_ids import RoomIds
from messenger.sdk.encryption.session_keys import SessionKeys, inbound_session_of, loaded
from messenger.sdk.errors import StoreUnusable
from messenger.sdk.store.inbound_sessions import InboundSession
from messenger.sdk.store.keys import KeyStore
from messenger.sdk.store.messages import Contents, IdentityTrust, MessageSecurity
from messenger.sdk.store.outbound_sessions import OutboundSession

_logger = logging.getLogger("messenger.client")

_RENEWED_AFTER_MESSAGES = 100
# Whoever makes longer ones would have a long list looked through for each message.
_MAX_MESSAGES = 1_000
_RENEWED_AFTER = 7 * 24 * 3600.0
_MAX_HISTORY = 500
_MAX_CLAIMS = 10
_KEPT_FOR = 30 * 24 * 3600.0
_FORGETS_EVERY = 24 * 3600.0


class Outbound(NamedTuple):
    """The session that seals one's own messages to a conversation, and who has its key."""

    room_id: str
    session: vodozemac.GroupSession
    missing: tuple[Device, ...]


class MegolmSessions(SessionKeys):
    """Seals and opens messages; who may open them is said by whom the keys were given to.

    `on_missing` gets whose message was written after others that are not in the log here.
    """

    def __init__(
        self,
        keys: KeyStore,
        identity: Identity,
        trust: DeviceTrust,
        rooms: RoomIds,
        clock: Callable[[], float],
    ) -> None:
        super().__init__(keys, identity, trust)
        self._rooms = rooms
        self._clock = clock
        self._begun: set[str] = set()
        self._forgot_at = 0.0
        self.on_missing: Callable[[str], None] = lambda _: None

    # --- sealing -------------------------------------------------------------------------------

    def outbound(
        self,
        conversation: str,
        device_list: DeviceList,
        *,
        shared_history: bool = False,
        setting: int = 0,
    ) -> Outbound:
        """Return the session for what is written now to these readers, a new one if need be.

        With `shared_history` who joins later may have its key; `setting` is the number of that
        where this account has made the room.
        """
        me = self._identity.device.key
        room = self._rooms.of(conversation)
        reading = {device.key: device for device in device_list.devices.values()}
        kept = self._keys.outbound_session(room)
        shared = self._keys.shared_with(kept.session_id) if kept else {}
        if (
            kept is None
            or self._is_over(kept, shared.keys() - reading.keys())
            or self._shares_history(kept) is not shared_history
        ):
            self._begun.discard(kept.session_id if kept else "")
            kept, shared = self._begin(room, shared_history=shared_history, setting=setting), {}
        missing = tuple(
            device for key, device in reading.items() if key not in shared and key != me
        )
        session = vodozemac.GroupSession.from_pickle(kept.pickle, PICKLE_KEY)
        return Outbound(room, session, missing)

    def key_of(self, outbound: Outbound) -> dict[str, Any]:
        """Return the content of the letter that shares the key, from the next message on."""
        content = room_key(outbound.session, outbound.room_id)
        known = self._own_inbound(outbound.session.session_id)
        assert known is not None
        return {**content, CERTIFICATE: msgspec.json.decode(known.certificate)}

    def shared(self, outbound: Outbound, devices: Iterable[Device]) -> None:
        """These devices have the key, from the next message on."""
        given = [device.key for device in devices]
        self._keys.share(outbound.session.session_id, given, outbound.session.message_index)

    def without_history(self, outbound: Outbound) -> list[Device]:
        """Return the devices that the keys of earlier messages were not given to."""
        given = self._keys.shared_with(f"history {outbound.room_id}")
        return [device for device in outbound.missing if device.key not in given]

    def history(self, room: str) -> list[dict[str, Any]]:
        """Return the keys of what was written in a conversation so far, the latest ones."""
        kept = self._keys.inbound_sessions_of(room, _MAX_HISTORY, shared=True)
        contents = (self._content_of(inbound, inbound.first) for inbound in kept)
        return [content for content in contents if content is not None]

    def history_shared(self, outbound: Outbound) -> None:
        """The devices have the keys of earlier messages, as far as the room shows them."""
        given = [device.key for device in outbound.missing]
        self._keys.share(f"history {outbound.room_id}", given, 0)

    def encrypt(
        self,
        outbound: Outbound,
        version: str,
        messages: Sequence[tuple[str, str]],
        seen: int = 0,
        time: float = 0.0,
    ) -> list[str]:
        """Return messages, each (id, text), as they go out; the log was `seen` up to that number.

        They were written at that `time` (unix time).

        They are kept together with the session as it is then: what leaves was never sealed by the
        same key as another.
        """
        encrypted = [
            encrypt(self._identity, outbound.session, outbound.room_id, sent_id, text, seen, time)
            for sent_id, text in messages
        ]
        with self._keys.transaction():
            self._keys.keep_outbound_session(outbound.room_id, outbound.session.pickle(PICKLE_KEY))
            self._keys.keep_outgoing(
                [
                    (sent_id, message, version)
                    for (sent_id, _text), message in zip(messages, encrypted, strict=True)
                ]
            )
        return encrypted

    def _is_over(self, kept: OutboundSession, gone: set[DeviceKey]) -> bool:
        session = vodozemac.GroupSession.from_pickle(kept.pickle, PICKLE_KEY)
        # One of an earlier start may be that of a database which was brought back since: what was
        # sealed by it then must not be sealed again by the same keys.
        return (
            kept.session_id not in self._begun
            or bool(gone)
            or kept.answered
            or session.message_index >= _RENEWED_AFTER_MESSAGES
            or not 0 <= self._clock() - kept.made_at < _RENEWED_AFTER
        )

    def _shares_history(self, kept: OutboundSession) -> bool:
        known = self._own_inbound(kept.session_id)
        return known is not None and known.shared_history

    def _own_inbound(self, session_id: str) -> InboundSession | None:
        """Return a session of this device as others have it."""
        me = self._identity.device
        known = self._sessions(session_id, me.account)
        return next((inbound for inbound, _session in known if inbound.owner == me.key), None)

    def _begin(self, room: str, shared_history: bool, setting: int) -> OutboundSession:
        session = vodozemac.GroupSession()
        pickle = session.pickle(PICKLE_KEY)
        made = OutboundSession(session.session_id, pickle, self._clock(), answered=False)
        inbound = vodozemac.InboundGroupSession(session.session_key)
        self._begun.add(session.session_id)
        certified = certify(
            self._identity,
            room,
            session.session_id,
            shared_history=shared_history,
            history_setting=setting,
        )
        given = read_content({**room_key(session, room), CERTIFICATE: certified}, RoomKey)
        me = self._identity.device
        with self._keys.transaction():
            self._keys.begin_outbound_session(room, made)
            self._keep(
                inbound_session_of(given, me, inbound, self._trust.signer_of(me), proved=True)
            )
        return made

    # --- forgetting ----------------------------------------------------------------------------

    def forget_old(self) -> None:
        """Forget the sessions that came a month ago, once a day; their keys are not taken again.

        For a store that keeps no messages. No device of ours encrypts by one session for longer
        than a week, so nothing that is to be read yet needs them.
        """
        now = self._clock()
        if 0 <= now - self._forgot_at < _FORGETS_EVERY:
            return
        self._forgot_at = now
        if self._keys.forget_sessions(now - _KEPT_FOR):
            self._open.clear()

    # --- opening -------------------------------------------------------------------------------

    def decrypt(
        self, conversation: str, messages: Sequence[Message], since: float
    ) -> list[Contents]:
        """Return what sealed messages say, or that they wait for their keys.

        `since` is when this device's keys were published (unix time): what was stored before was
        not sealed for it.
        """
        room = self._rooms.of(conversation)
        found = [self._decrypt_or_refuse(room, message, since) for message in messages]
        return without_replays(self._keys, messages, found)

    def _decrypt_or_refuse(self, room: str, message: Message, since: float) -> tuple[Contents, int]:
        """Return what a message says, and its position in its session, -1 if it is not opened."""
        try:
            return self._decrypt_one(room, message, since)
        except (StoreUnusable, OperationalError):
            raise
        except Exception as error:  # Its sender chose the bytes: they cost only this message.
            _logger.warning("A message of %s is refused: %s", message.from_, error)
            return Contents("", MessageSecurity.INVALID), -1

    def _decrypt_one(self, room: str, message: Message, since: float) -> tuple[Contents, int]:
        """As `_decrypt_or_refuse`, but raises Forged and what else a wrong message leads to.

        Any account may claim a session that it knows the id of: those of the sender count, and of
        several devices of his the one whose key opens the message.
        """
        encrypted = read_encrypted(message.message)
        known = self._sessions(encrypted.session_id, message.from_)
        if not known:
            self._check_unknown(encrypted, room, message)
        held, refusal, waits = None, None, not known
        for inbound, session in known:
            try:
                found = self._decrypt_by(inbound, session, encrypted, room, message, since)
            except SignatureError as error:
                refusal = error
                continue
            if found is not None and found[1] >= 0:
                return found
            held, waits = held or found, waits or found is None
        if held is not None:
            return held
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
    ) -> tuple[Contents, int] | None:
        """Open a message by one session; None if this key may be too late, or made up.

        Raises Forged.
        """
        if inbound.room_id != room:
            raise SignatureError("The session is of another conversation")
        inbound = self._as_signed_now(inbound)
        security = self._security_of(inbound, is_earlier=message.stored < since)
        if security is MessageSecurity.UNSIGNED:
            return self._waits(encrypted, message, security)
        try:
            decrypted = decrypt(encrypted, session, room, message.from_, message.id or "")
        except CannotDecrypt:
            return None  # The key that is here is of later messages.
        except DecryptionFailed:
            if inbound.proved:
                raise
            return None  # Who has passed the key on may have made it up: its owner is asked for it.
        if decrypted.position >= _MAX_MESSAGES:
            raise SignatureError("The session has more messages than anybody encrypts by it")
        if decrypted.seen >= message.seq > 0:
            self.on_missing(message.from_)
        return _contents(decrypted, inbound, security), decrypted.position

    @staticmethod
    def _waits(
        encrypted: EncryptedMessage, message: Message, security: MessageSecurity
    ) -> tuple[Contents, int]:
        contents = Contents("", security, encrypted.session_id, encode(message))
        return contents._replace(position=index_of(encrypted)), -1

    def _check_unknown(self, encrypted: EncryptedMessage, room: str, message: Message) -> None:
        """Raise Forged if the message of a session that the sender has not given is not to wait.

        Where another's key opens it, it says itself who has written it, and where. A few are tried.
        """
        if self._keys.is_forgotten(encrypted.session_id, message.from_):
            raise SignatureError("Its session was forgotten: it may be an old message")
        for inbound in self._keys.inbound_sessions(encrypted.session_id)[:_MAX_CLAIMS]:
            with suppress(CannotDecrypt, DecryptionFailed):
                session = loaded(inbound)[1]
                decrypt(encrypted, session, room, message.from_, message.id or "")

    def _security_of(self, inbound: InboundSession, *, is_earlier: bool) -> MessageSecurity:
        """Return how what a session opens is shown: it is held back if its device does not count.

        What was written earlier than this device is there is shown all the same, if nobody has to
        decide first: other devices have known the identity of that time.
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

    def _as_signed_now(self, inbound: InboundSession) -> InboundSession:
        """Return it as signed by the identity that is known, if this has signed the device since.

        That is kept: the device is looked up once.
        """
        known = self._keys.identity_of(inbound.account)
        if known is None or inbound.signed_by == known[0].self_signing:
            return inbound
        if not self._trust.is_signed(Device(*inbound.owner, b"")):
            return inbound
        signed = inbound._replace(signed_by=known[0].self_signing)
        self._keys.note_signer(inbound.name, signed.signed_by)
        self._open.pop((inbound.session_id, inbound.account), None)
        return signed

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
