"""What others write is shown, never obeyed; people and programs can read it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from messenger.jim.contacts import Person
from messenger.output import visible
from messenger.sdk.events import ConnectionState
from messenger.sdk.store import IdentityTrust, MessageSecurity, MessageState
from messenger.ui.wording import (
    clock_time,
    connection_state_name,
    day_name,
    message_line,
    message_state_mark,
    message_state_name,
    message_text,
    person_line,
    preview,
    server_name,
    shown_name,
    trust_name,
    when,
    why_not_encrypted,
)
from tests.ui.samples import message, row

OBEYED = {chr(code) for code in (*range(0x20), *range(0x7F, 0xA0))} | set(
    "\u202e\u2066\u200f\ufeff"
)


@given(st.text())
def test_no_control_character_reaches_the_terminal(text: str) -> None:
    assert not OBEYED & set(visible(text))


@given(st.text(), st.text(), st.text())
def test_a_message_is_one_line_or_indented_ones(conversation: str, sender: str, text: str) -> None:
    line = message_line(message(text, conversation=conversation, sender=sender), "me")

    assert not (OBEYED - {"\n"}) & set(line)
    assert all(more.startswith("    ") for more in line.split("\n")[1:])


def test_escape_sequences_are_shown() -> None:
    assert visible("\x1b[2J\x1b]0;title\x07") == "␛[2J␛]0;title␇"


def test_ordinary_text_stays_as_it_is() -> None:
    for text in ("Привет, ёж", "日本語", "naïve", "👩‍👩‍👧 emoji", "שלום"):
        assert visible(text) == text


def test_a_line_says_where_and_who() -> None:
    line = message_line(message(conversation="#dev", guest=True), "me")

    assert line.endswith("#dev bob (guest): hi")


def test_ones_own_message_says_to_whom() -> None:
    assert message_line(message(sender="me"), "me").endswith("→ bob: hi")


def test_a_failed_message_says_why() -> None:
    failed = message(sender="me", state=MessageState.FAILED, reason="There is no user bob")

    assert "There is no user bob" in message_line(failed, "me")


def test_a_time_that_no_calendar_has_is_shown_all_the_same() -> None:
    assert when(1e300) == "--:--"
    assert when(float("nan")) == "--:--"
    for year_of_ten_digits in (6.7e16, -6.7e16):
        assert when(year_of_ten_digits) == clock_time(year_of_ten_digits) == "--:--"
        assert day_name(year_of_ten_digits) == "?"


def test_a_person_is_marked_as_guest() -> None:
    assert person_line(Person("ann", guest=True, state="online", status="hi")) == (
        "ann: guest, online, hi"
    )


def test_whoever_created_the_room_is_marked() -> None:
    ann = Person("ann", state="online", creator=True)

    assert person_line(ann) == "ann: created the room, online"


def test_every_state_of_a_connection_has_a_name() -> None:
    assert all(map(connection_state_name, ConnectionState))


def test_what_the_user_wrote_shows_its_state_and_what_others_wrote_does_not() -> None:
    own = set(MessageState) - {MessageState.RECEIVED}

    assert all(message_state_mark(state) and message_state_name(state) for state in own)
    assert not message_state_mark(MessageState.RECEIVED)
    assert not message_state_name(MessageState.RECEIVED)


def test_a_message_that_cannot_be_read_says_why() -> None:
    readable = {
        MessageSecurity.UNENCRYPTED,
        MessageSecurity.ENCRYPTED,
        MessageSecurity.UNPROVED,
        MessageSecurity.DOWNGRADED,
    }
    unreadable = set(MessageSecurity) - readable

    assert all(message_text(message("", security=lock)).startswith("(") for lock in unreadable)


def test_trust_has_a_name_where_there_are_keys() -> None:
    assert trust_name(IdentityTrust.CHANGED) == "changed!"
    assert trust_name(IdentityTrust.UNKNOWN) == ""


def test_a_long_text_is_shown_by_its_beginning_in_one_line() -> None:
    assert preview("Привет") == "Привет"
    assert preview("名前\n" * 100).endswith("…")
    assert "\n" not in preview("名前\n" * 100)


def test_a_server_is_named_as_the_user_writes_it() -> None:
    assert server_name("::1", 7778) == "[::1]:7778"
    assert server_name("chat.example", 7777) == "chat.example:7777"
    assert server_name("chat.example", 7777, briefly=True) == "chat.example"


def test_a_conversation_says_why_the_server_can_read_it() -> None:
    assert "open to everyone" in why_not_encrypted("#all", None)
    assert "guest" in why_not_encrypted("Иван", row("Иван", guest=True))
    assert "support" in why_not_encrypted("#dev", row("#dev", last=message()))
    assert why_not_encrypted("名前", None) == "not encrypted yet"


@pytest.mark.parametrize("name", ["you", "You", "ВЫ", "ann ✔", "ann (guest)", "→ bob", "bob: hi"])
def test_a_name_that_looks_like_more_than_a_name_is_quoted(name: str) -> None:
    of_somebody = message("hello", conversation="#all", sender=name)

    assert f"#all “{name}”: hello" in message_line(of_somebody, "ann")


@pytest.mark.parametrize("name", ["ann", "Dave Smith", "a/b%41", "{0}", "名前", "youth"])
def test_other_names_are_shown_as_they_are(name: str) -> None:
    assert shown_name(name) == name
