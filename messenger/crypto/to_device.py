"""Letters from device to device: Matrix's to-device events, sealed by Olm.

What is sealed names sender and recipient and their signing keys, so that nobody can pass a letter
on as his own, or to somebody else (Matrix, client-server API, m.olm.v1).
"""

from typing import Any, NamedTuple

import msgspec
import vodozemac

from messenger.crypto.devices import OLM, Device, parse_device
from messenger.crypto.identity import CannotDecrypt, Identity, Olm
from messenger.crypto.names import user_id
from messenger.crypto.signed import SignatureError, canonical


class DecryptedToDevice(NamedTuple):
    """What a letter says; `sender` is the device that has sealed it."""

    type: str
    content: dict[str, Any]
    sender: Device


class Envelope(NamedTuple):
    """A sealed letter: whose key it was sealed with, and the message for this device."""

    sender_key: str
    message: Olm


def encrypt_to_device(
    identity: Identity, session: vodozemac.Session, to: Device, type: str, content: dict[str, Any]
) -> str:
    """Return the letter as it is sent; the session has moved on and has to be kept first."""
    said = canonical(
        {
            "type": type,
            "content": content,
            "sender": user_id(identity.account),
            "recipient": user_id(to.account),
            "recipient_keys": {"ed25519": to.ed25519},
            "keys": {"ed25519": identity.ed25519},
            "sender_device_keys": msgspec.Raw(identity.device_keys),
        }
    )
    kind, body = Olm.of(session.encrypt(said))
    encrypted = {
        "algorithm": OLM,
        "sender_key": identity.curve25519,
        "ciphertext": {to.curve25519: {"type": kind, "body": body}},
    }
    return canonical(encrypted).decode()


def read_envelope(identity: Identity, encrypted: str) -> Envelope:
    """Return the envelope of a letter to this device; raises Unreadable if it is none."""
    try:
        found = msgspec.json.decode(encrypted, type=dict[str, Any])
        part = found["ciphertext"][identity.curve25519]
        if part["type"] not in (0, 1):  # Olm knows no other, and its library takes no large number
            raise ValueError(part["type"])
        return Envelope(str(found["sender_key"]), Olm(int(part["type"]), str(part["body"])))
    except (msgspec.MsgspecError, KeyError, TypeError, ValueError, RecursionError) as error:
        raise CannotDecrypt("This letter is not sealed for this device") from error


def read_to_device(
    identity: Identity, sender: str, sender_key: str, said: bytes
) -> DecryptedToDevice:
    """Return what an opened letter says; raises Forged unless it is from its sender, to us.

    `sender` is the account that the server names.
    """
    try:
        found = msgspec.json.decode(said, type=dict[str, Any])
        device_id = str(found["sender_device_keys"]["device_id"])
        device = parse_device(sender, device_id, canonical(found["sender_device_keys"]))
        to = (found["recipient"], found["recipient_keys"]["ed25519"])
        by = (found["sender"], found["keys"]["ed25519"], sender_key)
        message = DecryptedToDevice(str(found["type"]), dict(found["content"]), device)
    except (msgspec.MsgspecError, KeyError, TypeError, ValueError, RecursionError) as error:
        raise SignatureError(f"A letter of {sender} cannot be read: {error}") from error
    if to != (user_id(identity.account), identity.ed25519):
        raise SignatureError(f"A letter of {sender} was meant for somebody else")
    if by != (user_id(sender), device.ed25519, device.curve25519):
        raise SignatureError(f"A letter of {sender} was sealed by somebody else")
    return message
