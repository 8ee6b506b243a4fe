"""Messages to many devices: sealed once by a group session (Megolm), in Matrix's formats.

What is sealed names its conversation, sender and id, and is padded; whoever has the session's
key can open it, and only its owner can have sealed it.
"""

from typing import Any, NamedTuple

import msgspec
import vodozemac
from msgspec import structs

from messenger.crypto.devices import MEGOLM, Device
from messenger.crypto.identity import CannotDecrypt, Identity
from messenger.crypto.names import user_id
from messenger.crypto.padding import padding
from messenger.crypto.signed import SignatureError, sign, verify
from messenger.crypto.to_device_content import Certificate, Id, Key, RoomKey


class DecryptionFailed(SignatureError):
    """A message that a key does not decrypt: it was changed on its way, or this is another key."""


class EncryptedMessage(msgspec.Struct, omit_defaults=True):
    """What is sent in `message`: Matrix's `m.room.encrypted`."""

    algorithm: str
    ciphertext: str
    session_id: Key
    sender_key: Key = ""
    device_id: Id = ""


class _Content(msgspec.Struct):
    body: str
    msgtype: str = "m.text"


class _Payload(msgspec.Struct):
    """What is sealed: Matrix's event, and what binds it to its place in the log.

    `seen` is the number up to which the sender had the log when he wrote, at that `time` (unix
    time).
    """

    type: str
    room_id: str
    content: _Content
    sender: str = ""
    id: str = ""
    seen: int = 0
    time: float = 0.0
    padding: str = ""


class DecryptedMessage(NamedTuple):
    """An opened message: its text, which one of the session it is, what its sender had seen.

    `time` is when it was written (unix time), 0 where its sender does not say it.
    """

    text: str
    position: int
    seen: int
    time: float = 0.0


_payloads = msgspec.json.Decoder(_Payload)
_encrypted = msgspec.json.Decoder(EncryptedMessage)


def encrypt(
    identity: Identity,
    session: vodozemac.GroupSession,
    room_id: str,
    id: str,
    text: str,
    seen: int = 0,
    time: float = 0.0,
) -> str:
    """Return the message as it is sent; the session has moved on and has to be kept first."""
    sender = user_id(identity.account)
    payload = _Payload("m.room.message", room_id, _Content(text), sender, id, seen, time)
    payload.padding = padding(len(msgspec.json.encode(payload)))
    encrypted = session.encrypt(msgspec.json.encode(payload)).to_base64()
    return msgspec.json.encode(
        EncryptedMessage(
            MEGOLM, encrypted, session.session_id, identity.curve25519, identity.device_id
        )
    ).decode()


def read_encrypted(message: str) -> EncryptedMessage:
    """Return what is known of a sealed message without its key; raises Unreadable."""
    try:
        found = _encrypted.decode(message)
    except (msgspec.MsgspecError, RecursionError) as error:
        raise CannotDecrypt("This is no sealed message") from error
    if found.algorithm != MEGOLM:
        raise CannotDecrypt(f"{found.algorithm} is not understood: update the client")
    return found


def decrypt(
    encrypted: EncryptedMessage,
    session: vodozemac.InboundGroupSession,
    room_id: str,
    sender: str,
    id: str,
) -> DecryptedMessage:
    """Return the text of a message that `sender` (an account) is said to have sent there.

    Raises Unreadable if this session cannot open it (its key is of later messages), Forged if it
    was sealed for another place, or by another, and DecryptionFailed.
    """
    try:
        message = vodozemac.MegolmMessage.from_base64(encrypted.ciphertext)
        if message.message_index() < session.first_known_index:
            raise CannotDecrypt("The key is of later messages")
        found = session.decrypt(message)
    except CannotDecrypt:
        raise
    except ValueError as error:
        raise DecryptionFailed(f"The message was changed on its way: {error}") from error
    try:
        payload = _payloads.decode(found.plaintext)
    except (msgspec.MsgspecError, RecursionError) as error:
        raise SignatureError(f"The message is not understood: {error}") from error
    if payload.room_id != room_id:
        raise SignatureError("The message was written to another conversation")
    if payload.sender not in ("", user_id(sender)) or payload.id not in ("", id):
        raise SignatureError("The message was written by another, or is another one")
    return DecryptedMessage(payload.content.body, found.message_index, payload.seen, payload.time)


def index_of(encrypted: EncryptedMessage) -> int:
    """Return which message of its session one is, as it says itself; 0 if it says nothing."""
    try:
        return vodozemac.MegolmMessage.from_base64(encrypted.ciphertext).message_index()
    except ValueError:
        return 0


def export_key(session: vodozemac.InboundGroupSession, index: int) -> str | None:
    """Return the key of a session from a message on, base64; None if it is not known so early."""
    exported = session.export_at(index)
    return exported.to_base64() if exported is not None else None


def certify(
    identity: Identity,
    room_id: str,
    session_id: str,
    *,
    shared_history: bool = False,
    history_setting: int = 0,
) -> dict[str, Any]:
    """Return what proves whose a session is, whoever passes its key on: its device has signed it.

    The session signs each message; so a message is signed by its device, at no cost of its own.
    The other values are those of `Certificate`.
    """
    user = user_id(identity.account)
    owned: dict[str, Any] = {
        "user_id": user,
        "device_id": identity.device_id,
        "room_id": room_id,
        "session_id": session_id,
    }
    if shared_history:
        owned["shared_history"] = True
    if history_setting:
        owned["history_setting"] = history_setting
    return sign(owned, user, f"ed25519:{identity.device_id}", identity.sign)


def check_owner(certificate: Certificate, owner: Device, room_id: str, session_id: str) -> None:
    """Raise Forged unless the device has signed that the session is its own, for this room."""
    user = user_id(owner.account)
    found = (certificate.user_id, certificate.device_id)
    if found != (user, owner.device_id) or certificate.room_id != room_id:
        raise SignatureError("The session is another device's, or of another room")
    if certificate.session_id != session_id:
        raise SignatureError("Another session is proved")
    signed = msgspec.to_builtins(certificate)
    verify(signed, user, f"ed25519:{owner.device_id}", owner.ed25519)


def signed_by_owner(certificate: Certificate, owner: Device) -> Certificate:
    """Return a certificate with its owner's signature alone: nobody has verified any other."""
    user, key_id = user_id(owner.account), f"ed25519:{owner.device_id}"
    made = certificate.signatures.get(user, {})
    signatures = {user: {key_id: made[key_id]}} if key_id in made else {}
    return structs.replace(certificate, signatures=signatures)


def room_key(session: vodozemac.GroupSession, room_id: str) -> dict[str, Any]:
    """Return the content of the letter (`m.room_key`) that shares a session from now on."""
    return {
        "algorithm": MEGOLM,
        "room_id": room_id,
        "session_id": session.session_id,
        "session_key": session.session_key.to_base64(),
    }


def session_of(given: RoomKey, *, exported: bool) -> vodozemac.InboundGroupSession:
    """Return the session whose key it is, `exported` or as it was begun; raises Forged."""
    if given.algorithm != MEGOLM:
        raise SignatureError(f"{given.algorithm} is not understood")
    try:
        if exported:
            known = vodozemac.ExportedSessionKey(given.session_key)
            session = vodozemac.InboundGroupSession.import_session(known)
        else:
            session = vodozemac.InboundGroupSession(vodozemac.SessionKey(given.session_key))
    except ValueError as error:
        raise SignatureError(f"A key cannot be read: {error}") from error
    if session.session_id != given.session_id:
        raise SignatureError("A key is not that of the session that it names")
    return session
