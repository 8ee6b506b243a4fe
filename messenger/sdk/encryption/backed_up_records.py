"""Which trust records the key backup has, as far as this device knows."""

from collections.abc import Mapping, Set

import msgspec

from messenger.sdk.store.keys import KeyStore
from messenger.sdk.store.trust_records import TrustRecord, TrustRecordKey


class RecordKeys:
    """A set of records, stored as a value of the profile with this `name`."""

    def __init__(self, keys: KeyStore, name: str) -> None:
        self._keys = keys
        self._name = name

    def keys(self) -> set[TrustRecordKey]:
        """Return the keys of these records."""
        kept = self._keys.get(self._name) or "[]"
        found = msgspec.json.decode(kept, type=list[TrustRecordKey | str])
        # An account alone is from an earlier version, which did not store the deciding device.
        return {one for one in found if not isinstance(one, str)}

    def put(self, trust_records: Set[TrustRecordKey]) -> None:
        """Replace them by these."""
        self._keys.put(self._name, msgspec.json.encode(sorted(trust_records)).decode())

    def add(self, trust_records: Set[TrustRecordKey]) -> None:
        """Add these."""
        if trust_records:
            self.put(self.keys() | trust_records)

    def remove(self, trust_records: Set[TrustRecordKey]) -> None:
        """Remove those of these that it contains."""
        contained = self.keys()
        if contained & trust_records:
            self.put(contained - trust_records)


class BackedUpRecords:
    """Of all records on this device, those that the backup lacks, or may lack.

    `unshared` are those that this device has to back up. `unconfirmed` are those of other devices
    that the server had refused to back up when they were sent: that the backup lacks them is no
    rollback.
    """

    def __init__(self, keys: KeyStore) -> None:
        self._keys = keys
        self.unshared = RecordKeys(keys, "unshared_trust_records")
        self.unconfirmed = RecordKeys(keys, "unconfirmed_trust_records")

    def numbers(self) -> dict[TrustRecordKey, int]:
        """Return the numbers of the records that the backup has."""
        lacking = self.lacking()
        return {one.key: one.number for one in self._keys.trust_records() if one.key not in lacking}

    def lacking(self) -> set[TrustRecordKey]:
        """Return the records that the server may not have accepted yet."""
        return self.unshared.keys() | self.unconfirmed.keys()

    def note_accepted(self, trust_records: Set[TrustRecordKey]) -> None:
        """Note that the server has accepted these from this device."""
        self.unshared.remove(trust_records)
        self.unconfirmed.remove(trust_records)

    def note_received(self, trust_record: TrustRecord, *, is_backed_up: bool) -> None:
        """Note whether a record was backed up when another device sent it."""
        change = self.unconfirmed.remove if is_backed_up else self.unconfirmed.add
        change({trust_record.key})

    def compare(
        self, known: Mapping[TrustRecordKey, int], restored: Mapping[TrustRecordKey, int]
    ) -> bool:
        """Mark records to share again that are missing or older in the backup; tell if any are.

        `known` are the numbers of the records that were backed up when the backup was requested.
        Unconfirmed ones are shared from here, too, if they are missing: their devices may be lost.
        """
        # 0 is a number, too (`TrustRecords.renumber_for`): a missing record has to be below it.
        lost = {key for key, number in known.items() if restored.get(key, -1) < number}
        unconfirmed = self.unconfirmed.keys()
        numbers = {one.key: one.number for one in self._keys.trust_records()} if unconfirmed else {}
        missing = {key for key in unconfirmed if restored.get(key, -1) < numbers.get(key, -1)}
        self.unshared.add(lost | missing)
        self.unconfirmed.remove(unconfirmed - missing)
        return bool(lost)
