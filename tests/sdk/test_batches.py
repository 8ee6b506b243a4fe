"""What one read brings is committed at once: all of it counts and is told, or nothing of it."""

from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from messenger.jim.codec import encode
from messenger.jim.errors import ProtocolError
from messenger.jim.history import GetHistory
from messenger.jim.messages import Message, SendMessage, SendReceipt, Stored
from messenger.jim.session import Probe
from messenger.sdk.errors import StoreUnusable
from messenger.sdk.events import MessageChanged, MessageReceived
from messenger.sdk.store import MessageState, Store
from tests.sdk.playbook import PlayedServer, lasting, received, texts

BOB, ROOM = "名前", "#кафе a/b%41"


@pytest.fixture
def server() -> Iterator[PlayedServer]:
    with lasting() as server:
        yield server


def read(server: PlayedServer, *told: Any) -> None:
    """Have the core read all of this at once, and answer what it asks then."""
    server.core.received(b"".join(encode(one) + b"\n" for one in told), server.now)
    server.run()


def receipts(server: PlayedServer) -> dict[str, int | None]:
    return {one.conversation: one.delivered for one in server.asked(SendReceipt)}


# --- any messages in any reads -------------------------------------------------------------------

WRITE, MISS, AGAIN, PROBE = "write", "miss", "again", "probe"
steps = st.lists(
    st.tuples(st.sampled_from([WRITE, WRITE, MISS, AGAIN, PROBE]), st.sampled_from([BOB, ROOM])),
    max_size=40,
)


@given(steps, st.lists(st.integers(1, 40), max_size=12))
def test_however_messages_are_read_each_is_stored_and_told_once_and_in_order(
    steps: list[tuple[str, str]], sizes: list[int]
) -> None:
    """Some are lost on the way, others come again, and events of other kinds between them."""
    with lasting() as server:
        on_the_way: list[Any] = []
        for number, (step, where) in enumerate(steps):
            if step is PROBE:
                on_the_way.append(Probe())
            elif step is AGAIN:
                on_the_way += server.logs.get(where, [])[-1:]
            else:
                made = server.write(where, f"{number}", BOB)
                on_the_way += [made] if step is WRITE else []
        told: list[MessageReceived] = []

        while on_the_way:
            size = sizes.pop() if sizes else 40
            read(server, *on_the_way[:size])
            del on_the_way[:size]
            told += [one for one in server.core.events() if isinstance(one, MessageReceived)]
        server.core.disconnected()
        server.connect()
        told += [one for one in server.core.events() if isinstance(one, MessageReceived)]

        for where, log in server.logs.items():
            written = [message.message for message in log]
            assert texts(server, where) == written
            assert [one.message.text for one in told if one.message.conversation == where] == (
                written
            )


def test_one_receipt_is_sent_for_all_of_a_conversation(server: PlayedServer) -> None:
    written = [server.write(where, "hi", BOB) for where in (BOB, ROOM) * 20]
    server.asked(SendReceipt)

    read(server, *written)

    assert len([one for one in server.requests if isinstance(one, SendReceipt)]) == 2
    assert receipts(server) == {BOB: 20, ROOM: 20}


def test_one_receipt_is_sent_for_a_room_in_which_many_talk(server: PlayedServer) -> None:
    written = [server.write(ROOM, "hi", f"{number % 3}") for number in range(20)]
    server.asked(SendReceipt)

    read(server, *written)

    assert [one.delivered for one in server.asked(SendReceipt)] == [20]
    assert received(server) == ["hi"] * 20


def test_a_gap_in_the_middle_of_a_read_is_fetched(server: PlayedServer) -> None:
    written = [server.write(BOB, f"{number}") for number in range(9)]

    read(server, *written[:3], *written[6:])

    assert received(server) == [f"{number}" for number in range(9)]
    assert len(server.asked(GetHistory)) == 1


def test_messages_around_a_reply_keep_their_order(server: PlayedServer) -> None:
    """The user's own message stands where the server has put it."""
    before = server.write(BOB, "before")
    server.core.outbox.add(BOB, "mine", 5)
    (request,) = (one for one in _requests(server) if isinstance(one, SendMessage))
    stored = server.answers[SendMessage](request)
    after = server.write(BOB, "after")

    data = [encode(before), encode(_answering(stored, request)), encode(after)]
    server.core.received(b"\n".join(data) + b"\n", server.now)
    server._waiting.clear()
    server.run()

    assert texts(server, BOB) == ["before", "mine", "after"]


@pytest.mark.parametrize("numbers", [(1, 2, 3), (2, 2, 2), (3, 2, 1), (1, 3, 7), (0, 0, 0)])
@pytest.mark.parametrize("before", [0, 2])
def test_whatever_numbers_one_read_confirms_every_message_is_sent(
    server: PlayedServer, numbers: tuple[int, ...], before: int
) -> None:
    for _ in range(before):
        server.write(BOB, "before")
    server.run()
    for number in numbers:
        server.core.outbox.add(BOB, f"mine, {number}", 5)
    asked = [one for one in _requests(server) if isinstance(one, SendMessage)]
    server._waiting.clear()
    server.core.events()

    read(
        server, *(Stored(200, id=one.id, seq=seq) for one, seq in zip(asked, numbers, strict=True))
    )

    store = server.core.store
    own = [one for one in store.page(BOB) if one.sent_id]
    assert [one.text for one in store.unsent(BOB, 9)] == []
    assert {one.state for one in own} <= {MessageState.SENT, MessageState.FAILED}
    told = [one.message for one in server.core.events() if isinstance(one, MessageChanged)]
    assert [one.sent_id for one in told] == [one.id for one in asked]
    assert store.undone == 0
    if numbers == (1, 2, 3) and not before:
        assert store.synced(BOB) == 3
        assert own == told


