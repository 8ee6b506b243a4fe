"""Backfill: page by page to the first message, in spite of rate limits."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from messenger.jim.errors import TooMany
from messenger.jim.history import GetHistory, HistoryPage
from messenger.jim.messages import Message
from messenger.sdk.backfill import Backfill, Fetched
from messenger.sdk.errors import ConnectionLost
from messenger.sdk.events import ConversationChanged
from tests.sdk.reader import BOB, IVAN, Reader

ROOM = "#комната a/b%41"


class Backwards(Reader):
    """A device with the end of two logs, and a server that replies when a test says so."""

    def __init__(self) -> None:
        super().__init__()
        self.told: list[object] = []
        self.asks: list[tuple[GetHistory, Callable[[object], None]]] = []
        incoming = self.encryption.incoming
        self.backfill = Backfill(self.store, incoming, self._ask, self.told.append)
        for name in (BOB, ROOM):
            self.store.begin_at(name, 250)
            self.store.add_received(name, IVAN, [message(name, 251)])

    def answers(self, answer: object | None = None) -> None:
        """Have the server answer the first request, by default from its log."""
        request, take = self.asks.pop(0)
        name, before = request.conversation, request.before or 0
        page = [message(name, seq) for seq in range(max(1, before - 100), before)]
        take(HistoryPage(200, messages=page, last=251) if answer is None else answer)

    def _ask(self, request: Any, on_answer: Callable[[object], None]) -> None:
        self.asks.append((request, on_answer))

    def first(self, name: str) -> int:
        row = self.store.summary(name)
        assert row is not None
        return row.first


def message(name: str, seq: int) -> Message:
    return Message(1.0, name if name == ROOM else IVAN, BOB, f"{seq} 名前", seq=seq, stored=1.0)


@pytest.fixture
def reader() -> Iterator[Backwards]:
    made = Backwards()
    yield made
    made.store.close()


def test_a_page_is_fetched_and_reported(reader: Backwards) -> None:
    fetched: list[Fetched] = []
    reader.backfill.fetch_older(BOB, fetched.append)
    reader.answers()

    (page,) = fetched
    assert [one.seq for one in page.messages] == list(range(151, 251))
    assert (page.is_start, page.error) == (False, None)
    assert reader.first(BOB) == 151
    assert reader.told == [ConversationChanged(BOB)]


def test_nothing_is_asked_for_where_the_first_message_is_stored(reader: Backwards) -> None:
    fetched: list[Fetched] = []
    reader.store.describe(BOB, first=1)
    reader.backfill.fetch_older(BOB, fetched.append)
    reader.backfill.fetch_older("nobody", fetched.append)
    reader.backfill.fetch_around(BOB, 1, fetched.append)
    reader.backfill.fetch_around(ROOM, 251, lambda _: None)

    assert fetched == [Fetched([], is_start=True)] * 3
    assert len(reader.asks) == 1, "messages before the first stored one are around it"


def test_why_nothing_was_fetched_is_part_of_the_result(reader: Backwards) -> None:
    fetched: list[Fetched] = []
    error = TooMany("later")
    reader.backfill.fetch_older(BOB, fetched.append)
    reader.answers(error)

    assert fetched == [Fetched([], is_start=False, error=error)]


def test_the_gap_to_an_older_message_is_fetched(reader: Backwards) -> None:
    fetched: list[Fetched] = []
    reader.backfill.fetch_around(BOB, 120, fetched.append)
    while reader.asks:
        reader.answers()

    (found,) = fetched
    assert [one.seq for one in found.messages] == list(range(51, 251))
    assert not found.is_start
    page = reader.store.page(BOB, around=120, limit=11)
    assert [one.seq for one in page] == list(range(115, 126))


def test_the_gap_stays_closed_where_fetching_it_fails_halfway(reader: Backwards) -> None:
    fetched: list[Fetched] = []
    error = ConnectionLost()
    reader.backfill.fetch_around(BOB, 1, fetched.append)
    reader.answers()
    reader.answers(error)

    (found,) = fetched
    assert (len(found.messages), found.is_start, found.error) == (100, False, error)
    assert reader.first(BOB) == 151


def test_a_server_whose_log_never_begins_is_not_asked_for_ever(reader: Backwards) -> None:
    fetched: list[Fetched] = []
    reader.backfill.fetch_around(BOB, 1, fetched.append)
    for _ in range(100):
        reader.answers(HistoryPage(200, messages=[message(BOB, 250)], last=251))

    assert not reader.asks
    assert not fetched[0].is_start


def test_a_log_that_is_shorter_than_it_seemed_has_its_beginning_here(reader: Backwards) -> None:
    reader.backfill.fetch_older(BOB, lambda _: None)
    reader.answers(HistoryPage(200, messages=[], last=251))

    assert reader.first(BOB) == 1


def test_everything_is_fetched_one_page_after_the_other(reader: Backwards) -> None:
    reader.backfill.fetch_everything()
    while reader.asks:
        assert len(reader.asks) == 1
        reader.answers()

    assert (reader.first(BOB), reader.first(ROOM)) == (1, 1)
    reader.backfill.tick()
    assert not reader.asks


@pytest.mark.parametrize("error", [TooMany("later"), ConnectionLost()])
def test_rate_limited_fetching_continues_later(reader: Backwards, error: Exception) -> None:
    reader.backfill.fetch_everything()
    reader.backfill.tick()
    assert len(reader.asks) == 1, "not twice at once"
    reader.answers(error)
    assert not reader.asks, "not at once"

    reader.backfill.tick()
    while reader.asks:
        reader.answers()

    assert (reader.first(BOB), reader.first(ROOM)) == (1, 1)
