"""What end-to-end encryption needs of the wire: devices, their keys, letters between them.

The server passes on what is signed or sealed here, and need not understand it.
"""

from typing import Any

from msgspec import Raw, Struct, field

from messenger.jim.fields import Name, Number, Word
from messenger.jim.replies import Reply


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


class Published(Reply):
    """The answer to `publish`: the ids of the one-time keys that are left, and of a fallback key.

    `since` is when the device's keys were first published, unix time; `identity` the account's.
    """

    one_time_keys: list[str] = field(default_factory=list)
    fallback: str = ""
    since: float = 0
    identity: dict[str, Any] | None = None


class ClaimedKey(Struct):
    """A one-time key (or the fallback key) of a device, signed by it."""

    account_name: str
    device: str
    id: str
    key: Raw


class Claimed(Reply):
    """The answer to `claim`; a device that has no key left is missing in it."""

    keys: list[ClaimedKey] = field(default_factory=list)


class Letter(Struct):
    """A sealed letter on its way to one device."""

    account_name: Name
    device: Word
    message: str


class ReceivedLetter(Struct, omit_defaults=True):
    """A sealed letter as its device gets it; numbers grow by one."""

    seq: Number
    from_: str = field(name="from")
    message: str


class Letters(Reply):
    """The answer to `inbox`: a page of letters, and the number of the last one there is."""

    letters: list[ReceivedLetter] = field(default_factory=list)
    last: Number = 0


class BackedUp(Reply):
    """The answer to `restore`: keys as they were backed up, by their sessions.

    `next` is the `after` of the next page, if there is one.
    """

    keys: dict[str, str] = field(default_factory=dict)
    next: str | None = None


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