def _requests(server: PlayedServer) -> list[Any]:
    server._read()
    return server.requests


def _answering(stored: Any, request: Any) -> Any:
    stored.id = request.id
    return stored


# --- a read that fails ---------------------------------------------------------------------------


def break_store(store: Store, text: str) -> None:
    """Have the database refuse this text, as it refuses any on a full disk."""
    with store.transaction() as connection:
        connection.exec_driver_sql(
            "CREATE TRIGGER full BEFORE INSERT ON messages "
            f"WHEN NEW.text = '{text}' BEGIN SELECT RAISE(ROLLBACK, 'the disk is full'); END"
        )


def mend_store(store: Store) -> None:
    with store.transaction() as connection:
        connection.exec_driver_sql("DROP TRIGGER full")


def test_nothing_of_a_read_is_told_to_anybody_if_it_cannot_be_stored(server: PlayedServer) -> None:
    """Neither the user hears of it nor, by a receipt, the server; it is fetched again later."""
    written = [server.write(where, text, BOB) for where, text in ((ROOM, "one"), (BOB, "two"))]
    break_store(server.core.store, "two")
    server.core.events()

    with pytest.raises(StoreUnusable, match="disk is full"):
        server.core.received(b"".join(encode(one) + b"\n" for one in written), server.now)

    assert server.core.data_to_send() == b""
    assert received(server) == []
    assert texts(server, ROOM) == []
    mend_store(server.core.store)
    server.core.disconnected()
    server.connect()
    assert sorted(received(server)) == ["one", "two"]
    assert receipts(server) == {ROOM: 1, BOB: 1}


def test_what_came_before_broken_data_is_stored_and_told(server: PlayedServer) -> None:
    written = server.write(BOB, "one")

    with pytest.raises(ProtocolError):
        server.core.received(encode(written) + b"\nGET / HTTP/1.1\r\n\r\n{}", server.now)

    assert received(server) == ["one"]
    assert texts(server, BOB) == ["one"]


# --- the database --------------------------------------------------------------------------------


class Unlucky(Exception):
    """Anything that fails."""


def test_a_transaction_in_a_batch_is_undone_by_itself() -> None:
    store = Store()

    def fail() -> None:
        with store.transaction():
            store.put("second", "2")
            raise Unlucky

    with store.batch():
        store.put("first", "1")
        with pytest.raises(Unlucky):
            fail()
        store.put("third", "3")

    assert (store.get("first"), store.get("second"), store.get("third")) == ("1", None, "3")
    assert store.undone == 1


def test_a_batch_that_fails_undoes_all_of_it() -> None:
    store = Store()
    store.put("before", "0")

    def fail() -> None:
        with store.batch():
            store.put("first", "1")
            raise Unlucky

    with pytest.raises(Unlucky):
        fail()

    assert (store.get("before"), store.get("first")) == ("0", None)
    store.put("after", "2")
    assert store.get("after") == "2"


def test_a_batch_that_the_database_has_rolled_back_is_an_error_even_if_nobody_noticed() -> None:
    store = Store()
    break_store(store, "x")

    def swallow() -> None:
        with store.batch():
            store.put("first", "1")
            with pytest.raises(StoreUnusable):
                store.add_received(BOB, "Иван", [Message(1, "Иван", BOB, "x", seq=1)])

    with pytest.raises(StoreUnusable, match="rolled back"):
        swallow()
    assert store.get("first") is None


def test_what_is_written_leaves_only_once_it_is_committed(server: PlayedServer) -> None:
    store = server.core.store
    _fail_commits(store)
    server.core.outbox.add(BOB, "one", 5)

    assert server.core.data_to_send() == b""
    assert not server.pass_time(1)  # The connection is given up: the database may be behind.

    if store._driver.in_transaction:  # A commit that failed may be tried again.
        store._driver.execute("ROLLBACK")
    store._driver.execute("DROP TRIGGER fault")
    server.core.disconnected()
    server.connect()
    server.run()
    assert [one.message for one in server.logs[BOB]] == ["one"]


def _fail_commits(store: Store) -> None:
    """Have each commit of a message fail, after all its statements have succeeded."""
    for statement in (
        "PRAGMA foreign_keys = ON",
        "CREATE TABLE faults (name TEXT REFERENCES profile (name) DEFERRABLE INITIALLY DEFERRED)",
        "CREATE TRIGGER fault AFTER INSERT ON messages BEGIN INSERT INTO faults VALUES (''); END",
    ):
        store._driver.execute(statement)
