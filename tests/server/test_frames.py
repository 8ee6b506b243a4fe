"""Frames of messages: what the log keeps, and what each kind of reader gets of it."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from messenger.crypto.devices import MEGOLM
from messenger.jim.codec import decode_message, encode
from messenger.server.frames import (
    PlainFrame,
    extras_of,
    for_lines,
    for_recv,
    numbered,
    stored_frame,
    with_extras,
    with_full_name,
    with_number,
)
from messenger.server.store.messages import MessageRow

TEXTS = st.text(st.characters(exclude_categories=("Cs",)), max_size=80)


def frame(to: str = "名前", text: str = "привет", encoding: str = "utf-8") -> bytes:
    return encode(PlainFrame(77.5, to, "Иван", encoding, text))


def row(kept: bytes, **changes: Any) -> MessageRow:
    values = dict.fromkeys(MessageRow._fields) | {
        "frame": kept.decode(),
        "seq": 7,
        "stored_at": 99.5,
        "sent_id": "an id",
        "guest": 0,
    }
    return MessageRow(**(values | changes))


# --- unknown keys ------------------------------------------------------------------------------

KEYS = st.text(min_size=1, max_size=8).filter(lambda key: key not in ("to", "from", "time", "id"))


@given(st.dictionaries(KEYS, st.integers() | TEXTS, max_size=4))
def test_keys_that_nobody_knows_are_passed_on(extras: dict[str, Any]) -> None:
    extras = {f"x {key}": value for key, value in extras.items()}
    sent = encode({"action": "msg", "to": "bob", "message": "hi", **extras})

    assert extras_of(sent) == extras
    made = json.loads(with_extras(frame(), extras))
    assert {key: value for key, value in made.items() if key in extras} == extras


def test_keys_of_the_servers_own_are_not() -> None:
    sent = encode({"action": "msg", "to": "bob", "seq": 99, "guest": True, "stored": 1, "x": 2})

    assert extras_of(sent) == {"x": 2}


@pytest.mark.parametrize("nested", [{}, []])
def test_what_is_nested_too_deep_is_refused(nested: Any) -> None:
    for _ in range(20):
        nested = {"a": nested} if isinstance(nested, dict) else [nested]

    with pytest.raises(ValueError, match="deep"):
        extras_of(encode({"action": "msg", "x": nested}))


@pytest.mark.parametrize("sent", [b"[]", b"no json", b'{"x": ' + b"[" * 20_000])
def test_what_cannot_be_read_is_refused(sent: bytes) -> None:
    with pytest.raises(ValueError, match=r"\w"):
        extras_of(sent)


# --- the log -----------------------------------------------------------------------------------


def test_a_frame_is_kept_as_it_is_sent() -> None:
    kept = with_extras(frame(), {"x": 1})

    assert stored_frame(row(kept)) == kept


@pytest.mark.parametrize(
    "added", [{"seq": 99}, {"response": 200}, {"guest": True}, {"x": [[[[]]]] * 20}], ids=repr
)
def test_what_an_earlier_version_let_pass_is_left_out(added: dict[str, Any]) -> None:
    kept = with_extras(frame(), added | {"y": 2})

    read = json.loads(stored_frame(row(kept)))

    assert set(read) - set(json.loads(frame())) <= {"x", "y"}
    assert read["message"] == "привет"


def test_what_it_let_pass_and_nobody_can_read_is_left_out_as_a_whole() -> None:
    deep: Any = []
    for _ in range(30):
        deep = [deep]

    assert json.loads(stored_frame(row(with_extras(frame(), {"x": deep})))) == json.loads(frame())


@given(TEXTS)
def test_a_client_that_asked_for_numbers_gets_them(text: str) -> None:
    message = decode_message(numbered(row(frame(text=text), guest=1)))

    assert (message.seq, message.stored, message.id, message.guest) == (7, 99.5, "an id", True)
    assert (message.to, message.from_, message.message) == ("名前", "Иван", text)


def test_the_common_chat_has_its_name_there_and_not_in_a_text() -> None:
    made = with_number(with_full_name(frame("#", '"to":"#",')), 1, b"2", None, guest=False)

    assert decode_message(made).to == "#all"
    assert decode_message(made).message == '"to":"#",'
    assert decode_message(made).id is None


# --- plain clients -----------------------------------------------------------------------------


@given(TEXTS)
def test_one_object_is_one_line(text: str) -> None:
    for made in (for_lines(frame(text=text)), for_recv(frame(text=text))):
        assert made.count(b"\n") == 1
        assert json.loads(made)["message"] == text


def test_what_is_encrypted_says_so_to_a_plain_client() -> None:
    encrypted = frame(encoding=MEGOLM, text="{}")

    for made in (for_lines(encrypted), for_recv(encrypted)):
        read = json.loads(made)
        assert read["encoding"] == "utf-8"
        assert "encrypted" in read["message"]


def test_for_one_recv_unknown_keys_are_left_out() -> None:
    assert "x" not in json.loads(for_recv(with_extras(frame(), {"x": 1})))


@pytest.mark.parametrize(("length", "escapes"), [(10, True), (300, False)])
def test_to_device_messages_are_escaped_as_long_as_they_fit_into_one_recv(
    length: int, escapes: bool
) -> None:
    made = for_recv(frame(text="я" * length))

    assert made.isascii() is escapes
    assert len(made) <= 1024
