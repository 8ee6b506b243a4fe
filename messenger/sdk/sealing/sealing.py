"""What a client's core asks of encryption: to seal what goes out, to open what comes in."""

import logging
import time
from collections.abc import Callable, Sequence
from typing import Any

from messenger.crypto.devices import MEGOLM, Device
from messenger.crypto.identity import Identity
from messenger.crypto.letters import Letter
from messenger.jim.devices import Published, ReceivedLetter
from messenger.jim.errors import Forbidden, OutdatedDevices, ProtocolError
from messenger.jim.messages import Message
from messenger.jim.names import EVERYONE, is_room
from messenger.language import N_, _
from messenger.sdk.errors import VerificationNeeded
from messenger.sdk.events import CoreEvent, MessageOpened, MessagesMissing
from messenger.sdk.link import Ask
from messenger.sdk.sealing.account import OwnAccount
from messenger.sdk.sealing.approval import APPROVAL
from messenger.sdk.sealing.channels import Channels, Content
from messenger.sdk.sealing.comparing import PREFIX, Comparing
from messenger.sdk.sealing.decisions import DECISION
from messenger.sdk.sealing.devicetrust import DeviceTrust
from messenger.sdk.sealing.directory import Directory, Readers
from messenger.sdk.sealing.groups import Groups, Own
from messenger.sdk.sealing.guard import costs_only_itself
from messenger.sdk.sealing.inbox import Inbox
from messenger.sdk.sealing.members import Members
from messenger.sdk.sealing.plain import Parcel, Plain, in_plain
from messenger.sdk.sealing.publishing import Publishing
from messenger.sdk.sealing.reopening import Reopening
from messenger.sdk.sealing.requests import KeyRequests
from messenger.sdk.sealing.roomhistory import RoomHistory
from messenger.sdk.sealing.roomids import RoomIds
from messenger.sdk.store import Lock, Store, StoredMessage
from messenger.sdk.store.keys import KeyStore
from messenger.sdk.store.messages import Contents
from messenger.sdk.store.receiving import as_they_are

_logger = logging.getLogger("messenger.client")

_EVERY = 5.0

OnParcel = Callable[[Parcel | Exception], None]


