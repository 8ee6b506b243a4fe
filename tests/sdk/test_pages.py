"""Pages of a conversation both ways, its row in the list, and searches page by page."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from messenger.jim.messages import Message
from messenger.sdk.store import Store, StoredMessage
from messenger.sdk.store.fulltext import fold
from messenger.sdk.store.sent_messages import Committed

BOB, ROOM, ME = "Боб", "#комната", "ann"


def received(seq: int, text: str = "", sender: str = BOB, to: str = ME) -> Message:
    return Message(time=seq, to=to, from_=sender, message=text or str(seq), seq=seq, stored=seq)


def filled() -> Store:
    """Return a store with numbered, unnumbered and queued messages of one conversation."""
    store = Store()
    store.add_received(BOB, ME, [received(seq) for seq in range(5, 16)])
    store.add_received("eve", ME, [received(1, sender="eve")])
    store.add_unsent("eve", ME, "elsewhere", "id 0", 1.0)
    for number in range(1, 4):
        store.add_unsent(BOB, ME, f"unsent {number}", f"id {number}", 20.0)
    store.queue_unsent("eve", ME, "queued elsewhere", "id 5", 21.0)
    store.queue_unsent(BOB, ME, "queued", "id 4", 21.0)
    return store


@pytest.fixture(scope="module")
def store() -> Iterator[Store]:
    made = filled()
    yield made
    made.close()


ALL = [*map(str, range(5, 16)), "unsent 1", "unsent 2", "unsent 3", "queued"]


def texts(page: list[StoredMessage]) -> list[str]:
    return [one.text for one in page]


@given(st.integers(0, len(ALL) - 1), st.integers(1, 20))
@settings(max_examples=60)
def test_pages_before_after_and_around_any_message(store: Store, place: int, limit: int) -> None:
    everything = store.page(BOB, limit=100)
    assert texts(everything) == ALL
    message = everything[place]

    before = store.page(BOB, before=message, limit=limit)
    after = store.page(BOB, after=message, limit=limit)
    around = texts(store.page(BOB, around=message, limit=limit))

    assert texts(before) == ALL[max(0, place - limit) : place]
    assert texts(after) == ALL[place + 1 : place + 1 + limit]
    assert len(around) == min(limit, len(ALL))
    assert message.text in around
    start = ALL.index(around[0])
    assert around == ALL[start : start + len(around)]
    is_whole = limit // 2 <= place <= len(ALL) - (limit - limit // 2)
    assert around.index(message.text) == limit // 2 or not is_whole


@given(st.integers(-5, 30), st.integers(1, 20))
@settings(max_examples=60)
def test_a_number_is_a_place_whether_its_message_is_stored_or_not(
    store: Store, number: int, limit: int
) -> None:
    at = min(max(0, number - 5), 11)  # where a message with this number would stand
    is_stored = 5 <= number <= 15

    assert texts(store.page(BOB, before=number, limit=limit)) == ALL[max(0, at - limit) : at]
    start = at + is_stored
    assert texts(store.page(BOB, after=number, limit=limit)) == ALL[start : start + limit]
    around = texts(store.page(BOB, around=number, limit=limit))
    assert ALL[at] in around
    assert len(around) == min(limit, len(ALL))


def test_a_message_that_has_got_its_number_is_a_place_where_it_stands_now() -> None:
    store = Store()
    store.add_received(BOB, ME, [received(1), received(2)])
    sent = store.add_unsent(BOB, ME, "3", "id", 3.0)
    store.set_sent(BOB, [Committed("id", 3)])
    store.add_received(BOB, ME, [received(4), received(5)])

    assert texts(store.page(BOB, before=sent)) == ["1", "2"]
    assert texts(store.page(BOB, after=sent)) == ["4", "5"]
    assert texts(store.page(BOB, around=sent, limit=3)) == ["2", "3", "4"]
    store.close()


def test_the_first_unread_message_is_found_by_the_read_marker(store: Store) -> None:
    row = store.summary(BOB)
    assert row is not None

    store.describe(BOB, read=9)

    assert texts(store.page(BOB, around=9 + 1, limit=4)) == ["8", "9", "10", "11"]


def test_rows_of_the_list_show_what_is_known_of_each_conversation() -> None:
    store = filled()
    store.add_received(ROOM, ME, [received(30, to=ROOM), received(31, sender=ME, to=ROOM)])
    store.describe(ROOM, read=10, topic="чай", draft="half a", encrypted=True)
    store.describe("eve", pinned=True, muted_until=1e12)
    store.describe("nobody", topic="")

    rows = store.summaries()

    assert [row.name for row in rows] == ["eve", ROOM, BOB, "nobody"]
    eve, room, bob, nobody = rows
    assert (eve.pinned, eve.muted, eve.unread) == (True, True, 1)
    assert (room.unread, room.topic, room.draft, room.encrypted) == (1, "чай", "half a", True)
    last = [row.last.text if row.last else None for row in rows]
    assert last == ["queued elsewhere", "31", "queued", None]
    assert (bob.unread, nobody.unread) == (11, 0)
    assert store.summaries([BOB, "nobody", "unknown"]) == [bob, nobody]
    assert store.summary(ROOM) == room
    assert store.summary("unknown") is None
    store.write_queued()
    assert store.summaries() == rows
    store.close()


WORDS = st.text("abё☃ ", min_size=0, max_size=4)


@given(st.lists(st.tuples(st.booleans(), st.text("abcЁё☃ -", max_size=6)), max_size=25), WORDS)
@settings(max_examples=100, deadline=None)
def test_pages_of_hits_are_the_texts_that_contain_the_words(
    written: list[tuple[bool, str]], words: str
) -> None:
    store = Store()
    for seq, (is_room, text) in enumerate(written, 1):
        name = ROOM if is_room else BOB
        message = received(seq, to=ROOM if is_room else ME)
        message.message = text
        store.add_received(name, ME, [message])

    for conversation in (None, BOB, ROOM):
        expected = [
            seq
            for seq, (is_room, text) in enumerate(written, 1)
            if fold(words) in fold(text) and conversation in (None, ROOM if is_room else BOB)
        ]
        found: list[StoredMessage] = []
        while page := store.search(
            words, conversation=conversation, before=found[-1] if found else None, limit=3
        ):
            found += page
        assert [one.seq for one in found] == expected[::-1]
    store.close()


def test_rare_and_common_letters_are_found_among_many_messages(tmp_path: Path) -> None:
    """More messages than are compared one by one: the index answers."""
    store = Store(tmp_path / "ann.db")
    many = [received(seq, f"message {seq}") for seq in range(3, 1200)]
    store.add_received(BOB, ME, [received(1, "a rare ☃"), received(2, "ends with q"), *many])
    store.add_received(ROOM, ME, [received(1, "☃ elsewhere, at the end: ☃", to=ROOM)])

    assert [one.seq for one in store.search("☃", conversation=BOB)] == [1]
    assert [one.conversation for one in store.search("☃")] == [ROOM, BOB]
    assert [one.seq for one in store.search("q")] == [2]
    assert [one.seq for one in store.search(" q")] == [2]
    assert [one.seq for one in store.search("m", conversation=BOB, limit=2)] == [1199, 1198]
    assert store.search("q ") == store.search("qq") == store.search("z") == []
    store.close()
