"""Trust records: the user's decisions about identities, synchronized between his devices."""

from collections.abc import Callable, Iterable, Mapping, Sequence

import msgspec

from messenger.crypto.accounts import AccountIdentity, Secret
from messenger.crypto.devices import Device
from messenger.crypto.signed import SignatureError, canonical
from messenger.crypto.to_device import DecryptedToDevice
from messenger.crypto.to_device_content import EncryptedTrustRecord, read_content
from messenger.jim.base import Reply
from messenger.jim.devices import BackUpKeys
from messenger.jim.errors import BackupFull, ProtocolError
from messenger.sdk.encryption.backed_up_records import BackedUpRecords
from messenger.sdk.encryption.backup_batch import MAX_AT_ONCE
from messenger.sdk.encryption.backup_state import ExpectedBackup
from messenger.sdk.encryption.context import DeviceContext
from messenger.sdk.encryption.device_lists import DeviceList, DeviceLists
from messenger.sdk.encryption.empty_search import EmptySearch
from messenger.sdk.encryption.internal_events import TrustChanged
from messenger.sdk.encryption.olm_sessions import Content, OlmSessions
from messenger.sdk.events import TrustDecided
from messenger.sdk.store import IdentityTrust
from messenger.sdk.store.trust_records import MAX_NUMBER, LamportTimestamp, TrustRecord

TRUST_RECORD = "messenger.trust_record"
"""The to-device message that sends a record to the user's other devices."""

_OF_IDENTITY = "trust_records_of"
"""The profile's value with the identity whose secret encrypted the records last."""

_IS_BACKED_UP = "is_backed_up"
"""The key of an encrypted record, left out where it is true."""

OnShared = Callable[[], None]


