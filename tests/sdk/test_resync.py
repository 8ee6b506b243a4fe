"""What was missed: whatever comes, is lost or comes again, the log here becomes the server's."""

from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from messenger.jim.errors import LoginTimeout, NotFound
from messenger.jim.history import ConversationsPage, GetHistory, ListConversations, Summary
from messenger.jim.messages import SendReceipt
from messenger.jim.names import EVERYONE
from messenger.sdk.backfill import Fetched
from messenger.sdk.events import Emptiness, MessageChanged
from messenger.sdk.store import MessageState
from tests.sdk.playbook import ME, PlayedServer, lasting, played, received, texts

BOB, ROOM = "名前", "#кафе"


@pytest.fixture
def server() -> Iterator[PlayedServer]:
    with lasting() as server:
        yield server


# --- any order ---------------------------------------------------------------------------------

WRITE, WRITE_UNSEEN, AGAIN, BREAK = "write", "write unseen", "again", "break"
STEPS = st.lists(
    st.tuples(st.sampled_from([WRITE, WRITE_UNSEEN, AGAIN, BREAK]), st.sampled_from([BOB, ROOM])),
    max_size=25,
)


@given(STEPS)
def test_whatever_is_lost_or_comes_again_each_message_is_told_once_and_in_order(
    steps: list[tuple[str, str]],
) -> None:
    with lasting() as server:
        told: list[str] = []
        for number, (step, where) in enumerate(steps):
            if step is BREAK:
                server.core.disconnected()
                server.connect()
            elif step is AGAIN and where in server.logs:
                server.say(server.logs[where][number % len(server.logs[where])])
            elif step is not AGAIN:
                message = server.write(where, f"{where} {number}", BOB)
                if step is WRITE:
                    server.say(message)
            told += received(server)
        server.core.disconnected()
        server.connect()
        told += received(server)

        for where, log in server.logs.items():
            assert texts(server, where) == [one.message for one in log]
            assert [text for text in told if text.startswith(where)] == [one.message for one in log]


def test_a_long_gap_is_fetched_page_by_page(server: PlayedServer) -> None:
    server.say(server.write(BOB, "first"))
    for number in range(250):
        server.write(BOB, f"{number}")

    server.say(server.write(BOB, "last"))

    assert texts(server, BOB) == ["first", *(f"{number}" for number in range(250)), "last"]
    assert len(server.asked(GetHistory)) == 3


def test_of_a_conversation_that_is_new_here_the_last_page_is_fetched_and_the_rest_when_asked_for(
    server: PlayedServer,
) -> None:
    for number in range(130):
        server.write(BOB, f"{number}")
    server.core.disconnected()
    server.connect()
    assert texts(server, BOB) == [f"{number}" for number in range(30, 130)]
    assert server.core.why_empty(BOB) is Emptiness.OLDER

    fetched: list[Fetched] = []
    server.core.exchange.backfill.fetch_older(BOB, fetched.append)
    server.run()
    server.core.exchange.backfill.fetch_older(BOB, fetched.append)
    server.run()

    assert [(len(one.messages), one.is_start) for one in fetched] == [(30, True), (0, True)]
    assert texts(server, BOB) == [f"{number}" for number in range(130)]


def test_everything_is_fetched_page_by_page_and_later_where_the_server_refuses(
    server: PlayedServer,
) -> None:
    for number in range(350):
        server.write(BOB, f"{number}")
    server.core.disconnected()
    server.connect()
    honest = server.answers[GetHistory]
    server.answers[GetHistory] = lambda _: LoginTimeout("Too often", retry_after=1)

    server.core.exchange.backfill.fetch_everything()
    server.run()
    assert len(texts(server, BOB)) == 100
    server.answers[GetHistory] = honest
    server.pass_time(1)

    assert texts(server, BOB) == [f"{number}" for number in range(350)]


def test_older_messages_that_the_server_has_not_any_more_are_not_asked_for_again(
    server: PlayedServer,
) -> None:
    for number in range(130):
        server.write(BOB, f"{number}")
    del server.logs[BOB][:30]
    server.core.disconnected()
    server.connect()
    fetched: list[Fetched] = []

    server.core.exchange.backfill.fetch_older(BOB, fetched.append)
    server.run()

    assert fetched == [Fetched([], is_start=True)]
    row = server.core.store.summary(BOB)
    assert row is not None
    assert row.first == 1


def test_a_core_in_memory_begins_with_what_comes_from_now_on() -> None:
    server = played()
    server.write(BOB, "before")

    server.connect()
    server.say(server.write(BOB, "now"))

    assert texts(server, BOB) == ["now"]


def test_a_core_in_memory_gets_what_comes_into_a_room_while_it_is_listed() -> None:
    """Such as a bot that has just joined: it came live, though the list has its number by now."""
    server = played().connect()
    server.write(ROOM, "before", BOB)
    honest = server.answers[ListConversations]
    server.answers[ListConversations] = lambda _: None
    server.core.exchange.resync.look()
    server.say(server.write(ROOM, "live", BOB))

    server.answers[ListConversations] = honest
    server.run()

    assert received(server) == ["live"]


