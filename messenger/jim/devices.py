"""Devices on the wire: keys, device lists, to-device messages and the key backup.

The server forwards signed and encrypted content, and need not understand it.
"""

from typing import Any

from msgspec import Raw, Struct, field

from messenger.jim.base import Event, Reply, Request
from messenger.jim.fields import Name, Number, Word


class DeviceName(Struct, frozen=True):
    """A device: its account, and the id that it chose itself."""

    account_name: Name
    device: Word


class DeviceKeys(Struct):
    """A device's public keys, signed by itself (Matrix's `device_keys`)."""

    account_name: str
    device: str
    keys: Raw


class AccountKeys(Struct):
    """An account's public identity, which signs its devices (Matrix's cross-signing keys)."""

    account_name: str
    identity: Raw


class Published(Reply):
    """The reply to `publish`: the ids of the unclaimed one-time keys, and of the fallback key.

    `since` is when the device's keys were first published, unix time; `identity` is the account's.
    """

    one_time_keys: list[str] = field(default_factory=list)
    fallback: str = ""
    since: float = 0
    identity: dict[str, Any] | None = None


class PublishKeys(Request[Published], tag="publish", kw_only=True):
    """Publish what others need to encrypt for this device: Matrix's JSON, signed by the device.

    `one_time_keys` has, by their ids, those that the server does not have yet; `replace` deletes
    the stored ones that nobody has claimed. `identity` is the account's: only a `reset` replaces
    it, and deletes the key backup with it.
    """

    answer = Published
    device_keys: dict[str, Any] | None = None
    identity: dict[str, Any] | None = None
    reset: bool = False
    one_time_keys: dict[str, Raw] = field(default_factory=dict)
    fallback_keys: dict[str, Raw] = field(default_factory=dict)
    replace: bool = False


class Devices(Reply):
    """The reply to `devices`: a conversation's device list, and its version.

    `plain` names members without a device that can decrypt; `unique_id` is the room's.
    """

    conversation: str = ""
    version: str = ""
    devices: list[DeviceKeys] = field(default_factory=list)
    identities: list[AccountKeys] = field(default_factory=list)
    plain: list[str] = field(default_factory=list)
    unique_id: str = ""


class DevicesChanged(Reply):
    """A refusal (409) of a message encrypted for an old device list: what has changed since.

    Without a `version` the server does not know the sender's list: request it with `devices`.
    """

    version: str = ""
    added: list[DeviceKeys] = field(default_factory=list)
    removed: list[DeviceName] = field(default_factory=list)
    plain: list[str] = field(default_factory=list)


class ListDevices(Request[Devices], tag="devices", kw_only=True):
    """Request a conversation's device list: its messages are encrypted for these devices."""

    answer = Devices
    conversation: Name


class ClaimedKey(Struct):
    """A one-time key (or the fallback key) of a device, signed by it."""

    account_name: str
    device: str
    id: str
    key: Raw


class Claimed(Reply):
    """The reply to `claim`; devices without a key left are omitted."""

    keys: list[ClaimedKey] = field(default_factory=list)


class ClaimKeys(Request[Claimed], tag="claim", kw_only=True):
    """Claim a one-time key of each of these devices, to begin an Olm session with it."""

    answer = Claimed
    devices: list[DeviceName]


class ToDeviceMessage(Struct):
    """An encrypted to-device message, addressed to one device."""

    account_name: Name
    device: Word
    message: str


class ReceivedToDevice(Struct, omit_defaults=True):
    """An encrypted to-device message as its recipient gets it; each has the next number."""

    seq: Number
    from_: str = field(name="from")
    message: str


class ToDevice(Request[Reply], tag="to_device", kw_only=True):
    """Send to-device messages to single devices; answered when they are committed."""

    messages: list[ToDeviceMessage]


class InboxPage(Reply):
    """The reply to `inbox`: a page of to-device messages, and the number of the newest one."""

    to_device: list[ReceivedToDevice] = field(default_factory=list)
    last: Number = 0


class GetInbox(Request[InboxPage], tag="inbox", kw_only=True):
    """Fetch this device's to-device messages after a number; those up to it are deleted."""

    answer = InboxPage
    after: Number = 0


class ToDeviceArrived(Event, tag="to_device", kw_only=True):
    """A to-device message has arrived, for this device alone."""

    message: ReceivedToDevice


class BackUpKeys(Request[Reply], tag="backup", kw_only=True):
    """Back up encrypted session keys at the server, for the account's other devices.

    The entries named in `forget` are deleted first. A few that are urgent (`is_urgent`) find room
    in a backup that is full for other keys. The account's other devices are told the names of those
    to `announce`.
    """

    keys: dict[Word, str]
    forget: list[Word] = field(default_factory=list)
    is_urgent: bool = False
    announce: bool = False


class BackupChanged(Event, tag="backup", kw_only=True):
    """Another device of the account has backed up entries of these names, and announces them."""

    names: list[Word]


class BackedUp(Reply):
    """The reply to `restore`: encrypted keys by the names that they were backed up under.

    `next` is the `after` of the next page, if there is one.
    """

    keys: dict[str, str] = field(default_factory=dict)
    next: str | None = None


class RestoreKeys(Request[BackedUp], tag="restore", kw_only=True):
    """Fetch the key backup, in pages: all of it, or the entries with one of these `names`.

    An entry also matches if a space and anything else follow the name.
    """

    answer = BackedUp
    after: Word = ""
    names: list[Word] = field(default_factory=list)


class OwnDevice(Struct, omit_defaults=True):
    """One of the account's devices; `has_keys` says whether it can decrypt.

    `last_seen` (unix time) and `address` are those of its last login.
    """

    device: str
    name: str = ""
    program: str = ""
    last_seen: float | None = None
    has_keys: bool = False
    address: str = ""


class OwnDevices(Reply):
    """The reply to `own_devices`."""

    devices: list[OwnDevice] = field(default_factory=list)


class ListOwnDevices(Request[OwnDevices], tag="own_devices", kw_only=True):
    """List the account's devices."""

    answer = OwnDevices


class ForgetDevice(Request[Reply], tag="forget_device", kw_only=True):
    """Remove one of the account's devices: log it out, and encrypt nothing for it any more."""

    device: Word
