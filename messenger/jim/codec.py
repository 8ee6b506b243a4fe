"""Encodes and decodes typed messages; oddities of other implementations end here.

Requests and events have an `action`, replies a `response`. Unknown keys are ignored, and missing
optional ones have a default, so that later versions can add optional keys.
"""

from typing import Any, get_args, get_origin

import msgspec
from msgspec import Raw, Struct, structs

from messenger.jim.accounts import ListLogins, Logout, Password, Register, UseReset
from messenger.jim.admin import AdminRequest
from messenger.jim.base import AnswerType, Reply, Request
from messenger.jim.blocks import Block, BlockChanged, GetBlocks, Unblock
from messenger.jim.codes import Code
from messenger.jim.contacts import (
    AddContact,
    ContactChanged,
    DelContact,
    GetContacts,
    Search,
    Whois,
)
from messenger.jim.devices import (
    BackupChanged,
    BackUpKeys,
    ClaimKeys,
    DevicesChanged,
    ForgetDevice,
    GetInbox,
    ListDevices,
    ListOwnDevices,
    PublishKeys,
    RestoreKeys,
    ToDevice,
    ToDeviceArrived,
)
from messenger.jim.errors import BadRequest, BrokenStream, OutdatedDevices, ProtocolError, error_for
from messenger.jim.fields import Number, RequestId
from messenger.jim.history import GetHistory, ListConversations
from messenger.jim.messages import (
    UNDECODABLE,
    Message,
    ReceiptChanged,
    SendMessage,
    SendReceipt,
    Typing,
    TypingNotice,
)
from messenger.jim.reports import Report
from messenger.jim.rooms import (
    CloseRoom,
    EncryptRoom,
    Invite,
    Join,
    Kick,
    Leave,
    ListMembers,
    ListRooms,
    RoomChanged,
    ShowHistory,
    Topic,
)
from messenger.jim.session import Authenticate, Presence, Probe, Quit, Scram

AnyRequest = (
    Authenticate | Scram | Presence | Register | Password | UseReset | Logout | Quit | SendMessage
    | GetContacts | AddContact | DelContact | Join | Leave | ListRooms | ListMembers | Topic | Kick
    | Invite | CloseRoom | ListConversations | GetHistory | SendReceipt | Typing | Search | Whois
    | ListLogins | PublishKeys | ListDevices | ClaimKeys | ToDevice | GetInbox | BackUpKeys
    | RestoreKeys | ListOwnDevices | ForgetDevice | EncryptRoom
    | ShowHistory | Block | Unblock | GetBlocks | Report | AdminRequest
)  # fmt: skip


AnyEvent = (
    Message | Probe | ContactChanged | TypingNotice | ReceiptChanged | RoomChanged | ToDeviceArrived
    | BackupChanged | BlockChanged
)  # fmt: skip


class Confirmation(Request[Reply], kw_only=True):
    """Some clients confirm each message: with an object that has `response` and no `action`."""


Incoming = AnyRequest | Confirmation


REFERENCE = (
    Authenticate, Presence, SendMessage, Join, Leave, GetContacts, AddContact, DelContact, Quit,
)  # fmt: skip
"""The requests that every JIM server knows, also one without our extension."""


encode = msgspec.json.encode
_requests: msgspec.json.Decoder[AnyRequest] = msgspec.json.Decoder(AnyRequest)
_events: msgspec.json.Decoder[AnyEvent] = msgspec.json.Decoder(AnyEvent)


decode_message = msgspec.json.Decoder(Message).decode
"""Return a message that `encode` has written."""


# Any value: an object must have an outline whatever else is wrong with it.
class _Outline(Struct):
    """The keys that tell what kind of object it is."""

    action: Any = None
    response: Any = None
    id: Any = None


