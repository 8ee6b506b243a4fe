"""Every message survives the wire; anything else raises a ProtocolError."""

import contextlib
import json
from typing import Any, get_args

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from messenger.jim.admin.settings import SettingValue
from messenger.jim.base import Reply
from messenger.jim.codec import (
    AnyEvent,
    AnyRequest,
    decode_incoming,
    decode_reply,
    decode_request,
    encode,
    refusal,
    request_id,
)
from messenger.jim.codes import Code, is_success
from messenger.jim.contacts import People
from messenger.jim.devices import DeviceName, InboxPage, ReceivedToDevice, ToDeviceMessage
from messenger.jim.errors import BadRequest, BrokenStream, ProtocolError, TooMany, error_for
from messenger.jim.fields import Name, Number, Word
from messenger.jim.framing import Framer
from messenger.jim.history import HistoryPage
from messenger.jim.messages import UNDECODABLE, Message, SendMessage, Stored
from messenger.jim.names import check_account, check_line, check_room, is_room
from messenger.jim.rooms import RoomChanged
from messenger.jim.session import Authenticate, DeviceInfo, Presence, User

# Requests have U+0000 in few places: test_codec_oddities.py.
texts = st.text(st.characters(exclude_categories=("Cs",), exclude_characters="\0"))
lines = st.text(st.characters(exclude_categories=("Cs", "Cc")), max_size=30)
numbers = st.integers(0, 2**53 - 1)
times = st.floats(0, 1e12) | numbers


raw = texts.map(lambda text: msgspec.Raw(encode(text)))
by_type: dict[Any, st.SearchStrategy[Any]] = {
    list[DeviceName]: st.lists(st.builds(DeviceName, lines, lines), max_size=3),
    list[Word]: st.lists(lines, max_size=3),
    list[ToDeviceMessage]: st.lists(st.builds(ToDeviceMessage, lines, lines, texts), max_size=3),
    ReceivedToDevice: st.builds(ReceivedToDevice, numbers, texts, texts),
    dict[str, str]: st.dictionaries(texts, texts, max_size=3),
    dict[Name, SettingValue]: st.dictionaries(
        lines, st.none() | st.booleans() | numbers | lines, max_size=3
    ),
    dict[Word, str]: st.dictionaries(lines, texts, max_size=3),
    dict[str, msgspec.Raw]: st.dictionaries(texts, raw, max_size=3),
    dict[str, Any] | None: st.none() | st.dictionaries(texts, texts, max_size=3),
}


kinds: dict[Any, st.SearchStrategy[Any]] = {
    str: texts,
    int: numbers,
    float: times.map(float),  # as it is decoded
    bool: st.booleans(),
}
bounded: dict[Any, st.SearchStrategy[Any]] = {
    Name: lines,
    Word: lines,
    Number: numbers,
    SendMessage.__annotations__["to"]: lines,
}


def strategy_for(field: msgspec.structs.FieldInfo) -> st.SearchStrategy[Any]:
    """Return the values that a field of a message may have."""
    by_name: dict[str, st.SearchStrategy[Any]] = {
        "user": st.builds(User, account_name=lines, password=st.none() | texts, status=texts),
        "device": st.none() | st.builds(DeviceInfo, id=lines, name=lines),
        "features": st.lists(texts, max_size=3),
        "id": st.none() | lines | st.integers(1 - 2**53, 2**53 - 1),
        "time": times,
        "change": st.sampled_from(list(get_args(RoomChanged.__annotations__["change"]))),
        "type": st.none() | texts,
    }
    if field.type in by_type | bounded:
        return (by_type | bounded)[field.type]
    if field.name == "id" and int not in get_args(field.type):
        return st.none() | lines
    if field.name in by_name and (field.type is not str or field.name == "change"):
        return by_name[field.name]
    any_kind = kinds | bounded
    found = [any_kind[kind] for kind in (field.type, *get_args(field.type)) if kind in any_kind]
    if type(None) in get_args(field.type):
        found.append(st.none())
    if found:
        return st.one_of(found)
    if field.default is msgspec.NODEFAULT:
        return st.builds(field.default_factory)
    return st.just(field.default)


