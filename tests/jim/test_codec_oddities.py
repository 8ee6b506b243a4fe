"""What comes from a program that is not ours is taken as far as it can be meant."""

import json
from typing import Any

import pytest

from messenger.jim.accounts import Password, Register
from messenger.jim.base import Reply
from messenger.jim.codec import (
    AnyEvent,
    Confirmation,
    decode_incoming,
    decode_refusal,
    decode_reply,
    decode_request,
    encode,
    refusal,
    request_id,
)
from messenger.jim.contacts import People, listed_in
from messenger.jim.devices import DevicesChanged, PublishKeys
from messenger.jim.errors import BackupFull, BadRequest, BrokenStream, OutdatedDevices
from messenger.jim.framing import Framer
from messenger.jim.history import HistoryPage
from messenger.jim.messages import UNDECODABLE, Message, SendMessage, Stored
from messenger.jim.names import check_line, check_new_account
from messenger.jim.rooms import Join
from messenger.jim.session import User
from messenger.language import Phrase


def frame(**keys: Any) -> bytes:
    return json.dumps(keys).encode()


# --- requests ----------------------------------------------------------------------------------


def test_an_answer_to_a_message_confirms_it() -> None:
    assert decode_request(frame(response=200, alert="OK")) == Confirmation()


@pytest.mark.parametrize(
    ("sent", "why"),
    [
        (b"[]", 'must have an "action"'),
        (b"7", 'must have an "action"'),
        (frame(time=1), 'must have an "action"'),
        (frame(action=7), 'must have an "action"'),
        (frame(action="dance"), "Unknown action 'dance'; a message, for example"),
        (frame(action="join"), "join: "),
        (frame(action="join", room=7), "join: "),
    ],
)
def test_what_is_json_and_no_request_says_what_one_is(sent: bytes, why: str) -> None:
    with pytest.raises(BadRequest, match=why):
        decode_request(sent)


@pytest.mark.parametrize("sent", [b"", b"{", b"{'action': 1}", b'{"action": "\xff"}'])
def test_what_is_no_json_breaks_the_stream(sent: bytes) -> None:
    with pytest.raises(BrokenStream):
        decode_request(sent)
    with pytest.raises(BrokenStream):
        decode_incoming(sent)


@pytest.mark.parametrize(
    ("sent", "found"),
    [
        (frame(id="名前"), "名前"),
        (frame(id=7), 7),
        (frame(id=True), None),
        (frame(id=[7]), None),
        (frame(), None),
        (b"[]", None),
        (b"\xff", None),
    ],
)
def test_the_id_of_what_is_refused_is_repeated_where_there_is_one(
    sent: bytes, found: object
) -> None:
    assert request_id(sent) == found


@pytest.mark.parametrize(
    "keys",
    [
        {"message": "a\0b"},
        {"message": "as written: \\u0000"},
        {"message": "", "time": "\0"},
        {"message": "", "of another program": {"\0": ["\0"]}},
    ],
)
def test_a_text_that_is_stored_as_json_may_have_any_character(keys: dict[str, Any]) -> None:
    request = decode_request(frame(action="msg", to="bob", **keys))

    assert isinstance(request, SendMessage)
    assert request.message == keys["message"]
    # A key of a device is stored as it was written, with its escapes.
    published = decode_request(frame(action="publish", one_time_keys={"id": {"key": "\0"}}))
    assert isinstance(published, PublishKeys)


@pytest.mark.parametrize(
    ("keys", "where"),
    [
        ({"action": "search", "prefix": "a\0"}, "search: prefix"),
        ({"action": "msg", "to": "bob", "message": "", "id": "\0"}, "msg: id"),
        ({"action": "msg", "to": "bob", "message": "", "from": "\0"}, "msg: from"),
        ({"action": "presence", "user": {"account_name": "\0"}}, "presence: user"),
        ({"action": "publish", "one_time_keys": {"\0": {}}}, "publish: one_time_keys"),
        ({"action": "publish", "identity": {"a": [[{"b": "\0"}]]}}, "publish: identity"),
        ({"action": "backup", "keys": {"a": "\0"}}, "backup: keys"),
    ],
)
def test_a_text_that_a_database_would_have_to_store_has_no_nul(
    keys: dict[str, Any], where: str
) -> None:
    with pytest.raises(BadRequest, match=f"^{where} cannot contain the character U"):
        decode_request(frame(**keys))


def test_a_nul_is_found_however_deep_it_is() -> None:
    deep = b"[" * 500 + rb'"\u0000"' + b"]" * 500

    with pytest.raises(BadRequest, match=r"identity cannot contain the character U"):
        decode_request(b'{"action": "publish", "identity": {"a": %b}}' % deep)


def test_no_password_is_shown_by_what_is_logged() -> None:
    user = User("Иван", password="secret")

    assert "secret" not in f"{user} {Register(user=user)} {Password(old='secret', new='secret')}"
    assert User(client_name="Иван").name == "Иван"
    assert Join(room="#кафе").room == "#кафе"


