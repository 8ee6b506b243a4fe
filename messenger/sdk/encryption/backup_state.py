"""What a device knows of the key backup, told to one that it approves: an older one is noticed."""

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
"""The value of a store that has what was said to this device when it was approved."""

_MAX_BYTES = 32 * 1024
# Olm's base64 makes it a third longer, and all of it has to fit into an object of the wire, 64 KiB.


@dataclass
class Restored:
    """What was found in the backup, and can be opened: the `sessions` and decisions in it.

    Of sessions it has from which message on their keys open them, of decisions their numbers. What
    cannot be opened is `junk`. `new` counts keys that this device lacked, `pages` those of the
    server's answer.
    """

    sessions: dict[str, int] = field(default_factory=dict)
    trust_records: dict[TrustRecordKey, int] = field(default_factory=dict)
    junk: list[str] = field(default_factory=list)
    new: int = 0
    pages: int = 0
    _entries: dict[str, list[str]] = field(default_factory=dict)

    def add(self, inbound: InboundSession, entry: str) -> None:
        """Add a session whose key was found in an entry of the backup."""
        self.sessions[inbound.name] = min(
            inbound.first, self.sessions.get(inbound.name, inbound.first)
        )
        self._entries.setdefault(inbound.name, []).append(entry)

    def lacks(self, known: Mapping[str, int]) -> list[str]:
        """Return the sessions of which what was backed up once is not found, or not all of it."""
        found = self.sessions
        return sorted(one for one, first in known.items() if found.get(one, first + 1) > first)

    def superfluous(self) -> list[str]:
        """Return the names of entries that are no use: junk, or another has more of the session."""
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
    """Return what this device knows to be in the backup: these decisions, and its sessions.

    The server has `put_off` some of the decisions. Of all, the newest first, it has as many as fit
    into a message.
    """
    expected = ExpectedBackup(keys)
    if expected.is_unchecked:
        return expected.state  # What it knows may be of an older secret's backup.
    sessions, most = len(keys.backed_up()), MAX_TRUST_RECORDS

    def state() -> BackupState:
        taken = [one for one in trust_records[:most] if one.key not in put_off]
        others = [one for one in trust_records[:most] if one.key in put_off]
        return BackupState(_numbers_of(taken), sessions, _numbers_of(others))

    while len(canonical(state())) > _MAX_BYTES:
        most //= 2
    return state()


class ExpectedBackup:
    """What the device that approved this one has said of the backup, kept across restarts.

    The backup may be newer than that. An older one is something the server had before.
    """

    def __init__(self, keys: KeyStore) -> None:
        self._keys = keys

    def expect(self, state: BackupState) -> None:
        """Keep what was said; the next backup that is fetched to its end is compared with it."""
        self._put(_Expected(state))

    @property
    def is_unchecked(self) -> bool:
        """Whether no whole backup has been compared with it yet."""
        return not self._kept().is_checked

    def settle(self) -> None:
        """Compare no backup with it any more: there was one."""
        self._put(_Expected(self.state, is_checked=True))

    def forget(self) -> None:
        """The backup begins anew, and what was decided before is numbered anew."""
        self._put(_Expected(BackupState(), is_checked=True))

    def decided(self, account: str) -> dict[str, LamportTimestamp]:
        """Return when decisions about an account were made as far as was said, by their devices."""
        digest = _digest(account)
        return {
            device: LamportTimestamp(numbers[digest], device)
            for device, numbers in self._said()
            if digest in numbers
        }

    def last_number(self) -> int:
        """Return the greatest number of a decision that was said, 0 if there is none."""
        numbers = (number for _device, of_it in self._said() for number in of_it.values())
        return max(numbers, default=0)

    def is_met_by(self, restored: Restored) -> bool:
        """Return whether a whole backup has everything that was said, or newer decisions."""
        found = {(device, _digest(name)): n for (name, device), n in restored.trust_records.items()}
        return len(restored.sessions) >= self.state.sessions and all(
            found.get((device, digest), -1) >= number
            for device, numbers in self.state.trust_records.items()
            for digest, number in numbers.items()
        )

    @property
    def state(self) -> BackupState:
        """What was said."""
        return self._kept().state

    def _said(self) -> Iterator[tuple[str, dict[str, int]]]:
        """Return the numbers of decisions by digests, with the devices that made them."""
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
    """Return a name for the account that is equally short for all: 128 bits."""
    return hashlib.sha256(account.encode()).hexdigest()[:32]
