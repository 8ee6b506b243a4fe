"""Encrypted messages are read in the order of writing, whatever the real server refuses between."""

from collections.abc import Callable

import pytest

from messenger.jim.errors import Forbidden, ProtocolError, TooMany
from messenger.sdk.store import MessageState
from tests.in_process import InProcessClient, InProcessServer, Users
from tests.sdk.person import Names

Held = Callable[[InProcessClient, str, str], None]
SLOW = TooMany("You write too fast", retry_after=1)


@pytest.fixture
def ann(user: Users, name: Names) -> InProcessClient:
    return user(name("ann"))


@pytest.fixture
def bob(user: Users, name: Names, ann: InProcessClient) -> InProcessClient:
    """Somebody who has written with Ann: the keys are exchanged."""
    bob = user(name("bob"))
    ann.say(bob.name, "0")
    bob.say(ann.name, "and back")
    ann.say(bob.name, "1")
    return bob


@pytest.fixture
def refuse(
    in_process_server: InProcessServer, monkeypatch: pytest.MonkeyPatch
) -> Callable[..., None]:
    """Have the server refuse the next messages with these errors; None is none."""
    rates = in_process_server.server.services.rates
    honest = rates.count

    def refuse(*errors: ProtocolError | None) -> None:
        left = list(errors)

        def count(rate: str, account: object) -> None:
            if rate == "message" and left and (error := left.pop(0)) is not None:
                raise error
            honest(rate, account)  # type: ignore[arg-type]  # the account, which it only hands on

        monkeypatch.setattr(rates, "count", count)

    return refuse


def put_on_the_way(server: InProcessServer, client: InProcessClient, to: str, *said: str) -> None:
    """Have messages leave, but not arrive before `go_on`."""
    if client in server.clients:
        server.clients.remove(client)
    for text in said:
        client.send_text(to, text)
    client.core.outbox.send_written()


def go_on(server: InProcessServer, client: InProcessClient) -> None:
    """Have everything arrive, and all pauses be over."""
    server.clients.append(client)
    client.settle()
    for _ in range(12):
        client.pass_time(1)


def read(client: InProcessClient, other: InProcessClient) -> list[str]:
    """Return what somebody reads of another one, once lost keys were asked for."""
    for _ in range(3):
        client.pass_time(20)
        other.pass_time(1)
    return [one.text for one in client.all(other.name) if one.sender == other.name]


def test_a_message_is_refused_while_the_next_one_is_encrypted(
    in_process_server: InProcessServer, user: Users, ann: InProcessClient, bob: InProcessClient
) -> None:
    """Bob's new device writes meanwhile, so that the next one waits for the list of devices."""
    put_on_the_way(in_process_server, ann, bob.name, "A")
    new = user(bob.name, register=False)
    new.send_text(ann.name, "I am new")
    new.settle()
    ann.core.encryption.device_lists.forget(bob.name)
    put_on_the_way(in_process_server, ann, bob.name, "B")

    go_on(in_process_server, ann)

    assert read(bob, ann) == ["0", "1", "A", "B"]


def test_a_message_has_to_wait_while_the_next_one_is_encrypted(
    in_process_server: InProcessServer,
    ann: InProcessClient,
    bob: InProcessClient,
    refuse: Callable[..., None],
) -> None:
    refuse(SLOW)
    put_on_the_way(in_process_server, ann, bob.name, "A")
    ann.core.encryption.device_lists.forget(bob.name)
    put_on_the_way(in_process_server, ann, bob.name, "B")

    go_on(in_process_server, ann)

    assert read(bob, ann) == ["0", "1", "A", "B"]


def test_a_message_is_sent_again_before_others_that_had_to_wait(
    in_process_server: InProcessServer,
    ann: InProcessClient,
    bob: InProcessClient,
    refuse: Callable[..., None],
) -> None:
    refuse(Forbidden("no"), SLOW, SLOW)
    put_on_the_way(in_process_server, ann, bob.name, "A", "B", "C")
    in_process_server.clients.append(ann)
    ann.settle()
    (failed,) = [one for one in ann.all(bob.name) if one.state is MessageState.FAILED]
    in_process_server.clients.remove(ann)
    ann.send_again(failed)

    go_on(in_process_server, ann)

    assert sorted(read(bob, ann)) == ["0", "1", "A", "B", "C"]


def test_one_was_encrypted_before_the_connection_was_lost_and_the_next_one_after_it(
    in_process_server: InProcessServer,
    user: Users,
    ann: InProcessClient,
    bob: InProcessClient,
    refuse: Callable[..., None],
) -> None:
    put_on_the_way(in_process_server, ann, bob.name, "A")
    ann.core.data_to_send()  # It is lost.
    in_process_server.clients.append(ann)
    ann.break_off()
    user(bob.name, register=False)
    ann.send_text(bob.name, "B")
    refuse(None, SLOW)

    ann.start()
    ann.settle()
    for _ in range(12):
        ann.pass_time(1)

    assert read(bob, ann) == ["0", "1", "A", "B"]


def test_what_is_on_the_way_for_an_outdated_list_holds_up_nobody(
    in_process_server: InProcessServer,
    user: Users,
    name: Names,
    ann: InProcessClient,
    bob: InProcessClient,
) -> None:
    """The server refuses each of them for that; no pause is needed."""
    eve = user(name("eve"))
    ann.say(eve.name, "0")
    said = [f"{number}" for number in range(2, 22)]
    put_on_the_way(in_process_server, ann, bob.name, *said)
    user(bob.name, register=False)

    in_process_server.clients.append(ann)
    ann.settle()
    ann.say(eve.name, "hi eve")

    assert [one.text for one in bob.all(ann.name) if one.sender == ann.name] == ["0", "1", *said]
    assert eve.heard(ann.name) == ["0", "hi eve"]


def test_sessions_are_renewed_in_the_middle_of_many_messages(
    ann: InProcessClient, bob: InProcessClient, refuse: Callable[..., None]
) -> None:
    refuse(*[None] * 110, SLOW)
    said = [f"{number}" for number in range(2, 202)]

    for text in said:
        ann.send_text(bob.name, text)
    ann.settle()
    for _ in range(8):
        ann.pass_time(1)

    assert read(bob, ann) == ["0", "1", *said]


def test_of_many_conversations_one_is_refused(
    user: Users, name: Names, ann: InProcessClient
) -> None:
    others = [user(name(f"friend{number}")) for number in range(3)]
    names = [*(other.name for other in others), "#no such room"]
    ann.break_off()
    for number in range(200):
        ann.send_text(names[number % 4], f"{number}")

    ann.start()
    ann.settle()
    for _ in range(4):
        ann.pass_time(2)

    for index, other in enumerate(others):
        assert other.heard(ann.name) == [f"{number}" for number in range(index, 200, 4)]
    states = [one.state for one in ann.store.page("#no such room", limit=99)]
    assert states == [MessageState.FAILED] * 50
