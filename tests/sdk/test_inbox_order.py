"""To-device messages: each is taken once and in order, whatever comes, is lost or comes again."""

from collections.abc import Callable
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from messenger.jim.devices import InboxPage, ReceivedToDevice
from messenger.jim.errors import NotFound, ProtocolError
from messenger.sdk.encryption import inbox as module
from messenger.sdk.encryption.inbox import Inbox
from messenger.sdk.errors import ConnectionLost
from messenger.sdk.store import Store
from messenger.sdk.store.keys import KeyStore

_PAGE = 3


class Played:
    """An inbox, and the server that has its letters; `taken` are their numbers."""

    def __init__(self, keys: KeyStore | None = None) -> None:
        self.keys = keys or KeyStore(Store())
        self.written = 0
        self.forgotten = 0
        self.taken: list[int] = []
        self.fetched = 0
        self.waiting: list[Callable[[Any], None]] = []
        self.asked: list[int] = []
        self.inbox = Inbox(self.keys, self._ask, self._take)
        self.inbox.on_fetched = self._count

    def write(self) -> ReceivedToDevice:
        self.written += 1
        return message(self.written)

    def answer(self, error: ProtocolError | ConnectionLost | None = None) -> None:
        """Answer everything that was asked, until nothing more is."""
        while self.waiting:
            self.waiting.pop(0)(error or self._page(self.asked[-1]))

    def _page(self, after: int) -> InboxPage:
        if after <= self.written:  # else it was brought back, and counts from where it was
            self.forgotten = max(self.forgotten, after)
        page = range(self.forgotten + 1, self.written + 1)[:_PAGE]
        return InboxPage(200, messages=[message(number) for number in page], last=self.written)

    def _ask(self, request: Any, on_answer: Callable[[Any], None]) -> None:
        self.asked.append(request.after)
        self.waiting.append(on_answer)

    def _take(self, messages: list[ReceivedToDevice]) -> None:
        self.taken += [one.seq for one in messages]
        self.inbox.note_read()

    def _count(self) -> None:
        self.fetched += 1


def message(number: int) -> ReceivedToDevice:
    return ReceivedToDevice(number, "名前", "sealed")


WRITE, LOSE, AGAIN, ANSWER, BREAK = "write", "lose", "again", "answer", "break"


@given(st.lists(st.sampled_from([WRITE, WRITE, LOSE, AGAIN, ANSWER, BREAK]), max_size=30))
def test_each_is_taken_once_and_in_order(steps: list[str]) -> None:
    played = Played()
    for step in steps:
        if step is WRITE:
            played.inbox.arrived(played.write())
        elif step is LOSE:
            played.write()
        elif step is AGAIN and played.written:
            played.inbox.arrived(message(1 + len(steps) % played.written))
        elif step is ANSWER:
            played.answer()
        elif step is BREAK:
            played.waiting.clear()
            played.inbox.stop()
            played.inbox.fetch(lambda: None)
    played.answer()
    played.inbox.fetch(lambda: None)
    played.answer()

    assert played.taken == list(range(1, played.written + 1))


def test_what_was_read_is_known_after_a_restart_and_told_to_the_server() -> None:
    played = Played()
    for _ in range(5):
        played.inbox.arrived(played.write())
    assert played.inbox.is_unacknowledged is True

    again = Played(played.keys)
    again.written = 5
    again.inbox.fetch(lambda: None)
    again.answer()

    assert again.taken == []
    assert not again.inbox.is_unacknowledged


def test_more_than_can_be_kept_meanwhile_is_fetched_instead(monkeypatch: Any) -> None:
    monkeypatch.setattr(module, "_MAX_EARLY", 3)
    played = Played()
    played.inbox.fetch(lambda: None)

    for _ in range(8):
        played.inbox.arrived(played.write())
    played.answer()

    assert played.taken == list(range(1, 9))


def test_a_server_that_refuses_stops_nothing() -> None:
    played, done = Played(), []
    played.inbox.fetch(lambda: done.append(1))

    played.answer(NotFound("Nothing there"))

    assert done == [1]
    assert not played.inbox.is_fetching
    assert played.fetched == 0


def test_a_connection_that_breaks_is_no_answer() -> None:
    played, done = Played(), []
    played.inbox.fetch(lambda: done.append(1))

    played.answer(ConnectionLost("Broken"))

    assert done == []
    assert not played.inbox.is_fetching


def test_a_server_that_was_brought_back_counts_from_where_it_was() -> None:
    played = Played()
    for _ in range(9):
        played.inbox.arrived(played.write())
    played.taken.clear()
    played.written, played.forgotten = 4, 3  # and a new one is number 4 now

    played.inbox.fetch(lambda: None)
    played.answer()

    assert played.taken == [4]
