"""The removal of old rows: what is old goes, numbers go on, and a wrong clock costs nothing."""

import re
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest
from sqlalchemy import Connection, Engine, insert, select, update

from messenger.jim.names import EVERYONE
from messenger.server.store import conversations as conversation_store
from messenger.server.store import database
from messenger.server.store import messages as message_store
from messenger.server.store import retention as store
from messenger.server.store.location import file_url
from messenger.server.store.retention import Span
from messenger.server.store.schema import SEQ_BITS, accounts, logins, messages

DAY = 24 * 3_600.0
NOW = 1_800_000_000.0
SPAN = Span(NOW - 30 * DAY, NOW)
OLD, NEW, FUTURE = NOW - 40 * DAY, NOW - DAY, NOW + 400 * DAY


@pytest.fixture
def connection(new_engine: Callable[[], Engine]) -> Iterator[Connection]:
    engine = new_engine()
    with database.writer(engine) as connection, connection.begin():
        yield connection
    engine.dispose()


@pytest.fixture
def room(connection: Connection) -> int:
    return conversation_store.open_room(connection, EVERYONE, None).id


def write(connection: Connection, room: int, times: Sequence[float], first: int = 1) -> None:
    """Store messages of these times."""
    rows = [
        {"message_key": (room << SEQ_BITS) + number, "sender_id": 7, "stored_at": time,
         "sent_id": f"{room}/{number}", "frame": f'{{"message":"{number}"}}'}
        for number, time in enumerate(times, first)
    ]  # fmt: skip
    connection.execute(insert(messages), rows)


def remove(connection: Connection, span: Span = SPAN) -> int:
    """Remove all old messages as the server does; return how many there were."""
    count, after = 0, 0
    while True:
        due = store.conversations_due(connection, after, span)
        for one in due.conversation_ids:
            seen, more = 0, True
            while more:
                old = store.old_messages(connection, one, seen, span)
                if old.last is not None:
                    count += sum(_steps(connection, one, old.last))
                seen, more = old.seen, old.more
        if due.after is None:
            return count
        after = due.after


def _steps(connection: Connection, room: int, last: int) -> Iterator[int]:
    """Remove messages up to a key; yield how many each step removes."""
    more = True
    while more:
        count, more = store.remove_messages(connection, room, last)
        yield count


def numbers(connection: Connection, room: int) -> list[int]:
    """Return the numbers that a reader of the log finds."""
    return [row.seq for row in message_store.page(connection, room, after=0, limit=10_000)]


def test_old_messages_go_and_new_ones_stay(connection: Connection, room: int) -> None:
    write(connection, room, [OLD] * 3 + [NEW] * 2)
    other = conversation_store.open_room(connection, "#other", None).id
    write(connection, other, [NEW], first=1)

    assert remove(connection) == 3

    assert numbers(connection, room) == [4, 5]
    assert numbers(connection, other) == [1]
    assert remove(connection) == 0


def test_numbers_go_on_if_no_message_is_left(connection: Connection, room: int) -> None:
    write(connection, room, [OLD] * 3)

    assert remove(connection) == 3

    assert numbers(connection, room) == []
    assert message_store.page(connection, room, before=100) == []
    assert message_store.last_number(connection, room) == 3
    assert message_store.last_numbers(connection, [room]) == {room: (3, OLD)}
    assert message_store.first_numbers(connection, [room]) == {}
    assert message_store.known_ids(connection, [(7, f"{room}/3")]) == {}
    assert list(connection.execute(select(messages.c.sender_id, messages.c.frame))) == [(0, "")]
    assert remove(connection) == 0
    write(connection, room, [NEW], first=4)
    assert message_store.first_numbers(connection, [room]) == {room: 4}
    assert numbers(connection, room) == [4]


def test_what_was_left_of_the_last_message_goes_with_the_next_ones(
    connection: Connection, room: int
) -> None:
    write(connection, room, [OLD])
    remove(connection)
    write(connection, room, [NEW, NEW], first=2)

    remove(connection, Span(NEW + 1, NOW))

    kept = connection.execute(select(messages.c.message_key, messages.c.frame)).all()
    assert [(message_store.seq_of(row[0]), row[1]) for row in kept] == [(3, "")]


