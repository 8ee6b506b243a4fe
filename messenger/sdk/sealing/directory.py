"""Whom a conversation is sealed for: its devices as the server lists them, each proved."""

from collections.abc import Callable
from typing import Any, NamedTuple

import msgspec

from messenger.crypto.accounts import AccountIdentity, parse_identity
from messenger.crypto.devices import Device, parse_device, version_of
from messenger.crypto.signed import Forged
from messenger.jim.errors import ProtocolError
from messenger.jim.keys import DeviceKeys, Devices, DevicesChanged
from messenger.jim.requests import ListDevices, Request
from messenger.language import _
from messenger.sdk.events import CoreEvent, DeviceAppeared, IdentityChanged
from messenger.sdk.link import Answer, OnAnswer
from messenger.sdk.store import Trust
from messenger.sdk.store.keys import KeyStore

_PATIENCE = 10.0

Ask = Callable[[Request[Any], OnAnswer], None]
Name = tuple[str, str]


class Readers(NamedTuple):
    """The devices that read a conversation, by (account, ident), and members who have none.

    `identities` vouch for the devices.
    """

    version: str
    devices: dict[Name, Device]
    plain: frozenset[str]
    identities: dict[str, AccountIdentity]


OnReaders = Callable[[Readers | Exception], None]


class Directory:
    """Asks who reads a conversation, and remembers it for as long as the link lasts."""

    def __init__(
        self,
        keys: KeyStore,
        ask: Ask,
        tell: Callable[[CoreEvent], None],
        clock: Callable[[], float],
        me: Device,
    ) -> None:
        self._me = me
        self._keys = keys
        self._ask = ask
        self._tell = tell
        self._clock = clock
        self._known: dict[str, Readers] = {}
        self._unannounced: dict[Name, float] = {}

    def forget(self, conversation: str | None = None) -> None:
        """Ask anew, for one conversation or all: the link is gone, what changes is not told."""
        if conversation is None:
            self._known.clear()
        else:
            self._known.pop(conversation, None)

    def of(self, conversation: str, on_readers: OnReaders) -> None:
        """Find who reads a conversation; `on_readers` gets that, or what went wrong."""
        known = self._known.get(conversation)
        if known is not None:
            on_readers(known)
            return
        request = ListDevices(conversation=conversation)
        self._ask(request, lambda answer: on_readers(self._listed(conversation, answer)))

    def changed(self, conversation: str, changes: DevicesChanged) -> None:
        """Take what the server says of a change; if that does not add up, ask anew."""
        known = self._known.pop(conversation, None)
        if known is None or any(one.account_name not in known.identities for one in changes.added):
            return  # Who vouches for them is in the list only.
        devices = dict(known.devices)
        for name in changes.removed:
            devices.pop((name.account_name, name.device), None)
        try:
            devices.update(self._prove(changes.added, known.identities))
        except Forged:
            return
        # An account that is new here, or has another identity: then it does not add up.
        accounts = {account for account, _ident in devices}
        kept = {name: found for name, found in known.identities.items() if name in accounts}
        readers = _readers(devices, changes.plain, kept)
        if readers.version == changes.version:
            self._known[conversation] = readers

    def _listed(self, conversation: str, answer: Answer) -> Readers | Exception:
        if not isinstance(answer, Devices):
            return answer if isinstance(answer, Exception) else ProtocolError("No list of devices")
        try:
            identities = {
                one.account_name: parse_identity(
                    one.account_name, msgspec.json.decode(bytes(one.identity))
                )
                for one in answer.identities
            }
            for identity in identities.values():
                self._recognise(identity)
            readers = _readers(self._prove(answer.devices, identities), answer.plain, identities)
        except Forged as error:
            return ProtocolError(str(error))
        if readers.version != answer.version:
            return ProtocolError(_("The server's list of devices contradicts itself"))
        self._known[conversation] = readers
        return readers

    def _prove(
        self, listed: list[DeviceKeys], identities: dict[str, AccountIdentity]
    ) -> dict[Name, Device]:
        """Return the listed devices; raises Forged if one is not what it says, or was before."""
        found = {}
        for one in listed:
            device = parse_device(one.account_name, one.device, bytes(one.keys))
            identity = identities.get(device.account)
            self.meet(device, approved=identity is not None and identity.vouches_for(device))
            found[device.account, device.ident] = device
        return found

    def meet(self, device: Device, *, approved: bool = False) -> None:
        """Remember a device; raises Forged if it had other keys before."""
        known = self._known_of(device.account)
        before = known.get(device.ident)
        if before is None:
            self._keys.remember(device, self._clock())
            if known:
                self._tell(DeviceAppeared(device.account, device.ident, approved))
        elif before.key != device.key:
            raise Forged(
                _(
                    "The server shows other keys for a device of {name} than before: "
                    "nothing is sealed for it. Ask {name}, by another way, what has happened",
                    name=device.account,
                )
            )

    def meet_by_letter(self, device: Device) -> None:
        """Remember a device that has written; raises Forged if it had other keys before.

        Whether somebody vouches for it the list of devices tells. One that is not there, or of
        which nothing is told in time, nobody vouches for.
        """
        known = self._known_of(device.account)
        if device.ident in known or not known:
            self.meet(device)
            return
        self._keys.remember(device, self._clock())
        name = (device.account, device.ident)
        self._unannounced[name] = self._clock()

        def listed(readers: Readers | Exception) -> None:
            approved = False
            if isinstance(readers, Readers) and name in readers.devices:
                identity = readers.identities.get(device.account)
                approved = identity is not None and identity.vouches_for(readers.devices[name])
            self._announce(name, approved=approved)

        self.forget(device.account)
        self.of(device.account, listed)

    def _known_of(self, account: str) -> dict[str, Device]:
        """Return the devices of an account that are known by their keys, this one among them."""
        known = self._keys.devices_of(account)
        if account == self._me.account:
            known[self._me.ident] = self._me
        return known

    def announce_late(self) -> None:
        """Announce the devices of which the server tells nothing. Call it now and then."""
        for name, since in list(self._unannounced.items()):
            if not 0 <= self._clock() - since < _PATIENCE:
                self._announce(name, approved=False)

    def _announce(self, name: Name, *, approved: bool) -> None:
        if self._unannounced.pop(name, None) is not None:
            self._tell(DeviceAppeared(*name, approved))

    def _recognise(self, identity: AccountIdentity) -> None:
        """Remember an identity; raises Forged if a verified one has become another."""
        known = self._keys.identity_of(identity.account)
        if known is None:
            self._keys.trust(identity, Trust.UNVERIFIED)
            return
        before, trust = known
        if before == identity and trust is not Trust.CHANGED:
            return
        if trust is Trust.UNVERIFIED:
            self._keys.trust(identity, Trust.UNVERIFIED)
            self._tell(IdentityChanged(identity.account, was_verified=False))
            return
        if trust is Trust.VERIFIED:
            self._tell(IdentityChanged(identity.account, was_verified=True))
        self._keys.trust(identity, Trust.CHANGED)
        raise Forged(
            _(
                "{name} is not who you have verified any more: /verify {name} shows what to do",
                name=identity.account,
            )
        )


def _readers(
    devices: dict[Name, Device], plain: list[str], identities: dict[str, AccountIdentity]
) -> Readers:
    named = [(device.account, device.ident, device.ed25519) for device in devices.values()]
    masters = [(identity.account, identity.master) for identity in identities.values()]
    version = version_of(named, plain, masters)
    return Readers(version, devices, frozenset(plain), identities)
