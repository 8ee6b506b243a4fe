"""Messages and logins are kept for as long as an operator says, and clients go on without them."""

import gc
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from msgspec import structs
from sqlalchemy import Connection, func, select, update

from messenger.jim.history import GetHistory, HistoryPage
from messenger.sdk.events import Emptiness, MessagesLost, MessagesMissing
from messenger.sdk.store import MessageSecurity, MessageState, Store
from messenger.server.backup.making import make_backup
from messenger.server.backup.restoring import restore_backup
from messenger.server.backup.source import Source
from messenger.server.backup.verifying import verify_backup
from messenger.server.config import load_settings
from messenger.server.database_copy.copying import copy_database
from messenger.server.retention.retention import Retention
from messenger.server.store import log_id
from messenger.server.store.schema import accounts, logins, messages
from tests.in_process import InProcessClient, InProcessServer, Users, logging_in
from tests.postgresql import Postgresql
from tests.running import RunningServer, Talker, running, until

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


# --- the server's start --------------------------------------------------------------------------


def age(server: RunningServer, days: float) -> None:
    """Have everything be as much older, while the server is stopped."""
    engine = server.open_database()
    with engine.begin() as connection:
        for column in (messages.c.stored_at, logins.c.time, accounts.c.last_login):
            connection.execute(update(column.table).values({column.name: column - days * DAY}))
    engine.dispose()


def left(server: RunningServer) -> tuple[int, int]:
    """Return how many messages and logins the database has."""
    engine = server.open_database()
    with engine.connect() as connection:
        texts = select(func.count()).select_from(messages).where(messages.c.frame != "")
        found = connection.scalar(texts), connection.scalar(select(func.count(logins.c.id)))
    engine.dispose()
    return found[0] or 0, found[1] or 0


def test_r21_a_start_removes_what_was_kept_for_long_enough(
    own_server: Callable[..., RunningServer],
) -> None:
    server = own_server("--limits", "off", toml="message_days = 30\nlogin_days = 50\n")
    with Talker(server.port) as ann, Talker(server.port) as bob:
        bob.register_quickly("bob")
        ann.register_quickly("ann")
        ann.log_in_fully("ann")
        for number in range(3):
            assert ann.ask("msg", to="#all", message=f"old {number}")["seq"] == number + 1
        assert ann.ask("msg", to="bob", message="old")["seq"] == 1
    assert server.stop() == 0
    age(server, 40)

    server.start()

    until(lambda: "Removed for their age: 4 messages, 0 logins" in server.log())
    assert left(server) == (0, 1)
    with Talker(server.port) as ann, Talker(server.port) as bob:
        ann.log_in_fully("ann")
        assert ann.ask("msg", to="#all", message="new")["seq"] == 4
        assert ann.ask("msg", to="bob", message="new for bob")["seq"] == 2
        bob.log_in("bob")
        assert {bob.event("msg")["message"] for _ in range(2)} == {"new", "new for bob"}
    assert server.stop() == 0
    age(server, 20)

    server.start()

    # The logins of today are as old as the messages of today: those stay.
    until(lambda: left(server) == (2, 2))
    assert server.stop() == 0


def test_what_is_kept_for_ever_is_never_removed(own_server: Callable[..., RunningServer]) -> None:
    server = own_server("--limits", "off", toml="message_days = 0\nlogin_days = 0\n")
    with Talker(server.port) as ann:
        ann.guest("ann")
        ann.ask("msg", to="#all", message="old")
    assert server.stop() == 0
    age(server, 10_000)

    server.start()
    with Talker(server.port) as ann:
        ann.guest("bob")

    assert server.stop() == 0
    assert left(server)[0] == 1
    assert "Removed" not in server.log()


@pytest.mark.parametrize("how", ["copied", "restored"])
def test_numbers_go_on_in_a_copy_and_in_a_backup(
    own_server: Callable[..., RunningServer], tmp_path: Path, how: str
) -> None:
    """Nothing but the numbers is left, and it is in another database."""
    server = own_server("--limits", "off", toml="message_days = 30\n")
    with Talker(server.port) as ann:
        ann.guest_fully("ann")
        assert [ann.ask("msg", to="#all", message="old")["seq"] for _ in range(3)] == [1, 2, 3]
    assert server.stop() == 0
    age(server, 40)
    server.start()
    until(lambda: left(server)[0] == 0)
    assert server.stop() == 0

    other = tmp_path / "other"
    url = load_settings({"data": server.data}, {}).database
    if how == "copied":
        other.mkdir()
        copy_database(url or str(server.data), str(other), lambda _: None)
    else:
        # Without the configuration, which may name the database that the backup is made of.
        files = (server.data / name for name in ("key.pem", "certificate.pem", "none.toml"))
        made = make_backup(Source(url, server.data, *files), tmp_path, lambda _: None).file
        verify_backup(made, lambda _: None)
        restore_backup(made, other, "", lambda _: None)

    with running(other, "--limits", "off") as new, Talker(new.port) as ann:
        ann.guest_fully("bob")
        assert ann.ask("msg", to="#all", message="new")["seq"] == 4
