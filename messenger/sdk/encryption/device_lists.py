"""The device lists of conversations: whom messages are encrypted for, each device verified."""

from collections.abc import Callable, Iterable, Mapping, Set
from types import MappingProxyType
from typing import NamedTuple

import msgspec

from messenger.crypto.accounts import AccountIdentity, parse_identity
from messenger.crypto.devices import Device, parse_device, version_of
from messenger.crypto.signed import SignatureError
from messenger.jim.devices import AccountKeys, DeviceKeys, Devices, DevicesChanged, ListDevices
from messenger.jim.names import is_room
from messenger.sdk.encryption.context import DeviceContext
from messenger.sdk.encryption.device_trust import DeviceTrust
from messenger.sdk.encryption.guard import costs_only_itself
from messenger.sdk.encryption.members import Members
from messenger.sdk.encryption.room_ids import RoomIds
from messenger.sdk.errors import NoDeviceList
from messenger.sdk.key_errors import (
    InconsistentDeviceList,
    NoDeviceListed,
    OwnKeysChanged,
    StrangersListed,
    VerifiedKeysChanged,
)
from messenger.sdk.link import Answer

_ANNOUNCE_AFTER = 10.0  # Seconds that the server has for the list that a new device is in.

Name = tuple[str, str]
_NONE: Mapping[Name, Device] = MappingProxyType({})


class DeviceList(NamedTuple):
    """The devices that a conversation is encrypted for, by (account, device_id), in a version.

    `plain` are members without devices. `identities` sign the devices. `excluded` devices are
    listed, too, but get no keys: their account's identity has not signed them, or their keys have
    changed.
    """

    version: str
    devices: dict[Name, Device]
    plain: frozenset[str]
    identities: dict[str, AccountIdentity]
    excluded: Mapping[Name, Device] = _NONE

    @property
    def listed(self) -> dict[Name, Device]:
        """Every device of the list."""
        return {**self.devices, **self.excluded}

    @property
    def accounts(self) -> frozenset[str]:
        """Every account of the list."""
        return self.plain.union((name for name, _ in self.listed), self.identities)

    def excludes_all_of(self, account: str) -> bool:
        """Whether an account has devices, but all of them are excluded."""
        return account in {name for name, _ in self.excluded} and account not in {
            name for name, _ in self.devices
        }


OnDeviceList = Callable[[DeviceList | Exception], None]


