"""Messages that are queued: many are stored at once, and none is lost or there twice."""

import errno
import os
import signal
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import pytest
from sqlalchemy.exc import DatabaseError

from messenger.jim.errors import BadRequest
from messenger.sdk.errors import StoreUnusable
from messenger.sdk.file_errors import DatabaseUnusable
from messenger.sdk.store import MessageState, Store
from tests.sdk.playbook import played, texts

BOB, ME = "名前", "Иван"


def queue(store: Store, *said: str) -> None:
    for text in said:
        store.queue_unsent(BOB, ME, text, f"id of {text}", 5.0)


def queue_file(tmp_path: Path) -> Path:
    return tmp_path / "messages.db-queue"


def kill(store: Store) -> None:
    """Do what the end of its program does to a store that is not closed."""
    assert store._queue_file is not None
    os.close(store._queue_file._descriptor)


def stored(store: Store) -> list[str]:
    """Return what is in the table, without a query that would write what is queued."""
    rows = store._driver.execute("SELECT text FROM messages ORDER BY id").fetchall()
    return [text for (text,) in rows]


def break_store(store: Store) -> None:
    """Have the database accept no messages, as on a full disk."""
    with store.transaction() as connection:
        connection.exec_driver_sql(
            "CREATE TRIGGER full BEFORE INSERT ON messages "
            "BEGIN SELECT RAISE(ABORT, 'the disk is full'); END"
        )


def mend_store(store: Store) -> None:
    store._driver.execute("DROP TRIGGER full")


def test_a_query_finds_what_is_queued() -> None:
    store = Store()

    queue(store, "one", "two")

    assert [one.text for one in store.page(BOB)] == ["one", "two"]
    assert stored(store) == []
    assert [one.text for one in store.unsent(BOB, 9)] == ["one", "two"]
    assert stored(store) == ["one", "two"]


def test_what_is_queued_is_found_once_by_its_words() -> None:
    store = Store()
    queue(store, "one two", "three")
    store.write_queued()
    # As after Ctrl+C between the commit and the end of the queue.
    store._queued.append((1, BOB, ME, "one two", "id", 5.0, 5.0))

    assert [one.text for one in store.search("two")] == ["one two"]
    assert [one.text for one in store.search("three")] == ["three"]


def test_what_is_returned_is_what_is_stored() -> None:
    store = Store()

    message = store.queue_unsent(BOB, ME, "Ё 🙂", "an id", 5.5)

    assert store.page(BOB) == [message]


def test_each_message_has_an_id_of_its_own_whoever_adds_it(tmp_path: Path) -> None:
    store = Store(tmp_path / "messages.db")
    queue(store, "one")
    store.add_unsent(BOB, ME, "two", "id of two", 5.0)
    queue(store, "three")
    store.close()

    again = Store(tmp_path / "messages.db")
    queue(again, "four")

    assert [one.text for one in again.page(BOB)] == ["one", "two", "three", "four"]
    assert len({one.id for one in again.page(BOB)}) == 4
    again.close()


def test_what_is_queued_when_the_database_is_closed_is_stored(tmp_path: Path) -> None:
    store = Store(tmp_path / "messages.db")
    queue(store, "one")

    store.close()

    again = Store(tmp_path / "messages.db")
    assert [one.text for one in again.page(BOB)] == ["one"]
    again.close()


def test_what_could_not_be_stored_stays_queued() -> None:
    store = Store()
    break_store(store)
    queue(store, "one")
    for _ in range(2):
        with pytest.raises(StoreUnusable, match="disk is full"):
            store.write_queued()

    mend_store(store)

    assert [one.text for one in store.page(BOB)] == ["one"]


def test_a_message_whose_author_was_told_that_it_is_not_stored_is_not_stored_later() -> None:
    store = Store()
    break_store(store)
    with pytest.raises(StoreUnusable):
        store.add_unsent(BOB, ME, "refused", "id of it", 5.0)

    mend_store(store)

    assert store.page(BOB) == []


