"""Devices on the wire: their keys, letters between them, and the key backup.

The server passes on what is signed or sealed here, and need not understand it.
"""

from typing import Any

from msgspec import Raw, Struct, field

from messenger.jim.base import Event, Reply, Request
from messenger.jim.fields import Name, Number, Word


class DeviceName(Struct, frozen=True):
    """A device: whose it is, and the id that it gave itself."""

    account_name: Name
    device: Word


class DeviceKeys(Struct):
    """A device's public keys, signed by itself (Matrix's `device_keys`)."""

    account_name: str
    device: str
    keys: Raw


class AccountKeys(Struct):
    """The public identity of an account, which vouches for its devices (Matrix's cross-signing)."""

    account_name: str
    identity: Raw


class Published(Reply):
    """The answer to `publish`: the ids of the one-time keys that are left, and of a fallback key.

    `since` is when the device's keys were first published, unix time; `identity` the account's.
    """

    one_time_keys: list[str] = field(default_factory=list)
    fallback: str = ""
    since: float = 0
    identity: dict[str, Any] | None = None


class PublishKeys(Request[Published], tag="publish", kw_only=True):
    """Publish what others need to encrypt for this device: Matrix's JSON, signed by the device.

    The one-time keys are those that the server has not got yet, by their ids; with `replace` those
    that nobody has claimed are forgotten. `identity` is that of the account, which is not replaced
    but by a `reset`: that forgets the keys that were backed up.
    """

    answer = Published
    device_keys: dict[str, Any] | None = None
    identity: dict[str, Any] | None = None
    reset: bool = False
    one_time_keys: dict[str, Raw] = field(default_factory=dict)
    fallback_keys: dict[str, Raw] = field(default_factory=dict)
    replace: bool = False


class Devices(Reply):
    """The answer to `devices`: whom a message there is sealed for, as of a version.

    `plain` names members who have no device that can open anything; `unique_id` is a room's.
    """

    conversation: str = ""
    version: str = ""
    devices: list[DeviceKeys] = field(default_factory=list)
    identities: list[AccountKeys] = field(default_factory=list)
    plain: list[str] = field(default_factory=list)
    unique_id: str = ""


class DevicesChanged(Reply):
    """A refusal (409) of what was sealed for an old version: what has changed since.

    Without a `version` the server does not know what the sender knew: ask for `devices`.
    """

    version: str = ""
    added: list[DeviceKeys] = field(default_factory=list)
    removed: list[DeviceName] = field(default_factory=list)
    plain: list[str] = field(default_factory=list)


class ListDevices(Request[Devices], tag="devices", kw_only=True):
    """List the devices that a message to a conversation has to be sealed for."""

    answer = Devices
    conversation: Name


class ClaimedKey(Struct):
    """A one-time key (or the fallback key) of a device, signed by it."""

    account_name: str
    device: str
    id: str
    key: Raw


class Claimed(Reply):
    """The answer to `claim`; a device that has no key left is missing in it."""

    keys: list[ClaimedKey] = field(default_factory=list)


class ClaimKeys(Request[Claimed], tag="claim", kw_only=True):
    """Take a one-time key of each of these devices, to begin a session with it."""

    answer = Claimed
    devices: list[DeviceName]


class ToDeviceMessage(Struct):
    """A sealed letter on its way to one device."""

    account_name: Name
    device: Word
    message: str


class ReceivedToDevice(Struct, omit_defaults=True):
    """A sealed letter as its device gets it; numbers grow by one."""

    seq: Number
    from_: str = field(name="from")
    message: str


class ToDevice(Request[Reply], tag="to_device", kw_only=True):
    """Hand sealed letters to single devices; answered when they are committed."""

    messages: list[ToDeviceMessage]


class InboxPage(Reply):
    """The answer to `inbox`: a page of letters, and the number of the last one there is."""

    to_device: list[ReceivedToDevice] = field(default_factory=list)
    last: Number = 0


class Inbox(Request[InboxPage], tag="inbox", kw_only=True):
    """Fetch the letters to this device after a number; what came before is forgotten."""

    answer = InboxPage
    after: Number = 0


class ToDeviceArrived(Event, tag="to_device", kw_only=True):
    """A letter from another device, to this one alone."""

    message: ReceivedToDevice


class BackUpKeys(Request[Reply], tag="backup", kw_only=True):
    """Have the server keep keys of sessions for the account's other devices, sealed.

    What is there by the names in `forget` is forgotten before. For a little that `is_urgent` there
    is room where there is none for more keys.
    """

    keys: dict[Word, str]
    forget: list[Word] = field(default_factory=list)
    is_urgent: bool = False


class BackedUp(Reply):
    """The answer to `restore`: keys as they were backed up, by their sessions.

    `next` is the `after` of the next page, if there is one.
    """

    keys: dict[str, str] = field(default_factory=dict)
    next: str | None = None


class RestoreKeys(Request[BackedUp], tag="restore", kw_only=True):
    """Fetch what was backed up, in pages: everything, or what has one of the `names`.

    What is called by a name, a space and something else has that name, too.
    """

    answer = BackedUp
    after: Word = ""
    names: list[Word] = field(default_factory=list)


class OwnDevice(Struct, omit_defaults=True):
    """One of one's own devices; `has_keys` says that it can open what is sealed.

    `last_seen` is when (unix time), `address` from where it logged in last.
    """

    device: str
    name: str = ""
    program: str = ""
    last_seen: float | None = None
    has_keys: bool = False
    address: str = ""


class OwnDevices(Reply):
    """The answer to `own_devices`."""

    devices: list[OwnDevice] = field(default_factory=list)


class ListOwnDevices(Request[OwnDevices], tag="own_devices", kw_only=True):
    """List one's own devices."""

    answer = OwnDevices


class ForgetDevice(Request[Reply], tag="forget_device", kw_only=True):
    """Remove one of one's own devices: it is logged out, and nothing is sealed for it any more."""

    device: Word
