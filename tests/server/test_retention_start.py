"""A server removes at its start what is older than its settings, and keeps on counting."""

from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import func, select, update

from messenger.server.backup.making import make_backup
from messenger.server.backup.restoring import restore_backup
from messenger.server.backup.source import Source
from messenger.server.backup.verifying import verify_backup
from messenger.server.config import load_settings
from messenger.server.database_copy.copying import copy_database
from messenger.server.store.schema import accounts, logins, messages, settings
from tests.running import RunningServer, Talker, running, until

DAY = 24 * 3_600.0


def age(server: RunningServer, days: float) -> None:
    """Have everything be as much older, while the server is stopped."""
    engine = server.open_database()
    with engine.begin() as connection:
        for column in (messages.c.stored_at, logins.c.time, accounts.c.last_login):
            connection.execute(update(column.table).values({column.name: column - days * DAY}))
    engine.dispose()


def stop(server: RunningServer) -> None:
    """Stop a server once it has looked at its clock, which it believes at the next start."""
    engine = server.open_database()
    with engine.connect() as connection:
        found = select(settings.c.name).where(settings.c.name == "clock")
        until(lambda: connection.scalar(found))
    engine.dispose()
    assert server.stop() == 0


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
    stop(server)
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
    stop(server)
    age(server, 20)

    server.start()

    # The logins of today are as old as the messages of today: those stay.
    until(lambda: left(server) == (2, 2))
    stop(server)


def test_what_is_kept_for_ever_is_never_removed(own_server: Callable[..., RunningServer]) -> None:
    server = own_server("--limits", "off", toml="message_days = 0\nlogin_days = 0\n")
    with Talker(server.port) as ann:
        ann.guest("ann")
        ann.ask("msg", to="#all", message="old")
    stop(server)
    age(server, 10_000)

    server.start()
    with Talker(server.port) as ann:
        ann.guest("bob")

    stop(server)
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
    stop(server)
    age(server, 40)
    server.start()
    until(lambda: left(server)[0] == 0)
    stop(server)

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
