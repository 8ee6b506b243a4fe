"""What public JIM clients send, and how the server handles it."""

import json
from collections.abc import Callable
from typing import Any, get_args

import pytest
from msgspec import structs

from messenger.jim.codec import AnyRequest
from tests.running import RunningServer, Talker, running

Talkers = Callable[..., Talker]
Names = Callable[[str], str]
Servers = Callable[..., RunningServer]


@pytest.mark.parametrize("newline", [True, False])
@pytest.mark.parametrize(
    "confirmation",
    ['{"response": "200", "alert": "OK"}', '{"response": 200}',
     '{"response": [1, {}], "time": "x"}',
     '{"time": 1, "response": {"a": null}, "id": [1]}', '{"action": null, "response": true}'],
)  # fmt: skip
def test_a_confirmation_of_a_message_is_not_answered(
    talker: Talkers, name: Names, confirmation: str, newline: bool
) -> None:
    link, writer = talker(newline=newline), talker()
    link.send_raw(confirmation.encode() + b"\n" * newline)  # some confirm before they come
    link.guest(name("Иван"))
    writer.guest(name("ann"))
    for number in range(3):
        writer.ask("msg", to=link.name, message=f"{number}")
        assert link.receive()["message"] == f"{number}"
        link.send_raw(confirmation.encode() + b"\n" * newline)

    assert link.ask("msg", to=writer.name, message="got it")["response"] == 200


def test_confirmed_or_not_a_message_counts_as_delivered(
    logged_in: Talkers, talker: Talkers, name: Names
) -> None:
    ann, plain = logged_in(name("ann")), talker()
    plain.register(name("bob"))
    plain.log_in(name("bob"))
    ann.ask("msg", to=name("bob"), message="hi", id="1")
    plain.receive()
    plain.send_raw(b'{"response": 200}\n')

    assert ann.event("receipt")["delivered"] == 1


@pytest.mark.parametrize("written", ["#", "#all"])
def test_to_is_passed_on_as_written_but_is_one_room(
    talker: Talkers, logged_in: Talkers, name: Names, written: str
) -> None:
    """A client would show a message to another name than the one it wrote to as a private one."""
    ours, lines, bare, writer = logged_in(name("ann")), talker(), talker(newline=False), talker()
    for link, who in ((lines, "bob"), (bare, "eve"), (writer, "gus")):
        link.guest(name(who))

    writer.ask("msg", to=written, message=name("hello"))

    for link, to in ((lines, written), (bare, written), (ours, "#all")):
        while (got := link.receive()).get("message") != name("hello"):
            pass
        assert got["to"] == to
    for room in ("#", "#all"):
        page = ours.ask("history", conversation=room, before=2**53 - 1)["messages"]
        assert page[-1]["to"] == "#all"
        assert page[-1]["message"] == name("hello")
        assert lines.ask("join", room=room)["response"] == 200
        assert lines.ask("leave", room=room)["response"] == 400
        assert lines.ask("members", room=room)["response"] == 200


def test_missed_messages_of_the_common_chat_arrive_as_written(own_server: Servers) -> None:
    server = own_server("--limits", "off")
    with Talker(server.port) as bob:
        bob.register("bob")
        bob.log_in("bob")
    with Talker(server.port) as ann, Talker(server.port) as again:
        ann.guest("ann")
        ann.ask("msg", to="#", message="in your absence")
        again.log_in("bob")

        assert again.event("msg")["to"] == "#"


@pytest.mark.parametrize("newline", [True, False])
def test_contacts_are_answered_with_200(talker: Talkers, name: Names, newline: bool) -> None:
    ann = talker(newline=newline)
    ann.register(name("ann"))
    talker().register(name("Боб"))
    ann.log_in(name("ann"))

    assert ann.ask("add_contact", user_id=name("Боб"))["response"] == 200
    assert ann.ask("add_contact", user_id=name("Боб"))["response"] == 200
    assert ann.ask("del_contact", user_id=name("Боб"))["response"] == 200


def test_nobody_is_their_own_contact(logged_in: Talkers, name: Names) -> None:
    """One dialect has the user's own name in user_id, and the other's in contact_id."""
    ann = logged_in(name("ann"))

    answer = ann.ask("add_contact", user_id=name("ann"), contact_id=name("bob"))

    assert answer["response"] == 400
    assert "user_id" in answer["error"]
    assert ann.ask("get_contacts")["contacts"] == []


@pytest.mark.parametrize(
    "foreign",
    [{"action": "message", "mess_text": "hi", "to": "bob", "time": 1},
     {"action": "message", "message_text": "hi", "sender": "a", "destination": "b"},
     {"action": "presence", "time": 1, "user": "ann"},
     {"response": 511, "data": "challenge", "action": "answer"}],
)  # fmt: skip
def test_another_dialect_gets_an_error_that_names_what_is_expected(
    talker: Talkers, name: Names, foreign: dict[str, Any]
) -> None:
    link = talker()
    link.guest(name("ann"))

    link.send_raw(json.dumps(foreign).encode())

    answer = link.receive()
    assert answer["response"] == 400
    assert len(answer["error"]) > 20
    assert link.ask("msg", to="#all", message="on")["response"] == 200


