"""The core at the end of a connection: callbacks are called, no state is ahead of the database."""

import logging
import socket
from typing import cast

import pytest

from messenger.jim.contacts import GetContacts
from messenger.sdk import Client, Store, connecting
from messenger.sdk.core import Core
from messenger.sdk.credentials import Credentials
from messenger.sdk.errors import ConnectionLost, ServerClosed, StoreUnusable
from messenger.sdk.events import ConnectionState, StateChanged
from tests.sdk.person import Names, People, told, wait


def online() -> Core:
    """Return the core of a guest at a plain server that answers only the login."""
    core = Core(Store(), Credentials("Иван 名前"), program="tests")
    core.connected(0.0)
    core.received(b'{"response": 200}\n', 0.0)
    assert core.state is ConnectionState.ONLINE
    return core


def fail(_answer: object) -> None:
    raise RuntimeError("a bug of whoever waits")


def test_everybody_who_waits_is_told_that_the_connection_is_lost_whatever_another_does(
    caplog: pytest.LogCaptureFixture,
) -> None:
    core, answers = online(), list[object]()
    for take in (answers.append, fail, answers.append, fail, answers.append):
        core.ask(GetContacts(user_login="Иван 名前"), take)

    with caplog.at_level(logging.ERROR):
        core.disconnected(ServerClosed(), 1.0)

    assert [type(answer) for answer in answers] == [ConnectionLost] * 3
    assert core.state is ConnectionState.OFFLINE
    assert sum("a bug of whoever waits" in str(one.exc_info) for one in caplog.records) == 2


def test_a_server_that_reads_nothing_is_left(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connecting, "_SEND_TIMEOUT", 0.2)
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port = listening.getsockname()[1]
        client = Client("127.0.0.1", port, Credentials("Иван"), Store(), encryption="plain")
        states = cast("list[StateChanged]", told(client, StateChanged))
        client.start()
        accepted, _address = listening.accept()
        accepted.sendall(b'{"response": 200}\n')
        assert client.wait_until_online(60)

        client.send_text("#all", "x" * 20_000_000)  # more than the buffers of both ends have

        wait(lambda: [one for one in states if one.state is ConnectionState.OFFLINE])
        accepted.close()
        client.close()


# --- a database that cannot be written for a while ------------------------------------------------


def refuse_to_keep(store: Store, name: str) -> None:
    """Have the database refuse a value of the profile, as if its disk were full."""
    with store.transaction() as connection:
        connection.exec_driver_sql(
            f"CREATE TEMP TRIGGER full BEFORE INSERT ON profile WHEN NEW.name = '{name}' "
            "BEGIN SELECT RAISE(ABORT, 'the disk is full'); END"
        )


def keep_again(store: Store) -> None:
    with store.transaction() as connection:
        connection.exec_driver_sql("DROP TRIGGER temp.full")


def test_a_key_that_could_not_be_kept_when_it_came_is_fetched_and_opened_again(
    person: People, name: Names
) -> None:
    """Nobody is online who could send it again."""
    ann, bob = person(name("Иван")), person(name("名前"))
    ends = told(bob, StateChanged)
    refuse_to_keep(bob.store, "to_device")
    ann.send_text(bob.name, "the key comes with this")
    assert ann.wait_until_sent(60)
    wait(lambda: any("the disk is full" in str(event.error) for event in ends))
    ann.close()

    keep_again(bob.store)

    wait(lambda: bob.heard(ann.name) == ["the key comes with this"])


def test_what_a_users_thread_could_not_keep_is_read_anew(person: People, name: Names) -> None:
    """A change of keys that fails half-way has no effect, in the running program either."""
    ann, bob = person(name("Иван")), person(name("名前"))
    ends = told(ann, StateChanged)
    refuse_to_keep(ann.store, "approval_nonce")
    with pytest.raises(StoreUnusable, match="the disk is full"):
        assert ann.keys.approval_code
    wait(lambda: [event.state for event in ends][-1:] == [ConnectionState.ONLINE])
    keep_again(ann.store)

    assert ann.keys.approval_code
    ann.send_text(bob.name, "all is well")
    wait(lambda: bob.heard(ann.name) == ["all is well"])


def test_memory_follows_the_database_also_where_reading_it_fails_at_first() -> None:
    core = online()
    before = core.encryption
    refuse_to_keep(core.store, "to_device")
    with pytest.raises(StoreUnusable), core.store.transaction():
        core.store.put("to_device", "7")
    assert not core.tick(1.0)
    with core.store.transaction() as connection:
        connection.exec_driver_sql("ALTER TABLE profile RENAME TO gone")

    core.disconnected(ServerClosed(), 1.0)
    with pytest.raises(StoreUnusable):
        core.connected(2.0)
    with core.store.transaction() as connection:
        connection.exec_driver_sql("ALTER TABLE gone RENAME TO profile")
    core.connected(3.0)

    assert core.encryption is not before
    core.received(b'{"response": 200}\n', 3.0)
    assert core.state is ConnectionState.ONLINE
    assert core.tick(4.0)
