"""`messenger db check` says whether a server can run on a database, and changes nothing."""

from pathlib import Path

import pytest
from sqlalchemy import URL, Connection, text

from messenger.__main__ import main
from messenger.server.store import copy_progress, database
from tests.postgresql import Postgresql
from tests.server.full_database import fill


def test_a_database_of_sqlite_is_checked(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    fill(tmp_path / "messenger.db")
    (tmp_path / "garbage.db").write_bytes(b"garbage" * 1000)
    before = {file: file.read_bytes() for file in tmp_path.iterdir()}

    for words in ([str(tmp_path)], ["--data", str(tmp_path)], [str(tmp_path / "messenger.db")]):
        assert main(["db", "check", *words]) == 0
        assert "ok: The version of its tables is" in capsys.readouterr().out
    assert main(["db", "check", str(tmp_path / "nowhere.db")]) == 0
    assert capsys.readouterr().out.startswith("warning: There is no database")
    assert main(["db", "check", str(tmp_path / "garbage.db")]) == 2
    assert capsys.readouterr().out.startswith("failed: ")

    assert {file: file.read_bytes() for file in tmp_path.iterdir()} == before


def test_a_database_of_postgresql_is_checked(
    postgresql: Postgresql, capsys: pytest.CaptureFixture[str]
) -> None:
    postgresql.execute("CREATE ROLE checker LOGIN PASSWORD 'right'")
    empty = postgresql.empty_database()
    for url, said in (
        (postgresql.new_database(), "ok: The role can create tables"),
        (empty, "It has no tables of a server yet"),
    ):
        assert main(["db", "check", url]) == 0
        out = capsys.readouterr().out
        assert said in out
        assert "warning: fsync is off" in out
    for url, said in (
        (empty.replace("messenger@", "checker@"), "lacks rights"),
        (postgresql.url("nowhere"), "There is no database"),
        ("postgresql://x@nohost.invalid/x", "cannot be found"),
        ("postgresql://x@127.0.0.1:1/x", "does not answer"),
    ):
        assert main(["db", "check", url]) == 2
        assert said in capsys.readouterr().out
    with postgresql.asking_for_passwords():
        assert main(["db", "check", postgresql.url("postgres", role="checker:wrong")]) == 2
        assert "refuses the password" in capsys.readouterr().out


def test_a_database_with_which_no_server_starts_is_named(
    postgresql: Postgresql, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """What a start refuses fails here, too: an unfinished copy, and a newer schema."""
    file, url = str(tmp_path / "messenger.db"), postgresql.new_database()
    fill(tmp_path / "messenger.db")
    for place, where in ((url, url), (file, URL.create("sqlite", database=file))):
        engine = database.open_engine(where, 1)
        for change, said in (
            (lambda it: copy_progress.begin(it, "source"), "is an unfinished copy"),
            (copy_progress.end, ""),
            (set_newer, "was made by a newer Messenger (version 9999)"),
        ):
            with database.writer(engine) as connection, connection.begin():
                change(connection)
            assert main(["db", "check", place]) == (2 if said else 0)
            assert said in capsys.readouterr().out
        engine.dispose()


def set_newer(connection: Connection) -> None:
    """Mark the schema as one of a later version."""
    connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
