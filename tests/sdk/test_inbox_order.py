"""To-device messages: each is taken once and in order, whatever comes, is lost or comes again."""

from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from messenger.crypto.identity import Identity
from messenger.jim.devices import InboxPage, ReceivedToDevice
from messenger.jim.errors import NotFound, ProtocolError
from messenger.sdk.encryption import inbox as module
from messenger.sdk.encryption.internal_events import InboxFetched
from messenger.sdk.errors import ConnectionLost
from tests.sdk.reader import BOB
from tests.sdk.test_inbox import Receiving

_PAGE = 3


class Played(Receiving):
    """A device, and the server that has its messages: all that were written but for `forgotten`."""

    def __init__(self) -> None:
        super().__init__()
        self._bob = Identity(BOB, "ТЕЛЕФОН")
        self.written: list[ReceivedToDevice] = []
        self.forgotten = 0

    def write(self) -> ReceivedToDevice:
        number = len(self.written) + 1
        self.written.append(self.to_device_of(self._bob, number, f"a.family.{number}"))
        return self.written[-1]

    def answer(self, error: ProtocolError | ConnectionLost | None = None) -> None:
        """Answer everything that was asked, until nothing more is."""
        while self.fetches:
            after, take = self.fetches.pop(0)
            take(error or self._page(after))

    def _page(self, after: int) -> InboxPage:
        last = len(self.written)
        if after <= last:  # else it was brought back, and counts from where it was
            self.forgotten = max(self.forgotten, after)
        page = self.written[self.forgotten :][:_PAGE]
        return InboxPage(200, to_device=page, last=last)

    @property
    def numbers(self) -> list[int]:
        """The numbers of the messages that were taken."""
        return [int(kind.rpartition(".")[2]) for _name, kind, _kept in self.taken]


@pytest.fixture
def played() -> Iterator[Played]:
    made = Played()
    yield made
    made.store.close()


WRITE, LOSE, AGAIN, ANSWER, BREAK = "write", "lose", "again", "answer", "break"


@given(st.lists(st.sampled_from([WRITE, WRITE, LOSE, AGAIN, ANSWER, BREAK]), max_size=30))
def test_each_is_taken_once_and_in_order(steps: list[str]) -> None:
    played = Played()
    for step in steps:
        if step is WRITE:
            played.gets(played.write())
        elif step is LOSE:
            played.write()
        elif step is AGAIN and played.written:
            played.gets(played.written[len(steps) % len(played.written)])
        elif step is ANSWER:
            played.answer()
        elif step is BREAK:
            played.fetches.clear()
            played.inbox.stop()
            played.inbox.fetch(lambda: None)
    played.answer()
    played.inbox.fetch(lambda: None)
    played.answer()

    assert played.numbers == list(range(1, len(played.written) + 1))
    played.store.close()


def test_what_was_read_is_known_after_a_restart_and_told_to_the_server(played: Played) -> None:
    for _ in range(5):
        played.gets(played.write())
    assert played.inbox.is_unacknowledged is True

    again = Receiving(played.store)
    assert again.inbox.read == 5
    again.inbox.fetch(lambda: None)
    again.fetches[0][1](InboxPage(200, last=5))

    assert not again.inbox.is_unacknowledged


def test_more_than_can_be_kept_meanwhile_is_fetched_instead(
    played: Played, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_MAX_EARLY", 3)
    played.inbox.fetch(lambda: None)

    for _ in range(8):
        played.gets(played.write())
    played.answer()

    assert played.numbers == list(range(1, 9))


def test_a_server_that_refuses_stops_nothing(played: Played) -> None:
    done: list[int] = []
    played.inbox.fetch(lambda: done.append(1))

    played.answer(NotFound("Nothing there"))

    assert done == [1]
    assert not played.inbox.is_fetching
    assert InboxFetched() in played.emitted  # What waits for keys waits no longer.


def test_a_connection_that_breaks_is_no_answer(played: Played) -> None:
    done: list[int] = []
    played.inbox.fetch(lambda: done.append(1))

    played.answer(ConnectionLost())

    assert done == []
    assert not played.inbox.is_fetching


def test_a_server_that_was_brought_back_counts_from_where_it_was(played: Played) -> None:
    for _ in range(9):
        played.gets(played.write())
    played.taken.clear()
    del played.written[3:]
    played.forgotten = 3
    played.write()  # and a new one is number 4 now

    played.inbox.fetch(lambda: None)
    played.answer()

    assert played.numbers == [4]
