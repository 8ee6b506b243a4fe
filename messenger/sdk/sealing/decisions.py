"""What the user has decided of others' identities: the same on all of one's own devices."""

from collections.abc import Callable
from typing import Annotated, Any

import msgspec

from messenger.crypto.accounts import AccountIdentity, Secret
from messenger.crypto.identity import Identity
from messenger.crypto.letters import Letter
from messenger.crypto.signed import Forged, canonical
from messenger.crypto.todevice import SealedDecision, read_content
from messenger.jim.replies import Reply
from messenger.jim.requests import BackUpKeys, Request
from messenger.sdk.events import CoreEvent, TrustDecided
from messenger.sdk.link import OnAnswer
from messenger.sdk.sealing.channels import Channels, Content
from messenger.sdk.sealing.directory import Directory, Readers
from messenger.sdk.store import Trust
from messenger.sdk.store.keys import KeyStore

DECISION = "messenger.decision"
"""The letter that tells one's other devices."""

_AT_ONCE = 40

Ask = Callable[[Request[Any], OnAnswer], None]


class Decision(msgspec.Struct, frozen=True):
    """Whose identity it is about, that identity, and whether the user trusts it.

    The `number` grows with each decision: an older one says nothing any more.
    """

    account: str
    master: str
    self_signing: str
    trust: Trust
    number: Annotated[int, msgspec.Meta(ge=0, lt=2**53)] = 0


class Decisions:
    """Keeps decisions, backs them up, and tells one's other devices by letter.

    What leaves is sealed by the account's secret: the server learns neither whom a user has
    verified, nor can it, or a device that nobody has approved, make up a decision. `on_decided` is
    called where other devices may count from now on.
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
        self._sharing = False
        self.on_decided: Callable[[], None] = lambda: None

    def decide(self, identity: AccountIdentity, trust: Trust) -> None:
        """Keep what the user has decided on this device."""
        with self._keys.transaction():
            self._keys.trust(identity, trust)
            self._note_number(identity.account, self._last_number() + 1)
            self._put_unshared({*self._unshared(), identity.account})
        self.on_decided()

    def share_anew(self) -> None:
        """The account has a new secret: what the old one has sealed cannot be opened by it."""
        verified = {name for name, trust in self._keys.trusts().items() if trust is Trust.VERIFIED}
        self._put_unshared(verified - {self._device.account})

    def share(self, secret: Secret) -> None:
        """Back up what was decided here, and tell one's other devices."""
        batch = self._decisions(self._unshared()[:_AT_ONCE])
        if not batch or self._sharing:
            return
        self._sharing = True
        sealed = {}
        for one in batch:
            name = _name_of(one.account, secret)
            sealed[name] = secret.seal(name, canonical(msgspec.to_builtins(one)))

        def kept(answer: object) -> None:
            self._sharing = False
            if isinstance(answer, Reply):
                self._put_unshared(set(self._unshared()) - self._as_they_were(batch))
                self._tell_devices(sealed)
                self.share(secret)

        self._ask(BackUpKeys(keys=sealed), kept)

    def take_letter(self, letter: Letter, secret: Secret | None) -> None:
        """Take a decision made on another device; raises Forged if the account did not seal it."""
        if letter.sender.account != self._device.account or secret is None:
            return
        told = read_content(letter.content, SealedDecision)
        try:
            self.take(msgspec.json.decode(secret.open(told.name, told.sealed)), is_new=True)
        except msgspec.MsgspecError as error:
            raise Forged("A decision that cannot be read") from error

    def take(self, content: Any, *, is_new: bool = False) -> None:
        """Take a decision that was opened; raises MsgspecError if it is none.

        One that is not newer than the last that is known of the account is a replay: it is passed
        over. Unless it `is_new` the server may have kept it from earlier days: it may bring trust
        in an identity, so that another one is noticed, but never acceptance of another one.
        """
        found = msgspec.convert(content, Decision)
        if found.number <= self._numbers().get(found.account, -1):
            return
        self._note_number(found.account, found.number)
        identity = AccountIdentity(found.account, found.master, found.self_signing)
        known = self._keys.identity_of(found.account)
        is_same = known is None or known[0] == identity
        if found.account == self._device.account or known == (identity, found.trust):
            return
        if is_same or is_new or found.trust is Trust.VERIFIED:
            self._keys.trust(identity, found.trust)
            self._directory.forget()
            self.on_decided()
            self._tell(TrustDecided(found.account, found.trust))

    def is_older(self, content: Any) -> bool:
        """Whether a decision that was backed up is older than the last that is known here."""
        found = msgspec.convert(content, Decision)
        return found.number < self._numbers().get(found.account, 0)

    def share_again(self, names: set[str], secret: Secret) -> None:
        """Share those decisions anew that the backup, which has these names, does not have."""
        lost = [one for one in self._numbers() if _name_of(one, secret) not in names]
        if lost:
            self._put_unshared({*self._unshared(), *lost})

    def _numbers(self) -> dict[str, int]:
        return msgspec.json.decode(self._keys.get("decision_numbers") or "{}", type=dict[str, int])

    def _last_number(self) -> int:
        return max(self._numbers().values(), default=0)

    def _note_number(self, account: str, number: int) -> None:
        numbers = {**self._numbers(), account: number}
        self._keys.put("decision_numbers", msgspec.json.encode(numbers).decode())

    def _decisions(self, accounts: list[str]) -> list[Decision]:
        found = [self._keys.identity_of(account) for account in accounts]
        numbers = self._numbers()
        return [
            Decision(*known[0], trust=known[1], number=numbers.get(known[0].account, 0))
            for known in found
            if known is not None
        ]

    def _as_they_were(self, batch: list[Decision]) -> set[str]:
        """Return the accounts of which nothing else was decided meanwhile."""
        now = self._decisions([one.account for one in batch])
        return {one.account for one in batch if one in now}

    def _tell_devices(self, sealed: dict[str, str]) -> None:
        def tell(readers: Readers | Exception) -> None:
            if isinstance(readers, Exception):
                return
            letters = [
                Content(device, DECISION, {"name": name, "sealed": one})
                for device in readers.devices.values()
                if device.account == self._device.account and device.key != self._device.device.key
                for name, one in sealed.items()
            ]
            if letters:
                self._channels.send(letters, lambda _: None)

        self._directory.of(self._device.account, tell)

    def _unshared(self) -> list[str]:
        return msgspec.json.decode(self._keys.get("unshared_decisions") or "[]", type=list[str])

    def _put_unshared(self, accounts: set[str]) -> None:
        self._keys.put("unshared_decisions", msgspec.json.encode(sorted(accounts)).decode())


def _name_of(account: str, secret: Secret) -> str:
    """Return the name by which a decision is backed up; it tells nobody else whom it is about."""
    return secret.name_of(f"decision {account}")
