"""Olm (double-ratchet) sessions with single devices, and the to-device messages over them."""

import logging
from collections.abc import Callable, Iterator, Sequence
from typing import Any, NamedTuple

import vodozemac

from messenger.crypto.devices import Device, DeviceKey, parse_one_time_key
from messenger.crypto.identity import PICKLE_KEY, PRE_KEY, CannotDecrypt, Olm, begins, decrypt_olm
from messenger.crypto.signed import SignatureError
from messenger.crypto.to_device import (
    DecryptedToDevice,
    encrypt_to_device,
    read_envelope,
    read_to_device,
)
from messenger.jim import devices as wire
from messenger.jim.base import Reply
from messenger.jim.devices import Claimed, ClaimKeys, DeviceName, ReceivedToDevice, ToDevice
from messenger.sdk.encryption.context import DeviceContext
from messenger.sdk.encryption.guard import costs_only_itself
from messenger.sdk.encryption.internal_events import OlmSessionBegun
from messenger.sdk.encryption.key_upload import KeyUpload
from messenger.sdk.link import Answer

_logger = logging.getLogger("messenger.client")

_CLAIMED_AT_ONCE = 100  # A server accepts no more devices in one request.
_BATCH_BYTES = 48 * 1024  # With names and quotes it has to fit into 64 KiB, JIM's default limit.
_HEAL_AGAIN_AFTER = 3600.0  # As Matrix's clients do: each new session uses up a one-time key.
_MAX_SESSIONS = 5  # With a device: messages of earlier sessions may still be on their way.
_MAX_OF_STRANGERS = 100  # Anybody can begin sessions under any number of keys.

OnSent = Callable[[set[Device] | Exception], None]


Batch = list[tuple[Device, wire.ToDeviceMessage]]
Sessions = dict[DeviceKey, vodozemac.Session]


class Content(NamedTuple):
    """A to-device message to encrypt: its type, as in Matrix's to-device events, and content."""

    to: Device
    type: str
    content: dict[str, Any]


