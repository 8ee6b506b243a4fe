"""Messages to many devices: sealed once by a group session (Megolm), in Matrix's formats.

What is sealed names its conversation, sender and id, and is padded; whoever has the session's
key can open it, and only its owner can have sealed it.
"""

from typing import Any, NamedTuple

import msgspec
import vodozemac
from msgspec import structs

from messenger.crypto.devices import MEGOLM, Device
from messenger.crypto.identity import Identity, Unreadable
from messenger.crypto.names import user_id
from messenger.crypto.padding import padding
from messenger.crypto.signed import Forged, sign, verify
from messenger.crypto.todevice import Certificate, Id, Key, RoomKey


class Undecryptable(Forged):
    """A message that a key does not decrypt: it was changed on its way, or this is another key."""


class Sealed(msgspec.Struct, omit_defaults=True):
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


class Opened(NamedTuple):
    """An opened message: its text, which one of the session it is, what its sender had seen.

    `time` is when it was written (unix time), 0 where its sender does not say it.
    """

    text: str
    position: int
    seen: int
    time: float = 0.0


_payloads = msgspec.json.Decoder(_Payload)
_sealed = msgspec.json.Decoder(Sealed)


def seal(
    identity: Identity,
    group: vodozemac.GroupSession,
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
    sealed = group.encrypt(msgspec.json.encode(payload)).to_base64()
    return msgspec.json.encode(
        Sealed(MEGOLM, sealed, group.session_id, identity.curve25519, identity.ident)
    ).decode()


def read_sealed(message: str) -> Sealed:
    """Return what is known of a sealed message without its key; raises Unreadable."""
    try:
        found = _sealed.decode(message)
    except (msgspec.MsgspecError, RecursionError) as error:
        raise Unreadable("This is no sealed message") from error
    if found.algorithm != MEGOLM:
        raise Unreadable(f"{found.algorithm} is not understood: update the client")
    return found


def open_sealed(
    sealed: Sealed, group: vodozemac.InboundGroupSession, room_id: str, sender: str, id: str
) -> Opened:
    """Return the text of a message that `sender` (an account) is said to have sent there.

    Raises Unreadable if this session cannot open it (its key is of later messages), Forged if it
    was sealed for another place, or by another, and Undecryptable.
    """
    try:
        message = vodozemac.MegolmMessage.from_base64(sealed.ciphertext)
        if message.message_index() < group.first_known_index:
            raise Unreadable("The key is of later messages")
        found = group.decrypt(message)
    except Unreadable:
        raise
    except ValueError as error:
        raise Undecryptable(f"The message was changed on its way: {error}") from error
    try:
        payload = _payloads.decode(found.plaintext)
    except (msgspec.MsgspecError, RecursionError) as error:
        raise Forged(f"The message is not understood: {error}") from error
    if payload.room_id != room_id:
        raise Forged("The message was written to another conversation")
    if payload.sender not in ("", user_id(sender)) or payload.id not in ("", id):
        raise Forged("The message was written by another, or is another one")
    return Opened(payload.content.body, found.message_index, payload.seen, payload.time)


def index_of(sealed: Sealed) -> int:
    """Return which message of its session one is, as it says itself; 0 if it says nothing."""
    try:
        return vodozemac.MegolmMessage.from_base64(sealed.ciphertext).message_index()
    except ValueError:
        return 0


def export_key(group: vodozemac.InboundGroupSession, index: int) -> str | None:
    """Return the key of a session from a message on, base64; None if it is not known so early."""
    exported = group.export_at(index)
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
        "device_id": identity.ident,
        "room_id": room_id,
        "session_id": session_id,
    }
    if shared_history:
        owned["shared_history"] = True
    if history_setting:
        owned["history_setting"] = history_setting
    return sign(owned, user, f"ed25519:{identity.ident}", identity.sign)


def check_owner(certificate: Certificate, owner: Device, room_id: str, session_id: str) -> None:
    """Raise Forged unless the device has signed that the session is its own, for this room."""
    user = user_id(owner.account)
    found = (certificate.user_id, certificate.device_id)
    if found != (user, owner.ident) or certificate.room_id != room_id:
        raise Forged("The session is another device's, or of another room")
    if certificate.session_id != session_id:
        raise Forged("Another session is proved")
    signed = msgspec.to_builtins(certificate)
    verify(signed, user, f"ed25519:{owner.ident}", owner.ed25519)


def signed_by_owner(certificate: Certificate, owner: Device) -> Certificate:
    """Return a certificate with its owner's signature alone: nobody has verified any other."""
    user, key_id = user_id(owner.account), f"ed25519:{owner.ident}"
    made = certificate.signatures.get(user, {})
    signatures = {user: {key_id: made[key_id]}} if key_id in made else {}
    return structs.replace(certificate, signatures=signatures)


def room_key(group: vodozemac.GroupSession, room_id: str) -> dict[str, Any]:
    """Return the content of the letter (`m.room_key`) that shares a session from now on."""
    return {
        "algorithm": MEGOLM,
        "room_id": room_id,
        "session_id": group.session_id,
        "session_key": group.session_key.to_base64(),
    }


def session_of(given: RoomKey, *, exported: bool) -> vodozemac.InboundGroupSession:
    """Return the session whose key it is, `exported` or as it was begun; raises Forged."""
    if given.algorithm != MEGOLM:
        raise Forged(f"{given.algorithm} is not understood")
    try:
        if exported:
            known = vodozemac.ExportedSessionKey(given.session_key)
            session = vodozemac.InboundGroupSession.import_session(known)
        else:
            session = vodozemac.InboundGroupSession(vodozemac.SessionKey(given.session_key))
    except ValueError as error:
        raise Forged(f"A key cannot be read: {error}") from error
    if session.session_id != given.session_id:
        raise Forged("A key is not that of the session that it names")
    return session
