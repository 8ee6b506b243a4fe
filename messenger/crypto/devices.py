"""Devices as others see them: their signed public keys, and versions of device lists."""

import hashlib
from base64 import urlsafe_b64encode
from collections.abc import Iterable
from typing import Any, NamedTuple

import msgspec

from messenger.crypto.names import user_id
from messenger.crypto.signed import SignatureError, canonical, verify

OLM = "m.olm.v1.curve25519-aes-sha2"
MEGOLM = "m.megolm.v1.aes-sha2"
_VERSION_BYTES = 18  # 24 characters of base64 without padding

DeviceKey = tuple[str, str, str, str]
"""Identifies a device: account, id, Curve25519 and Ed25519 key; the id alone proves nothing."""


class Device(NamedTuple):
    """A device's public keys: `curve25519` for key agreement, `ed25519` for signing, base64.

    `keys` is the JSON that the device has signed.
    """

    account: str
    device_id: str
    curve25519: str
    ed25519: str
    keys: bytes

    @property
    def key(self) -> DeviceKey:
        """What identifies the device, whoever else has signed its keys since."""
        return self[:4]


def parse_device(account: str, device_id: str, keys: bytes) -> Device:
    """Return the device with these keys; raises SignatureError unless it has signed them itself."""
    try:
        found = msgspec.json.decode(keys, type=dict[str, Any])
        curve25519 = str(found["keys"][f"curve25519:{device_id}"])
        ed25519 = str(found["keys"][f"ed25519:{device_id}"])
        named = (found["user_id"], found["device_id"])
    except (msgspec.MsgspecError, KeyError, TypeError, RecursionError) as error:
        raise SignatureError(f"The keys of the device {device_id} cannot be read") from error
    if named != (user_id(account), device_id):
        raise SignatureError(f"These keys are not those of the device {device_id} of {account}")
    verify(found, user_id(account), f"ed25519:{device_id}", ed25519)
    return Device(account, device_id, curve25519, ed25519, keys)


def parse_one_time_key(device: Device, key: bytes) -> str:
    """Return the one-time key, base64; raises SignatureError unless the device has signed it."""
    try:
        found = msgspec.json.decode(key, type=dict[str, Any])
        value = str(found["key"])
    except (msgspec.MsgspecError, KeyError, RecursionError) as error:
        raise SignatureError("The one-time key cannot be read") from error
    verify(found, user_id(device.account), f"ed25519:{device.device_id}", device.ed25519)
    return value


def version_of(
    devices: Iterable[tuple[str, str, str]],
    plain: Iterable[str],
    identities: Iterable[tuple[str, str]],
    room: str = "",
) -> str:
    """Return the version of a device list, whose `devices` are (account, device_id, ed25519).

    It also covers members without devices (`plain`), the accounts' `identities` (account, master
    key), and the unique part of a `room`'s id. Both sides compute it, so the server cannot give
    another list the same version.
    """
    # JSON, because a name with a separator in it must not look like two names.
    # Sorted, so that both sides have the same order, whatever order their databases have.
    parts: list[object] = [sorted(devices), sorted(plain), sorted(identities)]
    # Rooms of earlier versions have no unique part: their lists have no fourth element.
    named = canonical([*parts, room] if room else parts)
    digest = hashlib.sha256(named).digest()
    return urlsafe_b64encode(digest[:_VERSION_BYTES]).decode()
