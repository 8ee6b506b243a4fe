"""What plain clients do: one object per `send`, no newline, `recv(1024)`."""

import contextlib
import json
import socket
import time
from collections.abc import Callable
from typing import Any

import pytest

from tests.running import PASSWORD, RunningServer, Talker

Talkers = Callable[..., Talker]
Names = Callable[[str], str]


def test_r01_a_presence_is_answered_with_200_and_an_alert(talker: Talkers, name: Names) -> None:
    answer = talker(newline=False).guest(name("ann"))

    assert answer["response"] == 200
    assert answer["alert"]
    assert isinstance(answer["time"], float)


def test_two_plain_clients_talk_person_to_person(talker: Talkers, name: Names) -> None:
    ann, bob = talker(newline=False), talker(newline=False)
    ann.guest(name("ann"))
    bob.guest(name("bob"))

    sent = {"time": 5, "to": bob.name, "from": ann.name, "message": "привет"}
    assert ann.ask("msg", **sent)["response"] == 200

    got = bob.receive()
    assert got == {"action": "msg", "encoding": "utf-8", **sent}
    assert list(got) == ["action", "time", "to", "from", "encoding", "message"]


@pytest.mark.parametrize("everyone", ["#", "#all"])
def test_r14_the_common_chat_goes_to_all_connected_clients(
    talker: Talkers, name: Names, everyone: str
) -> None:
    links = [talker(newline=False) for _ in range(3)]
    for number, link in enumerate(links):
        link.guest(name(f"u{number}"))

    text = name("hello")
    assert links[0].ask("msg", to=everyone, message=text)["response"] == 200

    for link in links[1:]:
        while (got := link.receive())["message"] != text:
            pass
        assert (got["to"], got["from"]) == (everyone, links[0].name)


def test_a_plain_client_joins_a_room_writes_and_receives(talker: Talkers, name: Names) -> None:
    ann, bob = talker(newline=False), talker(newline=False)
    ann.guest(name("ann"))
    bob.guest(name("bob"))
    room = name("#room")

    assert ann.ask("join", room=room)["response"] == 200
    assert bob.ask("join", room=room)["response"] == 200
    assert bob.ask("msg", to=room, message="hi")["response"] == 200
    assert ann.event("msg")["to"] == room
    assert bob.ask("leave", room=room)["response"] == 200
    assert bob.ask("msg", to=room, message="hi")["response"] == 404


def test_a_plain_client_logs_in_with_a_password(talker: Talkers, name: Names) -> None:
    link = talker(newline=False)
    link.register(name("ann"))

    assert link.log_in(name("ann"), "wrong password")["response"] == 402
    assert link.log_in(name("ann"))["response"] == 200
    assert link.ask("presence", user={"account_name": name("ann")})["response"] == 200


def test_a_presence_alone_does_not_log_in_a_registered_name(talker: Talkers, name: Names) -> None:
    talker().register(name("ann"))

    answer = talker(newline=False).guest(name("ann"))

    assert answer["response"] == 401
    assert "authenticate" in answer["error"]


def test_r22_contacts_are_listed_added_and_removed_as_given(talker: Talkers, name: Names) -> None:
    ann = talker(newline=False)
    talker().register(name("nick_1"))
    talker().register(name("nick_2"))
    ann.register(name("ann"))
    ann.log_in(name("ann"))

    for contact in ("nick_1", "nick_2"):
        answer = ann.ask("add_contact", user_id=name(contact), user_login=name("ann"))
        assert answer["response"] == 200
    answer = ann.ask("get_contacts", user_login=name("ann"))
    assert answer["response"] == "202"
    assert answer["alert"] == str(sorted([name("nick_1"), name("nick_2")]))

    answer = ann.ask("del_contact", user_id=name("nick_1"), user_login=name("ann"))
    assert answer["response"] == 200
    assert ann.ask("get_contacts")["alert"] == f"['{name('nick_2')}']"


def test_the_contacts_of_somebody_else_are_not_shown(talker: Talkers, name: Names) -> None:
    ann = talker(newline=False)
    ann.guest(name("ann"))

    assert ann.ask("get_contacts", user_login=name("bob"))["response"] == 403


