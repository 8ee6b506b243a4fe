"""Rows know what stands above them, and whether they begin or end a group."""

import time
from typing import Any

from messenger.sdk.store import MessageSecurity, MessageState, StoredMessage
from messenger.ui.message_facts import facts_of
from messenger.ui.message_rows import rows_of
from messenger.ui.timeline import Note, Timeline, arranged
from tests.ui.samples import message

ME = "Иван"
NOON = time.mktime((2026, 5, 4, 12, 0, 0, 0, 0, -1))


def said(seq: int, sender: str = "名前", **changes: Any) -> StoredMessage:
    values = {"id": seq, "seq": seq, "sender": sender, "stored": NOON + seq}
    return message(f"text {seq}", **{**values, **changes})


def test_groups_begin_and_end_and_days_begin() -> None:
    messages = [said(1), said(2), said(3, ME), said(4, ME, stored=NOON + 24 * 3600)]

    rows = rows_of(arranged(messages, ME))

    assert [(row.is_first, row.is_last) for row in rows] == [
        (True, False), (False, True), (True, True), (True, True),
    ]  # fmt: skip
    assert [bool(row.day) for row in rows] == [True, False, False, True]
    assert [row.key for row in rows] == [1, 2, 3, 4]


def test_the_line_of_unread_messages_begins_a_group() -> None:
    rows = rows_of(arranged([said(1), said(2), said(3)], ME, unread_after=1))

    assert [row.is_unread_start for row in rows] == [False, True, False]
    assert rows[0].is_last
    assert rows[1].is_first


def test_a_note_is_a_row_with_a_key_of_its_own() -> None:
    notes = [Note(1, NOON + 1, "one"), Note(1, NOON + 1, "two")]

    rows = rows_of(arranged([said(1), said(2)], ME, notes=notes))

    assert [row.note for row in rows] == ["", "one", "two", ""]
    assert len({row.key for row in rows}) == 4
    assert rows[0].is_last
    assert rows[3].is_first


def test_pages_are_added_and_dropped_at_both_ends() -> None:
    shown = Timeline(ME)
    shown.open([said(5), said(6)], None, has_newer=True)

    shown.add_newer([said(7), said(8)], has_newer=False)
    shown.add_older([said(3), said(4)], is_start=True)
    assert [one.seq for one in shown.messages] == [3, 4, 5, 6, 7, 8]
    assert not shown.has_newer
    assert shown.is_whole

    shown.drop_oldest(2)
    shown.drop_newest(1)
    assert [one.seq for one in shown.messages] == [5, 6, 7]
    assert shown.has_newer
    assert not shown.is_whole
    assert [one.seq for one in shown.add_all([said(7), said(6), said(9)])] == [9]


def test_the_facts_of_a_message() -> None:
    failed = said(1, ME, state=MessageState.FAILED, reason="too long")
    guest = said(2, guest=True)
    sealed = said(3, security=MessageSecurity.ENCRYPTED)

    assert ("Reason", "too long") in facts_of(failed)
    assert "Encryption" not in [fact.label for fact in facts_of(failed)]
    assert facts_of(guest)[0].value == "名前 (guest)"
    assert ("Encryption", "End-to-end encrypted") in facts_of(sealed)