def instances(union: Any) -> st.SearchStrategy[Any]:
    """Return messages of any of these types."""

    def of(struct: Any) -> st.SearchStrategy[Any]:
        fields = msgspec.structs.fields(struct)
        made = {
            field.name: strategy_for(field)
            for field in fields
            if field.name != "person"
            and (field.default is msgspec.NODEFAULT or field.name != "stored")
        }
        return st.builds(struct, **made)

    return st.one_of(
        *(of(struct) for struct in get_args(union) if "person" not in struct.__struct_fields__)
    )


@given(st.lists(instances(AnyRequest), max_size=4), st.lists(st.integers(0, 2_000), max_size=5))
def test_any_requests_survive_encoding_any_split_and_decoding(
    requests: list[Any], cuts: list[int]
) -> None:
    data = b"".join(encode(request) + b"\n" for request in requests)
    framer = Framer()
    places = sorted(cut % (len(data) + 1) for cut in cuts)
    frames = []
    for begin, end in zip([0, *places], [*places, len(data)], strict=True):
        frames += framer.feed(data[begin:end])

    decoded = [decode_request(frame) for frame in frames]
    assert list(map(type, decoded)) == list(map(type, requests))
    assert list(map(encode, decoded)) == list(map(encode, requests))


@given(instances(AnyEvent))
def test_any_event_survives(event: Any) -> None:
    assert decode_incoming(encode(event)) == event


@given(st.binary(max_size=200))
def test_garbage_is_refused(data: bytes) -> None:
    for decode in (decode_request, decode_incoming, lambda frame: decode_reply(frame, Reply)):
        with contextlib.suppress(ProtocolError):
            decode(data)


@given(st.recursive(st.none() | texts | times, lambda inner: st.dictionaries(texts, inner)))
def test_json_that_is_no_request_is_a_bad_request(value: Any) -> None:
    with pytest.raises(ProtocolError):
        decode_request(json.dumps({"action": "nonsense", "x": value}).encode())


@pytest.mark.parametrize(
    "frame",
    [
        b"{", b'{"action": "quit"', b"nonsense", b'{"action": "quit", "time": NaN}',
        b'{"action": "quit", "time": 1e999}', b'{"action": "\xff"}', b'{"action": "\\ud800"}',
        b'{"action": "quit", "x": ' + b"[" * 5_000 + b"]" * 5_000 + b"}",
    ],
)  # fmt: skip
def test_bytes_that_are_not_json_break_the_stream(frame: bytes) -> None:
    with pytest.raises((BrokenStream, BadRequest)):
        decode_request(frame)


@pytest.mark.parametrize(
    "frame",
    [
        b'{"action": "fly"}', b"{}", b'{"action": 5}', b'{"action": "msg", "to": 5}',
        b'{"action": "msg"}', b'{"action": "presence", "user": "ann"}', b'{"time": 1}',
        b'{"action": "message", "mess_text": "hi"}',
    ],
)  # fmt: skip
def test_a_wrong_request_says_what_is_wrong(frame: bytes) -> None:
    with pytest.raises(BadRequest) as refused:
        decode_request(frame)

    assert refused.value.text
    assert not refused.value.fatal


@pytest.mark.parametrize("time", ["1", "1.5", '"Mon Nov 23"', "null", "[]", "{}"])
def test_time_may_be_anything(time: str) -> None:
    request = decode_request(b'{"action": "quit", "time": %s}' % time.encode())

    assert request.time == json.loads(time)


def test_unknown_keys_are_ignored() -> None:
    frame = b'{"action": "msg", "to": "bob", "message": "hi", "colour": "red"}'

    assert decode_request(frame) == SendMessage(to="bob", message="hi")


def test_client_name_may_replace_account_name() -> None:
    request = decode_request(b'{"action": "presence", "user": {"client_name": "ann"}}')

    assert isinstance(request, Presence)
    assert request.user.name == "ann"