def test_an_operator_may_have_contacts_as_a_list(own_server: Callable[..., RunningServer]) -> None:
    server = own_server(toml='contacts_alert = "list"')
    with Talker(server.port, newline=False) as ann:
        ann.guest("ann")
        answer = ann.ask("get_contacts", user_login="ann")

    assert (answer["response"], answer["alert"]) == (202, [])


def test_a_name_in_use_is_answered_with_409_and_the_connection_closed(
    talker: Talkers, name: Names
) -> None:
    talker(newline=False).guest(name("ann"))
    second = talker(newline=False)

    assert second.guest(name("ann"))["response"] == 409
    assert second.is_closed()


def test_client_name_is_taken_for_account_name(talker: Talkers, name: Names) -> None:
    link = talker(newline=False)

    assert link.ask("presence", user={"client_name": name("ann")})["response"] == 200


def test_the_same_presence_twice_is_answered_twice(talker: Talkers, name: Names) -> None:
    link = talker(newline=False)

    assert [link.guest(name("ann"))["response"] for _ in range(2)] == [200, 200]


@pytest.mark.parametrize("written", [1, 1.5, "Mon Nov 23 09:00:00 2026", None, [1], {}, 1e300])
def test_time_may_be_anything_and_a_number_is_passed_on(
    talker: Talkers, name: Names, written: object
) -> None:
    ann, bob = talker(), talker(newline=False)
    ann.guest(name("ann"))
    bob.guest(name("bob"))

    assert ann.ask("msg", to=bob.name, message="x", time=written)["response"] == 200

    passed = bob.receive()["time"]
    assert passed == written or abs(passed - time.time()) < 60


def test_a_foreign_sender_is_refused_and_a_missing_one_filled_in(
    talker: Talkers, name: Names
) -> None:
    ann, bob = talker(), talker()
    ann.guest(name("ann"))
    bob.guest(name("bob"))

    refused = ann.ask("msg", **{"to": bob.name, "from": bob.name, "message": "x"})
    assert refused["response"] == 403
    ann.ask("msg", to=bob.name, message="x")
    assert bob.event("msg")["from"] == ann.name


def test_unknown_keys_are_passed_on_only_to_clients_that_read_lines(
    talker: Talkers, name: Names
) -> None:
    ann, lines, bare = talker(), talker(), talker(newline=False)
    ann.guest(name("ann"))
    lines.guest(name("lines"))
    bare.guest(name("bare"))
    room = name("#r")
    for link in (ann, lines, bare):
        link.ask("join", room=room)

    ann.ask("msg", to=room, message="10:30", mood={"a": [1]}, encoding="ascii")

    assert lines.event("msg")["mood"] == {"a": [1]}
    got = bare.receive()
    assert "mood" not in got
    assert (got["message"], got["encoding"]) == ("10:30", "ascii")


def test_a_client_without_newlines_gets_each_object_by_itself(talker: Talkers, name: Names) -> None:
    ann, bob = talker(), talker(newline=False)
    ann.guest(name("ann"))
    bob.guest(name("bob"))

    for number in range(5):
        ann.send("msg", to=bob.name, message=str(number))

    assert [bob.receive()["message"] for _ in range(5)] == list("01234")


def test_a_frame_is_escaped_if_that_fits_and_raw_otherwise(talker: Talkers, name: Names) -> None:
    ann, bob = talker(), talker(newline=False)
    ann.guest(name("ann"))
    bob.guest(name("bob"))

    # Escaped, the longest names take 300 bytes each.
    ann.send("msg", to=bob.name, message="ы" * 40)
    assert b"\\u044b" in bob.socket.recv(1024)
    ann.send("msg", to=bob.name, message="ы" * 300)
    assert json.loads(bob.socket.recv(1024))["message"] == "ы" * 300


def test_padded_indented_and_split_objects_are_understood(talker: Talkers, name: Names) -> None:
    link = talker(newline=False)
    user = {"account_name": name("ann")}
    presence = {"action": "presence", "user": user}

    link.send_raw(json.dumps(presence).encode().ljust(640))
    assert link.receive()["response"] == 200
    link.send_raw(json.dumps(presence, indent=4).encode())
    assert link.receive()["response"] == 200
    data = json.dumps(presence).encode()
    for index in range(0, len(data), 7):
        link.send_raw(data[index : index + 7])
        time.sleep(0.001)
    assert link.receive()["response"] == 200


