"""Messages to many devices: encrypted once by a Megolm session, in Matrix's formats.

The plaintext names its conversation, sender and id, and is padded; everybody who has the session's
key can decrypt it, and only the session's owner can have encrypted it.
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
    """A message that a key does not decrypt: it was changed in transit, or the key is another."""


class EncryptedMessage(msgspec.Struct, omit_defaults=True):
    """The content of an encrypted message: Matrix's `m.room.encrypted`."""

    algorithm: str
    ciphertext: str
    session_id: Key
    sender_key: Key = ""
    device_id: Id = ""


class _Content(msgspec.Struct):
    body: str
    msgtype: str = "m.text"


class _Payload(msgspec.Struct):
    """The plaintext: Matrix's event, and what binds it to its position in the log.

    `seen` is the last number of the log that the sender had when writing, at `time` (unix time).
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
    """A decrypted message: its text, its `position` in the session, what its sender had `seen`.

    `time` is when it was written (unix time), 0 if its sender does not say it.
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
    """Return the encrypted message. Store the session, which has advanced, before sending it."""
    sender = user_id(identity.account)
    payload = _Payload("m.room.message", room_id, _Content(text), sender, id, seen, time)
    # Spaces have one byte each in JSON, so the result has exactly the padded length.
    payload.padding = padding(len(msgspec.json.encode(payload)))
    encrypted = session.encrypt(msgspec.json.encode(payload)).to_base64()
    return msgspec.json.encode(
        EncryptedMessage(
            MEGOLM, encrypted, session.session_id, identity.curve25519, identity.device_id
        )
    ).decode()


def read_encrypted(message: str) -> EncryptedMessage:
    """Return what an encrypted message says without its key; raises CannotDecrypt."""
    try:
        found = _encrypted.decode(message)
    except (msgspec.MsgspecError, RecursionError) as error:
        raise CannotDecrypt("This is not an encrypted message") from error
    if found.algorithm != MEGOLM:
        raise CannotDecrypt(f"{found.algorithm} is not supported: update the client")
    return found


def decrypt(
    encrypted: EncryptedMessage,
    session: vodozemac.InboundGroupSession,
    room_id: str,
    sender: str,
    id: str,
) -> DecryptedMessage:
    """Return the decrypted message, which the server says `sender` (an account) sent to this room.

    Raises CannotDecrypt if the session's key is of later messages only, DecryptionFailed if the key
    does not decrypt it, SignatureError if it is of another conversation, sender or id.
    """
    try:
        message = vodozemac.MegolmMessage.from_base64(encrypted.ciphertext)
        # Tested first, because vodozemac's errors are all ValueErrors: here an earlier key helps,
        # with a message that was changed nothing does.
        if message.message_index() < session.first_known_index:
            raise CannotDecrypt("The key is of later messages")
        found = session.decrypt(message)
    except CannotDecrypt:  # a ValueError, too
        raise
    except ValueError as error:
        raise DecryptionFailed(f"The message was changed in transit: {error}") from error
    try:
        payload = _payloads.decode(found.plaintext)
    except (msgspec.MsgspecError, RecursionError) as error:
        raise SignatureError(f"The message is invalid: {error}") from error
    if payload.room_id != room_id:
        raise SignatureError("The message was written to another conversation")
    # Matrix's payload has neither: a client that adds nothing to it leaves both empty.
    if payload.sender not in ("", user_id(sender)) or payload.id not in ("", id):
        raise SignatureError("The message is of another sender, or has another id")
    return DecryptedMessage(payload.content.body, found.message_index, payload.seen, payload.time)


def index_of(encrypted: EncryptedMessage) -> int:
    """Return a message's index in its session, as it claims itself; 0 if it has none."""
    try:
        return vodozemac.MegolmMessage.from_base64(encrypted.ciphertext).message_index()
    except ValueError:
        return 0


def export_key(session: vodozemac.InboundGroupSession, index: int) -> str | None:
    """Return a session's key from this index on, base64; None if it is only known from later."""
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
    """Return the certificate of a session, signed by its device: it proves whose session it is.

    It does so whoever forwards the session's key. As the session signs each message, the device
    thereby signs each message, too, at no extra cost. The other values are those of `Certificate`.
    """
    user = user_id(identity.account)
    owned: dict[str, Any] = {
        "user_id": user,
        "device_id": identity.device_id,
        "room_id": room_id,
        "session_id": session_id,
    }
    # Left out if false, as `Certificate` leaves it out: both sides sign and verify the same JSON.
    if shared_history:
        owned["shared_history"] = True
    if history_setting:
        owned["history_setting"] = history_setting
    return sign(owned, user, f"ed25519:{identity.device_id}", identity.sign)


def check_owner(certificate: Certificate, owner: Device, room_id: str, session_id: str) -> None:
    """Raise SignatureError unless the device has signed the session as its own, for this room."""
    user = user_id(owner.account)
    found = (certificate.user_id, certificate.device_id)
    if found != (user, owner.device_id) or certificate.room_id != room_id:
        raise SignatureError("The certificate is of another device, or of another room")
    if certificate.session_id != session_id:
        raise SignatureError("The certificate is of another session")
    signed = msgspec.to_builtins(certificate)
    verify(signed, user, f"ed25519:{owner.device_id}", owner.ed25519)


def signed_by_owner(certificate: Certificate, owner: Device) -> Certificate:
    """Return a certificate with its owner's signature only: no other has been verified."""
    user, key_id = user_id(owner.account), f"ed25519:{owner.device_id}"
    made = certificate.signatures.get(user, {})
    signatures = {user: {key_id: made[key_id]}} if key_id in made else {}
    return structs.replace(certificate, signatures=signatures)


def room_key(session: vodozemac.GroupSession, room_id: str) -> dict[str, Any]:
    """Return the content of the `m.room_key` that shares a session from its current index on."""
    return {
        "algorithm": MEGOLM,
        "room_id": room_id,
        "session_id": session.session_id,
        "session_key": session.session_key.to_base64(),
    }


def session_of(key: RoomKey, *, exported: bool) -> vodozemac.InboundGroupSession:
    """Return the session of a key, `exported` or from its beginning; raises SignatureError."""
    if key.algorithm != MEGOLM:
        raise SignatureError(f"{key.algorithm} is not supported")
    try:
        if exported:
            known = vodozemac.ExportedSessionKey(key.session_key)
            session = vodozemac.InboundGroupSession.import_session(known)
        else:
            session = vodozemac.InboundGroupSession(vodozemac.SessionKey(key.session_key))
    except ValueError as error:
        raise SignatureError(f"A key cannot be read: {error}") from error
    # Otherwise a key could be stored in the place of another session's.
    if session.session_id != key.session_id:
        raise SignatureError("A key is not that of the session that it names")
    return session