_outline = msgspec.json.Decoder(_Outline)
# msgspec raises UnicodeDecodeError for invalid UTF-8, and RecursionError for deep nesting.
_UNDECODABLE_JSON = (msgspec.MsgspecError, UnicodeDecodeError, RecursionError)
_NO_JSON = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)
_BACKSLASH = ord("\\")
_NUL = rb"\u0000"
"""The one way to write U+0000 in JSON, where it cannot stand for itself (RFC 8259, 7)."""


def decode_request(frame: bytes) -> Incoming:
    """Return the request in a frame, or the Confirmation.

    Raises BadRequest if the connection can go on, BrokenStream if the frame is not JSON.
    """
    try:
        request = _requests.decode(frame)
    # This is a DecodeError, too, but for valid JSON: it is known where the next object begins.
    except msgspec.ValidationError as error:
        outline = _outline_of(frame)
        if outline.action is None and outline.response is not None:
            return Confirmation()
        raise _bad_request(outline.action, str(error)) from error
    except _NO_JSON as error:
        raise BrokenStream("This is not JSON in UTF-8: {error}", error=error) from error
    # Few frames have an escape: finding one byte takes 20 ns, the whole of it up to 400.
    if _BACKSLASH in frame and frame.find(_NUL) >= 0:
        _check_nul(request)
    return request


def request_id(frame: bytes) -> RequestId | None:
    """Return the `id` of a request that could not be decoded, to repeat it in the refusal."""
    try:
        found = _outline.decode(frame).id
    except _UNDECODABLE_JSON:
        return None
    # JSON's `true` is an int in Python, but no id.
    return found if isinstance(found, str | int) and not isinstance(found, bool) else None


def decode_incoming(frame: bytes) -> AnyEvent | bytes:
    """Return the event in a frame from the server, or the frame itself if it is a reply.

    Raises BadRequest for an unknown event, which clients ignore, and BrokenStream if the frame is
    not JSON.
    """
    try:
        # A reply names no type: only the request that it answers tells how to decode it.
        if _outline.decode(frame).response is not None:
            return frame
        return _events.decode(frame)
    except msgspec.ValidationError as error:
        try:
            event: AnyEvent = msgspec.convert(_as_expected(frame), AnyEvent)
        except _UNDECODABLE_JSON:
            raise BadRequest(str(error)) from error
        return event
    except _NO_JSON as error:
        raise BrokenStream("This is not JSON in UTF-8: {error}", error=error) from error


def decode_reply(frame: bytes, answer: type[AnswerType]) -> AnswerType:
    """Return the reply; raises BadRequest if it is not of the type that the request names.

    An invalid element of a list affects no other: it is omitted, or, if it is a message, replaced
    by an undecodable one, so that its number leaves no gap.
    """
    try:
        return msgspec.json.decode(frame, type=answer)
    except msgspec.ValidationError:
        return _decoded_leniently(frame, answer)
    except _UNDECODABLE_JSON as error:
        raise BadRequest("Invalid reply from the server: {error}", error=error) from error


def _as_expected(frame: bytes) -> Any:
    """Return an object of a plain server as ours would write it.

    Such servers put anything or nothing into `time`, and also lists into `alert`.
    """
    found = msgspec.json.decode(frame)
    if not isinstance(found, dict):
        return found
    if not isinstance(found.get("time"), int | float):
        found["time"] = 0
    for name in ("alert", "error"):
        if not isinstance(found.get(name), str | None):
            found[name] = str(found[name])
    return found


def _decoded_leniently(frame: bytes, answer: type[AnswerType]) -> AnswerType:
    try:
        parts: dict[str, Any] = msgspec.json.decode(frame, type=dict[str, Raw])
        for field in structs.fields(answer):
            if get_origin(field.type) is list and field.encode_name in parts:
                element = get_args(field.type)[0]
                listed = msgspec.json.decode(parts[field.encode_name], type=list[Raw])
                parts[field.encode_name] = [
                    found for one in listed if (found := _element(one, element)) is not None
                ]
        # Encoded once more, as the elements are Structs by now, and the other keys still raw JSON.
        expected = encode(_as_expected(encode(parts)))
        return msgspec.json.decode(expected, type=answer)
    except _UNDECODABLE_JSON as error:
        raise BadRequest("Invalid reply from the server: {error}", error=error) from error


