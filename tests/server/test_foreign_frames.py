"""A sender's keys never replace those of the server, nor break the clients that receive them."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import text

from messenger.jim.codec import decode_incoming, decode_message, encode
from messenger.jim.messages import Message
from messenger.server.frames import (
    PlainFrame,
    extras_of,
    for_lines,
    for_recv,
    numbered,
    with_extras,
    with_full_name,
    with_number,
)
from messenger.server.store import database
from messenger.server.store.messages import MessageRow
from tests.running import RunningServer, Talker

Talkers = Callable[..., Talker]
Names = Callable[[str], str]
Servers = Callable[..., RunningServer]

POISON = (
    '"guest":"x"', '"seq":"x"', '"seq":-5,"stored":[]', '"stored":{}', '"response":200',
    '"s\\u0065q":"x"', '"response":"abc","seq":1', '"error":{},"alert":[]', '"retry_after":"never"',
    '"id":{}', '"id":7', '"from":"{me}","fr\\u006fm":"{me}"',
    '"time":{},"time":[]', '"x":{"seq":\n1}', '"x":1,"x":2', '"seq":"x","seq":"y"',
)  # fmt: skip


def row(frame: bytes) -> MessageRow:
    """Return a message as the log has it."""
    return MessageRow(7, frame.decode(), "m1", 5.0, guest=False)


@pytest.mark.parametrize("poison", POISON)
def test_no_key_of_a_sender_breaks_a_client(
    logged_in: Talkers, talker: Talkers, name: Names, poison: str
) -> None:
    """Live and from the history, with numbers and without, a client gets the server's values."""
    bob, ann, plain = logged_in(name("bob")), logged_in(name("ann")), talker()
    plain.guest(name("gus"))
    room = name("#комната")
    for link in (bob, ann, plain):
        link.ask("join", room=room)

    more = poison.replace("{me}", ann.name)
    ann.send_raw(f'{{"action":"msg","to":"{room}","message":"Привет",{more}}}\n'.encode())
    answer = ann.receive()
    while "response" not in answer:
        answer = ann.receive()
    if answer["response"] == 400:
        return  # refused is right, too

    live = bob.event("msg")
    stored = bob.ask("history", conversation=room, after=0)["messages"][-1]
    assert stored == live
    message = decode_incoming(json.dumps(live).encode())
    assert isinstance(message, Message)
    assert (message.from_, message.message, message.guest) == (ann.name, "Привет", False)
    assert message.seq == stored["seq"] == 1
    assert "response" not in live
    assert plain.event("msg")["message"] == "Привет"


def test_unknown_keys_are_passed_on_each_once(
    logged_in: Talkers, talker: Talkers, name: Names
) -> None:
    ann, bob = logged_in(name("ann")), talker()
    bob.guest(name("bob"))
    lines = '{\\n "action": "msg", "to": "' + bob.name + '", "message": "a:b", "colour": "red", '
    more = '"colour": "blue", "place": {"x": [1,\\n 2]}}'

    ann.send_raw((lines + more).replace("\\n", "\n").encode())
    assert ann.receive()["response"] == 200

    got = bob.event("msg")
    assert got["colour"] == "blue"
    assert got["place"] == {"x": [1, 2]}


@pytest.mark.parametrize("deep", ["[" * 40 + "]" * 40, '{"a":' * 20 + "1" + "}" * 20])
def test_keys_that_no_client_could_skip_are_refused(
    talker: Talkers, name: Names, deep: str
) -> None:
    ann = talker()
    ann.guest(name("ann"))

    ann.send_raw(f'{{"action":"msg","to":"#all","message":"x","deep":{deep}}}\n'.encode())

    assert ann.receive()["response"] == 400
    assert ann.ask("msg", to="#all", message="on")["response"] == 200


def test_logs_of_earlier_versions_are_read_without_harm(
    own_server: Servers, tmp_path: Path
) -> None:
    """Frames from the log are valid, in a page and live."""
    server = own_server("--limits", "off")
    with Talker(server.port) as link:
        link.register("ann")
        link.register("bob")
        link.log_in("ann")
        for number in range(4):
            link.ask("msg", to="bob", message=f"{number}")
    server.stop()
    spoilt = (
        '"guest":"x"',
        '"seq":"x","stored":[]',
        '"response":200',
        '"deep":' + "[" * 900 + "]" * 900,
    )
    engine = server.open_database()
    with database.writer(engine) as connection, connection.begin():
        for number, extra in enumerate(spoilt):
            frame = encode(PlainFrame(1, "bob", "ann", "utf-8", f"{number}"))
            values = {"frame": f"{frame[:-1].decode()},{extra}}}", "old": f'%"message":"{number}"%'}
            change = text("UPDATE messages SET frame = :frame WHERE frame LIKE :old")
            connection.execute(change, values)
    engine.dispose()
    server.start()

    with Talker(server.port) as ours, Talker(server.port) as plain:
        ours.log_in_fully("bob")
        found = ours.ask("history", conversation="ann", after=0)["messages"]
        plain.log_in("bob")

        assert [(one["seq"], one["message"]) for one in found] == [
            (n + 1, f"{n}") for n in range(4)
        ]
        assert all(isinstance(decode_incoming(json.dumps(one).encode()), Message) for one in found)
        for number in range(4):
            got = plain.event("msg")
            assert got["message"] == f"{number}"
            assert not got.keys() & {"guest", "seq", "stored", "response", "deep"}


keys = st.text(max_size=5) | st.sampled_from(
    ["seq", "stored", "guest", "id", "response", "error", "time", "to", "action", "devices"]
)
values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**60), 2**60) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(keys, inner, max_size=2),
    max_leaves=5,
)


@given(st.dictionaries(keys, values, max_size=4), st.text(max_size=20), st.sampled_from("#x"))
def test_every_frame_is_valid_for_every_client(extras: dict[str, Any], said: str, to: str) -> None:
    """Whatever was spliced in, also by an earlier version, the server's keys are its own."""
    plain = encode(PlainFrame(1.5, to, "ann", "utf-8", said))
    sent = encode(extras | {"action": "msg", "to": to, "message": said})
    ours = with_extras(plain, extras_of(sent))
    known = {"action", "time", "to", "from", "encoding", "message"}
    theirs = with_extras(plain, {key: extras[key] for key in extras.keys() - known})
    for frame in (
        with_number(with_full_name(ours), 7, b"5", "m1", guest=False),
        numbered(row(ours)),
        numbered(row(theirs)),
    ):
        assert frame.count(b"\n") == 1
        message = decode_message(frame)
        assert (message.seq, message.id, message.stored, message.guest) == (7, "m1", 5, False)
        assert message.to == ("#all" if to == "#" else to)
        assert "response" not in json.loads(frame)
        assert len(json.loads(frame, object_pairs_hook=list)) == len(json.loads(frame))
    for made in (for_lines, for_recv):
        assert json.loads(made(ours))["to"] == to