def test_an_interrupt_after_the_commit_stores_nothing_twice() -> None:
    store = Store()
    queue(store, "one")
    rows = store._queued[:]
    store.write_queued()

    store._queued = rows  # The interrupt came before they were taken out of the queue.
    queue(store, "two")

    assert [one.text for one in store.page(BOB)] == ["one", "two"]


def test_what_is_queued_in_a_transaction_that_fails_is_not_lost() -> None:
    store = Store()
    queue(store, "one")

    def fail() -> None:
        with store.transaction():
            queue(store, "two")
            raise OSError("anything")

    with pytest.raises(OSError, match="anything"):
        fail()

    assert [one.text for one in store.page(BOB)] == ["one", "two"]


def test_what_is_written_while_the_disk_is_full_is_sent_when_it_is_not() -> None:
    server = played().connect()
    store = server.core.store
    break_store(store)

    server.core.outbox.add(BOB, "one", 5)
    server.run()

    assert not server.pass_time(1)  # The connection is given up: the database may be behind.
    server.core.disconnected()
    mend_store(store)
    server.connect()
    server.run()
    assert texts(server, BOB) == ["one"]
    assert {one.state for one in store.page(BOB)} == {MessageState.SENT}


# --- a program that is killed --------------------------------------------------------------------

KILLED = """
import os, signal, sys
from pathlib import Path
from messenger.sdk.store import Store
store = Store(Path(sys.argv[1]))
for number in range(20):
    store.queue_unsent("名前", "Иван", f"{number} Ё", f"id {number}", 5.0)
    if number == 9:
        store.write_queued()
os.kill(os.getpid(), signal.SIGKILL)
"""


def test_what_was_written_before_a_kill_is_stored_at_the_next_start(tmp_path: Path) -> None:
    file = tmp_path / "messages.db"
    killed = subprocess.run([sys.executable, "-c", KILLED, str(file)], check=False)
    assert killed.returncode == -signal.SIGKILL

    store = Store(file)
    queue(store, "later")

    assert [one.text for one in store.page(BOB)] == [*(f"{n} Ё" for n in range(20)), "later"]
    assert len({one.id for one in store.page(BOB)}) == 21
    assert store.count_unsent() == 21
    store.close()
    again = Store(file)
    assert len(again.page(BOB)) == 21
    again.close()


def test_what_waits_in_the_file_can_be_read_by_nobody_else(tmp_path: Path) -> None:
    store = Store(tmp_path / "messages.db")

    queue(store, "a secret text")

    content = queue_file(tmp_path).read_bytes()
    assert len(content) > len("a secret text")
    assert b"secret" not in content
    assert BOB.encode() not in content
    assert queue_file(tmp_path).stat().st_mode & 0o77 == 0
    store.write_queued()
    assert queue_file(tmp_path).read_bytes() == b""
    store.close()


@pytest.mark.parametrize("damage", ["cut off", "junk after it", "junk", "another key"])
def test_a_damaged_file_costs_only_what_is_damaged(tmp_path: Path, damage: str) -> None:
    left = Store(tmp_path / "messages.db")
    queue(left, "one")
    whole = queue_file(tmp_path).read_bytes()
    queue(left, "two")
    content = queue_file(tmp_path).read_bytes()
    changed = {
        "cut off": content[:-1],
        "junk after it": whole + os.urandom(99),
        "junk": os.urandom(200),
        "another key": whole[:4] + os.urandom(len(whole) - 4) + content[len(whole) :],
    }
    queue_file(tmp_path).write_bytes(changed[damage])
    kill(left)

    store = Store(tmp_path / "messages.db")

    expected = {"junk": [], "another key": ["two"]}.get(damage, ["one"])
    assert [one.text for one in store.page(BOB)] == expected
    store.close()


