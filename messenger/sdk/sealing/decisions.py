"""What the user has decided of others' identities: the same on all of one's own devices."""

from collections.abc import Callable, Iterable, Mapping, Sequence, Set

import msgspec

from messenger.crypto.accounts import AccountIdentity, Secret
from messenger.crypto.devices import Device
from messenger.crypto.identity import Identity
from messenger.crypto.letters import Letter
from messenger.crypto.signed import Forged, canonical
from messenger.crypto.todevice import SealedDecision, read_content
from messenger.jim.base import Reply
from messenger.jim.devices import BackUpKeys
from messenger.jim.errors import BackupFull, ProtocolError
from messenger.sdk.events import CoreEvent, TrustDecided
from messenger.sdk.link import Ask
from messenger.sdk.sealing.backupstate import ExpectedBackup
from messenger.sdk.sealing.channels import Channels, Content
from messenger.sdk.sealing.directory import Directory, Readers
from messenger.sdk.store import Trust
from messenger.sdk.store.decisions import MAX_NUMBER, Decision, DecisionKey, LamportTimestamp
from messenger.sdk.store.keys import KeyStore

DECISION = "messenger.decision"
"""The letter that tells one's other devices."""

_AT_ONCE = 40
_OF_IDENTITY = "decisions_of"
"""The value of a store that says by which identity's secret its decisions were encrypted last."""

OnShared = Callable[[], None]