# --- events ------------------------------------------------------------------------------------


def event(**keys: Any) -> AnyEvent:
    found = decode_incoming(frame(**keys))
    assert not isinstance(found, bytes)
    return found


@pytest.mark.parametrize("time", ["yesterday", None, [1], {}])
def test_a_message_of_a_plain_server_may_have_any_time(time: object) -> None:
    message = event(action="msg", time=time, to="a", **{"from": "b"}, message="hi")

    assert isinstance(message, Message)
    assert (message.time, message.message) == (0, "hi")


@pytest.mark.parametrize(
    "sent", [b"[]", frame(action="msg", time=1), frame(action="karaoke"), b'"hi"']
)
def test_an_event_that_is_none_is_refused(sent: bytes) -> None:
    with pytest.raises(BadRequest):
        decode_incoming(sent)


# --- replies -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("keys", "alert"),
    [
        ({"response": "200"}, None),
        ({"response": 200, "time": "now"}, None),
        ({"response": 200, "alert": ["a", "b"]}, "['a', 'b']"),
        ({"response": 200, "time": None, "alert": {"a": 1}}, "{'a': 1}"),
    ],
)
def test_a_reply_of_a_plain_server_may_be_odd(keys: dict[str, Any], alert: str | None) -> None:
    reply = decode_reply(frame(**keys), Reply)

    assert (reply.code, reply.alert) == (200, alert)


@pytest.mark.parametrize(
    "sent", [b"[]", b"7", b"\xff", b"", frame(response=-1), frame(response="ok"), b'{"response":']
)
def test_a_reply_that_is_none_is_not_understood(sent: bytes) -> None:
    with pytest.raises(BadRequest):
        decode_reply(sent, Reply)


def test_an_element_that_is_not_what_it_should_be_costs_itself() -> None:
    people = decode_reply(
        frame(response=200, people=[{"account_name": "bob"}, {"account_name": 7}, 7]), People
    )

    assert [one.account_name for one in people.people] == ["bob"]


def test_a_message_that_cannot_be_decoded_keeps_its_place() -> None:
    whole = {"action": "msg", "time": 1, "to": "a", "from": "b", "message": "hi", "seq": 1}
    history = decode_reply(
        frame(
            response=200,
            messages=[whole, whole | {"message": 7, "seq": 2}, {"seq": 3}, whole | {"seq": 4}],
        ),
        HistoryPage,
    )

    assert [(one.seq, one.encoding) for one in history.messages] == [
        (1, "utf-8"),
        (2, UNDECODABLE),
        (4, "utf-8"),
    ]


@pytest.mark.parametrize(
    ("alert", "names"),
    [("['a', 'b%41']", ["a", "b%41"]), ("[1, 'a']", ["a"]), ("{}", []), ("[", []), (None, [])],
)
def test_a_list_in_an_alert_is_read(alert: str | None, names: list[str]) -> None:
    assert listed_in(alert) == names


# --- refusals ----------------------------------------------------------------------------------


def test_a_refusal_that_lists_devices_is_read_as_it_was_meant() -> None:
    changes = DevicesChanged(409, version="a version")
    sent = encode(refusal(OutdatedDevices("The devices have changed", changes)))

    error = decode_refusal(sent, decode_reply(sent, Reply))

    assert isinstance(error, OutdatedDevices)
    assert error.changes.version == "a version"
    assert str(error) == "The devices have changed"


def test_a_refusal_of_a_kind_is_an_error_of_that_kind() -> None:
    sent = encode(refusal(BackupFull("No room")))

    assert isinstance(decode_refusal(sent, decode_reply(sent, Reply)), BackupFull)


def test_a_refusal_without_a_text_says_its_code() -> None:
    assert str(decode_refusal(b"{}", Reply(418))) == "Refused (418)"


def test_what_is_stored_has_a_number() -> None:
    assert decode_reply(encode(Stored(200, seq=7)), Stored).seq == 7


# --- framing and names -------------------------------------------------------------------------


def test_a_control_character_inside_a_text_breaks_the_stream() -> None:
    framer = Framer()

    assert framer.feed(b'{"a": "b"} {"a": "\x01"}') == [b'{"a": "b"}']
    assert isinstance(framer.error, BrokenStream)
    assert framer.feed(b'{"a": 1}') == []


@pytest.mark.parametrize("line", ["x" * 251, "two\nlines", "a\u2028b"])
def test_a_line_is_short_and_one(line: str) -> None:
    with pytest.raises(BadRequest):
        check_line(Phrase("A topic"), line)


@pytest.mark.parametrize("name", ["ﷺ" * 5, "\u0301a", "x" * 26, "a\u200bb", "", " a", "#room"])
def test_a_name_that_nobody_could_read_is_nobodys(name: str) -> None:
    with pytest.raises(BadRequest):
        check_new_account(name)