@pytest.mark.parametrize("time", ["Wed Nov 25 2026", 1.5, 1, None, [1], {"x": 1}, -1, 10**30, "🕐"])
def test_the_time_may_be_anything(talker: Talkers, name: Names, time: object) -> None:
    ann, bob = talker(), talker(newline=False)
    ann.guest(name("ann"))
    bob.guest(name("bob"))

    ann.send_raw(
        json.dumps({"action": "msg", "time": time, "to": bob.name, "message": "hi"}).encode()
    )

    assert ann.receive()["response"] == 200
    got = bob.receive()
    assert isinstance(got["time"], int | float)
    assert list(got) == ["action", "time", "to", "from", "encoding", "message"]


# --- wrong requests of every kind ---------------------------------------------------------------

FINE = {
    "user": {"account_name": "x"}, "to": "nobody", "message": "x", "room": "#nowhere",
    "account_name": "nobody", "user_id": "nobody", "conversation": "#all", "prefix": "x",
    "topic": "x", "devices": [], "messages": [], "to_device": [], "keys": {}, "device": "x",
    "data": "x", "verifier": "x", "code": "x", "token": "x", "backup": "x",
    "number": 1, "invitation": "x", "text": "x", "reason": "x", "changes": {}, "report": 1,
}  # fmt: skip
ODD: list[Any] = [
    10**30, 2**63, 2**53, -1, 1.5, True, None, "", "x" * 3000, "a\x00b", "\x00", "\n", [], {}, [[]],
    {"": {}}, [None], "#" * 300, "'; --", "%_\\", "😀" * 60,
]  # fmt: skip
FREE = ("time", "lang", "password", "old", "new")


def odd_requests() -> list[dict[str, Any]]:
    """Return requests of every action, each with one field that holds something odd."""
    found = []
    for request in get_args(AnyRequest):
        action = request.__struct_config__.tag
        fields = structs.fields(request)
        fine = {one.encode_name: FINE[one.name] for one in fields if one.required}
        for field in fields:
            odd = [{**fine, "action": action, field.encode_name: value} for value in ODD]
            found += odd if action not in ("quit", "logout") else []
    return found


def test_no_request_makes_the_server_fail(
    server: RunningServer, logged_in: Talkers, name: Names
) -> None:
    link = logged_in(name("ann"))
    requests = odd_requests()
    for request in requests:
        link.send_raw(json.dumps(request).encode() + b"\n")
        while "response" not in (answer := link.receive()):
            pass
        assert answer["response"] != 500, request
        assert answer["response"] in ("202", 200, 201, 400, 401, 402, 403, 404, 409, 413, 410)
    assert len(requests) > 1_000
    assert "Traceback" not in server.log()


@pytest.mark.parametrize(
    "broken",
    [b'{"action":"join","time":1,"room":1,"x":`}', b'{"room":1,"action":"join","x":}',
     b'{"action":5,"x":nul}', b'{"response":200,"x":tru}', b'{"action":"join","room":"\\ud800"}',
     b'{"action":"join","room":1,"x":\'a\'}',
     b'{"action":"receipt","conversation":[' + b"[" * 2000 + b"]" * 2000 + b"]}"],
)  # fmt: skip
def test_malformed_json_after_a_wrong_type_is_malformed_json(
    server: RunningServer, talker: Talkers, name: Names, broken: bytes
) -> None:
    link = talker()
    link.guest(name("ann"))

    link.send_raw(broken + b"\n")

    assert link.receive()["response"] == 400
    assert link.is_closed()
    assert "Traceback" not in server.log()


def test_every_allowed_text_is_delivered(tmp_path: Any) -> None:
    """However it is written: 16,000 characters of four bytes, escapes, control characters."""
    with running(tmp_path, "--limits", "off") as server, Talker(server.port) as ann:
        ann.register("bob")
        limits = ann.log_in_fully("bob")["limits"]
        for character in ("x", "漢", "😀", "\x01", '"', "\\", "\x00", "\u2028"):
            text = character * limits["text"]
            for as_ascii in (True, False):
                request = {"action": "msg", "to": "bob", "message": text}
                data = json.dumps(request, ensure_ascii=as_ascii).encode()
                assert len(data) < limits["object"]
                ann.send_raw(data + b"\n")
                assert ann.receive()["response"] == 200
        found = ann.ask("history", conversation="bob", after=0, limit=4)["messages"]
        assert {len(one["message"]) for one in found} == {16_000}
        assert ann.ask("msg", to="bob", message="x" * 16_001)["response"] == 413
        assert ann.ask("msg", to="bob", message="x")["response"] == 200
