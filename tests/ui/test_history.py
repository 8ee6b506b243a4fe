"""Pages come from this computer, and from the server where that ends."""

import pytest

from messenger.jim.messages import Message
from messenger.sdk.backfill import Fetched
from messenger.sdk.client import Client
from messenger.sdk.credentials import Credentials
from messenger.sdk.events import ConnectionState, StateChanged
from messenger.sdk.store import Store
from messenger.ui.history import PAGE, History

NAME = "名前"


class Serving(Client):
    """A client whose server has older messages; it never speaks to one."""

    def __init__(self, here: int, at_the_server: int = 0) -> None:
        super().__init__("127.0.0.1", 1, Credentials("Иван"), Store())
        self.left = at_the_server
        self.asked = 0
        self._add(here)

    def fetch_older(self, conversation: str, timeout: float = 1.0) -> Fetched:  # type: ignore[override]  # a verb in the base class
        """Bring a page."""
        self.asked += 1
        count = min(self.left, 50)
        self.left -= count
        self._add(count)
        new = self.store.page(NAME, limit=count) if count else []
        return Fetched(new, is_start=not self.left)

    def _add(self, count: int) -> None:
        with self.store.transaction():
            for _number in range(count):
                self.store.add_unsent(NAME, "Иван", "🎈", str(self.store.count_unsent()), 0.0)


def test_a_conversation_opens_with_its_last_page() -> None:
    client = Serving(PAGE + 7)

    opened = History(client).open(NAME)

    assert opened.row is not None
    assert [message.id for message in opened.page] == list(range(8, PAGE + 8))


def test_a_conversation_of_which_nothing_is_known_is_empty() -> None:
    opened = History(Serving(0)).open("a/b%41")

    assert (opened.row, opened.page) == (None, [])


def test_what_came_before_is_read_page_by_page_to_the_start() -> None:
    client = Serving(PAGE + 7)
    history = History(client)
    page = history.open(NAME).page

    older = history.older(NAME, page[0])
    assert [message.id for message in older.page] == list(range(1, 8))
    assert not older.is_start

    assert history.older(NAME, older.page[0]).page == []


def test_the_server_is_asked_only_while_it_is_there() -> None:
    client = Serving(1, at_the_server=1)
    history, first = History(client), client.store.page(NAME)[0]

    history.older(NAME, first)
    assert client.asked == 0
    client.core.connection = StateChanged(ConnectionState.ONLINE)
    history.older(NAME, first)

    assert client.asked == 1


@pytest.mark.parametrize(("wanted", "found"), [(10, 10), (60, 60), (500, 130)])
def test_the_last_messages_are_fetched_as_far_as_there_are_any(wanted: int, found: int) -> None:
    assert len(History(Serving(10, at_the_server=120)).last(NAME, wanted)) == found


class Known(Serving):
    """A client that knows a conversation with received messages from a number on."""

    def __init__(self, first: int, last: int, read: int) -> None:
        super().__init__(0)
        self.store.begin_at(NAME, first - 1)
        self._receive(first, last)
        self.store.describe(NAME, read=read)

    def _receive(self, first: int, last: int) -> None:
        numbers = range(first, last + 1)
        texts = [Message(0.0, "Иван", NAME, "🎈", seq=number) for number in numbers]
        self.store.add_received(NAME, "Иван", texts)

    def fetch_around(self, conversation: str, number: int, timeout: float = 1.0) -> Fetched:  # type: ignore[override]  # a verb in the base class
        """Note the number."""
        self.asked = number
        return Fetched([], is_start=False)


def test_a_window_reaches_from_the_first_unread_message_to_the_end() -> None:
    history = History(Known(1, 350, read=40))

    window = history.window(NAME)
    assert [one.seq for one in window.page] == list(range(21, 351))
    assert (window.is_start, window.has_newer) == (False, False)

    window = history.window(NAME, at_end=True)
    assert [one.seq for one in window.page] == list(range(251, 351))


def test_a_window_on_very_many_unread_messages_begins_at_the_first_one() -> None:
    history = History(Known(1, 900, read=50))

    window = history.window(NAME)

    assert window.page[0].seq == 1
    assert (window.is_start, window.has_newer) == (True, True)
    newer = history.newer(NAME, window.page[-1])
    assert [one.seq for one in newer.page] == list(range(201, 301))
    assert newer.has_newer


def test_a_window_around_a_message_or_a_number() -> None:
    client = Known(301, 900, read=900)
    history = History(client)
    message = client.store.page(NAME, around=600, limit=1)[0]
    assert client.store.message(message.id) == message
    assert client.store.message(10**6) is None

    window = history.around(NAME, message)
    assert [window.page[0].seq, window.page[-1].seq] == [500, 699]
    assert not window.is_start
    assert client.asked == 0

    history.around(NAME, 20)  # The server has it.
    assert client.asked == 20
    assert history.around("a/b%41", 20).page == []


def test_stored_older_messages_end_at_the_start_if_that_is_stored() -> None:
    history = History(Known(1, 150, read=150))
    window = history.window(NAME)

    older = history.stored_older(NAME, window.page[0])
    assert ([one.seq for one in older.page], older.is_start) == (list(range(1, 51)), True)
    assert not History(Known(2, 30, read=30)).window(NAME).is_start
