"""Servers by other authors speak plain JIM, or a part of it."""

import asyncio
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

from messenger.jim.base import Reply
from messenger.jim.contacts import GetContacts
from messenger.jim.errors import BadRequest
from messenger.jim.messages import SendMessage, Typing
from messenger.jim.rooms import Join, ListRooms
from messenger.jim.session import Authenticate, Presence, User
from messenger.sdk import AsyncClient, Client, Credentials, MessageChanged, MessageReceived
from messenger.sdk.errors import Unanswered
from messenger.sdk.events import ConnectionState, ContactsChanged, StateChanged
from messenger.sdk.link import Link
from messenger.sdk.store import MessageState
from tests.sdk.plain_server import Object, PlainServer


def reference(request: Object) -> Object:
    """Answer as plain JIM requires."""
    if request["action"] == "get_contacts":
        return {"response": "202", "alert": "['Иван', 'b ob']"}
    if request["action"] not in ("presence", "authenticate", "msg", "join", "leave"):
        return {"response": 400, "error": "what?"}
    return {"response": 200, "time": time.ctime(), "alert": "OK"}


@contextmanager
def client_of(server: PlainServer, password: str | None = None) -> Iterator[Client]:
    client = Client("127.0.0.1", server.port, Credentials("Иван", password), encryption="plain")
    client.start()
    yield client
    client.close()


def wait_for(client: Client, condition: Callable[[], bool]) -> None:
    with client._state:
        assert client._state.wait_for(condition, 60)


@pytest.mark.parametrize("password", [None, "correct horse battery"])
def test_a_plain_server_gets_what_the_reference_has_one_by_one(password: str | None) -> None:
    contacts: list[tuple[str, ...]] = []
    with PlainServer(reference) as server, client_of(server, password) as client:
        client.on(ContactsChanged)(lambda event: contacts.append(event.names))
        assert client.wait_until_online(60)
        assert client.core.is_plain_server
        for number in range(5):
            client.send_text("名前", f"привет {number}")
        assert client.wait_until_sent(10)
        client.post(Typing(to="名前"))
        client.mark_read("名前")
        with pytest.raises(BadRequest, match="plain JIM"):
            client.ask(ListRooms())
        assert client.ask(Join(room="#комната")).code == 200

        first = "presence" if password is None else "authenticate"
        assert server.actions() == [[first, "get_contacts", *["msg"] * 5, "join"]]
        assert all(isinstance(one["time"], float | int) for one in server.heard[0])
        assert not any("id" in one for one in server.heard[0][1:])
        states = {one.state for one in client.store.page("名前")}
        assert states == {MessageState.SENT}
        assert sorted(client.store.contacts()) == ["b ob", "Иван"]


def test_what_a_plain_server_passes_on_arrives_whatever_its_time_says() -> None:
    with PlainServer(reference) as server, client_of(server) as client:
        heard: list[str] = []
        client.on(MessageReceived)(lambda event: heard.append(event.message.text))
        assert client.wait_until_online(60)
        server.wait(lambda actions: "get_contacts" in actions[0])
        for when in (time.time(), time.ctime(), 1, None):
            told = len(heard)
            server.say(action="msg", time=when, to="Иван", **{"from": "bob"}, message=f"at {when}")
            wait_for(client, lambda told=told: len(heard) > told)

        stored = [one.stored for one in client.store.page("bob")]
        assert all(abs(one - time.time()) < 60 for one in stored)


def test_a_server_that_hangs_up_at_get_contacts_is_not_asked_again() -> None:
    with (
        PlainServer(
            lambda one: b"" if one["action"] == "get_contacts" else reference(one)
        ) as server,
        client_of(server) as client,
    ):
        client.send_text("bob", "hello")
        assert client.wait_until_sent(20)

        assert server.actions() == [["presence", "get_contacts"], ["presence", "msg"]]


def test_a_server_that_never_answers_get_contacts_gets_messages_all_the_same() -> None:
    with (
        PlainServer(
            lambda one: None if one["action"] == "get_contacts" else reference(one)
        ) as server,
        client_of(server) as client,
    ):
        assert client.wait_until_online(60)
        client.send_text("bob", "hello")
        assert client.wait_until_sent(20)

        assert server.actions() == [["presence", "get_contacts", "msg"]]


def test_what_is_never_acknowledged_stays_unsent_and_holds_nobody_up() -> None:
    def answer(one: Object) -> Object | None:
        return None if one["action"] == "msg" else reference(one)

    with PlainServer(answer) as server:
        with client_of(server) as client:
            changed: list[MessageChanged] = []
            client.on(MessageChanged)(changed.append)
            assert client.wait_until_online(60)
            client.send_text("bob", "hello")
            server.wait(lambda actions: "msg" in actions[0])
            assert client.store.page("bob")[0].state is MessageState.UNSENT
            assert not client.wait_until_sent(0.01)
        assert changed == []
        assert not any(thread.is_alive() for thread in client._threads)


@pytest.mark.parametrize(
    ("request_", "patience"),
    [(GetContacts(), 10), (SendMessage(to="bob", message="x"), 60), (Presence(user=User("x")), 10)],
)
def test_a_request_that_is_not_answered_ends_and_the_next_one_goes_out(
    request_: SendMessage, patience: int
) -> None:
    link = Link(print, print)
    link.is_plain = True
    answers: list[object] = []
    link.send(request_, answers.append)
    link.send(Join(room="#r"), answers.append)
    assert link.data_to_send().count(b"\n") == 1

    seconds = iter(range(patience))
    while not answers:
        link.tick(float(next(seconds)))
    assert isinstance(answers[0], Unanswered)
    assert b'"join"' in link.data_to_send()
    link.receive(b'{"response": 200}')
    assert isinstance(answers[1], Reply)
    link.receive(b'{"response": 404, "error": "late"}')
    assert link.is_idle


def test_every_request_has_a_time_and_ours_keep_their_own() -> None:
    link = Link(print, print)
    link.send(Authenticate(user=User("Иван")), print)
    link.send(SendMessage(to="bob", message="x", time=5.0), print)
    first, second = link.data_to_send().splitlines()

    assert b'"time":1' in first
    assert b'"time":5.0' in second


def test_an_asynchronous_client_is_online_at_once_too() -> None:
    def answer(one: Object) -> Object | None:
        return None if one["action"] == "get_contacts" else reference(one)

    async def talk(port: int) -> None:
        client = AsyncClient("127.0.0.1", port, Credentials("Иван"), encryption="plain")
        async with client:
            await asyncio.wait_for(client.wait_until_online(), 60)
            client.send_text("bob", "hello")
            await asyncio.wait_for(client.wait_until_sent(), 60)
            assert client.core.is_plain_server

    with PlainServer(answer) as server:
        asyncio.run(talk(server.port))
        assert server.actions() == [["presence", "get_contacts", "msg"]]


def test_a_wrong_answer_to_the_greeting_is_a_refusal() -> None:
    with PlainServer(lambda _: {"response": 402, "error": "нет"}) as server:
        with client_of(server, "password") as client:
            states: list[StateChanged] = []
            client.on(StateChanged)(states.append)
            with pytest.raises(Exception, match="нет"):
                client.wait_until_online(60)
            assert client.core.state is ConnectionState.REFUSED
        assert server.actions() == [["authenticate"]]