class TrustRecords:
    """Stores records, backs them up, and sends them to the user's other devices.

    They leave encrypted with the account's secret: the server does not learn whom the user has
    verified, and neither it nor an unapproved device can make up a record. The backup `is_full` if
    it had no room for the latest records. It has more attributes than other classes: half of them
    are what the context has, which each record needs.
    """

    def __init__(
        self, context: DeviceContext, device_lists: DeviceLists, olm_sessions: OlmSessions
    ) -> None:
        self._keys = context.keys
        self._device = context.identity
        self._ask = context.ask
        self._context = context
        self._device_lists = device_lists
        self._olm_sessions = olm_sessions
        self._expected = ExpectedBackup(context.keys)
        self.backed_up = BackedUpRecords(context.keys)
        self._sharing = False
        self._search = EmptySearch(context.keys)
        self._sent: set[TrustRecord] = set()
        self.is_full = False
        self._on_shared: list[OnShared] = []

    def decide(self, identity: AccountIdentity, trust: IdentityTrust) -> None:
        """Store a decision of the user on this device, as later than all known records."""
        with self._keys.transaction():
            self._keys.trust(identity, trust)
            # A stolen device may have left the largest number: there is none after that.
            number = min(self._last_number() + 1, MAX_NUMBER)
            made = TrustRecord(*identity, trust, number, self._device.device_id)
            self._keys.keep_trust_record(made)
            self.backed_up.unshared.add({made.key})
        self._context.emit(TrustChanged(identity.account))

    def share_anew(self) -> None:
        """Mark all records as not backed up: the backup starts over."""
        self.backed_up.unshared.put({one.key for one in self._keys.trust_records()})

    def renumber_for(self, secret: Secret, *, is_made_here: bool) -> bool:
        """Renumber the records if the account's secret is not the one that they belong to.

        Tells whether it is another one.

        The new secret decrypts no earlier records, whatever numbers a lost device has assigned. The
        device that has made the secret starts at 1, so that its records are later than those that
        others know from before. Of these only the latest about each account is kept; other devices
        number it 0.
        """
        identity = secret.identity.master
        with self._keys.transaction():
            is_another = self._keys.get(_OF_IDENTITY) not in (None, identity)
            if is_another:
                self._keys.forget_older_trust_records()
                for index, one in enumerate(reversed(self._keys.trust_records()), 1):
                    number = index if is_made_here else 0
                    self._keys.keep_trust_record(msgspec.structs.replace(one, number=number))
            self._keys.put(_OF_IDENTITY, identity)
        return is_another

    def share(self, secret: Secret, on_shared: OnShared | None = None) -> None:
        """Back up the records of this device, and send them to the user's other devices.

        `on_shared` is called when all are backed up, or the server refuses them.
        """
        if on_shared is not None:
            self._on_shared.append(on_shared)
        if self._sharing:
            return
        batch = self._unshared_trust_records()[:MAX_AT_ONCE] if self._search.begins() else []
        if not batch:
            self._search.found_nothing()
            self._tell_shared()
            return
        self._sharing = True
        encrypted = _encrypted(batch, secret)

        def kept(answer: object) -> None:
            self._sharing = False
            self.is_full = isinstance(answer, BackupFull)
            if isinstance(answer, ProtocolError):
                self._send_once(batch, _encrypted(batch, secret, is_backed_up=False))
            if not isinstance(answer, Reply):
                self._tell_shared()
                return
            self._send_once(batch, encrypted)
            # A record that was replaced meanwhile still has to be shared.
            now = self._unshared_trust_records()
            shared = {one.key for one in batch if one in now}
            self.backed_up.note_accepted(shared)
            self._sent.difference_update(batch)
            self.share(secret)

        self._ask(BackUpKeys(keys=encrypted, is_urgent=True), kept)

    def give(self, device: Device, trust_records: Iterable[TrustRecord], secret: Secret) -> None:
        """Send records to a newly approved device.

        The server may present a backup to it that lacks them.
        """
        lacking = self.backed_up.lacking()
        encrypted: dict[str, str] = {}
        for one in trust_records:
            encrypted |= _encrypted([one], secret, is_backed_up=one.key not in lacking)
        self._send(encrypted, [device])

    def take_to_device(self, message: DecryptedToDevice, secret: Secret | None) -> None:
        """Apply a record of another device; raises SignatureError unless the secret decrypts it."""
        if message.sender.account != self._device.account or secret is None:
            return
        received = read_content(message.content, EncryptedTrustRecord)
        try:
            content = msgspec.json.decode(secret.decrypt(received.name, received.encrypted))
            found = msgspec.convert(content, TrustRecord)
        except msgspec.MsgspecError as error:
            raise SignatureError("A trust record that cannot be decoded") from error
        known = self._keys.trust_record(*found.key)
        self.take(found, is_new=True)
        if found != known and self._keys.trust_record(*found.key) == found:
            is_backed_up = content.get(_IS_BACKED_UP) is not False
            self.backed_up.note_received(found, is_backed_up=is_backed_up)
        if known is not None and found.number < known.number:
            # A device that did not have the later one has replaced that in the backup.
            self.backed_up.unshared.add({known.key})
            self.share(secret)

    def take(self, found: TrustRecord, *, is_new: bool = False) -> None:
        """Apply a decrypted record: it counts if it is the latest known one.

        A record that is not later than the last of the same device is a replay, and ignored. The
        server may present an old one, unless it `is_new`. If this device has no record to
        compare it with, it may establish trust in an identity, so that a change is noticed, but it
        never makes this device accept a changed identity.
        """
        said = self._expected.decided(found.account)
        # The user's own identity is trusted by its secret, not by a record.
        if found.account == self._device.account or self._is_replay(found, said):
            return
        latest = self._keys.trust_record(found.account)
        is_compared = bool(said) or latest is not None
        if not (is_new or is_compared or self._is_harmless(found)):
            return
        with self._keys.transaction():
            self._keys.keep_trust_record(found)
            is_latest = latest is None or found.timestamp > latest.timestamp
            if is_latest and all(found.timestamp >= one for one in said.values()):
                self._follow(found)

    def _is_replay(self, found: TrustRecord, said: Mapping[str, LamportTimestamp]) -> bool:
        """Whether this record, or a later one of its device, is known already."""
        before = self._keys.trust_record(*found.key)
        if before is not None and found.number <= before.number:
            return True
        return found.device in said and found.timestamp < said[found.device]

    def _is_harmless(self, trust_record: TrustRecord) -> bool:
        """Whether it is about the known identity, or says that the other one is verified."""
        known = self._keys.identity_of(trust_record.account)
        is_same = known is None or known[0] == trust_record.identity
        return is_same or trust_record.trust is IdentityTrust.VERIFIED

    def _follow(self, trust_record: TrustRecord) -> None:
        """Apply the user's decision on another device to this one."""
        identity, trust = trust_record.identity, trust_record.trust
        if self._keys.identity_of(trust_record.account) != (identity, trust):
            self._keys.trust(identity, trust)
            self._device_lists.forget()
            self._context.emit(TrustChanged(trust_record.account))
            self._context.tell(TrustDecided(trust_record.account, trust))

    def _last_number(self) -> int:
        # With the numbers that the approving device reported: the server may withhold records.
        newest = self._keys.trust_records(1)
        return max([self._expected.last_number(), *(one.number for one in newest)])

    def _unshared_trust_records(self) -> list[TrustRecord]:
        found = [self._keys.trust_record(*key) for key in sorted(self.backed_up.unshared.keys())]
        return [one for one in found if one is not None]

    def _tell_shared(self) -> None:
        waiting, self._on_shared = self._on_shared, []
        for call in waiting:
            call()

    def _send_once(self, batch: Iterable[TrustRecord], encrypted: Mapping[str, str]) -> None:
        """Send records to the user's other devices once, although refused backups are repeated."""
        if not self._sent.issuperset(batch):
            self._sent.update(batch)
            self._send_to_own_devices(encrypted)

    def _send_to_own_devices(self, encrypted: Mapping[str, str]) -> None:
        me = self._device.account

        def send(device_list: DeviceList | Exception) -> None:
            if not isinstance(device_list, Exception):
                devices = device_list.devices.values()
                self._send(encrypted, [one for one in devices if one.account == me])

        # Not from the cache: a device that was approved meanwhile gets them, too.
        self._device_lists.forget(me)
        self._device_lists.of(me, send)

    def _send(self, encrypted: Mapping[str, str], devices: Sequence[Device]) -> None:
        messages = [
            Content(device, TRUST_RECORD, {"name": name, "encrypted": one})
            for device in devices
            if device.key != self._device.device.key
            for name, one in encrypted.items()
        ]
        if messages:
            self._olm_sessions.send(messages, lambda _: None)


def _encrypted(
    trust_records: Iterable[TrustRecord], secret: Secret, *, is_backed_up: bool = True
) -> dict[str, str]:
    """Return encrypted records, by their names in the backup.

    Those that are not backed up say so to the user's other devices: within what is encrypted, as an
    unapproved device could send the rest.
    """
    more = {} if is_backed_up else {_IS_BACKED_UP: False}
    named = {_name_of(one, secret): msgspec.to_builtins(one) | more for one in trust_records}
    return {name: secret.encrypt(name, canonical(one)) for name, one in named.items()}


def _name_of(trust_record: TrustRecord, secret: Secret) -> str:
    """Return a record's name in the backup; it reveals to nobody else whom it is about.

    Each device has its own names: concurrent decisions do not overwrite each other, so the backup
    never becomes older by itself.
    """
    return secret.name_of(f"decision {trust_record.account}\n{trust_record.device}")
