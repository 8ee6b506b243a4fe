"""Refusals of any number of messages at once: in loops without an end, nor a depth."""

import pytest

from messenger.jim.codec import encode
from messenger.jim.devices import DevicesChanged
from messenger.jim.errors import Offline, OutdatedDevices, OutOfOrder, ServerError
from messenger.jim.messages import SendMessage
from messenger.jim.session import ORDER, Authenticate, SizeLimits
from messenger.sdk.errors import ConnectionLost, StoreUnusable
from messenger.sdk.file_errors import DatabaseUnusable
from messenger.sdk.store import MessageState
from tests.sdk.playbook import PLAIN, PlayedServer, played

BOB, ROOM = "名前", "#кафе"
UNORDERED = tuple(feature for feature in PLAIN if feature != ORDER)


def write(server: PlayedServer, *said: str, to: str = BOB) -> None:
    for text in said:
        server.core.outbox.add(to, text, 5)
    server.run()


def sent(server: PlayedServer, to: str = BOB) -> list[str]:
    return [one.message for one in server.logs.get(to, [])]


def states(server: PlayedServer) -> set[MessageState]:
    return {one.state for one in server.core.store.page(BOB, limit=100_000)}


def test_a_guest_who_is_not_back_yet_gets_all_that_was_written_a_moment_later() -> None:
    server = played()
    said = [f"{number}" for number in range(20)]
    write(server, *said)
    honest = server.answers[SendMessage]
    server.answers[SendMessage] = lambda _: Offline("Nobody is called so")
    server.connect()
    server.pass_time(1)

    server.answers[SendMessage] = honest
    for _ in range(20):
        server.pass_time(1)

    assert sent(server) == said


def test_a_guest_who_does_not_come_back_gets_nothing_in_the_end() -> None:
    server = played()
    write(server, *(f"{number}" for number in range(20)))
    server.answers[SendMessage] = lambda _: Offline("Nobody is called so")

    server.connect()
    for _ in range(60):
        server.pass_time(1)

    assert states(server) == {MessageState.FAILED}


@pytest.mark.parametrize("features", [PLAIN, UNORDERED])
def test_any_number_of_messages_may_be_too_long_for_the_server(features: tuple[str, ...]) -> None:
    """They are refused before they leave, one after the other."""
    server = played()
    welcome = server.welcome(limits=SizeLimits(100, 2000, 1000), features=features)
    server.answers[Authenticate] = lambda _: welcome
    with server.core.store.transaction():
        write(server, *(f"{number}".ljust(200, "x") for number in range(2_000)))

    server.connect()
    server.pass_time(1)

    assert states(server) == {MessageState.FAILED}


@pytest.mark.parametrize("features", [PLAIN, UNORDERED])
def test_any_number_of_messages_may_be_refused_by_the_encryption(features: tuple[str, ...]) -> None:
    server = played()
    welcome = server.welcome(features=features)
    server.answers[Authenticate] = lambda _: welcome
    with server.core.store.transaction():
        write(server, *(f"{number}" for number in range(2_000)))

    server.core.encryption.context.availability.refused = "The server is odd"
    server.connect()
    server.pass_time(1)

    assert states(server) == {MessageState.FAILED}


@pytest.mark.parametrize(
    "error", [OutOfOrder("The one before is missing"), ServerError("The disk is full")]
)
def test_a_server_that_refuses_one_conversation_holds_up_no_other(error: OutOfOrder) -> None:
    server = played().connect()
    honest = server.answers[SendMessage]
    server.answers[SendMessage] = lambda request: error if request.to == BOB else honest(request)

    write(server, "hi")
    write(server, "one", "two", to=ROOM)

    assert sent(server, ROOM) == ["one", "two"]


def test_an_outdated_list_is_refused_for_each_of_many_messages_without_a_pause() -> None:
    server = played().connect()
    honest = server.answers[SendMessage]
    server.answers[SendMessage] = lambda _: None
    write(server, *(f"{number}" for number in range(20)))
    left = {request.id for request in server.asked(SendMessage)}

    def answer(request: SendMessage) -> object:
        if request.id not in left:
            return honest(request)
        left.discard(request.id)
        return OutdatedDevices("changed", DevicesChanged(409, version="2"))

    server.answers[SendMessage] = answer  # type: ignore[assignment]  # it returns a reply or an error
    server.run()

    assert sent(server) == [f"{number}" for number in range(20)]


def test_an_error_while_messages_are_encrypted_delays_them_only() -> None:
    server = played().connect()
    encryption = server.core.encryption.outgoing
    honest = encryption.prepare

    def fail(*_arguments: object) -> None:
        encryption.prepare = honest  # type: ignore[method-assign]  # put back
        raise DatabaseUnusable("The disk cannot be read now")

    encryption.prepare = fail  # type: ignore[assignment,method-assign]  # fails once
    write(server, "hi")
    assert not server.pass_time(1)  # The connection is given up: the database may be behind.
    server.core.disconnected()
    server.connect()

    assert sent(server) == ["hi"]


def test_a_request_is_answered_once_what_it_changes_is_stored() -> None:
    """If it cannot be stored, the request fails: the connection is given up."""
    server = played().connect()
    store, core = server.core.store, server.core
    answers: list[object] = []
    take = core.reading.until_stored(answers.append)
    with store.transaction() as connection:
        connection.exec_driver_sql(
            "CREATE TRIGGER full BEFORE INSERT ON profile "
            "BEGIN SELECT RAISE(ROLLBACK, 'the disk is full'); END"
        )

    def answer_and_fail(_events: object) -> None:
        take("done")
        store.put("anything", "1")

    assert core._link is not None
    core._link._on_events = answer_and_fail
    with pytest.raises(StoreUnusable):
        core.received(encode(server.write(BOB, "from bob")) + b"\n", 1)

    assert [type(answer) for answer in answers] == [ConnectionLost]
    take("later")
    assert answers[1:] == ["later"]
