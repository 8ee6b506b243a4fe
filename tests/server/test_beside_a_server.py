"""Programs that open the database of a running server, and close it, take nothing from it."""

from contextlib import closing
from pathlib import Path

import pytest
import sqlcipher3.dbapi2 as sqlite
from sqlalchemy import URL

from messenger.server.store import database
from tests.forking import run
from tests.running import Talker, running

PROGRAMS = {"invite": ("invite",), "backup": ("backup", "make"), "check": ("db", "check")}


@pytest.mark.parametrize("program", PROGRAMS)
def test_what_is_acknowledged_after_another_program_has_ended_survives_a_kill(
    tmp_path: Path, program: str
) -> None:
    """SQLite's last connection removes the write-ahead log: no other one may take itself for it."""
    with running(tmp_path / "server", "--limits", "off") as server:
        log = server.data / "messenger.db-wal"
        with Talker(server.port) as ann, Talker(server.port) as bob:
            for link, name in ((ann, "анна"), (bob, "bob")):
                link.register_quickly(name)
                link.log_in_fully(name)
            assert ann.ask("msg", to="bob", message="before", id="1")["response"] == 200
            # The server has read from the database, by connections of its own.
            assert len(bob.ask("history", conversation="анна", after=0)["messages"]) == 1
            before = log.stat().st_ino
            done = run("-m", "messenger", *PROGRAMS[program], "--data", str(server.data))
            assert done.returncode == 0, done.stderr
            assert log.stat().st_ino == before
            assert ann.ask("msg", to="bob", message="after", id="2")["response"] == 200
        server.kill()
        server.start()
        with Talker(server.port) as bob:
            bob.log_in_fully("bob")
            found = bob.ask("history", conversation="анна", after=0)["messages"]
            assert [message["message"] for message in found] == ["before", "after"]


def test_a_further_connection_takes_no_lock_from_the_others(tmp_path: Path) -> None:
    """POSIX: whoever closes a file loses all locks that its process has on it."""
    file = tmp_path / "messenger.db"
    engine = database.open_engine(URL.create("sqlite", database=str(file)), 2)
    database.prepare(engine)
    with engine.connect() as first, engine.connect() as second:
        for connection in (first, second):
            connection.exec_driver_sql("SELECT count(*) FROM accounts").all()
        done = run("-c", _LOCK, str(file))
        assert "database is locked" in done.stderr
    engine.dispose()
    with closing(sqlite.connect(str(file))) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]


_LOCK = """
import sys
import sqlcipher3.dbapi2 as sqlite

connection = sqlite.connect(sys.argv[1], timeout=0)
connection.execute("PRAGMA locking_mode=EXCLUSIVE").fetchall()
connection.execute("SELECT count(*) FROM accounts").fetchall()
"""
"""Takes the database for itself, if nobody else uses it."""
