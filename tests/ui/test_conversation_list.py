"""The list has the latest conversation first, and takes what has changed."""

from math import inf
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from messenger.sdk.store import ConversationSummary
from messenger.ui.conversation_list import SortedConversations, matching
from tests.ui.samples import message, row


def at(name: str, moment: float, **changes: Any) -> ConversationSummary:
    return row(name, last=message(stored=moment), **changes)


def listing(*rows: ConversationSummary, current: str = "#all") -> SortedConversations:
    conversations = SortedConversations(current)
    conversations.take(rows)
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

    found.take([at("#all", 4)])

    assert found.names == ["#all", "Иван", "名前"]


@given(st.dictionaries(st.sampled_from("abcdef"), st.integers(0, 9), min_size=1))
def test_rows_read_one_by_one_give_the_list_that_all_of_them_give(rows: dict[str, int]) -> None:
    one_by_one = listing(*(at(name, 100 + ord(name)) for name in "abcdef"))
    for name, moment in rows.items():
        one_by_one.take([at(name, moment * 10 + ord(name) % 10)])

    at_once = listing(*one_by_one.rows.values())

    assert one_by_one.names == at_once.names


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


def test_pinned_conversations_are_first_and_each_part_has_the_latest_first() -> None:
    conversations = SortedConversations()
    rows = [at("a", 4), at("名前", 1, pinned=True), at("c", 3), at("d", 2, pinned=True)]
    conversations.take(rows)
    assert conversations.names == ["d", "名前", "a", "c", "#all"]
