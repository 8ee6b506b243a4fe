"""What the user has decided of others' identities: the same on all of one's own devices."""

from collections.abc import Callable, Iterable, Mapping, Sequence, Set

import msgspec

from messenger.crypto.accounts import AccountIdentity, Secret
from messenger.crypto.devices import Device
from messenger.crypto.signed import SignatureError, canonical
from messenger.crypto.to_device import DecryptedToDevice
from messenger.crypto.to_device_content import EncryptedTrustRecord, read_content
from messenger.jim.base import Reply
from messenger.jim.devices import BackUpKeys
from messenger.jim.errors import BackupFull, ProtocolError
from messenger.sdk.encryption.backup_state import ExpectedBackup
from messenger.sdk.encryption.context import DeviceContext
from messenger.sdk.encryption.device_lists import DeviceList, DeviceLists
from messenger.sdk.encryption.internal_events import TrustChanged
from messenger.sdk.encryption.olm_sessions import Content, OlmSessions
from messenger.sdk.events import TrustDecided
from messenger.sdk.store import IdentityTrust
from messenger.sdk.store.keys import KeyStore
from messenger.sdk.store.trust_records import (
    MAX_NUMBER,
    LamportTimestamp,
    TrustRecord,
    TrustRecordKey,
)

TRUST_RECORD = "messenger.trust_record"
"""The letter that tells one's other devices."""

_AT_ONCE = 40
_OF_IDENTITY = "trust_records_of"
"""The value of a store that says by which identity's secret its decisions were encrypted last."""

OnShared = Callable[[], None]


class Unshared:
    """Remembers which decisions are not backed up yet, as they are now."""

    def __init__(self, keys: KeyStore) -> None:
        self._keys = keys

    def keys(self) -> set[TrustRecordKey]:
        """Return which they are."""
        kept = self._keys.get("unshared_trust_records") or "[]"
        found = msgspec.json.decode(kept, type=list[TrustRecordKey | str])
        # A name alone is of a database that did not know yet which device had decided.
        return {one for one in found if not isinstance(one, str)}

    def put(self, trust_records: Set[TrustRecordKey]) -> None:
        """Have it be these."""
        self._keys.put(
            "unshared_trust_records", msgspec.json.encode(sorted(trust_records)).decode()
        )

    def add(self, trust_records: Set[TrustRecordKey]) -> None:
        """Have it be these, too."""
        if trust_records:
            self.put(self.keys() | trust_records)