class Decisions:
    """Keeps decisions, backs them up, and tells one's other devices by letter.

    What leaves is sealed by the account's secret: the server learns neither whom a user has
    verified, nor can it, or a device that nobody has approved, make up a decision. `on_decided`
    gets whose other devices may count from now on. The backup `is_full` if what was decided last
    has found no room there.
    """

    def __init__(
        self,
        keys: KeyStore,
        device: Identity,
        ask: Ask,
        tell: Callable[[CoreEvent], None],
        directory: Directory,
        channels: Channels,
    ) -> None:
        self._keys = keys
        self._device = device
        self._ask = ask
        self._tell = tell
        self._directory = directory
        self._channels = channels
        self._expected = ExpectedBackup(keys)
        self._sharing = False
        self._told: set[Decision] = set()
        self.is_full = False
        self._on_shared: list[OnShared] = []
        self.on_decided: Callable[[str], None] = lambda _: None

    def decide(self, identity: AccountIdentity, trust: Trust) -> None:
        """Keep what the user has decided on this device: it is later than all that is known."""
        with self._keys.transaction():
            self._keys.trust(identity, trust)
            number = min(self._last_number() + 1, MAX_NUMBER)
            made = Decision(*identity, trust, number, self._device.ident)
            self._keys.keep_decision(made)
            self._share_later({made.key})
        self.on_decided(identity.account)

    def share_anew(self) -> None:
        """Nothing is backed up of what is here: the backup begins anew."""
        self._put_unshared({one.key for one in self._keys.decisions()})

    def renumber_for(self, secret: Secret, *, is_made_here: bool) -> None:
        """Number the decisions anew where the account has another secret than they are of.

        It decrypts none of the earlier ones, whatever numbers a device that was lost has given
        them. The device that has made it begins at 1, so what it says is later than what others
        know of the days before: of that only the latest of each account counts.
        """
        identity = secret.identity.master
        with self._keys.transaction():
            if self._keys.get(_OF_IDENTITY) not in (None, identity):
                self._keys.forget_older_decisions()
                for place, one in enumerate(reversed(self._keys.decisions()), 1):
                    number = place if is_made_here else 0
                    self._keys.keep_decision(msgspec.structs.replace(one, number=number))
            self._keys.put(_OF_IDENTITY, identity)

    def share(self, secret: Secret, on_shared: OnShared | None = None) -> None:
        """Back up what was decided here, and tell one's other devices.

        `on_shared` is called when all of it is backed up, or the server does not take it.
        """
        if on_shared is not None:
            self._on_shared.append(on_shared)
        if self._sharing:
            return
        batch = self._unshared_decisions()[:_AT_ONCE]
        if not batch:
            self._tell_shared()
            return
        self._sharing = True
        sealed = _sealed(batch, secret)

        def kept(answer: object) -> None:
            self._sharing = False
            self.is_full = isinstance(answer, BackupFull)
            if isinstance(answer, Reply | ProtocolError):
                self._tell_devices_once(batch, sealed)
            if not isinstance(answer, Reply):
                self._tell_shared()
                return
            # What was decided meanwhile is still to be shared.
            now = self._unshared_decisions()
            self._put_unshared(self.unshared - {one.key for one in batch if one in now})
            self._told.difference_update(batch)
            self.share(secret)

        self._ask(BackUpKeys(keys=sealed, is_urgent=True), kept)

    def give(self, device: Device, decisions: Iterable[Decision], secret: Secret) -> None:
        """Send decisions to a device that was approved just now.

        The server may show it a backup that does not have them.
        """
        self._send(_sealed(decisions, secret), [device])

    def take_letter(self, letter: Letter, secret: Secret | None) -> None:
        """Take a decision made on another device; raises Forged if the account did not seal it."""
        if letter.sender.account != self._device.account or secret is None:
            return
        told = read_content(letter.content, SealedDecision)
        try:
            content = msgspec.json.decode(secret.open(told.name, told.sealed))
            found = msgspec.convert(content, Decision)
        except msgspec.MsgspecError as error:
            raise Forged("A decision that cannot be read") from error
        known = self._keys.decision(*found.key)
        self.take(found, is_new=True)
        if known is not None and found.number < known.number:
            # It was backed up again by a device that did not have the later one.
            self._share_later({known.key})
            self.share(secret)

    def take(self, found: Decision, *, is_new: bool = False) -> None:
        """Take a decision that was opened: it counts if it is the latest that is known.

        One that is not later than the last of the same device is a replay, and says nothing. The
        server may have kept a decision from earlier days, unless it `is_new`. Where this device
        knows of none to compare it with, it may bring trust in an identity, so that another one is
        noticed, but never acceptance of another one.
        """
        said = self._expected.decided(found.account)
        if found.account == self._device.account or self._is_replay(found, said):
            return
        latest = self._keys.decision(found.account)
        is_compared = bool(said) or latest is not None
        if not (is_new or is_compared or self._is_harmless(found)):
            return
        with self._keys.transaction():
            self._keys.keep_decision(found)
            is_latest = latest is None or found.timestamp > latest.timestamp
            if is_latest and all(found.timestamp >= one for one in said.values()):
                self._follow(found)

    def _is_replay(self, found: Decision, said: Mapping[str, LamportTimestamp]) -> bool:
        """Whether its device is known to have made it before, or a later one."""
        before = self._keys.decision(*found.key)
        if before is not None and found.number <= before.number:
            return True
        return found.device in said and found.timestamp < said[found.device]

    def _is_harmless(self, decision: Decision) -> bool:
        """Whether it accepts no other identity than the known one, unless it is verified."""
        known = self._keys.identity_of(decision.account)
        is_same = known is None or known[0] == decision.identity
        return is_same or decision.trust is Trust.VERIFIED

    def _follow(self, decision: Decision) -> None:
        """Do as the user has decided on another device."""
        identity, trust = decision.identity, decision.trust
        if self._keys.identity_of(decision.account) != (identity, trust):
            self._keys.trust(identity, trust)
            self._directory.forget()
            self.on_decided(decision.account)
            self._tell(TrustDecided(decision.account, trust))

    def backed_up(self) -> dict[DecisionKey, int]:
        """Return the numbers of the decisions that the backup has, or later ones."""
        unshared = self.unshared
        return {one.key: one.number for one in self._keys.decisions() if one.key not in unshared}

    def share_again(
        self, known: Mapping[DecisionKey, int], restored: Mapping[DecisionKey, int]
    ) -> bool:
        """Share those decisions again that are missing in the backup, or older; tell if any is.

        `known` are the numbers of what was backed up when the backup was asked for.
        """
        lost = {key for key, number in known.items() if restored.get(key, -1) < number}
        self._share_later(lost)
        return bool(lost)

    def _last_number(self) -> int:
        newest = self._keys.decisions(1)
        return max([self._expected.last_number(), *(one.number for one in newest)])

    def _unshared_decisions(self) -> list[Decision]:
        found = [self._keys.decision(*key) for key in sorted(self.unshared)]
        return [one for one in found if one is not None]

    def _tell_shared(self) -> None:
        waiting, self._on_shared = self._on_shared, []
        for call in waiting:
            call()

    def _tell_devices_once(self, batch: Iterable[Decision], sealed: Mapping[str, str]) -> None:
        """Tell one's other devices, also where the server backs nothing up and is asked again."""
        if not self._told.issuperset(batch):
            self._told.update(batch)
            self._tell_devices(sealed)

    def _tell_devices(self, sealed: Mapping[str, str]) -> None:
        own = self._device.account

        def tell(readers: Readers | Exception) -> None:
            if not isinstance(readers, Exception):
                devices = readers.devices.values()
                self._send(sealed, [one for one in devices if one.account == own])

        # One that was approved meanwhile is to be told, too.
        self._directory.forget(own)
        self._directory.of(own, tell)

    def _send(self, sealed: Mapping[str, str], devices: Sequence[Device]) -> None:
        letters = [
            Content(device, DECISION, {"name": name, "sealed": one})
            for device in devices
            if device.key != self._device.device.key
            for name, one in sealed.items()
        ]
        if letters:
            self._channels.send(letters, lambda _: None)

    @property
    def unshared(self) -> set[DecisionKey]:
        """Which decisions are not backed up yet, as they are now."""
        kept = self._keys.get("unshared_decisions") or "[]"
        found = msgspec.json.decode(kept, type=list[DecisionKey | str])
        # A name alone is of a database that did not know yet which device had decided.
        return {one for one in found if not isinstance(one, str)}

    def _share_later(self, decisions: Set[DecisionKey]) -> None:
        if decisions:
            self._put_unshared(self.unshared | decisions)

    def _put_unshared(self, decisions: Set[DecisionKey]) -> None:
        self._keys.put("unshared_decisions", msgspec.json.encode(sorted(decisions)).decode())


def _sealed(decisions: Iterable[Decision], secret: Secret) -> dict[str, str]:
    """Return decisions as the server may have them, by the names under which they are backed up."""
    named = {_name_of(one, secret): one for one in decisions}
    return {
        name: secret.seal(name, canonical(msgspec.to_builtins(one))) for name, one in named.items()
    }


def _name_of(decision: Decision, secret: Secret) -> str:
    """Return the name by which it is backed up; it tells nobody else whom it is about.

    Each device has names of its own: decisions made at the same time do not overwrite each other,
    so what is in the backup never becomes older by itself.
    """
    return secret.name_of(f"decision {decision.account}\n{decision.device}")
