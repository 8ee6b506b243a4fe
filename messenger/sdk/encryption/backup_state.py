"""The state of the key backup as an approving device knows it, so that a rollback is noticed."""

import hashlib
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import msgspec

from messenger.crypto.signed import canonical
from messenger.crypto.to_device_content import MAX_TRUST_RECORDS, BackupState
from messenger.sdk.encryption.backup_names import entry_name
from messenger.sdk.store.inbound_sessions import InboundSession
from messenger.sdk.store.keys import KeyStore
from messenger.sdk.store.trust_records import LamportTimestamp, TrustRecord, TrustRecordKey

_EXPECTED = "expected_backup"
"""The profile's value with the state that this device was sent when it was approved."""

_MAX_BYTES = 32 * 1024
# Olm's base64 makes it a third longer, and the whole message has to fit into the 64 KiB that are
# JIM's default limit for an object.


@dataclass
class Restored:
    """The decrypted contents of the backup: its `sessions` and trust records.

    Sessions map to the first message that their keys decrypt, trust records to their numbers.
    Entries that cannot be decrypted are `junk`. `new` counts the keys that this device lacked,
    `pages` those of the server's reply.
    """

    sessions: dict[str, int] = field(default_factory=dict)
    trust_records: dict[TrustRecordKey, int] = field(default_factory=dict)
    junk: list[str] = field(default_factory=list)
    new: int = 0
    pages: int = 0
    _entries: dict[str, list[str]] = field(default_factory=dict)

    def add(self, inbound: InboundSession, entry: str) -> None:
        """Add a session whose key is in an entry of the backup."""
        self.sessions[inbound.name] = min(
            inbound.first, self.sessions.get(inbound.name, inbound.first)
        )
        self._entries.setdefault(inbound.name, []).append(entry)

    def lacks(self, known: Mapping[str, int]) -> list[str]:
        """Return the sessions whose keys are missing, or decrypt less than what was backed up."""
        found = self.sessions
        # A missing session counts as one whose key begins too late.
        return sorted(one for one, first in known.items() if found.get(one, first + 1) > first)

    def superfluous(self) -> list[str]:
        """Return the names of useless entries: junk, and keys that decrypt less than others."""
        names = list(self.junk)
        for name, entries in self._entries.items():
            best = entry_name(name, self.sessions[name])
            if best in entries:
                names += [entry for entry in entries if entry != best]
        return names


class _Expected(msgspec.Struct):
    state: BackupState
    is_checked: bool = False


def known_state(
    keys: KeyStore, trust_records: Sequence[TrustRecord], put_off: Collection[TrustRecordKey] = ()
) -> BackupState:
    """Return what this device knows to be in the backup: these records, and its sessions.

    The server has not accepted those in `put_off` yet. Of the records, the newest first, it has as
    many as fit into a message.
    """
    expected = ExpectedBackup(keys)
    if expected.is_unchecked:
        return expected.state  # Its own notes may be about the backup of an older secret.
    sessions, limit = len(keys.backed_up()), MAX_TRUST_RECORDS

    def state() -> BackupState:
        stored = [one for one in trust_records[:limit] if one.key not in put_off]
        others = [one for one in trust_records[:limit] if one.key in put_off]
        return BackupState(_numbers_of(stored), sessions, _numbers_of(others))

    while len(canonical(state())) > _MAX_BYTES:
        # Halved, not counted down: each attempt encodes the whole state.
        limit //= 2
    return state()


class ExpectedBackup:
    """The backup's state as the approving device reported it, stored across restarts.

    The backup may be newer. If it is older, the server has rolled it back.
    """

    def __init__(self, keys: KeyStore) -> None:
        self._keys = keys

    def expect(self, state: BackupState) -> None:
        """Store the reported state; the next complete backup is compared with it."""
        self._put(_Expected(state))

    @property
    def is_unchecked(self) -> bool:
        """Whether no complete backup has been compared with it yet."""
        return not self._kept().is_checked

    def settle(self) -> None:
        """Note that a complete backup has been compared with it."""
        self._put(_Expected(self.state, is_checked=True))

    def forget(self) -> None:
        """Expect nothing: the backup starts over, and trust records are renumbered."""
        self._put(_Expected(BackupState(), is_checked=True))

    def decided(self, account: str) -> dict[str, LamportTimestamp]:
        """Return the reported timestamps of trust records about an account, by device."""
        digest = _digest(account)
        return {
            device: LamportTimestamp(numbers[digest], device)
            for device, numbers in self._said()
            if digest in numbers
        }

    def last_number(self) -> int:
        """Return the greatest reported number of a trust record, 0 if there is none."""
        numbers = (number for _device, of_it in self._said() for number in of_it.values())
        return max(numbers, default=0)

    def is_met_by(self, restored: Restored) -> bool:
        """Return whether a complete backup has everything that was reported, or newer records."""
        found = {(device, _digest(name)): n for (name, device), n in restored.trust_records.items()}
        # Of sessions only the number was reported: all their names would fit into no message.
        return len(restored.sessions) >= self.state.sessions and all(
            found.get((device, digest), -1) >= number
            for device, numbers in self.state.trust_records.items()
            for digest, number in numbers.items()
        )

    @property
    def state(self) -> BackupState:
        """The reported state."""
        return self._kept().state

    def _said(self) -> Iterator[tuple[str, dict[str, int]]]:
        """Yield each device with the numbers of its trust records, by digest of the account."""
        state = self.state
        for device in state.trust_records.keys() | state.put_off.keys():
            yield device, state.trust_records.get(device, {}) | state.put_off.get(device, {})

    def _kept(self) -> _Expected:
        kept = self._keys.get(_EXPECTED)
        if kept is None:
            return _Expected(BackupState(), is_checked=True)
        return msgspec.json.decode(kept, type=_Expected)

    def _put(self, expected: _Expected) -> None:
        self._keys.put(_EXPECTED, msgspec.json.encode(expected).decode())


def _numbers_of(trust_records: Iterable[TrustRecord]) -> dict[str, dict[str, int]]:
    numbers: dict[str, dict[str, int]] = {}
    for one in trust_records:
        numbers.setdefault(one.device, {})[_digest(one.account)] = one.number
    return numbers


def _digest(account: str) -> str:
    """Return a short name for the account, of the same length for all: 128 bits."""
    return hashlib.sha256(account.encode()).hexdigest()[:32]
