"""The client without I/O: how it greets, what it does with what it is told, when it gives up."""

import pytest

from messenger.jim.base import Reply
from messenger.jim.contacts import GetContacts, People, Whois
from messenger.jim.errors import (
    BadRequest,
    Conflict,
    DeviceRemoved,
    ProtocolError,
    ServerError,
    Stopping,
    Unauthorized,
)
from messenger.jim.history import GetHistory, ListConversations
from messenger.jim.messages import SendReceipt
from messenger.jim.rooms import ListRooms
from messenger.jim.session import Authenticate, Presence, Probe, User
from messenger.sdk.backfill import Fetched
from messenger.sdk.errors import ConnectionLost, NotOnline, ServerClosed
from messenger.sdk.events import ConnectionState, ContactsChanged, StateChanged
from messenger.sdk.file_errors import DatabaseUnusable
from messenger.sdk.silence import SILENCE
from messenger.sdk.store import Store
from tests.sdk.playbook import ME, PlayedServer, on_plain_server, played

BOB, ROOM = "名前", "#кафе"


def states(server: PlayedServer) -> list[ConnectionState]:
    return [event.state for event in server.core.events() if isinstance(event, StateChanged)]


# --- greeting ----------------------------------------------------------------------------------


def test_a_client_greets_asks_for_contacts_and_is_online() -> None:
    server = played()
    server.answers[GetContacts] = lambda _: People(200, contacts=[BOB])

    server.connect()

    assert [type(one) for one in server.requests] == [Authenticate, GetContacts, ListConversations]
    assert server.core.store.contacts() == [BOB]
    told = server.core.events()
    assert ContactsChanged((BOB,)) in told
    assert [one.state for one in told if isinstance(one, StateChanged)] == [
        ConnectionState.CONNECTING,
        ConnectionState.HANDSHAKE,
        ConnectionState.ONLINE,
    ]


def test_before_that_nothing_can_be_asked() -> None:
    core = played().core

    with pytest.raises(NotOnline):
        core.ask(ListRooms(), lambda _: None)
    with pytest.raises(NotOnline):
        core.change_password("old", "new", lambda _: None)


def test_a_login_that_is_refused_is_not_tried_again() -> None:
    server = played()
    server.answers[Authenticate] = lambda _: Unauthorized("Who are you?")

    server.connect()

    assert server.core.gives_up
    assert server.core.state is ConnectionState.REFUSED
    assert str(server.core.error) == "Who are you?"
    server.core.disconnected()
    assert server.core.state is ConnectionState.REFUSED


@pytest.mark.parametrize(
    "error", [Stopping("Full"), ServerError("Oops"), Conflict("Here already", retry_after=3)]
)
def test_a_server_that_is_busy_is_tried_again(error: ProtocolError) -> None:
    server = played()
    server.answers[Authenticate] = lambda _: error

    server.connect()
    server.core.disconnected(ServerClosed(), retry_at=3)

    assert server.core.retry_after == error.retry_after
    assert server.core.state is ConnectionState.OFFLINE
    told = server.core.events()[-1]
    assert isinstance(told, StateChanged)
    assert (type(told.error), str(told.error), told.retry_at) == (type(error), str(error), 3)


def test_a_guest_who_comes_back_before_the_server_has_noticed_tries_again() -> None:
    server = played(password=None)
    server.connect()
    server.core.disconnected()
    server.answers[Presence] = lambda _: Conflict("Somebody is called so")

    server.connect()

    assert server.core.gives_up
    assert server.core.state is ConnectionState.HANDSHAKE


def test_a_connection_that_breaks_while_greeting_is_no_refusal() -> None:
    server = played()
    server.answers[Authenticate] = lambda _: None
    server.connect()

    server.core.disconnected(ServerClosed())

    assert not server.core.gives_up
    assert states(server)[-1] is ConnectionState.OFFLINE


def test_the_shell_may_refuse_the_server() -> None:
    core = played().core

    core.refuse(BadRequest("The server's key is another"))

    assert core.state is ConnectionState.REFUSED
    assert str(core.error) == "The server's key is another"


@pytest.mark.parametrize("kind", [GetContacts, ListConversations])
def test_a_connection_that_breaks_at_any_answer_begins_anew(kind: type) -> None:
    server = played()
    honest = server.answers[kind]
    server.answers[kind] = lambda _: None
    server.connect()
    server.core.disconnected()

    server.answers[kind] = honest
    server.connect()

    assert server.core.state is ConnectionState.ONLINE


# --- what the server says ----------------------------------------------------------------------


def test_a_probe_is_answered_by_a_presence() -> None:
    server = played().connect()
    server.requests.clear()

    server.say(Probe())

    assert [one.user.name for one in server.asked(Presence)] == [ME]


def test_a_server_that_stops_says_so_and_ends_the_connection() -> None:
    server = played().connect()

    server.say(Reply(503, error="The server is shutting down"))

    assert server.core.gives_up
    assert str(server.core.error) == "The server is shutting down"
    server.core.disconnected()
    assert server.core.state is ConnectionState.OFFLINE


def test_a_notice_that_is_no_error_changes_nothing() -> None:
    server = played().connect()

    server.say(Reply(100, alert="Maintenance tonight"))

    assert not server.core.gives_up


def test_what_is_no_jim_is_an_error() -> None:
    core = played().connect().core

    with pytest.raises(ProtocolError):
        core.received(b"HTTP/1.1 400 Bad Request\r\n", 0)


