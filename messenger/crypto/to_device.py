"""To-device messages: from device to device, in Matrix's formats, encrypted with Olm.

The plaintext names sender and recipient and their signing keys, so that nobody can forward a
message as their own, or to somebody else (Matrix, client-server API, m.olm.v1).
"""

from typing import Any, NamedTuple

import msgspec
import vodozemac

from messenger.crypto.devices import OLM, Device, parse_device
from messenger.crypto.identity import CannotDecrypt, Identity, Olm
from messenger.crypto.names import user_id
from messenger.crypto.signed import SignatureError, canonical


class DecryptedToDevice(NamedTuple):
    """A decrypted to-device message; `sender` is the device that encrypted it."""

    type: str
    content: dict[str, Any]
    sender: Device


class Envelope(NamedTuple):
    """An encrypted to-device message: its sender's key, and the ciphertext for this device."""

    sender_key: str
    message: Olm


def encrypt_to_device(
    identity: Identity, session: vodozemac.Session, to: Device, type: str, content: dict[str, Any]
) -> str:
    """Return the encrypted message. Store the session, which has advanced, before sending it."""
    plaintext = canonical(
        {
            "type": type,
            "content": content,
            "sender": user_id(identity.account),
            "recipient": user_id(to.account),
            "recipient_keys": {"ed25519": to.ed25519},
            "keys": {"ed25519": identity.ed25519},
            # Matrix's MSC4147: the recipient knows the sender's device before any list has it.
            "sender_device_keys": msgspec.Raw(identity.device_keys),
        }
    )
    kind, body = Olm.of(session.encrypt(plaintext))
    encrypted = {
        "algorithm": OLM,
        "sender_key": identity.curve25519,
        "ciphertext": {to.curve25519: {"type": kind, "body": body}},
    }
    return canonical(encrypted).decode()


def read_envelope(identity: Identity, encrypted: str) -> Envelope:
    """Return the envelope of a message to this device; raises CannotDecrypt if it is invalid."""
    try:
        found = msgspec.json.decode(encrypted, type=dict[str, Any])
        part = found["ciphertext"][identity.curve25519]
        if part["type"] not in (0, 1):  # Olm has no others, and vodozemac accepts no large number
            raise ValueError(part["type"])
        return Envelope(str(found["sender_key"]), Olm(int(part["type"]), str(part["body"])))
    except (msgspec.MsgspecError, KeyError, TypeError, ValueError, RecursionError) as error:
        raise CannotDecrypt("The message is not encrypted for this device") from error


def read_to_device(
    identity: Identity, sender: str, sender_key: str, plaintext: bytes
) -> DecryptedToDevice:
    """Return a decrypted message; raises SignatureError unless `sender` wrote it, to this device.

    `sender` is the account that the server names.
    """
    try:
        found = msgspec.json.decode(plaintext, type=dict[str, Any])
        device_id = str(found["sender_device_keys"]["device_id"])
        device = parse_device(sender, device_id, canonical(found["sender_device_keys"]))
        to = (found["recipient"], found["recipient_keys"]["ed25519"])
        by = (found["sender"], found["keys"]["ed25519"], sender_key)
        message = DecryptedToDevice(str(found["type"]), dict(found["content"]), device)
    except (msgspec.MsgspecError, KeyError, TypeError, ValueError, RecursionError) as error:
        raise SignatureError(f"Invalid to-device message from {sender}: {error}") from error
    if to != (user_id(identity.account), identity.ed25519):
        raise SignatureError(f"A to-device message from {sender} is for another recipient")
    if by != (user_id(sender), device.ed25519, device.curve25519):
        raise SignatureError(f"A to-device message from {sender} was encrypted by somebody else")
    return message