@pytest.mark.parametrize("left", [0, 1])
def test_the_file_of_sqlite_has_nothing_of_what_was_removed(tmp_path: Path, left: int) -> None:
    file = tmp_path / "messenger.db"
    engine = database.open_engine(file_url(file), 1)
    database.prepare(engine)
    with database.writer(engine) as connection:
        with connection.begin():
            room = conversation_store.open_room(connection, EVERYONE, None).id
            times = [OLD] * 40 + [NEW] * left
            rows = [
                ((room << SEQ_BITS) + number, f"a secret {number} " * 300, time)
                for number, time in enumerate(times, 1)
            ]
            columns = ("message_key", "frame", "stored_at")
            connection.execute(
                insert(messages).values(sender_id=7),
                [dict(zip(columns, row, strict=True)) for row in rows],
            )
        log = tmp_path / "messenger.db-wal"
        assert b"a secret 17" in log.read_bytes()
        assert _empty_log(engine)
        assert b"a secret 17" in file.read_bytes()

        with connection.begin():
            remove(connection)

        assert _empty_log(engine)
        found = set(re.findall(rb"a secret \d+", file.read_bytes() + log.read_bytes()))
        assert found == ({b"a secret 41"} if left else set())
    engine.dispose()


def _empty_log(engine: Engine) -> bool:
    """Empty SQLite's log on a connection as the readers of a server have one."""
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as reader:
        is_empty = store.empty_log(reader)
        assert reader.exec_driver_sql("PRAGMA busy_timeout").scalar() == 2_000  # as it was
        return is_empty


def test_nobody_waits_for_the_log_of_sqlite_while_a_backup_reads_it(tmp_path: Path) -> None:
    engine = database.open_engine(file_url(tmp_path / "messenger.db"), 2)
    database.prepare(engine)
    with database.writer(engine) as connection:
        with engine.connect() as backup:
            backup.exec_driver_sql("BEGIN")
            backup.execute(select(accounts)).all()
            with connection.begin():
                store.confirm_time(connection, NOW)

            assert not _empty_log(engine)

            with connection.begin():
                store.confirm_time(connection, NOW + 1)
        assert _empty_log(engine)
    engine.dispose()


def test_many_are_removed_some_at_a_time(connection: Connection, room: int) -> None:
    write(connection, room, [OLD] * 1_200 + [NEW])
    first = store.old_messages(connection, room, 0, SPAN)
    assert (message_store.seq_of(first.last or 0), first.more) == (200, True)

    assert remove(connection) == 1_200

    assert numbers(connection, room) == [1_201]


def test_all_of_many_conversations_are_looked_at(connection: Connection) -> None:
    rooms = [conversation_store.open_room(connection, f"#{n}", None).id for n in range(450)]
    for room in rooms[::50]:
        write(connection, room, [OLD])

    assert remove(connection) == 9


def test_a_time_in_the_future_protects_nothing_that_is_old(
    connection: Connection, room: int
) -> None:
    """The clock was wrong for a while: what was stored then is as old as what came next."""
    write(connection, room, [FUTURE] * 600 + [OLD, NEW, FUTURE])

    assert remove(connection) == 601

    assert numbers(connection, room) == [602, 603]


def test_no_step_removes_so_many_that_others_wait(connection: Connection, room: int) -> None:
    """All of them are known as old only by the last one: the clock was wrong for a while."""
    write(connection, room, [FUTURE] * 600 + [OLD, NEW])
    assert list(_steps(connection, room, (room << SEQ_BITS) + 601)) == [200, 200, 200, 1]
    ann = _account(connection, "ann")
    _log_in(connection, ann, *([FUTURE] * 450), OLD, NEW)
    last = connection.scalars(select(logins.c.id).order_by(logins.c.id.desc())).all()[1]

    found = [store.remove_logins(connection, last) for _ in range(3)]

    assert found == [(200, True), (200, True), (51, False)]


def test_no_step_removes_many_large_messages(connection: Connection, room: int) -> None:
    write(connection, room, [OLD] * 10)
    connection.execute(update(messages).values(frame="x" * 100_000))

    assert list(_steps(connection, room, (room << SEQ_BITS) + 10)) == [3, 3, 3, 1]
    assert message_store.last_number(connection, room) == 10


