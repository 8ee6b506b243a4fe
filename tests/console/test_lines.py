"""What others write is shown, never obeyed; people and programs can read it."""

import json

from hypothesis import given
from hypothesis import strategies as st

from messenger.console.lines import message_json, message_line, person_line, visible, when
from messenger.jim.replies import Person
from messenger.sdk.store import MessageState, StoredMessage

OBEYED = {chr(code) for code in (*range(0x20), *range(0x7F, 0xA0))} | set(
    "\u202e\u2066\u200f\ufeff"
)


def message(text: str = "hi", **changes: object) -> StoredMessage:
    made = StoredMessage(
        id=1,
        conversation="bob",
        seq=7,
        sent_id=None,
        sender="bob",
        text=text,
        encoding="utf-8",
        time=0,
        state=MessageState.RECEIVED,
        reason="",
        guest=False,
    )
    return made._replace(**changes)  # type: ignore[arg-type]  # the test knows the fields


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


def test_json_for_programs_has_everything() -> None:
    found = json.loads(message_json(message("a\nb")))

    assert found["from"] == found["conversation"] == "bob"
    assert found["text"] == "a\nb"
    assert found["seq"] == 7


def test_a_time_that_no_calendar_has_is_shown_all_the_same() -> None:
    assert when(1e300) == "--:--"
    assert when(float("nan")) == "--:--"


def test_a_person_is_marked_as_guest() -> None:
    assert person_line(Person("ann", guest=True, state="online", status="hi")) == (
        "ann: guest, online, hi"
    )