class OlmSessions:
    """Encrypts and decrypts to-device messages; a broken session is replaced."""

    def __init__(self, context: DeviceContext, publishing: KeyUpload) -> None:
        self._publishing = publishing
        self._emit = context.emit
        self._took_new: set[str] = set()
        self._keys = context.keys
        self._identity = context.identity
        self._ask = context.ask
        self._clock = context.clock
        self._healed: dict[str, float] = {}

    def send(self, contents: Sequence[Content], on_sent: OnSent, *, anew: bool = False) -> None:
        """Send to-device messages; `on_sent` gets the reached devices, once the server has all.

        Missing sessions are begun; with `anew`, all are.
        """
        sessions = {} if anew else self._sessions_with([one.to for one in contents])
        missing = [one.to for one in contents if one.to.key not in sessions]

        def claimed(error: Exception | None) -> None:
            if error is not None:
                on_sent(error)
            else:
                self._send(contents, sessions, on_sent)

        self._claim(missing, sessions, claimed)

    def _sessions_with(self, devices: list[Device]) -> Sessions:
        sessions = {}
        with self._keys.transaction():
            for device in devices:
                # The session that was used last, as Matrix has it: so both devices agree on one.
                if known := self._keys.olm_sessions_with(device.curve25519, device.ed25519):
                    pickle = known[0][1]
                    sessions[device.key] = vodozemac.Session.from_pickle(pickle, PICKLE_KEY)
        return sessions

    def _claim(
        self,
        devices: list[Device],
        sessions: Sessions,
        on_claimed: Callable[[Exception | None], None],
    ) -> None:
        """Claim one-time keys of the devices, in batches, and begin sessions with them."""
        if not devices:
            on_claimed(None)
            return
        batch, rest = devices[:_CLAIMED_AT_ONCE], devices[_CLAIMED_AT_ONCE:]

        def claimed(answer: Answer) -> None:
            if isinstance(answer, Exception):
                on_claimed(answer)
                return
            if isinstance(answer, Claimed):
                self._begin(batch, answer, sessions)
            self._claim(rest, sessions, on_claimed)

        names = [DeviceName(device.account, device.device_id) for device in batch]
        self._ask(ClaimKeys(devices=names), claimed)

    def _begin(self, devices: list[Device], claimed: Claimed, sessions: Sessions) -> None:
        by_name = {(device.account, device.device_id): device for device in devices}
        for found in claimed.keys:
            # The server chooses what it answers: a key of a device that was not named is ignored.
            device = by_name.get((found.account_name, found.device))
            if device is None:
                continue
            with costs_only_itself(f"A one-time key of a device of {device.account}"):
                key = parse_one_time_key(device, bytes(found.key))
                sessions[device.key] = self._identity.begin(device, key)

    def _send(self, contents: Sequence[Content], sessions: Sessions, on_sent: OnSent) -> None:
        encrypted: Batch = []
        used: Sessions = {}
        for to, kind, content in contents:
            session = sessions.get(to.key)
            if session is None:
                continue
            used[to.key] = session
            message = encrypt_to_device(self._identity, session, to, kind, content)
            encrypted.append((to, wire.ToDeviceMessage(to.account, to.device_id, message)))
        # Stored before anything is sent: no message key is ever used twice.
        now = self._clock()
        self._keys.keep_olm_sessions(
            [
                (session.session_id, curve25519, session.pickle(PICKLE_KEY), now, ed25519)
                for (_account, _device_id, curve25519, ed25519), session in used.items()
            ]
        )
        self._hand_over(_batches(encrypted), set(), on_sent)

    def _hand_over(self, batches: Iterator[Batch], reached: set[Device], on_sent: OnSent) -> None:
        """Send a batch, and the next one when the server has stored it."""
        batch = next(batches, None)
        if batch is None:
            on_sent(reached)
            return

        def stored(answer: Answer) -> None:
            if isinstance(answer, Reply):
                reached.update(device for device, _to_device in batch)
                self._hand_over(batches, reached, on_sent)
            else:
                on_sent(answer)

        self._ask(ToDevice(messages=[message for _device, message in batch]), stored)

    def decrypt(self, received: ReceivedToDevice) -> DecryptedToDevice | None:
        """Decrypt a to-device message; None if that fails, or its sender is not authentic."""
        try:
            envelope = read_envelope(self._identity, received.message)
        except CannotDecrypt as error:
            _logger.warning("A to-device message of %s: %s", received.from_, error)
            return None
        try:
            session, plaintext, is_new = self._decrypt(envelope.sender_key, envelope.message)
        except CannotDecrypt as error:
            _logger.warning(
                "A to-device message of %s cannot be decrypted: %s", received.from_, error
            )
            self._heal(received.from_, envelope.sender_key)
            return None
        try:
            message = read_to_device(self._identity, received.from_, envelope.sender_key, plaintext)
        except SignatureError as error:
            _logger.warning("%s", error)
            # The ratchet has advanced nevertheless: its earlier state must not be used again.
            self._keep(session, envelope.sender_key, "")
            return None
        self._keep(session, envelope.sender_key, message.sender.ed25519)
        if is_new:
            self._took_new.add(message.sender.account)
        return message

    def _decrypt(self, sender_key: str, message: Olm) -> tuple[vodozemac.Session, bytes, bool]:
        """Decrypt with the session of the message, or one that it begins; raises CannotDecrypt.

        Return the session, whose advanced state must be stored, the plaintext, and whether the
        session is new.
        """
        for _id, pickle in self._keys.olm_sessions_with(sender_key):
            session = vodozemac.Session.from_pickle(pickle, PICKLE_KEY)
            # It names its session: another one must not advance its ratchet by trying.
            if message.type == PRE_KEY and not begins(session, message):
                continue
            try:
                plaintext = decrypt_olm(session, message)
            except CannotDecrypt:
                # It is a message of this session: no other one decrypts it.
                if message.type == PRE_KEY:
                    raise
                continue
            return session, plaintext, False
        if message.type != PRE_KEY:
            raise CannotDecrypt("No session decrypts it")
        session, plaintext = self._identity.accept(sender_key, message)
        self._publishing.used(message)
        self._keys.drop_olm_sessions(sender_key, keep=_MAX_SESSIONS - 1)
        self._keys.drop_olm_sessions_of_strangers(keep=_MAX_OF_STRANGERS)
        return session, plaintext, True

    def took_new(self) -> set[str]:
        """Return the accounts whose devices have begun sessions since the last call."""
        took, self._took_new = self._took_new, set()
        return took

    def _heal(self, account: str, sender_key: str) -> None:
        """Begin a new session with a device whose message could not be decrypted."""
        devices = self._keys.devices_of(account).values()
        found = [device for device in devices if device.curve25519 == sender_key]
        now = self._clock()
        if not found or now - self._healed.get(sender_key, 0.0) < _HEAL_AGAIN_AFTER:
            return
        self._healed[sender_key] = now
        # As in Matrix: m.dummy has the other device use the new session from now on.
        messages = [Content(device, "m.dummy", {}) for device in found]
        self.send(messages, lambda _: self._emit(OlmSessionBegun(account)), anew=True)

    def _keep(self, session: vodozemac.Session, peer: str, ed25519: str) -> None:
        pickle = session.pickle(PICKLE_KEY)
        self._keys.keep_olm_sessions([(session.session_id, peer, pickle, self._clock(), ed25519)])


def _batches(encrypted: Batch) -> Iterator[Batch]:
    """Yield messages in batches that fit into one request."""
    batch: Batch = []
    size = 0
    for device, message in encrypted:
        if batch and size + len(message.message) > _BATCH_BYTES:
            yield batch
            batch, size = [], 0
        batch.append((device, message))
        size += len(message.message)
    if batch:
        yield batch