def test_messages_of_the_future_only_stay(connection: Connection, room: int) -> None:
    write(connection, room, [FUTURE] * 3)
    assert remove(connection) == 0
    assert numbers(connection, room) == [1, 2, 3]


def test_a_time_that_is_too_early_costs_no_message_behind_a_new_one(
    connection: Connection, room: int
) -> None:
    """A machine had no time at its start."""
    write(connection, room, [OLD, NEW, 0.0, NEW])

    assert remove(connection) == 1

    assert numbers(connection, room) == [2, 3, 4]


def test_removed_messages_are_not_unread(connection: Connection, room: int) -> None:
    write(connection, room, [OLD] * 10 + [NEW] * 2)
    account = _account(connection, "ann")
    assert _unread(connection, account) == 12
    remove(connection)
    assert _unread(connection, account) == 2
    advance = conversation_store.Advance(account, room, 11, 11)
    conversation_store.advance_receipts(connection, [advance])
    assert _unread(connection, account) == 1
    remove(connection, Span(NOW - 1, NOW))
    assert _unread(connection, account) == 0
    assert conversation_store.summaries(connection, account, 0, 10)[0].last == 12


def _unread(connection: Connection, account: int) -> int:
    return conversation_store.summaries(connection, account, 0, 10)[0].unread


def _account(connection: Connection, name: str, **values: object) -> int:
    row = insert(accounts).values(name=name, name_key=name, created_at=1.0, **values)
    return int(connection.execute(row.returning(accounts.c.id)).scalar_one())


# --- logins --------------------------------------------------------------------------------------


def _log_in(connection: Connection, account: int, *times: float) -> None:
    rows = [{"account_id": account, "time": time, "address": "192.0.2.1"} for time in times]
    connection.execute(insert(logins), rows)


def test_r21_old_logins_go_and_new_ones_stay(connection: Connection) -> None:
    ann, bob = _account(connection, "ann"), _account(connection, "bob")
    _log_in(connection, ann, OLD, OLD + 1, NEW)
    _log_in(connection, bob, NEW, 0.0, NEW)  # the clock was wrong in between

    old = store.old_logins(connection, 0, SPAN)
    assert old.last is not None
    assert not old.more
    assert store.remove_logins(connection, old.last) == (2, False)

    assert list(connection.scalars(select(logins.c.time).order_by(logins.c.id))) == [
        *(NEW, NEW, 0.0, NEW)
    ]
    assert store.old_logins(connection, 0, SPAN).last is None


def test_the_file_of_sqlite_does_not_have_the_address_of_an_old_login(tmp_path: Path) -> None:
    file = tmp_path / "messenger.db"
    engine = database.open_engine(file_url(file), 1)
    database.prepare(engine)
    with database.writer(engine) as connection:
        with connection.begin():
            ids = [
                _account(connection, f"ann{n}", last_login=OLD, last_address=f"192.0.2.{n}")
                for n in range(50)
            ]
        assert _empty_log(engine)
        assert b"192.0.2." in file.read_bytes()

        with connection.begin():
            store.remove_addresses(connection, ids, SPAN)

        assert _empty_log(engine)
        assert b"192.0.2." not in file.read_bytes()
    engine.dispose()


def test_the_address_of_an_old_login_is_forgotten_and_its_time_is_not(
    connection: Connection,
) -> None:
    address = "192.0.2.1"
    old = _account(connection, "ann", last_login=OLD, last_address=address)
    _account(connection, "bob", last_login=NEW, last_address=address)

    assert store.old_addresses(connection, SPAN) == [old]
    store.remove_addresses(connection, [old], SPAN)

    assert store.old_addresses(connection, SPAN) == []
    columns = select(accounts.c.last_login, accounts.c.last_address).order_by(accounts.c.id)
    assert list(connection.execute(columns)) == [(OLD, None), (NEW, address)]


def test_the_clock_was_right_when_it_was_confirmed_or_else_at_the_last_login(
    connection: Connection,
) -> None:
    assert store.confirmed_time(connection) is None
    _log_in(connection, _account(connection, "ann"), OLD, NEW)
    assert store.confirmed_time(connection) == NEW
    for time in (NOW, NOW + 0.123456789):
        store.confirm_time(connection, time)
        assert store.confirmed_time(connection) == time
