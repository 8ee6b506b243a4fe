"""The list has the latest conversation first, and reads only what an event has changed."""

from math import inf
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from messenger.jim.contacts import ContactChanged, Person
from messenger.jim.messages import ReceiptChanged, TypingNotice
from messenger.jim.rooms import RoomChanged
from messenger.sdk.events import (
    BackupOutdated,
    ConnectionState,
    ConversationChanged,
    MessageChanged,
    MessageDecrypted,
    MessageReceived,
    MessagesLost,
    StateChanged,
)
from messenger.sdk.store import ConversationSummary, Store
from messenger.ui.conversation_list import Reading, SortedConversations, matching
from tests.ui.samples import message, row

ALL = Reading(None)


def at(name: str, moment: float, **changes: Any) -> ConversationSummary:
    return row(name, last=message(stored=moment), **changes)


def listing(*rows: ConversationSummary, current: str = "#all") -> SortedConversations:
    conversations = SortedConversations(current)
    conversations.take(ALL, rows)
    return conversations


# --- order -------------------------------------------------------------------------------------


def test_the_latest_comes_first_and_what_is_empty_last() -> None:
    found = listing(row("a/b%41"), at("Иван", 1), at("#all", 2), at("名前", 3))

    assert found.names == ["名前", "#all", "Иван", "a/b%41"]


def test_the_common_chat_and_the_open_one_are_there_in_any_case() -> None:
    found = SortedConversations("Иван")
    assert found.names == ["#all", "Иван"]

    found.open("名前")

    assert found.names == ["#all", "名前"]


def test_a_message_brings_its_conversation_to_the_top() -> None:
    found = listing(at("Иван", 3), at("名前", 2), at("#all", 1))

    found.take(Reading(frozenset({"#all"})), [at("#all", 4)])

    assert found.names == ["#all", "Иван", "名前"]


@given(st.dictionaries(st.sampled_from("abcdef"), st.integers(0, 9), min_size=1))
def test_rows_read_one_by_one_give_the_list_that_all_of_them_give(rows: dict[str, int]) -> None:
    one_by_one = listing(*(at(name, 100 + ord(name)) for name in "abcdef"))
    for name, moment in rows.items():
        one_by_one.take(Reading(frozenset({name})), [at(name, moment * 10 + ord(name) % 10)])

    at_once = listing(*one_by_one.rows.values())

    assert one_by_one.names == at_once.names


# --- what an event changes ---------------------------------------------------------------------


@pytest.mark.parametrize(
    ("event", "names"),
    [
        (MessageReceived(message(conversation="名前")), {"名前"}),
        (MessageChanged(message(conversation="名前")), {"名前"}),
        (MessageDecrypted(message(conversation="名前")), {"名前"}),
        (ConversationChanged("名前"), {"名前"}),
        (MessagesLost("名前"), {"名前"}),
        (ReceiptChanged(time=0, conversation="名前", from_="Иван"), {"名前"}),
        (RoomChanged(time=0, room="#кафе", change="joined", account_name="Иван"), {"#кафе"}),
        (TypingNotice(time=0, conversation="名前", from_="名前"), set()),
        (ContactChanged(time=0, person=Person("名前", state="online")), set()),
        (StateChanged(ConnectionState.ONLINE), None),
        (BackupOutdated(), None),
    ],
)
def test_only_what_an_event_changes_is_read(event: object, names: set[str] | None) -> None:
    found = read_once()

    found.outdated_by(event)

    assert found.reading() == Reading(None if names is None else frozenset(names))


def test_at_first_everything_is_read() -> None:
    assert SortedConversations().reading() == ALL


def test_nothing_is_read_where_nothing_has_happened() -> None:
    found = read_once()
    assert found.reading() is None

    found.outdate("Иван")

    assert found.reading() is not None
    assert found.reading() is None


def test_where_much_has_happened_everything_is_read_at_once() -> None:
    found = read_once()

    for number in range(20):
        found.outdate(f"Иван {number}")

    assert found.reading() == ALL


def test_rows_come_from_the_local_database() -> None:
    store = Store()
    for name in ("Иван", "名前"):
        store.add_unsent(name, "me", "🎈", name, 0.0)

    assert [one.name for one in Reading(frozenset({"名前", "nobody"})).rows(store)] == ["名前"]
    assert {one.name for one in ALL.rows(store)} >= {"Иван", "名前"}


# --- what is unread ----------------------------------------------------------------------------


def test_what_is_unread_is_counted_where_it_is_neither_muted_nor_open() -> None:
    rows = [
        at("Иван", 1, unread=2),
        at("名前", 2, unread=3, muted_until=inf),
        at("#all", 3, unread=4),
    ]

    assert listing(*rows).unread == 2
    assert listing(*rows, current="Иван").unread == 4


def test_the_next_unread_one_is_below_and_then_from_the_top() -> None:
    found = listing(
        at("a", 4, unread=1), at("b", 3), at("c", 2, unread=1, muted_until=inf), at("#all", 1)
    )

    assert found.next_unread("b") == "a"
    assert found.next_unread("a") is None
    assert found.next_unread("nobody") is None


def test_neighbours_go_around() -> None:
    found = listing(at("a", 3), at("b", 2), at("#all", 1))

    assert found.neighbour("a", -1) == "#all"
    assert found.neighbour("#all", 1) == "a"
    assert found.neighbour("a", 1) == "b"


def test_names_are_found_by_a_part_of_them_in_any_case() -> None:
    assert matching(["Иван", "名前"], "ИВА") == ["Иван"]
    assert matching(["Dave Smith", "a/b%41"], "%") == ["a/b%41"]


def read_once() -> SortedConversations:
    """Return a list of which everything was read."""
    found = SortedConversations()
    assert found.reading() is not None
    return found


def test_pinned_conversations_are_first_and_each_part_has_the_latest_first() -> None:
    conversations = SortedConversations()
    rows = [at("a", 4), at("名前", 1, pinned=True), at("c", 3), at("d", 2, pinned=True)]
    conversations.take(Reading(None), rows)
    assert conversations.names == ["d", "名前", "a", "c", "#all"]