def test_what_the_server_does_not_give_is_fetched_on_the_next_connection(
    server: PlayedServer,
) -> None:
    server.say(server.write(BOB, "one"))
    server.write(BOB, "two")
    honest = server.answers[GetHistory]
    server.answers[GetHistory] = lambda _: NotFound("Nothing there")
    server.say(server.write(BOB, "three"))
    assert texts(server, BOB) == ["one"]

    server.answers[GetHistory] = honest
    server.core.disconnected()
    server.connect()

    assert texts(server, BOB) == ["one", "two", "three"]


def test_a_connection_that_breaks_while_a_page_is_on_its_way_loses_nothing(
    server: PlayedServer,
) -> None:
    server.say(server.write(BOB, "one"))
    server.write(BOB, "two")
    honest = server.answers[GetHistory]
    server.answers[GetHistory] = lambda _: None
    server.say(server.write(BOB, "three"))

    server.core.disconnected()
    server.answers[GetHistory] = honest
    server.connect()

    assert texts(server, BOB) == ["one", "two", "three"]


# --- where the user stands ---------------------------------------------------------------------


def test_what_comes_is_marked_as_delivered_unless_it_is_ones_own(server: PlayedServer) -> None:
    server.say(server.write(BOB, "hi"))
    server.say(server.write(BOB, "from my other device", ME, to=BOB))

    assert [(one.conversation, one.delivered) for one in server.asked(SendReceipt)] == [(BOB, 1)]


def test_what_was_read_while_the_server_was_away_is_told_later(server: PlayedServer) -> None:
    server.say(server.write(BOB, "hi"))
    server.core.disconnected()

    server.core.mark_read(BOB)
    server.requests.clear()
    server.connect()

    assert [one.read for one in server.asked(SendReceipt) if one.read] == [1]


def test_what_the_other_side_has_read_meanwhile_is_known(server: PlayedServer) -> None:
    server.core.outbox.add(BOB, "hi", 5)
    server.run()
    server.core.disconnected()
    server.core.events()
    page = ConversationsPage(200)
    page.conversations = [Summary(BOB, last=1, peer_delivered=1, peer_read=1)]
    server.answers[ListConversations] = lambda _: page

    server.connect()

    changed = [one.message for one in server.core.events() if isinstance(one, MessageChanged)]
    assert [(one.text, one.state) for one in changed] == [("hi", MessageState.READ)]


def test_a_list_of_conversations_comes_in_pages(server: PlayedServer) -> None:
    pages = {0: ConversationsPage(200, next=7), 7: ConversationsPage(200)}
    pages[0].conversations = [Summary(BOB, topic="not said")]
    pages[7].conversations = [Summary(ROOM, topic="чай", encrypted=True)]
    server.answers[ListConversations] = lambda request: pages[request.after]
    server.core.disconnected()

    server.connect()

    assert {row.name: (row.topic, row.encrypted) for row in server.core.store.summaries()} == {
        BOB: ("not said", False),
        ROOM: ("чай", True),
    }


def test_a_list_that_is_refused_stops_nothing(server: PlayedServer) -> None:
    server.answers[ListConversations] = lambda _: NotFound("Nothing there")
    server.core.disconnected()
    server.connect()

    server.say(server.write(ROOM, "hi", BOB))

    assert texts(server, ROOM) == ["hi"]


def test_what_comes_into_a_room_before_the_list_waits_for_it(server: PlayedServer) -> None:
    """Which room of that name it is the list says."""
    honest = server.answers[ListConversations]
    server.answers[ListConversations] = lambda _: None
    server.core.disconnected()
    server.connect()

    server.say(server.write(ROOM, "in the room", BOB), server.write(EVERYONE, "for all", BOB))
    assert texts(server, ROOM) == []
    assert texts(server, EVERYONE) == ["for all"]
    server.answers[ListConversations] = honest
    server.run()

    assert texts(server, ROOM) == ["in the room"]


def test_another_room_under_the_name_is_asked_for(server: PlayedServer) -> None:
    server.logs[ROOM] = []
    server.say(server.write(ROOM, "old", BOB))
    for made in ("a" * 32, "b" * 32):
        server.summaries[ROOM] = Summary(ROOM, unique_id=made)
        server.core.disconnected()
        server.asked(ListConversations)
        server.connect()

    assert server.asked(ListConversations)


# --- servers without numbers, and emptiness ----------------------------------------------------


def test_a_message_without_a_number_is_kept_as_it_comes(server: PlayedServer) -> None:
    server.say(server.write(BOB, "from a plain server", seq=0))

    assert texts(server, BOB) == ["from a plain server"]
    assert received(server) == ["from a plain server"]


def test_why_nothing_is_there_is_known_once_the_server_has_listed(server: PlayedServer) -> None:
    assert server.core.why_empty(BOB) is Emptiness.EMPTY
    server.answers[ListConversations] = lambda _: None
    server.core.disconnected()
    server.connect()

    assert server.core.why_empty(BOB) is Emptiness.LOADING


def test_a_guest_sees_nothing_of_what_was_said_in_a_room_before() -> None:
    guest = played(password=None).connect()

    assert guest.core.why_empty(ROOM) is Emptiness.HIDDEN
    assert guest.core.why_empty(BOB) is Emptiness.EMPTY


def test_what_was_missed_is_told_before_what_came(server: PlayedServer) -> None:
    server.say(server.write(BOB, "one"))
    server.core.events()
    server.write(BOB, "two")

    server.say(server.write(BOB, "three"))

    assert received(server) == ["two", "three"]