class Sealing:
    """Encryption of one account's device; on links where there is none it is not `enabled`.

    `start` it on every link before anything is fetched or sent, and `stop` it with the link.
    """

    def __init__(
        self,
        store: Store,
        account: str,
        ident: str,
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
        self.identity = _identity(self.keys, account, ident)
        self.trust = DeviceTrust(self.keys, self.identity, tell, clock)
        self.trust.on_signed = self._signed
        self.rooms = RoomIds(store, self.keys, account)
        self.members = Members(self.keys, account, tell)
        self._reopening = Reopening(self.keys, self.open, tell)
        self.trust.on_changed = self._reopening.changed
        self.directory = Directory(self.trust, account, self.rooms, self.members, ask, clock)
        self._publishing = Publishing(self.keys, self.identity, ask)
        self.channels = Channels(
            self.keys, self.identity, ask, clock, self._publishing.used, self._ask_again
        )
        self.groups = Groups(self.keys, self.identity, self.trust, self.rooms, clock)
        self.account = OwnAccount(
            self.keys,
            self.identity,
            ask,
            tell,
            self.directory,
            self.channels,
            self.groups,
            lasting=store.file is not None,
        )
        self.account.backup.on_restored = self._reopening.restored
        self.account.on_approved = self._approved
        self.account.decisions.on_decided = self._decided
        self._inbox = Inbox(self.keys, ask, self._take)
        self.plain = Plain(store, self.keys, self.rooms, account)
        self.history = RoomHistory(store, self.keys, self.rooms, account, ask, clock)
        self.groups.on_begun = self.history.heard
        self._due = 0.0
        self._missing: dict[str, set[str]] = {}
        self.comparing = Comparing(
            self.keys, self.identity, self.directory, self.channels, self.account.decide, tell
        )
        self._requests = KeyRequests(
            self.keys, self.identity, self.directory, self.channels, self.groups, self.rooms
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
            self._reopening.resume()
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
        self.directory.forget()
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
        self.directory.announce_late()
        self.history.ask_whose()
        if not self._store.lasting:
            self.groups.forget_old()
        self.ask_for_keys()
        self._reopening.tick()
        self.account.tick()
        if self._inbox.is_unacknowledged:
            self._inbox.fetch(lambda: None)
            self._publishing.top_up()

    # --- what goes out -------------------------------------------------------------------------

    def prepare(self, message: StoredMessage, on_parcel: OnParcel) -> None:
        """Seal a message for those who read its conversation; `on_parcel` gets it.

        Plain where not everyone can open what is sealed, and always in the common chat; but
        where it was sealed once it is never plain again by itself: it fails.
        """
        if message.conversation == EVERYONE:
            on_parcel(in_plain(message))
        elif self._refused:
            on_parcel(Forbidden(_("Encryption is off: {reason}", reason=self._refused)))
        elif not self.enabled:
            reason = _("This server cannot pass on encrypted messages")
            on_parcel(self.plain.parcel(message, reason, None))
        elif (kept := self.keys.outgoing(message.sent_id or "")) is not None:
            on_parcel(Parcel(kept.sealed, MEGOLM, kept.devices))
        else:
            self.directory.of(
                message.conversation, lambda found: self._seal_for(message, found, on_parcel)
            )

    def sent(self, message: StoredMessage) -> None:
        """A message has arrived."""
        if message.lock is Lock.SEALED:
            self.plain.note_encrypted(message.conversation)
        self.keys.drop_outgoing(message.sent_id or "")

    def failed(self, message: StoredMessage) -> None:
        """A message will never arrive as it is."""
        self.keys.drop_outgoing(message.sent_id or "")

    def outdated(self, message: StoredMessage, error: OutdatedDevices) -> None:
        """A message was sealed for devices that are no longer those of its readers."""
        self.keys.drop_outgoing(message.sent_id or "")
        self.directory.changed(message.conversation, error.changes)

    def _seal_for(
        self, message: StoredMessage, readers: Readers | Exception, on_parcel: OnParcel
    ) -> None:
        if isinstance(readers, Exception):
            on_parcel(readers)
            return
        if readers.plain:
            names = ", ".join(sorted(readers.plain))
            reason = _("{names} cannot read encrypted messages", names=names)
            self.directory.forget(message.conversation)
            reading = readers.accounts - {self._me} | readers.plain
            on_parcel(self.plain.parcel(message, reason, reading, readers.version))
            return
        if readers.excludes_all_of(message.conversation):
            on_parcel(_no_device(message.conversation))
            self.directory.forget(message.conversation)
            return
        own = self.groups.own(
            message.conversation,
            readers,
            shared_history=self.history.is_shown(message.conversation),
            setting=self.history.number(message.conversation),
        )
        if not own.missing:
            on_parcel(self._seal(message, own, readers))
            return
        key = self.groups.key_of(own)

        def shared(reached: set[Any] | Exception) -> None:
            if isinstance(reached, Exception):
                on_parcel(reached)
                return
            # Who could not be reached asks for the key when the message is there.
            self.groups.shared(own, own.missing)
            self.groups.history_shared(own)
            on_parcel(self._seal(message, own, readers))

        letters = [Content(device, "m.room_key", key) for device in own.missing]
        self.channels.send([*letters, *self._history_for(message.conversation, own)], shared)

    def _history_for(self, conversation: str, own: Own) -> list[Content]:
        """Return letters with the keys of what was written before, for devices that are new."""
        if not self.history.is_shown(conversation):
            return []
        return [
            Content(device, "m.forwarded_room_key", key)
            for device in self.groups.without_history(own)
            for key in self.groups.history(own.room_id)
        ]

    def _seal(self, message: StoredMessage, own: Own, readers: Readers) -> Parcel:
        with self.keys.transaction():
            named = [(message.sent_id or "", message.text)]
            seen = self._store.seen(message.conversation)
            sealed = self.groups.seal(own, readers.version, named, seen, message.time)
            self.plain.note_sealing(message.conversation)
        return Parcel(sealed[0], MEGOLM, readers.version)

    # --- what comes in -------------------------------------------------------------------------

    def open(self, conversation: str, messages: Sequence[Message]) -> list[Contents]:
        """Return what messages of a conversation say; who has keys is noted to be no guest."""
        for message in messages:
            message.guest = message.guest and self.keys.identity_of(message.from_) is None
        sealed = [message for message in messages if message.encoding == MEGOLM]
        if not sealed:
            return self.plain.marked(conversation, as_they_are(conversation, messages))
        self.groups.on_missing = lambda sender: self._miss(conversation, sender)
        opened = iter(self.groups.open(conversation, sealed, self._publishing.since))
        found = [
            next(opened) if message.encoding == MEGOLM else plain
            for message, plain in zip(messages, as_they_are(conversation, messages), strict=True)
        ]
        if any(contents.lock in (Lock.SEALED, Lock.UNPROVED) for contents in found):
            # Anybody can send what cannot be decrypted: that says nothing of the conversation.
            self.plain.note_encrypted(conversation)
        if not is_room(conversation) and any(one.from_ != self._me for one in sealed):
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

    def letter_arrived(self, letter: ReceivedLetter) -> None:
        """Take a letter that came by itself."""
        self._inbox.arrived(letter)

    @property
    def is_fetching(self) -> bool:
        """Whether letters are being fetched: keys of messages may be among them."""
        return self._inbox.is_fetching

    def on_fetched(self, call: Callable[[], None]) -> None:
        """Have it called when letters were fetched."""
        self._inbox.on_fetched = call

    def _take(self, letters: list[ReceivedLetter]) -> None:
        """Open letters, and keep what they say together with how far they are read."""
        requests: list[Letter] = []
        opened: list[StoredMessage] = []
        with self.keys.transaction():
            for received in letters:
                with costs_only_itself(f"A to-device message of {received.from_}"):
                    opened += self._take_one(received, requests)
            self._inbox.note_read()
            began_anew = self.channels.took_new()
        for message in opened:
            self._tell(MessageOpened(message))
        for account in began_anew:
            self._ask_again(account)
        for request in requests:
            with costs_only_itself(f"A request for a key of {request.sender.account}"):
                self._requests.answer(request)

    def _take_one(
        self, received: ReceivedLetter, requests: list[Letter]
    ) -> Sequence[StoredMessage]:
        """Take a letter; return the messages that it opens. Raises Forged, and what not.

        One whose sender is not proved has no effect at all.
        """
        letter = self.channels.open(received)
        if letter is None:
            return ()
        if letter.type == APPROVAL:
            # The code that was typed proves it: this device may know no identity of its account.
            self.account.take_approval(letter)
            return ()
        self.directory.meet_sender(letter.sender)
        if letter.type in ("m.room_key", "m.forwarded_room_key"):
            exported = letter.type == "m.forwarded_room_key"
            reach = self.groups.take_key(letter.content, letter.sender, exported=exported)
            return self._reopening.reached(reach) if reach is not None else ()
        if letter.type.startswith(PREFIX):
            self.comparing.take(letter)
        elif letter.type == DECISION:
            self.account.decisions.take_letter(letter, self.account.secret)
        elif letter.type == "m.room_key_request":
            requests.append(letter)
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
        self.directory.forget()
        self._requests.forget_of(device.account)
        self._reopening.restored(self.keys.sessions_of(device.key))

    def _decided(self, account: str) -> None:
        """Other devices may count from now on: what was held back of them can be read."""
        self._requests.forget_of(account)
        self._reopening.decided(account)


def _no_device(name: str) -> VerificationNeeded:
    said = N_("No device of {name} is signed by the identity that you know: nothing is sent")
    return VerificationNeeded(_(said, name=name), name)


def _identity(keys: KeyStore, account: str, ident: str) -> Identity:
    """Return this device's identity, made when it is needed first."""
    pickle = keys.get("identity")
    if pickle is not None and keys.get("identity_of") == f"{account}\n{ident}":
        return Identity.from_pickle(account, ident, pickle)
    identity = Identity(account, ident)
    with keys.transaction():
        keys.put("identity", identity.pickle())
        keys.put("identity_of", f"{account}\n{ident}")
    return identity