def test_several_requests_at_once_are_answered_in_order(talker: Talkers, name: Names) -> None:
    link = talker()
    link.guest(name("ann"))
    requests = [
        {"action": "msg", "to": "#all", "message": "x", "id": 1},
        {"action": "msg", "to": "nobody", "message": "x", "id": 2},
        {"action": "get_contacts", "id": 3},
        {"action": "msg", "to": "#all", "message": "x", "id": 4},
        {"action": "nonsense", "id": 5},
        {"action": "msg", "to": link.name, "message": "x", "id": 6},
    ]

    link.send_raw(b"".join(json.dumps(request).encode() for request in requests))

    replies: list[dict[str, Any]] = []
    while len(replies) < len(requests):
        replies += [one for one in [link.receive()] if "response" in one]
    assert [one["id"] for one in replies] == [1, 2, 3, 4, 5, 6]
    assert [one["response"] for one in replies] == [200, 404, "202", 200, 400, 200]


@pytest.mark.parametrize(
    "wrong",
    [
        {"action": "message", "mess_text": "hi"},
        {"action": "msg"},
        {"action": "msg", "to": 5, "message": "x"},
        {"action": 5},
        {"no": "action"},
        {"action": "presence"},
    ],
)
def test_a_wrong_request_is_answered_with_400_and_the_connection_stays(
    talker: Talkers, name: Names, wrong: dict[str, object]
) -> None:
    link = talker(newline=False)
    link.guest(name("ann"))

    link.send_raw(json.dumps(wrong).encode())

    answer = link.receive()
    assert answer["response"] == 400
    assert answer["error"]
    assert link.ask("get_contacts")["response"] == "202"


@pytest.mark.parametrize(
    "garbage", [b"GET / HTTP/1.1\r\n\r\n", b"[]", b'{"a" 1}', b'{"a":"\x01"}', b"\xff\xfe{}", b"}"]
)
def test_broken_json_is_answered_with_400_and_the_connection_closed(
    talker: Talkers, garbage: bytes
) -> None:
    link = talker(newline=False)

    link.send_raw(garbage)

    assert link.receive()["response"] == 400
    assert link.is_closed()


def test_a_client_that_goes_on_writing_reads_why_its_connection_ends(
    talker: Talkers, name: Names
) -> None:
    link = talker()
    link.guest(name("ann"))
    link.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)

    request = json.dumps({"action": "presence", "user": {"account_name": link.name}}).encode()
    link.send_raw((request + b"\n") * 1000 + b"GET / HTTP/1.1\r\n\r\n")
    with contextlib.suppress(OSError):
        for _ in range(30):
            link.send_raw(b"x" * 10_000)
            time.sleep(0.01)

    assert [link.receive()["response"] for _ in range(1001)] == [*[200] * 1000, 400]
    assert link.is_closed()


def test_requests_before_broken_json_are_answered_first(talker: Talkers, name: Names) -> None:
    link = talker()
    link.guest(name("ann"))

    link.send_raw(b'{"action":"msg","to":"#all","message":"x","id":7}\nGET')

    assert link.receive()["id"] == 7
    assert link.receive()["response"] == 400
    assert link.is_closed()


def test_quit_closes_the_connection(talker: Talkers, name: Names) -> None:
    link = talker(newline=False)
    link.guest(name("ann"))

    link.send_raw(b'{"action": "quit"}')

    assert link.is_closed()


def test_before_login_only_requests_that_lead_to_it_are_allowed(talker: Talkers) -> None:
    link = talker()

    for action, keys in (
        ("msg", {"to": "x", "message": "x"}),
        ("join", {"room": "#x"}),
        ("get_contacts", {}),
        ("history", {"conversation": "#all"}),
        ("search", {"prefix": "a"}),
    ):
        assert link.ask(action, **keys)["response"] == 401


@pytest.mark.sqlite
def test_r28_no_password_is_in_the_database_or_the_log(
    own_server: Callable[..., RunningServer],
) -> None:
    server = own_server("--log-level", "DEBUG")
    with Talker(server.port) as link:
        link.register("ann")
        link.log_in("ann")
        link.ask("msg", to="#all", message="a very secret sentence")
    server.stop()

    assert PASSWORD not in server.log()
    assert "a very secret sentence" not in server.log()
    files = [file for file in server.data.glob("messenger.db*") if file.is_file()]
    assert files
    assert not any(PASSWORD.encode() in file.read_bytes() for file in files)