class TrustRecords:
    """Keeps decisions, backs them up, and tells one's other devices by letter.

    What leaves is sealed by the account's secret: the server learns neither whom a user has
    verified, nor can it, or a device that nobody has approved, make up a decision. The backup
    `is_full` if what was decided last has found no room there.
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
        self.unshared = Unshared(context.keys)
        self._sharing = False
        self._told: set[TrustRecord] = set()
        self.is_full = False
        self._on_shared: list[OnShared] = []

    def decide(self, identity: AccountIdentity, trust: IdentityTrust) -> None:
        """Keep what the user has decided on this device: it is later than all that is known."""
        with self._keys.transaction():
            self._keys.trust(identity, trust)
            number = min(self._last_number() + 1, MAX_NUMBER)
            made = TrustRecord(*identity, trust, number, self._device.device_id)
            self._keys.keep_trust_record(made)
            self.unshared.add({made.key})
        self._context.emit(TrustChanged(identity.account))

    def share_anew(self) -> None:
        """Nothing is backed up of what is here: the backup begins anew."""
        self.unshared.put({one.key for one in self._keys.trust_records()})

    def renumber_for(self, secret: Secret, *, is_made_here: bool) -> None:
        """Number the decisions anew where the account has another secret than they are of.

        It decrypts none of the earlier ones, whatever numbers a device that was lost has given
        them. The device that has made it begins at 1, so what it says is later than what others
        know of the days before: of that only the latest of each account counts.
        """
        identity = secret.identity.master
        with self._keys.transaction():
            if self._keys.get(_OF_IDENTITY) not in (None, identity):
                self._keys.forget_older_trust_records()
                for place, one in enumerate(reversed(self._keys.trust_records()), 1):
                    number = place if is_made_here else 0
                    self._keys.keep_trust_record(msgspec.structs.replace(one, number=number))
            self._keys.put(_OF_IDENTITY, identity)

    def share(self, secret: Secret, on_shared: OnShared | None = None) -> None:
        """Back up what was decided here, and tell one's other devices.

        `on_shared` is called when all of it is backed up, or the server does not take it.
        """
        if on_shared is not None:
            self._on_shared.append(on_shared)
        if self._sharing:
            return
        batch = self._unshared_trust_records()[:_AT_ONCE]
        if not batch:
            self._tell_shared()
            return
        self._sharing = True
        encrypted = _encrypted(batch, secret)

        def kept(answer: object) -> None:
            self._sharing = False
            self.is_full = isinstance(answer, BackupFull)
            if isinstance(answer, Reply | ProtocolError):
                self._tell_devices_once(batch, encrypted)
            if not isinstance(answer, Reply):
                self._tell_shared()
                return
            # What was decided meanwhile is still to be shared.
            now = self._unshared_trust_records()
            shared = {one.key for one in batch if one in now}
            self.unshared.put(self.unshared.keys() - shared)
            self._told.difference_update(batch)
            self.share(secret)

        self._ask(BackUpKeys(keys=encrypted, is_urgent=True), kept)

    def give(self, device: Device, trust_records: Iterable[TrustRecord], secret: Secret) -> None:
        """Send decisions to a device that was approved just now.

        The server may show it a backup that does not have them.
        """
        self._send(_encrypted(trust_records, secret), [device])

    def take_to_device(self, message: DecryptedToDevice, secret: Secret | None) -> None:
        """Take a decision made on another device; raises Forged if the account did not seal it."""
        if message.sender.account != self._device.account or secret is None:
            return
        told = read_content(message.content, EncryptedTrustRecord)
        try:
            content = msgspec.json.decode(secret.decrypt(told.name, told.encrypted))
            found = msgspec.convert(content, TrustRecord)
        except msgspec.MsgspecError as error:
            raise SignatureError("A decision that cannot be read") from error
        known = self._keys.trust_record(*found.key)
        self.take(found, is_new=True)
        if known is not None and found.number < known.number:
            # It was backed up again by a device that did not have the later one.
            self.unshared.add({known.key})
            self.share(secret)

    def take(self, found: TrustRecord, *, is_new: bool = False) -> None:
        """Take a decision that was opened: it counts if it is the latest that is known.

        One that is not later than the last of the same device is a replay, and says nothing. The
        server may have kept a decision from earlier days, unless it `is_new`. Where this device
        knows of none to compare it with, it may bring trust in an identity, so that another one is
        noticed, but never acceptance of another one.
        """
        said = self._expected.decided(found.account)
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
        """Whether its device is known to have made it before, or a later one."""
        before = self._keys.trust_record(*found.key)
        if before is not None and found.number <= before.number:
            return True
        return found.device in said and found.timestamp < said[found.device]

    def _is_harmless(self, trust_record: TrustRecord) -> bool:
        """Whether it accepts no other identity than the known one, unless it is verified."""
        known = self._keys.identity_of(trust_record.account)
        is_same = known is None or known[0] == trust_record.identity
        return is_same or trust_record.trust is IdentityTrust.VERIFIED

    def _follow(self, trust_record: TrustRecord) -> None:
        """Do as the user has decided on another device."""
        identity, trust = trust_record.identity, trust_record.trust
        if self._keys.identity_of(trust_record.account) != (identity, trust):
            self._keys.trust(identity, trust)
            self._device_lists.forget()
            self._context.emit(TrustChanged(trust_record.account))
            self._context.tell(TrustDecided(trust_record.account, trust))

    def backed_up(self) -> dict[TrustRecordKey, int]:
        """Return the numbers of the decisions that the backup has, or later ones."""
        unshared = self.unshared.keys()
        return {
            one.key: one.number for one in self._keys.trust_records() if one.key not in unshared
        }

    def share_again(
        self, known: Mapping[TrustRecordKey, int], restored: Mapping[TrustRecordKey, int]
    ) -> bool:
        """Share those decisions again that are missing in the backup, or older; tell if any is.

        `known` are the numbers of what was backed up when the backup was asked for.
        """
        lost = {key for key, number in known.items() if restored.get(key, -1) < number}
        self.unshared.add(lost)
        return bool(lost)

    def _last_number(self) -> int:
        newest = self._keys.trust_records(1)
        return max([self._expected.last_number(), *(one.number for one in newest)])

    def _unshared_trust_records(self) -> list[TrustRecord]:
        found = [self._keys.trust_record(*key) for key in sorted(self.unshared.keys())]
        return [one for one in found if one is not None]

    def _tell_shared(self) -> None:
        waiting, self._on_shared = self._on_shared, []
        for call in waiting:
            call()

    def _tell_devices_once(
        self, batch: Iterable[TrustRecord], encrypted: Mapping[str, str]
    ) -> None:
        """Tell one's other devices, also where the server backs nothing up and is asked again."""
        if not self._told.issuperset(batch):
            self._told.update(batch)
            self._tell_devices(encrypted)

    def _tell_devices(self, encrypted: Mapping[str, str]) -> None:
        outbound = self._device.account

        def tell(device_list: DeviceList | Exception) -> None:
            if not isinstance(device_list, Exception):
                devices = device_list.devices.values()
                self._send(encrypted, [one for one in devices if one.account == outbound])

        # One that was approved meanwhile is to be told, too.
        self._device_lists.forget(outbound)
        self._device_lists.of(outbound, tell)

    def _send(self, encrypted: Mapping[str, str], devices: Sequence[Device]) -> None:
        messages = [
            Content(device, TRUST_RECORD, {"name": name, "encrypted": one})
            for device in devices
            if device.key != self._device.device.key
            for name, one in encrypted.items()
        ]
        if messages:
            self._olm_sessions.send(messages, lambda _: None)


def _encrypted(trust_records: Iterable[TrustRecord], secret: Secret) -> dict[str, str]:
    """Return decisions as the server may have them, by the names under which they are backed up."""
    named = {_name_of(one, secret): one for one in trust_records}
    return {
        name: secret.encrypt(name, canonical(msgspec.to_builtins(one)))
        for name, one in named.items()
    }


def _name_of(trust_record: TrustRecord, secret: Secret) -> str:
    """Return the name by which it is backed up; it tells nobody else whom it is about.

    Each device has names of its own: decisions made at the same time do not overwrite each other,
    so what is in the backup never becomes older by itself.
    """
    return secret.name_of(f"decision {trust_record.account}\n{trust_record.device}")
