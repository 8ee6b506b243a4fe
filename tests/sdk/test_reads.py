"""Lists, pages and searches wait for no writer, and show what was written before."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from messenger.jim.messages import Message
from messenger.sdk import Client, Credentials
from messenger.sdk.cancelling import Cancellation
from messenger.sdk.errors import Cancelled, StoreUnusable
from messenger.sdk.store import Store, sqlite
from messenger.sdk.store.engine import rekey
from messenger.sdk.store.sent_messages import Committed

BOB = "Боб"
ME = "ann"


def received(seq: int, text: str = "") -> Message:
    return Message(time=seq, to=ME, from_=BOB, message=text or str(seq), seq=seq, stored=seq)


def texts(store: Store, **where: int) -> list[str]:
    return [one.text for one in store.page(BOB, **where)]


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    made = Store(tmp_path / "ann.db")
    made.add_received(BOB, ME, [received(1), received(2)])
    yield made
    made.close()


@contextmanager
def another_thread_writes(store: Store) -> Iterator[None]:
    """Have another thread in the middle of a transaction, which ends with the block."""
    begun, ends = threading.Event(), threading.Event()

    def write() -> None:
        with store.transaction():
            store.add_received(BOB, ME, [received(3)])
            begun.set()
            ends.wait()

    writing = threading.Thread(target=write)
    writing.start()
    begun.wait()
    try:
        yield
    finally:
        ends.set()
        writing.join()


def test_reads_go_on_while_another_thread_writes(store: Store) -> None:
    with another_thread_writes(store):
        assert texts(store) == ["1", "2"]
        assert [row.unread for row in store.summaries()] == [2]
        assert [one.text for one in store.search("2")] == ["2"]
        assert store.trusts() == {}
        assert store.drafts() == {}

    assert texts(store) == ["1", "2", "3"]
    assert [one.text for one in store.search("3")] == ["3"]


def test_a_client_that_stores_what_arrives_keeps_no_user_waiting(store: Store) -> None:
    client = Client("127.0.0.1", 1, Credentials(ME), store)
    client.set_draft(BOB, "typed")
    done = threading.Event()

    def use() -> None:
        client.send_text(BOB, "written", keep_draft=True)
        client.mark_read(BOB)
        client.typing(BOB)
        client.set_status("обед")
        client.summaries()
        client.store.page(BOB)
        assert client.drafts() == {BOB: "typed"}
        done.set()

    using = threading.Thread(target=use)
    with client._lock:  # As the receiving thread does, in the transaction of a whole read.
        using.start()
        assert done.wait(10)
    using.join()


def test_what_the_user_has_just_written_is_shown_before_it_is_stored(store: Store) -> None:
    with another_thread_writes(store):
        store.queue_unsent(BOB, ME, "written", "id 1", 9.0)
        store.queue_unsent("eve", ME, "written to eve", "id 2", 10.0)

        assert texts(store) == ["1", "2", "written"]
        assert texts(store, after=1) == ["2", "written"]
        last = {row.name: row.last and row.last.text for row in store.summaries()}
        assert last == {BOB: "written", "eve": "written to eve"}
        assert [one.text for one in store.search("WRITTEN")] == ["written to eve", "written"]

    store.write_queued()
    assert texts(store) == ["1", "2", "3", "written"]
    assert [one.text for one in store.search("written", conversation=BOB)] == ["written"]


def test_what_has_been_stored_since_the_queue_was_read_is_shown_once(store: Store) -> None:
    store.queue_unsent(BOB, ME, "written", "id 1", 9.0)
    rows = store._queued[:]
    store.write_queued()
    store.set_sent(BOB, [Committed("id 1", 3)])

    store._queued = rows  # Between the commit and the end of the queue.

    assert texts(store) == ["1", "2", "written"]
    assert len(store.search("written")) == 1
    row = store.summary(BOB)
    assert row is not None
    assert row.last is not None
    assert row.last.seq == 3
    store._queued = []


def test_a_transaction_sees_its_own_changes(store: Store) -> None:
    with store.transaction():
        store.add_received(BOB, ME, [received(3)])

        assert texts(store) == ["1", "2", "3"]
        row = store.summary(BOB)
        assert row is not None
        assert row.unread == 3


def test_reads_go_on_after_the_key_has_changed(store: Store, tmp_path: Path) -> None:
    assert texts(store) == ["1", "2"]

    store.change_key(bytes(range(32)))
    store.add_received(BOB, ME, [received(3)])

    assert texts(store) == ["1", "2", "3"]
    store.close()
    again = Store(tmp_path / "ann.db", bytes(range(32)))
    assert texts(again) == ["1", "2", "3"]
    again.close()


def test_ctrl_c_at_the_end_of_a_change_of_the_key_leaves_a_store_that_reads_and_writes(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(connection: Any, key: bytes) -> None:
        rekey(connection, key)
        raise KeyboardInterrupt

    monkeypatch.setattr(sqlite, "rekey", interrupted)
    with pytest.raises(KeyboardInterrupt):
        store.change_key(bytes(range(32)))

    assert texts(store) == ["1", "2"]
    store._connection.invalidate()  # As SQLAlchemy does when it is interrupted.
    store.add_received(BOB, ME, [received(3)])
    assert texts(store) == ["1", "2", "3"]


def test_the_key_changes_after_the_reads_that_have_begun(store: Store) -> None:
    changed = threading.Event()

    def change() -> None:
        store.change_key(bytes(range(32)))
        changed.set()

    with store.reading() as connection:
        changing = threading.Thread(target=change)
        changing.start()
        assert not changed.wait(0.1)
        rows = connection.execute("SELECT text FROM messages").fetchall()
    changing.join()

    assert rows == [("1",), ("2",)]
    assert texts(store) == ["1", "2"]


def test_a_read_that_begins_while_the_writer_waits_for_reads_comes_after_it(store: Store) -> None:
    changed, read = threading.Event(), threading.Event()

    def change() -> None:
        store.change_key(bytes(range(32)))
        changed.set()

    def read_beside() -> None:
        texts(store)
        read.set()

    threads = [threading.Thread(target=one) for one in (change, read_beside)]
    with store.reading():
        threads[0].start()
        assert not changed.wait(0.1)
        threads[1].start()
        assert not read.wait(0.1)  # With such reads, one after the other, it would wait for ever.
    for thread in threads:
        thread.join()

    assert changed.is_set()
    assert read.is_set()


def test_a_read_cannot_write(store: Store) -> None:
    with pytest.raises(StoreUnusable, match="readonly"), store.reading() as connection:
        connection.execute("DELETE FROM messages")

    assert texts(store) == ["1", "2"]


def test_nothing_is_read_from_a_closed_database(store: Store) -> None:
    store.close()

    with pytest.raises(StoreUnusable, match="closed"):
        store.page(BOB)


def test_the_wal_does_not_grow_while_there_is_always_somebody_reading(store: Store) -> None:
    ends = threading.Event()

    def read() -> None:
        while not ends.is_set():
            store.page(BOB)
            store.summaries()

    reading = [threading.Thread(target=read) for _ in range(2)]
    for one in reading:
        one.start()
    for seq in range(3, 1500):
        store.add_received(BOB, ME, [received(seq, "x" * 1000)])
    ends.set()
    for one in reading:
        one.join()

    assert store.file is not None
    wal = store.file.with_name(f"{store.file.name}-wal").stat().st_size
    assert wal < 20_000_000, "without checkpoints it is 50 MB"


def test_a_search_that_is_cancelled_ends_at_once(store: Store) -> None:
    begun, results = threading.Event(), list[str]()
    cancellation = Cancellation()
    endless = (
        "WITH RECURSIVE n(i) AS (SELECT begun() UNION ALL SELECT i + 1 FROM n) SELECT i FROM n"
    )

    def begin() -> int:
        begun.set()
        return 1

    def search() -> None:
        with cancellation:
            try:
                with store.searching() as connection:
                    connection.create_function("begun", 0, begin)
                    connection.execute(f"SELECT count(*) FROM ({endless})").fetchall()
            except Cancelled:
                results.append("cancelled")

    searching = threading.Thread(target=search)
    searching.start()
    begun.wait()
    cancellation.cancel()
    searching.join()

    assert results == ["cancelled"]
    with cancellation, pytest.raises(Cancelled):
        store.search("1")
    assert [one.text for one in store.search("1")] == ["1"]