def test_a_text_that_does_not_fit_on_the_disk_is_refused_and_spoils_no_other(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    left = Store(tmp_path / "messages.db")
    queue(left, "one")
    write = os.write
    monkeypatch.setattr(os, "write", lambda file, data: write(file, data[:9]))
    with pytest.raises(StoreUnusable, match=os.strerror(errno.ENOSPC)):
        queue(left, "refused")
    monkeypatch.undo()
    queue(left, "two")
    kill(left)

    store = Store(tmp_path / "messages.db")

    assert [one.text for one in store.page(BOB)] == ["one", "two"]
    store.close()


def test_the_queue_stays_readable_after_a_backup_was_restored(tmp_path: Path) -> None:
    other = Store(tmp_path / "other.db")
    left = Store(tmp_path / "messages.db")
    left.take_over(other)
    queue(left, "one")
    kill(left)

    store = Store(tmp_path / "messages.db")

    assert [one.text for one in store.page(BOB)] == ["one"]
    store.close()
    other.close()


# --- several programs, and the ends of one -------------------------------------------------------


def test_a_second_program_at_the_same_database_leaves_the_queue_alone(tmp_path: Path) -> None:
    """A program in a pipe opens it for a moment. What it writes is committed at once."""
    store = Store(tmp_path / "messages.db")
    queue(store, "one")
    other = Store(tmp_path / "messages.db")
    assert other.page(BOB) == []
    queue(other, "of the other")
    assert stored(other) == ["of the other"]
    other.close()
    kill(store)

    again = Store(tmp_path / "messages.db")

    assert sorted(one.text for one in again.page(BOB)) == ["of the other", "one"]
    again.close()


def test_no_file_is_left_where_everything_is_in_the_database(tmp_path: Path) -> None:
    store = Store(tmp_path / "messages.db")
    queue(store, "one")

    store.close()
    store.close()

    assert not queue_file(tmp_path).exists()
    with pytest.raises(Exception, match="closed"):
        queue(store, "too late")


@pytest.mark.parametrize("text", [None, 5, "a\udc80b"])
def test_what_is_no_text_is_refused_before_it_is_queued(text: object) -> None:
    server = played().connect()

    for arguments in ((text, "hi", 5), (BOB, text, 5)):
        with pytest.raises((BadRequest, AttributeError)):
            server.core.outbox.add(*arguments)  # type: ignore[arg-type]  # wrong on purpose
    server.core.outbox.add(BOB, "hi", 5)
    server.run()

    assert texts(server, BOB) == ["hi"]


def test_ids_never_go_back_when_a_backup_cannot_be_restored() -> None:
    store, other = Store(), Store()
    queue(store, *(f"{number}" for number in range(5)))
    store.write_queued()

    def fail() -> None:
        with store.transaction():
            store.take_over(other)
            raise OSError("the disk is full")

    with pytest.raises(OSError, match="full"):
        fail()
    queue(store, "new")
    store.add_unsent(BOB, ME, "newer", "id of newer", 5.0)

    assert len(store.page(BOB)) == 7


def test_a_queue_that_cannot_be_stored_now_is_kept_for_the_next_start(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The database can be read nevertheless, and written to once that is possible."""
    left = Store(tmp_path / "messages.db")
    queue(left, "one")
    kill(left)

    def fail(*_arguments: object) -> None:
        raise DatabaseUnusable("The disk is full")

    with monkeypatch.context() as patched:
        patched.setattr(Store, "add_unsent", fail)
        store = Store(tmp_path / "messages.db")
    assert store.page(BOB) == []
    queue(store, "two")
    assert stored(store) == ["two"]
    store.close()

    again = Store(tmp_path / "messages.db")
    assert sorted(one.text for one in again.page(BOB)) == ["one", "two"]
    again.close()


def test_a_transaction_that_the_database_has_rolled_back_takes_nothing_from_the_queue() -> None:
    store = Store()
    store._driver.execute(
        "CREATE TRIGGER full BEFORE INSERT ON contacts "
        "BEGIN SELECT RAISE(ROLLBACK, 'the disk is full'); END"
    )
    queue(store, "one")

    def swallow() -> None:
        with store.transaction() as connection, suppress(DatabaseError):
            connection.exec_driver_sql("INSERT INTO contacts VALUES ('bob')")

    with pytest.raises(StoreUnusable, match="rolled back"):
        swallow()

    assert [one.text for one in store.page(BOB)] == ["one"]