class DeviceLists:
    """Fetches device lists, and caches them for as long as the connection lasts."""

    def __init__(
        self, context: DeviceContext, trust: DeviceTrust, rooms: RoomIds, members: Members
    ) -> None:
        self._members = members
        self.trust = trust
        self._me = context.account
        self._rooms = rooms
        self._ask = context.ask
        self._clock = context.clock
        self._known: dict[str, DeviceList] = {}
        self._forgotten = 0  # Incremented when the cache is cleared: older replies are not cached.
        self._unannounced: dict[Device, float] = {}

    def forget(self, conversation: str | None = None) -> None:
        """Drop the cached list of one conversation, or all if the connection is lost.

        A reply that is on its way answers its request, but is not cached.
        """
        self._forgotten += 1
        if conversation is None:
            self._known.clear()
        else:
            self._known.pop(conversation, None)

    def of(self, conversation: str, on_device_list: OnDeviceList) -> None:
        """Get the device list of a conversation; `on_device_list` gets it, or the error."""
        known = self._known.get(conversation)
        if known is not None:
            on_device_list(known)
            return
        as_of = self._forgotten

        def listed(answer: Answer) -> None:
            device_list = self._listed(conversation, answer)
            if isinstance(device_list, DeviceList) and as_of == self._forgotten:
                self._known[conversation] = device_list
            on_device_list(device_list)

        self._ask(ListDevices(conversation=conversation), listed)

    def changed(self, conversation: str, changes: DevicesChanged) -> None:
        """Apply a change to the cached list; drop it if the result contradicts the new version."""
        # Whatever contradicts itself below leaves no cached list: the full one is fetched then.
        known = self._known.pop(conversation, None)
        if known is None or any(one.account_name not in known.identities for one in changes.added):
            return  # Only the full list has the identities that sign them.
        devices = known.listed
        for name in changes.removed:
            devices.pop((name.account_name, name.device), None)
        for device in _parsed(changes.added):
            devices[device.key[:2]] = device
        # A new account or a changed identity is not in `changes`: then the version does not match.
        accounts = {account for account, _device_id in devices}
        if self._has_strangers(conversation, accounts.union(changes.plain)):
            return
        if self._left_out(conversation, accounts.union(changes.plain)):
            return
        kept = {name: found for name, found in known.identities.items() if name in accounts}
        named = _named(devices.values(), changes.plain, kept)
        if version_of(*named, self._rooms.unique(conversation)) == changes.version:
            self._known[conversation] = self._take(
                conversation, changes.version, devices.values(), changes.plain, kept
            )

    def _listed(self, conversation: str, answer: Answer) -> DeviceList | Exception:
        if not isinstance(answer, Devices):
            return answer if isinstance(answer, Exception) else NoDeviceList()
        devices, identities = _parsed(answer.devices), _identities(answer.identities)
        # First, as the version of the list covers the room's id.
        self._rooms.learn(conversation, answer.unique_id)
        named = _named(devices, answer.plain, identities)
        if version_of(*named, self._rooms.unique(conversation)) != answer.version:
            return InconsistentDeviceList()
        accounts = {device.account for device in devices}
        if self._has_strangers(conversation, accounts.union(identities, answer.plain)):
            return StrangersListed()
        left_out = self._left_out(conversation, accounts.union(answer.plain))
        try:
            for identity in identities.values():
                self.trust.recognise(identity)
            # To omit an identity must gain the server nothing: it counts as changed.
            for account in accounts.union(left_out) - identities.keys():
                self.trust.left_out(account)
        except (VerifiedKeysChanged, OwnKeysChanged) as error:
            return error
        if left_out:
            return NoDeviceListed(left_out.pop())
        return self._take(conversation, answer.version, devices, answer.plain, identities)

    def _has_strangers(self, conversation: str, accounts: set[str]) -> bool:
        """Whether the list of a direct chat has accounts other than its two people.

        The members of a room are known to the server only.
        """
        return not is_room(conversation) and not accounts <= {conversation, self._me}

    def _left_out(self, conversation: str, accounts: Set[str]) -> set[str]:
        """Return who of a direct chat is not in its list: they could not decrypt what is sent."""
        return set() if is_room(conversation) else {conversation, self._me} - accounts

    def _take(
        self,
        conversation: str,
        version: str,
        devices: Iterable[Device],
        plain: list[str],
        identities: dict[str, AccountIdentity],
    ) -> DeviceList:
        """Sort the devices of a list whose version is verified, and remember its accounts."""
        counting = self.trust.remember_all(devices)
        sorted_out: tuple[dict[Name, Device], dict[Name, Device]] = {}, {}
        for device in devices:
            sorted_out[device not in counting][device.key[:2]] = device
        device_list = DeviceList(
            version, sorted_out[0], frozenset(plain), identities, sorted_out[1]
        )
        self._members.listed(conversation, device_list.accounts)
        return device_list

    # --- senders -------------------------------------------------------------------------------

    def remember_sender(self, device: Device) -> None:
        """Remember the sender of a message; raises SignatureError if its messages are ignored.

        A new device without a signature is looked up, as the device list may have the signature.
        Then it is announced; after `_ANNOUNCE_AFTER` without a list, as an unsigned device.
        """
        if self.trust.remember_sender(device):
            self._unannounced[device] = self._clock()
            self.forget(device.account)
            self.of(device.account, lambda _: self._announce(device))
        if not self.trust.counts(device):
            raise SignatureError(f"The identity of {device.account} has not signed its device")

    def announce_late(self) -> None:
        """Announce the devices that the server does not list in time. Call it periodically."""
        for device, since in list(self._unannounced.items()):
            # Below 0 the clock was set back: the device must not stay unannounced for that long.
            if not 0 <= self._clock() - since < _ANNOUNCE_AFTER:
                self._announce(device)

    def _announce(self, device: Device) -> None:
        if self._unannounced.pop(device, None) is not None:
            self.trust.announce(device)


def _parsed(listed: list[DeviceKeys]) -> list[Device]:
    """Return the listed devices, except for those with invalid keys."""
    found = []
    for one in listed:
        with costs_only_itself(f"A device of {one.account_name}"):
            found.append(parse_device(one.account_name, one.device, bytes(one.keys)))
    return found


def _identities(listed: list[AccountKeys]) -> dict[str, AccountIdentity]:
    found = {}
    for one in listed:
        with costs_only_itself(f"The identity of {one.account_name}"):
            keys = msgspec.json.decode(bytes(one.identity))
            found[one.account_name] = parse_identity(one.account_name, keys)
    return found


def _named(
    devices: Iterable[Device], plain: list[str], identities: dict[str, AccountIdentity]
) -> tuple[list[tuple[str, str, str]], list[str], list[tuple[str, str]]]:
    named = [(device.account, device.device_id, device.ed25519) for device in devices]
    masters = [(identity.account, identity.master) for identity in identities.values()]
    return named, plain, masters
