"""What a client's core asks of encryption: to seal what goes out, to open what comes in."""

import logging
import time
from collections.abc import Callable, Sequence
from typing import Any

from messenger.crypto.devices import MEGOLM, Device
from messenger.crypto.identity import Identity
from messenger.crypto.to_device import DecryptedToDevice
from messenger.jim.devices import Published, ReceivedToDevice
from messenger.jim.errors import Forbidden, OutdatedDevices, ProtocolError
from messenger.jim.messages import Message
from messenger.jim.names import EVERYONE, is_room
from messenger.language import N_, _
from messenger.sdk.encryption.approval import APPROVAL
from messenger.sdk.encryption.cross_signing import CrossSigning
from messenger.sdk.encryption.device_lists import DeviceList, DeviceLists
from messenger.sdk.encryption.device_trust import DeviceTrust
from messenger.sdk.encryption.guard import costs_only_itself
from messenger.sdk.encryption.inbox import Inbox
from messenger.sdk.encryption.key_requests import KeyRequests
from messenger.sdk.encryption.key_upload import KeyUpload
from messenger.sdk.encryption.megolm_sessions import MegolmSessions, Outbound
from messenger.sdk.encryption.members import Members
from messenger.sdk.encryption.olm_sessions import Content, OlmSessions
from messenger.sdk.encryption.redecryption import Redecryption
from messenger.sdk.encryption.room_history import RoomHistory
from messenger.sdk.encryption.room_ids import RoomIds
from messenger.sdk.encryption.trust_records import TRUST_RECORD
from messenger.sdk.encryption.unencrypted import Plain, PreparedMessage, in_plain
from messenger.sdk.encryption.verification import PREFIX, Verifications
from messenger.sdk.errors import VerificationNeeded
from messenger.sdk.events import CoreEvent, MessageDecrypted, MessagesMissing
from messenger.sdk.link import Ask
from messenger.sdk.store import MessageSecurity, Store, StoredMessage
from messenger.sdk.store.insert import as_they_are
from messenger.sdk.store.keys import KeyStore
from messenger.sdk.store.messages import Contents

_logger = logging.getLogger("messenger.client")

_EVERY = 5.0

OnPrepared = Callable[[PreparedMessage | Exception], None]


