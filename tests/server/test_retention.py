"""Messages and logins are kept for as long as an operator says, and clients go on without them."""

import asyncio
import gc
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from msgspec import structs
from sqlalchemy import Connection, select, update

from messenger.jim.history import GetHistory, HistoryPage
from messenger.sdk.events import Emptiness, MessagesLost, MessagesMissing
from messenger.sdk.store import MessageSecurity, MessageState, Store
from messenger.server.journal import Journal
from messenger.server.retention.retention import Retention
from messenger.server.store import log_id
from messenger.server.store.schema import messages
from tests.in_process import InProcessClient, InProcessServer, Users, logging_in
from tests.postgresql import Postgresql

DAY = 24 * 3_600.0
NOW = 2_000_000_000.0
DAYS = 30
ROOM = "#кухня"


@pytest.fixture(params=("sqlite", "postgresql"))
def server(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[InProcessServer]:
    database = ""
    if request.param == "postgresql":
        postgresql: Postgresql = request.getfixturevalue("postgresql")
        database = postgresql.new_database()
    server = InProcessServer(tmp_path / "server", database=database, message_days=DAYS)
    yield server
    server.close()


@pytest.fixture
def user(server: InProcessServer, tmp_path: Path) -> Iterator[Users]:
    with logging_in(server, tmp_path) as log_in:
        yield log_in


def grow_old(server: InProcessServer) -> None:
    """Have all messages be older than they are kept, and remove them."""
    old = update(messages).values(stored_at=NOW - (DAYS + 1) * DAY)
    change(server, lambda connection: connection.execute(old))
    remove(server)


def change(server: InProcessServer, make: Callable[[Connection], object]) -> None:
    """Have the server change its database, as it has all connections."""

    async def write() -> None:
        await server.server.services.journal.write(make)

    server.loop.run_until_complete(write())


def remove(server: InProcessServer) -> None:
    """Have a server remove what is old, a day after it was started."""
    services = server.server.services
    retention = Retention(services.journal, services.read_pool, lambda: services.settings)

    async def run() -> None:
        await retention.remove(NOW - 2 * DAY, 0.0)
        await retention.remove(NOW, 2 * DAY)

    server.loop.run_until_complete(run())


def renew_log(server: InProcessServer) -> None:
    """Let clients take the server for one that was restored from a backup."""

    def renew(connection: Connection) -> None:
        log_id.renew(connection)
        server.server.services.log_id = log_id.log_id(connection)

    change(server, renew)


def lose(connection: Connection) -> None:
    """Have a server lose its latest messages."""
    connection.execute(messages.delete().where(messages.c.frame != ""))
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql("DELETE FROM numbers")


def nothing_wrong(*people: InProcessClient) -> None:
    """Check that nobody was told of a loss, and that everything is shown as it was written."""
    for one in people:
        assert one.of(MessagesLost) + one.of(MessagesMissing) == []
        for name in [row.name for row in one.store.summaries()]:
            for message in one.all(name):
                assert message.state is not MessageState.FAILED
                assert message.security in (MessageSecurity.ENCRYPTED, MessageSecurity.UNENCRYPTED)


def meet(user: Users) -> tuple[InProcessClient, InProcessClient]:
    """Let two write to each other, and in a room."""
    ann, bob = user("анна"), user("боб")
    ann.join(ROOM)
    bob.join(ROOM)
    for where, other in (("боб", "анна"), (ROOM, ROOM)):
        ann.say(where, "read by both")
        bob.mark_read(other)
        bob.say(other, "an answer")
    return ann, bob


def test_a_device_that_was_away_for_longer_goes_on(server: InProcessServer, user: Users) -> None:
    ann, bob = meet(user)
    bob.break_off()
    for number in range(3):
        for where in ("боб", ROOM):
            ann.say(where, f"never seen {number}")
    grow_old(server)
    for where in ("боб", ROOM):
        assert ann.say(where, "new").seq == 6

    bob.start()

    for where in ("анна", ROOM):
        assert bob.heard(where) == ["read by both", "new"]
        (row,) = bob.store.summaries([where])
        assert (row.unread, row.synced) == (1, 6)
        assert bob.say(where, "back").seq == 7
    assert ann.heard("боб") == ["an answer", "back"]
    assert ann.heard(ROOM) == ["an answer", "back"]
    assert [one.text for one in ann.all("боб")][2:5] == [f"never seen {n}" for n in range(3)]
    nothing_wrong(ann, bob)


def test_a_device_that_finds_nothing_new_any_more_goes_on(
    server: InProcessServer, user: Users
) -> None:
    ann, bob = meet(user)
    bob.break_off()
    for where in ("боб", ROOM):
        ann.say(where, "never seen")
    grow_old(server)
    page: HistoryPage = ann.ask(GetHistory(conversation="боб"))
    assert (page.messages, page.last) == ([], 3)

    bob.start()
    bob.break_off()
    bob.start()

    for where, other in (("анна", "боб"), (ROOM, ROOM)):
        assert bob.heard(where) == ["read by both"]
        assert bob.say(where, "back").seq == 4
        assert ann.say(other, "welcome").seq == 5
        assert bob.heard(where) == ["read by both", "welcome"]
        assert ann.heard(other) == ["an answer", "back"]
        assert bob.store.synced(where) == 5
    nothing_wrong(ann, bob)


def test_a_setting_counts_without_a_restart(server: InProcessServer, user: Users) -> None:
    ann, _ = meet(user)
    services = server.server.services
    for days, left in ((0, 2), (DAYS, 0)):
        services.settings = structs.replace(services.settings, message_days=days)
        grow_old(server)
        page: HistoryPage = ann.ask(GetHistory(conversation="боб"))
        assert len(page.messages) == left


def test_two_servers_may_remove_the_same_at_the_same_time(
    server: InProcessServer, user: Users
) -> None:
    ann, _ = meet(user)
    for number in range(250):
        ann.send_text("боб", f"{number}")
    ann.settle()
    services = server.server.services
    old = update(messages).values(stored_at=NOW - (DAYS + 1) * DAY)
    change(server, lambda connection: connection.execute(old))
    # SQLite has one writer.
    is_shared = server.engine.dialect.name == "postgresql"
    other = Journal(server.engine, server.loop) if is_shared else services.journal
    both = [
        Retention(journal, services.read_pool, lambda: services.settings)
        for journal in (services.journal, other)
    ]

    async def run() -> None:
        for at in (0.0, DAY):
            await asyncio.gather(*(one.remove(NOW + at, at) for one in both))
        if is_shared:
            await other.close()

    server.loop.run_until_complete(run())

    page: HistoryPage = ann.ask(GetHistory(conversation="боб"))
    assert (page.messages, page.last) == ([], 252)
    assert ann.say("боб", "new").seq == 253


def test_receipts_of_removed_messages_do_no_harm(server: InProcessServer, user: Users) -> None:
    ann, bob = meet(user)
    ann.say("боб", "removed before it is read")
    grow_old(server)

    bob.mark_read("анна")
    bob.settle()

    (row,) = bob.store.summaries(["анна"])
    assert (row.unread, row.read) == (0, 3)
    assert ann.say("боб", "next").seq == 4
    bob.mark_read("анна")
    bob.settle()
    assert ann.all("боб")[-1].state is MessageState.READ
    nothing_wrong(ann, bob)


@pytest.mark.parametrize("with_new_ones", [True, False])
def test_a_log_without_what_could_be_compared_is_no_other_log(
    server: InProcessServer, user: Users, *, with_new_ones: bool
) -> None:
    """Clients compare all they have with a server that was restored from a backup."""
    ann, bob = meet(user)
    bob.break_off()
    ann.break_off()
    grow_old(server)
    if with_new_ones:
        ann.start()
        for where in ("боб", ROOM):
            ann.say(where, "new")
        ann.break_off()
    renew_log(server)

    ann.start()
    bob.start()

    assert [one.seq for one in bob.all("анна")] == [1, 2, 3][: 2 + with_new_ones]
    assert [one.seq for one in ann.all(ROOM)] == [1, 2, 3][: 2 + with_new_ones]
    assert bob.say("анна", "back").seq == 3 + with_new_ones
    assert ann.heard("боб") == ["an answer", "back"]
    nothing_wrong(ann, bob)


def test_what_a_restored_server_has_lost_is_known_though_all_it_has_is_removed(
    server: InProcessServer, user: Users
) -> None:
    ann, bob = meet(user)
    bob.break_off()
    grow_old(server)
    bob.start()
    ann.say("боб", "lost")
    for one in (ann, bob):
        one.break_off()
    gc.collect()  # The server forgets the numbers of conversations that nobody uses.
    change(server, lose)
    renew_log(server)

    ann.start()
    bob.start()

    for one, other in ((ann, "боб"), (bob, "анна")):
        assert [message.seq for message in one.all(other)] == [1, 2, None]
        assert one.of(MessagesLost) == [MessagesLost(other)]
    assert bob.say("анна", "and on").seq == 3


def test_a_new_device_finds_an_empty_conversation(
    server: InProcessServer, user: Users, tmp_path: Path
) -> None:
    ann, _ = meet(user)
    for number in range(120):
        ann.send_text("боб", f"{number}")
    ann.settle()
    grow_old(server)

    other = user("боб", store=Store(tmp_path / "other.db"))

    assert other.all("анна") == []
    fetched = []
    while other.core.why_empty("анна") is Emptiness.OLDER:
        fetched.append(other.fetch_older("анна"))
        assert len(fetched) == 1
    assert other.core.why_empty("анна") is Emptiness.EMPTY
    assert other.say("анна", "here").seq == 123
    assert ann.store.synced("боб") == 123
    assert other.of(MessagesLost) == []


@pytest.mark.parametrize("server", ["sqlite"], indirect=True)
def test_no_file_of_sqlite_has_what_was_removed_while_the_server_runs(
    server: InProcessServer, user: Users
) -> None:
    meet(user)
    file = Path(server.engine.url.database or "")
    files = (file, file.with_name(f"{file.name}-wal"))
    texts: list[str] = []
    change(server, lambda connection: texts.extend(connection.scalars(select(messages.c.frame))))
    assert all(any(text.encode() in one.read_bytes() for one in files) for text in texts)

    grow_old(server)

    assert not any(text.encode() in one.read_bytes() for one in files for text in texts)
