"""Messages stand in the order of the log, by days and senders, with a line above what is unread."""

import time
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from messenger.sdk.store import MessageSecurity, MessageState, StoredMessage
from messenger.ui import timeline as module
from messenger.ui.timeline import Day, Note, Shown, Timeline, UnreadBegins, arranged, place
from tests.ui.samples import message

ME = "Иван"
NOON = time.mktime((2026, 5, 4, 12, 0, 0, 0, 0, -1))
DAY = 24 * 3600


def said(seq: int | None, sender: str = "名前", **changes: Any) -> StoredMessage:
    number = seq if seq is not None else 1000
    values = {"id": number, "seq": seq, "sender": sender, "stored": NOON + number}
    return message(f"text {seq}", **{**values, **changes})


def headers(*messages: StoredMessage) -> list[bool]:
    """Tell of each message whether its sender is named above it."""
    return [one.has_header for one in arranged(messages, ME) if isinstance(one, Shown)]


# --- order -------------------------------------------------------------------------------------


@given(st.permutations([said(seq) for seq in (*range(1, 9), None)]))
def test_messages_stand_in_the_order_of_the_log_however_they_come(
    messages: list[StoredMessage],
) -> None:
    shown = Timeline(ME)
    for one in messages:
        shown.add(one)

    assert shown.messages == [said(seq) for seq in (*range(1, 9), None)]


def test_what_has_no_number_yet_comes_last() -> None:
    assert place(said(10**9)) < place(said(None))


def test_a_message_is_shown_once() -> None:
    shown = Timeline(ME)

    assert shown.add(said(1))
    assert not shown.add(said(1))
    assert len(shown.messages) == 1


def test_a_message_changes_where_it_stands() -> None:
    shown = Timeline(ME)
    shown.open([said(1), said(2), said(3)], None)
    read = said(2, state=MessageState.READ)

    assert shown.change(read)
    assert shown.messages[1] == read
    assert not shown.change(said(9))


def test_older_messages_come_before_the_others_and_once() -> None:
    shown = Timeline(ME)
    shown.open([said(3), said(4)], None)

    assert shown.add_older([said(1), said(2), said(3)], is_start=True)
    assert [one.seq for one in shown.messages] == [1, 2, 3, 4]
    assert shown.is_whole
    assert not shown.add_older([said(1)], is_start=True)


def test_the_oldest_go_where_there_are_too_many(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_MAX_KEPT", 10)
    shown = Timeline(ME)
    shown.add_older([said(seq) for seq in range(1, 11)], is_start=True)

    shown.add(said(11))
    assert len(shown.messages) == 11  # somebody reads the oldest
    shown.add(said(12), may_drop=True)

    assert [one.seq for one in shown.messages] == list(range(6, 13))
    assert not shown.is_whole


def test_messages_are_shown_as_they_are_now() -> None:
    shown = Timeline(ME)
    shown.open([said(1), said(2)], None)

    shown.refresh([said(2, security=MessageSecurity.ENCRYPTED), said(3)])

    assert shown.messages == [said(1), said(2, security=MessageSecurity.ENCRYPTED)]


# --- days and senders --------------------------------------------------------------------------


def test_each_day_begins_with_its_name() -> None:
    days = [said(1), said(2), said(3, stored=NOON + DAY), said(4, stored=NOON + 2 * DAY)]

    found = [one.name for one in arranged(days, ME) if isinstance(one, Day)]

    assert [name.partition(",")[0] for name in found] == ["Monday", "Tuesday", "Wednesday"]


def test_a_time_that_no_calendar_has_is_a_day_of_its_own() -> None:
    assert Day("?") in list(arranged([said(1, stored=1e300)], ME))


def test_messages_of_one_sender_stand_below_one_name() -> None:
    assert headers(said(1), said(2), said(3, "a/b%41"), said(4)) == [True, False, True, True]


@pytest.mark.parametrize(
    "other",
    [
        said(2, stored=NOON + 1000),  # much later
        said(2, security=MessageSecurity.ENCRYPTED),  # one name would present both as signed
        said(2, guest=True),
    ],
)
def test_what_one_name_must_not_stand_for_has_another(other: StoredMessage) -> None:
    assert headers(said(1), other) == [True, True]


# --- unread ------------------------------------------------------------------------------------


def test_one_line_stands_above_what_is_unread() -> None:
    found = list(arranged([said(1), said(2), said(3), said(4)], ME, unread_after=2))

    assert found.count(UnreadBegins()) == 1
    below = found[found.index(UnreadBegins()) + 1]
    assert below == Shown(said(3), has_header=True)


def test_what_the_user_wrote_is_not_unread() -> None:
    assert UnreadBegins() not in list(arranged([said(1), said(2, ME)], ME, unread_after=1))


def test_whoever_has_seen_the_end_has_nothing_unread() -> None:
    shown = Timeline(ME)
    shown.open([said(1), said(2)], unread_after=1)

    shown.add(said(3))
    assert shown.unread_after == 1
    shown.add(said(4), is_seen=True)

    assert UnreadBegins() not in list(shown.items())
    assert not shown.end_unread()


# --- notes -------------------------------------------------------------------------------------


def test_a_note_stands_below_the_message_that_was_the_last() -> None:
    shown = Timeline(ME)
    shown.note("nothing here")
    shown.open([said(1), said(2)], None)
    shown.messages = [said(1)]
    shown.notes = [Note(1, NOON, "told")]
    shown.add(said(2))

    found = [type(one) for one in shown.items()]

    assert found == [Day, Shown, Note, Shown]
    assert headers(said(1)) == [True]


def test_what_was_told_between_parts_a_sender_from_itself() -> None:
    notes = [Note(1, NOON + 1, "told")]
    found = [one for one in arranged([said(1), said(2)], ME, notes=notes) if type(one) is Shown]

    assert [one.has_header for one in found] == [True, True]


def test_a_note_stands_above_what_is_written_after_it() -> None:
    notes = [Note(0, NOON + 1.5, "told at the start")]

    found = list(arranged([said(1), said(2)], ME, notes=notes))

    assert [type(one) for one in found] == [Day, Shown, Note, Shown]


@given(
    st.lists(st.tuples(st.integers(1, 50), st.sampled_from(["名前", ME]), st.integers(0, 10**6))),
    st.integers(0, 50),
)
def test_every_message_is_drawn_once_and_in_order(
    drawn: list[tuple[int, str, int]], unread_after: int
) -> None:
    shown = Timeline(ME)
    for seq, sender, later in drawn:
        shown.add(said(seq, sender, stored=NOON + later))
    shown.unread_after = unread_after

    items = list(shown.items())

    assert [one.message for one in items if isinstance(one, Shown)] == shown.messages
    assert items.count(UnreadBegins()) <= 1
    for before, after in pairwise(items):
        if not isinstance(before, Shown):
            assert not isinstance(after, Shown) or after.has_header