def test_an_event_of_a_later_version_is_passed_over() -> None:
    server = played().connect()

    server.core.received(b'{"action": "karaoke", "time": 1}\n', 0)

    assert server.core.state is ConnectionState.ONLINE


# --- silence -----------------------------------------------------------------------------------


def test_a_silent_server_is_asked_and_given_up_in_the_end() -> None:
    server = played().connect()
    server.requests.clear()
    server.answers[Presence] = lambda _: None

    assert server.pass_time(SILENCE + 1)
    assert len(server.asked(Presence)) == 1
    assert server.pass_time(1)
    assert server.asked(Presence) == []
    assert not server.pass_time(SILENCE)


def test_a_plain_server_may_be_silent() -> None:
    server = on_plain_server().connect()

    assert server.pass_time(10 * SILENCE)


def test_offline_nothing_is_due() -> None:
    core = played().core

    assert core.tick(0)
    assert core.data_to_send() == b""
    core.received(b"late", 0)
    assert core.events() == []


# --- asking ------------------------------------------------------------------------------------


def test_an_answer_is_handed_on_and_an_error_too() -> None:
    server = played().connect()
    server.answers[Whois] = lambda _: BadRequest("Who?")
    answers: list[object] = []

    server.core.ask(Whois(account_name=BOB), answers.append)
    server.run()
    server.answers[Whois] = lambda _: People(200)
    server.core.ask(Whois(account_name=BOB), answers.append)
    server.run()

    assert [type(one) for one in answers] == [BadRequest, People]


def test_who_waits_when_the_connection_breaks_hears_of_it() -> None:
    server = played().connect()
    server.answers[Whois] = lambda _: None
    answers: list[object] = []
    server.core.ask(Whois(account_name=BOB), answers.append)
    server.run()

    server.core.disconnected()

    assert [type(one) for one in answers] == [ConnectionLost]


def test_a_handler_that_fails_when_the_connection_breaks_spoils_nothing(
    caplog: pytest.LogCaptureFixture,
) -> None:
    def fail(_answer: object) -> None:
        raise RuntimeError("a bug")

    def fail_again(_answer: object) -> None:
        raise DatabaseUnusable("The disk is full")

    server = played().connect()
    server.answers[Whois] = lambda _: None
    answers: list[object] = []
    for take in (fail, fail_again, answers.append):
        server.core.ask(Whois(account_name=BOB), take)
    server.run()

    server.core.disconnected()

    assert len(answers) == 1
    assert "a bug" in caplog.text
    assert "The disk is full" in caplog.text


# --- what a user does --------------------------------------------------------------------------


def test_what_is_read_is_told_once() -> None:
    server = played().connect()
    server.say(server.write(BOB, "hi"))
    server.requests.clear()

    for _ in range(2):
        server.core.mark_read(BOB)
    server.core.mark_read("nobody")
    server.run()

    assert [(one.conversation, one.read) for one in server.asked(SendReceipt)] == [(BOB, 1)]


def test_a_presence_is_told_now_and_on_each_connection() -> None:
    server = played(password=None).connect()
    server.requests.clear()
    server.core.set_presence(Presence(user=User(ME, status="чай"), type="away"))
    server.run()
    assert [one.user.status for one in server.asked(Presence)] == ["чай"]

    server.core.disconnected()
    server.core.set_presence(Presence(user=User(ME, status="back")))
    server.connect()

    assert server.asked(Presence)[0].user.status == "back"


def test_older_messages_of_what_is_not_known_are_none() -> None:
    fetched: list[Fetched] = []

    played().connect().core.exchange.backfill.fetch_older(BOB, fetched.append)

    assert fetched == [Fetched([], is_start=True)]


def test_a_client_that_is_closed_tries_no_more() -> None:
    core = played().connect().core

    core.close()
    core.disconnected()

    assert core.state is ConnectionState.CLOSED


def test_a_request_of_a_handler_that_the_end_calls_is_lost() -> None:
    """The link is gone by then: it is answered at once."""
    server = played().connect()
    server.answers[GetHistory] = lambda _: None
    answers: list[object] = []
    server.core.ask(
        Whois(account_name=BOB),
        lambda _: server.core._request(Whois(account_name=BOB), answers.append),
    )

    server.core.disconnected()

    assert [type(one) for one in answers] == [ConnectionLost]


# --- the device and its database ---------------------------------------------------------------


def test_a_device_that_was_removed_becomes_another_one() -> None:
    server = played().connect()
    device = server.asked(Authenticate)[0].device.id

    server.say(Reply(403, error="Removed", kind=DeviceRemoved.kind))
    server.core.disconnected()
    assert server.core.state is ConnectionState.REFUSED
    server.connect()

    assert server.asked(Authenticate)[0].device.id != device


def test_what_was_not_written_to_the_database_is_read_anew() -> None:
    """What is in memory may be ahead of it: the connection is given up."""
    store = Store()
    server = played(store).connect()

    def fail() -> None:
        with store.transaction():
            store.put("longest_text", "77")
            raise OSError("The disk is full")

    with pytest.raises(OSError, match="full"):
        fail()

    assert not server.pass_time(1)
    server.core.disconnected()
    server.connect()
    assert server.pass_time(1)
    assert server.core.state is ConnectionState.ONLINE