class _Position(Struct):
    """The keys of a message that say which number of which conversation it is."""

    to: str
    from_: str = msgspec.field(name="from")
    seq: Number


def _element(raw: Raw, kind: Any) -> Any:
    """Return an element of a list, its placeholder, or None if it is omitted."""
    try:
        return msgspec.json.decode(raw, type=kind)
    except msgspec.ValidationError:
        # A message that is omitted would leave a gap, which clients fetch again and again.
        if kind is not Message:
            return None
    try:
        position = msgspec.json.decode(raw, type=_Position)
    except msgspec.ValidationError:
        return None
    return Message(0, position.to, position.from_, "", UNDECODABLE, position.seq)


def decode_refusal(frame: bytes, head: Reply) -> ProtocolError:
    """Return the error that a reply reports; `head` is the same reply as a plain `Reply`."""
    text = head.error or f"Refused ({head.code})"
    if head.code == Code.CONFLICT:
        changes = decode_reply(frame, DevicesChanged)
        # JIM has this code for taken names, too: only the reply about devices has a version.
        if changes.version:
            return OutdatedDevices(text, changes)
    return error_for(head.code, text, head.retry_after, head.kind)


def refusal(error: ProtocolError, language: str = "en") -> Reply:
    """Return the reply that reports the error to the peer, in its language (BCP 47)."""
    text = error.said_in(language)
    if isinstance(error, OutdatedDevices):
        return structs.replace(error.changes, response=int(error.code), error=text)
    return Reply(int(error.code), error=text, retry_after=error.retry_after, kind=error.kind)


def _outline_of(frame: bytes) -> _Outline:
    """Return the outline of an object that is not a valid request; raises BrokenStream."""
    try:
        return _outline.decode(frame)
    except msgspec.ValidationError:
        return _Outline()
    except _NO_JSON as error:
        raise BrokenStream("This is not JSON in UTF-8: {error}", error=error) from error


def _check_nul(request: AnyRequest) -> None:
    """Raise BadRequest if a text of the request has U+0000, which PostgreSQL cannot store."""
    fields, keys = request.__struct_fields__, request.__struct_encode_fields__
    for field, key in zip(fields, keys, strict=True):
        if field not in request.nul_allowed and _has_nul(getattr(request, field)):
            raise BadRequest(
                "{action}: {key} cannot contain the character U+0000",
                action=request.__struct_config__.tag,
                key=key,
            )


def _has_nul(value: Any) -> bool:
    """Tell whether U+0000 is in any text of the value; one that is still JSON (`Raw`) has none."""
    # The list grows: a value may be nested deeper than Python can recurse.
    parts = [value]
    for part in parts:
        if isinstance(part, str) and "\0" in part:
            return True
        if isinstance(part, Struct):
            parts += (getattr(part, field) for field in part.__struct_fields__)
        elif isinstance(part, dict):
            parts += (*part, *part.values())
        elif isinstance(part, list):
            parts += part
    return False


def _bad_request(action: object, reason: str) -> BadRequest:
    if not isinstance(action, str):
        return BadRequest('A request must have an "action", which is a string')
    # msgspec names the key at fault: at the tag itself the action is unknown.
    if reason.endswith("`$.action`"):
        expected = '{"action": "msg", "time": ..., "to": "name or #room", "message": "text"}'
        return BadRequest(
            "Unknown action {action!r}; a message, for example, is {expected}",
            action=action[:15],  # as long as an action of JIM can be
            expected=expected,
        )
    return BadRequest("{action}: {reason}", action=action, reason=reason)
