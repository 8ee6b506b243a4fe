"""Whom a conversation is sealed for: its devices as the server lists them, each proved."""

from collections.abc import Callable
from typing import Any, NamedTuple

from messenger.crypto.devices import Device, parse_device, version_of
from messenger.crypto.signed import Forged
from messenger.jim.errors import ProtocolError
from messenger.jim.keys import DeviceKeys, Devices, DevicesChanged
from messenger.jim.requests import ListDevices, Request
from messenger.language import _
from messenger.sdk.events import CoreEvent, DeviceAppeared
from messenger.sdk.link import Answer, OnAnswer
from messenger.sdk.store.keys import KeyStore

Ask = Callable[[Request[Any], OnAnswer], None]
Name = tuple[str, str]


class Readers(NamedTuple):
    """The devices that read a conversation, by (account, ident), and members who have none."""

    version: str
    devices: dict[Name, Device]
    plain: frozenset[str]


OnReaders = Callable[[Readers | Exception], None]


class Directory:
    """Asks who reads a conversation, and remembers it for as long as the link lasts."""

    def __init__(
        self,
        keys: KeyStore,
        ask: Ask,
        tell: Callable[[CoreEvent], None],
        clock: Callable[[], float],
    ) -> None:
        self._keys = keys
        self._ask = ask
        self._tell = tell
        self._clock = clock
        self._known: dict[str, Readers] = {}

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
        if known is None:
            return
        devices = dict(known.devices)
        for name in changes.removed:
            devices.pop((name.account_name, name.device), None)
        try:
            devices.update(self._prove(changes.added))
            readers = _readers(devices, changes.plain)
        except Forged:
            return
        if readers.version == changes.version:
            self._known[conversation] = readers

    def _listed(self, conversation: str, answer: Answer) -> Readers | Exception:
        if not isinstance(answer, Devices):
            return answer if isinstance(answer, Exception) else ProtocolError("No list of devices")
        try:
            readers = _readers(self._prove(answer.devices), answer.plain)
        except Forged as error:
            return ProtocolError(str(error))
        if readers.version != answer.version:
            return ProtocolError(_("The server's list of devices contradicts itself"))
        self._known[conversation] = readers
        return readers

    def _prove(self, listed: list[DeviceKeys]) -> dict[Name, Device]:
        """Return the listed devices; raises Forged if one is not what it says, or was before."""
        found = {}
        for one in listed:
            device = parse_device(one.account_name, one.device, bytes(one.keys))
            self.meet(device)
            found[device.account, device.ident] = device
        return found

    def meet(self, device: Device) -> None:
        """Remember a device; raises Forged if it had other keys before."""
        known = self._keys.devices_of(device.account)
        before = known.get(device.ident)
        if before is None:
            self._keys.remember(device, self._clock())
            if known:
                self._tell(DeviceAppeared(device.account, device.ident))
        elif before.ed25519 != device.ed25519 or before.curve25519 != device.curve25519:
            raise Forged(
                _(
                    "The server shows other keys for a device of {name} than before: "
                    "nothing is sealed for it. Ask {name}, by another way, what has happened",
                    name=device.account,
                )
            )


def _readers(devices: dict[Name, Device], plain: list[str]) -> Readers:
    named = [(device.account, device.ident, device.ed25519) for device in devices.values()]
    return Readers(version_of(named, plain), devices, frozenset(plain))