class Encryption:
    """Encryption of one account's device; on links where there is none it is not `enabled`.

    `start` it on every link before anything is fetched or sent, and `stop` it with the link.
    """

    def __init__(
        self,
        store: Store,
        account: str,
        device_id: str,
        ask: Ask,
        tell: Callable[[CoreEvent], None],
        clock: Callable[[], float] = time.time,
    ) -> None:
        self.enabled = False
        self._refused = ""
        self._store = store
        self.keys = KeyStore(store)
        self._ask = ask
        self._tell = tell
        self._clock = clock
        self._me = account
        self.identity = _identity(self.keys, account, device_id)
        self.trust = DeviceTrust(self.keys, self.identity, tell, clock)
        self.trust.on_signed = self._signed
        self.rooms = RoomIds(store, self.keys, account)
        self.members = Members(self.keys, account, tell)
        self._redecryption = Redecryption(self.keys, self.decrypt, tell)
        self.trust.on_changed = self._redecryption.changed
        self.device_lists = DeviceLists(self.trust, account, self.rooms, self.members, ask, clock)
        self._publishing = KeyUpload(self.keys, self.identity, ask)
        self.olm_sessions = OlmSessions(
            self.keys, self.identity, ask, clock, self._publishing.used, self._ask_again
        )
        self.groups = MegolmSessions(self.keys, self.identity, self.trust, self.rooms, clock)
        self.account = CrossSigning(
            self.keys,
            self.identity,
            ask,
            tell,
            self.device_lists,
            self.olm_sessions,
            self.groups,
            lasting=store.file is not None,
        )
        self.account.backup.on_restored = self._redecryption.restored
        self.account.on_approved = self._approved
        self.account.trust_records.on_decided = self._decided
        self._inbox = Inbox(self.keys, ask, self._take)
        self.plain = Plain(store, self.keys, self.rooms, account)
        self.history = RoomHistory(store, self.keys, self.rooms, account, ask, clock)
        self.groups.on_begun = self.history.heard
        self._due = 0.0
        self._missing: dict[str, set[str]] = {}
        self.verifications = Verifications(
            self.keys,
            self.identity,
            self.device_lists,
            self.olm_sessions,
            self.account.decide,
            tell,
        )
        self._requests = KeyRequests(
            self.keys, self.identity, self.device_lists, self.olm_sessions, self.groups, self.rooms
        )

    # --- the link ------------------------------------------------------------------------------

    def start(self, on_ready: Callable[[], None]) -> None:
        """Publish what others need, and fetch what they have sent; then `on_ready`."""
        self.enabled = True
        self._refused = ""

        def published(answer: Published | ProtocolError) -> None:
            if isinstance(answer, ProtocolError):
                _logger.warning("Encryption is off: %s", answer)
                self.enabled = False
                self._refused = str(answer)
                on_ready()
                return
            self.account.begin(answer.identity)
            self._redecryption.resume()
            self._inbox.fetch(on_ready)

        self._publishing.publish(self.account.device_keys, published)

    @property
    def is_used(self) -> bool:
        """Whether this device encrypts, now or on earlier links: so are the rooms that it makes."""
        return self.enabled or self.keys.get("keys_since") is not None

    def stop(self) -> None:
        """The link is gone."""
        self.enabled = False
        self._inbox.stop()
        self.device_lists.forget()
        self.trust.forget()
        self.keys.read_anew()
        self._requests.forget()
        self.account.stop()

    def tick(self, now: float) -> None:
        """Do what is due; `now` is monotonic, in seconds."""
        if not self.enabled or self.is_fetching:
            return
        if now < self._due:
            return
        self._due = now + _EVERY
        self.device_lists.announce_late()
        self.history.ask_whose()
        if not self._store.lasting:
            self.groups.forget_old()
        self.ask_for_keys()
        self._redecryption.tick()
        self.account.tick()
        if self._inbox.is_unacknowledged:
            self._inbox.fetch(lambda: None)
            self._publishing.top_up()

    # --- what goes out -------------------------------------------------------------------------

    def prepare(self, message: StoredMessage, on_prepared: OnPrepared) -> None:
        """Seal a message for those who read its conversation; `on_prepared` gets it.

        Plain where not everyone can open what is sealed, and always in the common chat; but
        where it was sealed once it is never plain again by itself: it fails.
        """
        if message.conversation == EVERYONE:
            on_prepared(in_plain(message))
        elif self._refused:
            on_prepared(Forbidden(_("Encryption is off: {reason}", reason=self._refused)))
        elif not self.enabled:
            reason = _("This server cannot pass on encrypted messages")
            on_prepared(self.plain.prepared(message, reason, None))
        elif (kept := self.keys.outgoing(message.sent_id or "")) is not None:
            on_prepared(PreparedMessage(kept.encrypted, MEGOLM, kept.devices))
        else:
            self.device_lists.of(
                message.conversation, lambda found: self._encrypt_for(message, found, on_prepared)
            )

    def sent(self, message: StoredMessage) -> None:
        """A message has arrived."""
        if message.security is MessageSecurity.ENCRYPTED:
            self.plain.note_encrypted(message.conversation)
        self.keys.drop_outgoing(message.sent_id or "")

    def failed(self, message: StoredMessage) -> None:
        """A message will never arrive as it is."""
        self.keys.drop_outgoing(message.sent_id or "")

    def outdated(self, message: StoredMessage, error: OutdatedDevices) -> None:
        """A message was sealed for devices that are no longer those of its readers."""
        self.keys.drop_outgoing(message.sent_id or "")
        self.device_lists.changed(message.conversation, error.changes)

    def _encrypt_for(
        self, message: StoredMessage, device_list: DeviceList | Exception, on_prepared: OnPrepared
    ) -> None:
        if isinstance(device_list, Exception):
            on_prepared(device_list)
            return
        if device_list.plain:
            names = ", ".join(sorted(device_list.plain))
            reason = _("{names} cannot read encrypted messages", names=names)
            self.device_lists.forget(message.conversation)
            reading = device_list.accounts - {self._me} | device_list.plain
            on_prepared(self.plain.prepared(message, reason, reading, device_list.version))
            return
        if device_list.excludes_all_of(message.conversation):
            on_prepared(_no_device(message.conversation))
            self.device_lists.forget(message.conversation)
            return
        outbound = self.groups.outbound(
            message.conversation,
            device_list,
            shared_history=self.history.is_shown(message.conversation),
            setting=self.history.number(message.conversation),
        )
        if not outbound.missing:
            on_prepared(self._encrypt(message, outbound, device_list))
            return
        key = self.groups.key_of(outbound)

        def shared(reached: set[Any] | Exception) -> None:
            if isinstance(reached, Exception):
                on_prepared(reached)
                return
            # Who could not be reached asks for the key when the message is there.
            self.groups.shared(outbound, outbound.missing)
            self.groups.history_shared(outbound)
            on_prepared(self._encrypt(message, outbound, device_list))

        messages = [Content(device, "m.room_key", key) for device in outbound.missing]
        self.olm_sessions.send(
            [*messages, *self._history_for(message.conversation, outbound)], shared
        )

    def _history_for(self, conversation: str, outbound: Outbound) -> list[Content]:
        """Return letters with the keys of what was written before, for devices that are new."""
        if not self.history.is_shown(conversation):
            return []
        return [
            Content(device, "m.forwarded_room_key", key)
            for device in self.groups.without_history(outbound)
            for key in self.groups.history(outbound.room_id)
        ]

    def _encrypt(
        self, message: StoredMessage, outbound: Outbound, device_list: DeviceList
    ) -> PreparedMessage:
        with self.keys.transaction():
            named = [(message.sent_id or "", message.text)]
            seen = self._store.seen(message.conversation)
            encrypted = self.groups.encrypt(
                outbound, device_list.version, named, seen, message.time
            )
            self.plain.note_encrypting(message.conversation)
        return PreparedMessage(encrypted[0], MEGOLM, device_list.version)

    # --- what comes in -------------------------------------------------------------------------

    def decrypt(self, conversation: str, messages: Sequence[Message]) -> list[Contents]:
        """Return what messages of a conversation say; who has keys is noted to be no guest."""
        for message in messages:
            message.guest = message.guest and self.keys.identity_of(message.from_) is None
        encrypted = [message for message in messages if message.encoding == MEGOLM]
        if not encrypted:
            return self.plain.marked(conversation, as_they_are(conversation, messages))
        self.groups.on_missing = lambda sender: self._miss(conversation, sender)
        decrypted = iter(self.groups.decrypt(conversation, encrypted, self._publishing.since))
        found = [
            next(decrypted) if message.encoding == MEGOLM else plain
            for message, plain in zip(messages, as_they_are(conversation, messages), strict=True)
        ]
        if any(
            contents.security in (MessageSecurity.ENCRYPTED, MessageSecurity.UNPROVED)
            for contents in found
        ):
            # Anybody can send what cannot be decrypted: that says nothing of the conversation.
            self.plain.note_encrypted(conversation)
        if not is_room(conversation) and any(one.from_ != self._me for one in encrypted):
            # A direct chat goes on with new keys at every turn.
            self.keys.note_answer(self.rooms.of(conversation))
        return self.plain.marked(conversation, found)

    def _miss(self, conversation: str, sender: str) -> None:
        """Somebody says that more was written than is here: in a room one member may lie."""
        claims = self._missing.setdefault(conversation, set())
        claims.add(sender)
        if not is_room(conversation) or len(claims) > 1:
            claims.clear()
            self._tell(MessagesMissing(conversation))

    def to_device_arrived(self, message: ReceivedToDevice) -> None:
        """Take a letter that came by itself."""
        self._inbox.arrived(message)

    @property
    def is_fetching(self) -> bool:
        """Whether letters are being fetched: keys of messages may be among them."""
        return self._inbox.is_fetching

    def on_fetched(self, call: Callable[[], None]) -> None:
        """Have it called when letters were fetched."""
        self._inbox.on_fetched = call

    def _take(self, messages: list[ReceivedToDevice]) -> None:
        """Open letters, and keep what they say together with how far they are read."""
        requests: list[DecryptedToDevice] = []
        decrypted: list[StoredMessage] = []
        with self.keys.transaction():
            for received in messages:
                with costs_only_itself(f"A to-device message of {received.from_}"):
                    decrypted += self._take_one(received, requests)
            self._inbox.note_read()
            began_anew = self.olm_sessions.took_new()
        for message in decrypted:
            self._tell(MessageDecrypted(message))
        for account in began_anew:
            self._ask_again(account)
        for request in requests:
            with costs_only_itself(f"A request for a key of {request.sender.account}"):
                self._requests.answer(request)

    def _take_one(
        self, received: ReceivedToDevice, requests: list[DecryptedToDevice]
    ) -> Sequence[StoredMessage]:
        """Take a letter; return the messages that it opens. Raises Forged, and what not.

        One whose sender is not proved has no effect at all.
        """
        message = self.olm_sessions.decrypt(received)
        if message is None:
            return ()
        if message.type == APPROVAL:
            # The code that was typed proves it: this device may know no identity of its account.
            self.account.take_approval(message)
            return ()
        self.device_lists.remember_sender(message.sender)
        if message.type in ("m.room_key", "m.forwarded_room_key"):
            exported = message.type == "m.forwarded_room_key"
            reach = self.groups.take_key(message.content, message.sender, exported=exported)
            return self._redecryption.reached(reach) if reach is not None else ()
        if message.type.startswith(PREFIX):
            self.verifications.take(message)
        elif message.type == TRUST_RECORD:
            self.account.trust_records.take_to_device(message, self.account.secret)
        elif message.type == "m.room_key_request":
            requests.append(message)
        return ()

    def ask_for_keys(self) -> None:
        """Look for the keys that messages wait for: among letters, or else with who has them."""
        if self.enabled and not self.is_fetching and self._requests.are_due():
            self._inbox.fetch(self._ask_for_keys)

    def _ask_for_keys(self) -> None:
        """Another device of this account may have had the key, and backed it up."""
        if sessions := self._requests.ask():
            self.account.look_for_keys(sessions)

    def _ask_again(self, account: str) -> None:
        if self.enabled:
            self._requests.ask_again(account)

    def _approved(self) -> None:
        """Others give keys to this device from now on."""
        self._requests.forget()
        self.ask_for_keys()

    def _signed(self, device: Device) -> None:
        """A device counts from now on: what it has sent before can be read, or asked for."""
        self.device_lists.forget()
        self._requests.forget_of(device.account)
        self._redecryption.restored(self.keys.sessions_of(device.key))

    def _decided(self, account: str) -> None:
        """Other devices may count from now on: what was held back of them can be read."""
        self._requests.forget_of(account)
        self._redecryption.decided(account)


def _no_device(name: str) -> VerificationNeeded:
    said = N_("No device of {name} is signed by the identity that you know: nothing is sent")
    return VerificationNeeded(_(said, name=name), name)


def _identity(keys: KeyStore, account: str, device_id: str) -> Identity:
    """Return this device's identity, made when it is needed first."""
    pickle = keys.get("identity")
    if pickle is not None and keys.get("identity_of") == f"{account}\n{device_id}":
        return Identity.from_pickle(account, device_id, pickle)
    identity = Identity(account, device_id)
    with keys.transaction():
        keys.put("identity", identity.pickle())
        keys.put("identity_of", f"{account}\n{device_id}")
    return identity
