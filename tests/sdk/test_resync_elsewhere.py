"""A log that is another one now: of a guest who is gone, or of a server that was brought back."""

from collections.abc import Iterator

import pytest

from messenger.jim.errors import NotFound
from messenger.jim.history import ConversationsPage, GetHistory, ListConversations, Summary
from messenger.jim.messages import Message
from messenger.sdk.events import MessagesLost
from messenger.sdk.store import MessageState, Store
from tests.sdk.playbook import ME, PlayedServer, lasting, played, texts

BOB, ROOM = "名前", "#кафе"


@pytest.fixture
def server() -> Iterator[PlayedServer]:
    with lasting() as server:
        yield server


# --- guests ------------------------------------------------------------------------------------


def test_a_guest_who_is_an_account_now_begins_anew(server: PlayedServer) -> None:
    server.say(server.write(BOB, "from a guest", guest=True))
    assert server.core.store.is_guests(BOB)
    server.logs[BOB] = []

    server.say(server.write(BOB, "from the account"))

    assert texts(server, BOB) == ["from a guest", "from the account"]
    assert server.core.store.is_guests(BOB) is False


def test_a_guest_who_has_registered_is_listed_twice_and_is_nobody_any_more(
    server: PlayedServer,
) -> None:
    server.answers[ListConversations] = lambda _: ConversationsPage(
        200, conversations=[Summary(BOB, guest=True, last=1), Summary(BOB)]
    )
    server.core.disconnected()

    server.connect()

    assert server.core.store.is_guests(BOB) is False


def test_a_guest_whom_the_list_calls_an_account_is_one(server: PlayedServer) -> None:
    server.say(server.write(BOB, "from a guest", guest=True))
    server.logs[BOB] = [Message(1, ME, BOB, "from the account", seq=1)]
    server.core.disconnected()

    server.connect()

    assert server.core.store.is_guests(BOB) is False
    assert texts(server, BOB) == ["from a guest", "from the account"]


def test_another_guest_of_the_name_is_told_from_the_one_before(server: PlayedServer) -> None:
    server.say(server.write(BOB, "the first guest", guest=True))
    server.logs[BOB] = []

    server.say(server.write(BOB, "another guest", guest=True, time=77))

    assert texts(server, BOB) == ["the first guest", "another guest"]
    assert not [one for one in server.core.events() if isinstance(one, MessagesLost)]


def test_who_was_a_guest_and_has_registered_begins_anew() -> None:
    store = Store()
    guest = played(store, password=None).connect()
    assert guest.core.is_guest
    guest.say(guest.write(BOB, "to the guest"))

    account = played(store)
    account.logs[BOB] = []
    account.connect()
    account.say(account.write(BOB, "to the account"))

    assert texts(account, BOB) == ["to the guest", "to the account"]


# --- a server that was brought back ------------------------------------------------------------


def forget(server: PlayedServer, *texts_of_bob: str) -> None:
    """Bring the server back from a backup that has only this."""
    server.core.disconnected()
    server.core.events()
    server.logs[BOB] = server.logs[BOB][: len(texts_of_bob)]
    assert tuple(one.message for one in server.logs[BOB]) == texts_of_bob


def test_what_a_server_has_forgotten_stays_here_and_is_told_as_lost(server: PlayedServer) -> None:
    for text in ("one", "two", "three"):
        server.say(server.write(BOB, text))
    forget(server, "one")

    server.connect()

    assert MessagesLost(BOB) in server.core.events()
    assert texts(server, BOB) == ["one", "two", "three"]
    server.say(server.write(BOB, "new", time=99))
    assert [(one.text, one.seq) for one in server.core.store.page(BOB) if one.seq] == [
        ("one", 1),
        ("new", 2),
    ]


def test_what_has_the_numbers_of_what_was_forgotten_takes_its_place(server: PlayedServer) -> None:
    for text in ("one", "two"):
        server.say(server.write(BOB, text))
    forget(server, "one")
    for text in ("another", "and one more"):
        server.write(BOB, text, time=99)

    server.connect()

    assert set(texts(server, BOB)) == {"one", "two", "another", "and one more"}
    numbered = [one.text for one in server.core.store.page(BOB) if one.seq]
    assert numbered == ["one", "another", "and one more"]


def test_ones_own_that_was_forgotten_has_failed(server: PlayedServer) -> None:
    server.say(server.write(BOB, "one"))
    server.core.outbox.add(BOB, "mine", 5.0)
    server.run()
    forget(server, "one")

    server.connect()

    mine = next(one for one in server.core.store.page(BOB) if one.text == "mine")
    assert (mine.state, mine.seq) == (MessageState.FAILED, None)


def test_a_server_that_has_less_but_shows_all_of_it_lost_nothing(server: PlayedServer) -> None:
    for text in ("one", "two"):
        server.say(server.write(BOB, text))
    server.core.disconnected()
    server.core.events()
    server.answers[ListConversations] = lambda _: ConversationsPage(
        200, conversations=[Summary(BOB, last=1)]
    )

    server.connect()

    assert not [one for one in server.core.events() if isinstance(one, MessagesLost)]
    server.answers[GetHistory] = lambda _: NotFound("Nothing there")
    server.core.disconnected()
    server.connect()
    assert texts(server, BOB) == ["one", "two"]
