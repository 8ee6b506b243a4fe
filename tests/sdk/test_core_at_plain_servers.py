"""The client without I/O at a server that knows the reference only."""

import pytest

from messenger.jim.contacts import GetContacts
from messenger.jim.errors import BadRequest
from messenger.jim.rooms import ListRooms
from messenger.sdk.events import ConnectionState, Emptiness
from messenger.sdk.store import MessageState
from tests.sdk.playbook import on_plain_server, texts

BOB, ROOM = "名前", "#кафе"


@pytest.mark.parametrize("password", [None, "the password"])
def test_at_a_plain_server_one_is_online_at_once(password: str | None) -> None:
    server = on_plain_server(password).connect()

    assert server.core.state is ConnectionState.ONLINE
    assert server.core.is_plain_server
    assert server.core.store.contacts() == [BOB]
    assert server.core.is_guest is (password is None)
    assert server.core.why_empty(ROOM) is Emptiness.HIDDEN
    with pytest.raises(BadRequest, match="plain JIM"):
        server.core.ask(ListRooms(), lambda _: None)


def test_a_plain_server_that_has_no_contacts_is_asked_once() -> None:
    server = on_plain_server()
    server.answers[GetContacts] = lambda _: None
    server.connect()
    server.pass_time(1)
    server.pass_time(10)
    server.answers.pop(GetContacts)
    server.core.disconnected()

    server.connect()

    assert server.core.state is ConnectionState.ONLINE


def test_texts_go_to_a_plain_server_one_by_one_in_plain() -> None:
    server = on_plain_server().connect()
    for text in ("one", "two"):
        server.core.outbox.add(BOB, text, 5)

    server.run()

    assert [one.message for one in server.logs[BOB]] == ["one", "two"]
    assert {one.state for one in server.core.store.page(BOB)} == {MessageState.SENT}
    assert texts(server, BOB) == ["one", "two"]