@pytest.mark.parametrize(("id", "found"), [("7", 7), ('"x"', "x"), ("true", None), ("[1]", None)])
def test_the_id_of_an_invalid_request_is_found_for_its_reply(id: str, found: object) -> None:
    assert request_id(b'{"action": "fly", "id": %s}' % id.encode()) == found


@pytest.mark.parametrize("response", ['"202"', "202"])
def test_a_code_may_be_a_string(response: str) -> None:
    reply = decode_reply(b'{"response": %s, "alert": "[]"}' % response.encode(), People)

    assert reply.code == 202


def test_a_reply_is_told_from_an_event() -> None:
    frame = encode(Stored(200, seq=3))

    assert decode_incoming(frame) == frame
    assert decode_reply(frame, Stored).seq == 3


def test_errors_go_over_the_wire_and_back() -> None:
    reply = decode_reply(encode(refusal(TooMany("Too fast", retry_after=1.5))), Reply)

    back = error_for(reply.code, reply.error or "", reply.retry_after)

    assert isinstance(back, TooMany)
    assert (back.text, back.retry_after) == ("Too fast", 1.5)


def test_1xx_and_2xx_are_successes() -> None:
    assert [code for code in Code if is_success(code)] == [code for code in Code if code < 300]


def test_a_password_is_not_in_a_repr() -> None:
    user = User("ann", password="hunter2", token="tok")

    assert "hunter2" not in repr(Authenticate(user=user)) + repr(user)


def test_a_message_knows_its_conversation() -> None:
    message = Message(time=1, to="bob", from_="ann", message="hi")

    assert (message.conversation("ann"), message.conversation("bob")) == ("bob", "ann")
    assert Message(time=1, to="#all", from_="ann", message="hi").conversation("bob") == "#all"


@given(texts)
def test_a_name_is_good_or_refused_with_a_reason(name: str) -> None:
    for check in (check_account, check_room, lambda text: check_line("A status", text)):
        with contextlib.suppress(BadRequest):
            check(name)
    if is_room(name):
        with pytest.raises(BadRequest):
            check_account(name)


@pytest.mark.parametrize(
    "frame",
    [
        b'{"response": "abc"}',
        b'{"response": 1000000000000}',
        b'{"response": 429, "retry_after": 1e300}',
        b'{"response": 200, "seq": -1}',
        b'{"response": 200, "seq": 9223372036854775808}',
    ],
)
def test_a_reply_with_a_number_out_of_its_bounds_is_refused(frame: bytes) -> None:
    with pytest.raises(BadRequest):
        decode_reply(frame, Stored)


@pytest.mark.parametrize("number", [-1, 2**53, 2**63, 10**30])
def test_an_event_with_a_number_out_of_its_bounds_is_refused(number: int) -> None:
    event = {"action": "receipt", "conversation": "名前", "from": "ann", "delivered": number}
    with pytest.raises(BadRequest):
        decode_incoming(json.dumps(event).encode())


def test_an_invalid_message_of_a_page_keeps_its_number_and_affects_no_other() -> None:
    good = {"action": "msg", "time": 1, "to": "#dev", "from": "Иван", "message": "hi"}
    page = {
        "response": 200,
        "conversation": "#dev",
        "messages": [
            {**good, "seq": 1},
            {**good, "seq": 2, "guest": "x"},
            {**good, "seq": 2**70},
            "no message",
            {**good, "seq": 3},
        ],
        "last": 3,
    }

    found = decode_reply(json.dumps(page).encode(), HistoryPage)

    assert [(one.seq, one.message) for one in found.messages] == [(1, "hi"), (2, ""), (3, "hi")]
    assert found.messages[1].encoding == UNDECODABLE


def test_an_invalid_element_of_a_list_is_omitted() -> None:
    messages = [{"seq": 1, "from": "ann", "message": "{}"}, {"seq": "two"}, 5]
    reply = {"response": 200, "to_device": messages, "last": 1}

    found = decode_reply(json.dumps(reply).encode(), InboxPage)

    assert [one.seq for one in found.to_device] == [1]
