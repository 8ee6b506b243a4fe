"""Messages as frames: as the log stores them, and as each kind of client gets them.

A frame is encoded again from the parsed request: it has each key once, and the sender cannot set
those that the server fills in.
"""

import json
import re
from typing import Any

import msgspec
from msgspec import structs
from msgspec.json import decode

from messenger.crypto.devices import MEGOLM
from messenger.jim.base import Reply
from messenger.jim.codec import encode
from messenger.jim.messages import Message, SendMessage
from messenger.jim.names import EVERYONE
from messenger.server.store.messages import MessageRow

_MAX_PLAIN_FRAME = 1024  # bytes: what most plain clients pass to `recv`
_MAX_DEPTH = 16
"""Maximum nesting of unknown keys: every client has to skip them without harm."""


class PlainFrame(msgspec.Struct, tag_field="action", tag="msg", gc=False):
    """A message as the log stores it and a plain client gets it: these keys, in this order."""

    time: float
    to: str
    from_: str = msgspec.field(name="from")
    encoding: str
    message: str


_plain_frames = msgspec.json.Decoder(PlainFrame)
_keys = msgspec.json.Decoder(dict[str, msgspec.Raw])
decode_plain = _plain_frames.decode
"""Decode a stored frame, without the keys that its sender added."""

_OURS = frozenset(
    {"action"}
    | {one.encode_name for kind in (Message, Reply, SendMessage) for one in structs.fields(kind)}
)
_PLAIN = {"action"} | {one.encode_name for one in structs.fields(PlainFrame)}
# Logs of earlier versions have frames with such keys. Inside a text the quotes are escaped.
_SUSPECT = re.compile(rb'\n|"(?:%s)":' % "|".join(sorted(_OURS - _PLAIN)).encode())

_ENCRYPTED = b'"encoding":' + encode(MEGOLM)
_EXPLANATION = "(This message is encrypted: read it with Messenger.)"
_TO_HASH = b'"to":"#",'
_TO_EVERYONE = b'"to":' + encode(EVERYONE) + b","
_HEAD = 64
"""`to` is within so many bytes: only `action` and `time` precede it."""


def extras_of(frame: bytes) -> dict[str, Any]:
    """Return the unknown keys of a message; raises ValueError if they are nested too deep."""
    try:
        keys = _keys.decode(frame)
        extras = {key: decode(value) for key, value in keys.items() if key not in _OURS}
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise ValueError(str(error)) from error
    if extras and not _is_flat(extras):
        raise ValueError(f"nested more than {_MAX_DEPTH} deep")
    return extras


def with_extras(frame: bytes, extras: dict[str, Any]) -> bytes:
    """Return the frame with more keys, in JSON that has no line breaks."""
    return frame[:-1] + b"," + encode(extras)[1:] if extras else frame


def stored_frame(row: MessageRow) -> bytes:
    """Return the frame of a stored message, without keys that an earlier version let pass."""
    frame = row.frame.encode()
    if _SUSPECT.search(frame) is None and frame.count(b"[") <= _MAX_DEPTH:
        return frame
    try:
        extras = extras_of(frame)
    except ValueError:
        extras = {}
    return with_extras(encode(decode_plain(frame)), extras)


def numbered(row: MessageRow) -> bytes:
    """Return a stored message for a client that asked for numbers."""
    frame, stored = with_full_name(stored_frame(row)), as_json(row.stored_at)
    return with_number(frame, row.seq, stored, row.sent_id, guest=bool(row.guest))


def with_full_name(frame: bytes) -> bytes:
    """Return the frame with the name of the common chat where its sender wrote the short one."""
    if frame.find(_TO_HASH, 0, _HEAD) > 0:
        return frame.replace(_TO_HASH, _TO_EVERYONE, 1)
    return frame


def as_json(stored_at: float) -> bytes:
    """Return the time for `with_number`; a transaction's messages share it."""
    return b"%.3f" % stored_at


def with_number(
    frame: bytes, seq: int, stored: bytes, sent_id: str | None, *, guest: bool
) -> bytes:
    """Return the frame for a client that asked for numbers: the same, with more keys spliced in."""
    more = b"" if sent_id is None else b',"id":' + encode(sent_id)
    end = b',"guest":true}\n' if guest else b"}\n"
    return b'%b,"seq":%d,"stored":%b%b%b' % (frame[:-1], seq, stored, more, end)


def for_lines(frame: bytes) -> bytes:
    """Return the frame for a plain client that reads lines; ciphertext is explained."""
    if _ENCRYPTED in frame:
        frame = encode(_explained(frame))
    return frame + b"\n"


def for_recv(frame: bytes) -> bytes:
    r"""Return the frame for a client that expects one object from each `recv`.

    Such clients fail on unknown keys, and read at most 1,024 bytes: \\uXXXX escapes, as their own
    `json.dumps` writes them, but raw UTF-8 if that would be too long.
    """
    raw = encode(_explained(frame))
    if not raw.isascii():
        escaped = json.dumps(decode(raw)).encode()
        if len(escaped) < _MAX_PLAIN_FRAME:
            raw = escaped
    return raw + b"\n"


def _explained(frame: bytes) -> PlainFrame:
    plain = decode_plain(frame)
    # A plain client would show the ciphertext.
    if plain.encoding == MEGOLM:
        plain.encoding, plain.message = "utf-8", _EXPLANATION
    return plain


def _is_flat(value: Any) -> bool:
    """Tell whether nothing in the value is nested deeper than allowed."""
    level = [value]
    for _ in range(_MAX_DEPTH):
        level = [
            inner
            for one in level
            if isinstance(one, dict | list)
            for inner in (one.values() if isinstance(one, dict) else one)
        ]
    return not level
