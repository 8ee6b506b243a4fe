"""The server runs on PostgreSQL: its schema, its start, and what an operator reads if it cannot."""

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psycopg
import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection, text
from sqlalchemy.exc import DBAPIError, OperationalError

from messenger.server.store import database, postgresql_settings
from messenger.server.store import postgresql as backend
from messenger.server.store.backend import DatabaseUnusable
from messenger.server.store.postgresql_numbers import own_metadata
from messenger.server.store.schema import metadata
from tests.forking import ROOT, run
from tests.postgresql import Postgresql, use_database
from tests.running import RunningServer, Talker, running, until

# Without the names of constraints and sequences: they are those of the first migration.
_SCHEMA = (
    """SELECT table_name, column_name, data_type, character_maximum_length, is_nullable,
              collation_name, regexp_replace(column_default, 'nextval.*', 'nextval')
       FROM information_schema.columns WHERE table_schema = 'public'""",
    """SELECT indexdef FROM pg_indexes
       WHERE schemaname = 'public' AND NOT starts_with(indexname, 'pk')""",
    """SELECT conrelid::regclass::text, pg_get_constraintdef(oid) FROM pg_constraint
       WHERE connamespace = 'public'::regnamespace""",
)


def test_a_server_keeps_what_was_written_in_postgresql(
    postgresql: Postgresql, tmp_path: Path
) -> None:
    use_database(tmp_path, postgresql.empty_database())
    with running(tmp_path) as server:
        with Talker(server.port) as ann:
            ann.register_quickly("ann")
            ann.log_in_fully("ann")
            assert ann.ask("join", room="#kitchen")["response"] == 200
            assert ann.ask("msg", to="#kitchen", message="hello", id="1")["response"] == 200
        assert server.stop() == 0
        server.start()
        with Talker(server.port) as ann:
            ann.log_in_fully("ann")
            page = ann.ask("history", conversation="#kitchen", after=0)
    assert [one["message"] for one in page["messages"]] == ["hello"]
    assert not (tmp_path / "messenger.db").exists()


def test_a_new_database_has_the_schema_that_the_migrations_make(postgresql: Postgresql) -> None:
    found = []
    both = [metadata, own_metadata]
    for is_new in (True, False):
        engine = database.open_engine(postgresql.empty_database(), 1)
        if not is_new:
            config = database.migrations()
            with database.writer(engine) as connection, connection.begin():
                config.attributes["connection"] = connection
                command.upgrade(config, "head")
        database.prepare(engine)
        # Without a transaction: the server's patience with an idle one is short.
        with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            assert compare_metadata(MigrationContext.configure(connection), both) == []
            found.append(_schema(connection))
        engine.dispose()

    assert found[0] == found[1]
    assert sum("WHERE" in str(row[0]) for row in found[0][1]) == 4


def test_texts_are_in_the_order_of_code_points_whatever_the_language_of_the_database(
    postgresql: Postgresql,
) -> None:
    """A prefix is a range of names, and pages go on after a name: as on SQLite."""
    engine = database.open_engine(postgresql.new_database(), 1)

    with engine.connect() as connection:
        found = connection.execute(
            text(
                "SELECT table_name, collation_name FROM information_schema.columns "
                "WHERE table_schema = 'public' AND data_type IN ('text', 'character varying')"
            )
        ).all()
    engine.dispose()

    texts = [tuple(row) for row in found if row.table_name in metadata.tables]
    assert texts
    assert {collation for _table, collation in texts} == {"C"}


def test_servers_that_start_at_once_create_the_schema_once(postgresql: Postgresql) -> None:
    url = postgresql.empty_database()
    engines = [database.open_engine(url, 1) for _ in range(4)]

    with ThreadPoolExecutor() as pool:
        list(pool.map(database.prepare, engines))

    with engines[0].connect() as connection:
        rows = connection.execute(text("SELECT version_num FROM alembic_version")).all()
    assert rows == [(database.HEAD,)]
    for engine in engines:
        engine.dispose()


def test_a_second_server_is_refused_before_it_changes_the_schema(postgresql: Postgresql) -> None:
    """A newer version that is started by mistake leaves the tables of the one that runs alone."""
    url = postgresql.new_database()
    running_server, second = (database.open_engine(url, 1) for _ in range(2))
    for engine in (running_server, second):
        backend.share(engine)
    with running_server.connect() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '0007'"))
        connection.commit()

        with pytest.raises(DatabaseUnusable, match="is used by a server"):
            database.prepare(second, alone=True)
        assert database.revision(connection) == "0007"
    running_server.dispose()
    second.dispose()


def test_a_session_has_the_timeouts_of_the_server_and_the_options_of_its_url(
    postgresql: Postgresql,
) -> None:
    url = f"{postgresql.new_database()}&options=-c%20work_mem%3D5MB&application_name=mine"
    engine = database.open_engine(url, 1)
    names = (
        *("idle_in_transaction_session_timeout", "statement_timeout"),
        *("plan_cache_mode", "work_mem"),
    )

    with engine.connect() as connection:
        shown = [connection.scalar(text(f"SHOW {name}")) for name in names]
        assert connection.scalar(text("SHOW application_name")) == "mine"
    engine.dispose()

    assert shown == ["2s", "10s", "force_custom_plan", "5MB"]


def test_a_migration_takes_the_time_that_it_needs(postgresql: Postgresql) -> None:
    engine = database.open_engine(postgresql.empty_database(), 1)

    with backend.changing_schema(engine) as connection:
        names = ("statement_timeout", "lock_timeout")
        assert [connection.scalar(text(f"SHOW {name}")) for name in names] == ["0", "0"]
    engine.dispose()


def test_of_several_hosts_the_one_that_is_up_is_used(postgresql: Postgresql) -> None:
    url = postgresql.new_database()
    name = url.partition("@/")[2].partition("?")[0]
    hosts = f"host=/nowhere,{postgresql.directory}&port=5432,5432"
    engine = database.open_engine(f"postgresql://messenger@/{name}?{hosts}", 1)

    database.prepare(engine)

    assert (
        database.shown(engine) == f"postgresql:///nowhere:5432,{postgresql.directory}:5432/{name}"
    )
    engine.dispose()


def test_a_server_waits_for_its_database(own_postgresql: Postgresql, tmp_path: Path) -> None:
    url = own_postgresql.new_database()
    own_postgresql.stop()
    log = tmp_path / "log" / "server.log"
    use_database(tmp_path, url)
    with ThreadPoolExecutor() as pool:
        try:
            started = pool.submit(RunningServer, tmp_path)
            until(lambda: log.exists() and "waiting for it" in log.read_text("utf-8"))
        finally:
            own_postgresql.start()
        server = started.result()
    server.end()


@pytest.mark.io
@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("postgresql://x@nohost.invalid/x", ("cannot be found", "nohost.invalid")),
        ("postgresql://x@127.0.0.1:1/x", ("does not answer", "127.0.0.1:1")),
        ("postgresql://x:secret@127.0.0.1:1,127.0.0.1:2/x", ("does not answer", "1,127.0.0.1:2/x")),
        ("postgresql://x@127.0.0.1/x?nonsense=1", ("setting database", "nonsense")),
        ("postgresql://x@h:port/x", ("setting database", "port")),
        ("mysql://x@127.0.0.1/x", ("setting database", "mysql")),
    ],
)
def test_the_operator_reads_what_is_wrong_with_the_url(url: str, said: tuple[str, ...]) -> None:
    _assert_says(url, *said)


def test_the_operator_reads_what_postgresql_refuses(postgresql: Postgresql) -> None:
    url = postgresql.empty_database()
    _assert_says(postgresql.url("nowhere"), "There is no database", "nowhere")
    _assert_says(postgresql.url("postgres", role="nobody"), "no role nobody")
    postgresql.execute("CREATE ROLE reader LOGIN")
    _assert_says(url.replace("messenger@", "reader@"), "lacks rights", "reader")
    latin = postgresql.empty_database("ENCODING 'LATIN1' LOCALE 'C' TEMPLATE template0")
    _assert_says(latin, "LATIN1", "UTF8")


def test_a_wrong_password_is_named_but_not_shown(postgresql: Postgresql) -> None:
    postgresql.execute("CREATE ROLE locked LOGIN PASSWORD 'right'")
    with postgresql.asking_for_passwords():
        wrong = postgresql.url("postgres", role="locked:wrong")
        assert "wrong" not in _assert_says(wrong, "refuses the password", "locked")
        _assert_says(postgresql.url("postgres", role="locked"), "refuses the password")


def test_an_old_version_is_refused() -> None:
    assert "13 is too old" in postgresql_settings.judge_version(13).text
    assert postgresql_settings.judge_version(13).level == "failed"
    assert postgresql_settings.judge_version(postgresql_settings.OLDEST).level == "ok"


def test_a_server_ends_with_one_sentence_and_exit_code_2(
    postgresql: Postgresql, tmp_path: Path
) -> None:
    use_database(tmp_path, postgresql.url("nowhere"))

    done = run("server.py", "--data", str(tmp_path))

    assert done.returncode == 2
    assert done.stderr.count("\n") == 1
    assert "nowhere" in done.stderr


def test_without_the_driver_its_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "psycopg", None)
    _assert_says("postgresql://x@127.0.0.1/x", "pip install messenger[postgres]")


def test_a_server_on_sqlite_imports_nothing_of_postgresql() -> None:
    code = """import sys, messenger.server.program
print([name for name in sys.modules if "psycopg" in name or "postgresql" in name])"""
    # A real start: the process that tests fork from has imported everything.
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, check=True)
    assert done.stdout == b"[]\n"


def test_what_makes_postgresql_forget_is_in_the_log(
    postgresql: Postgresql, caplog: pytest.LogCaptureFixture
) -> None:
    url = f"{postgresql.new_database()}&options=-c%20synchronous_commit%3Doff"
    engine = database.open_engine(url, 1)
    caplog.clear()

    database.prepare(engine)

    assert [message.partition(" is off")[0] for message in caplog.messages] == [
        "synchronous_commit",
        "fsync",
    ]
    engine.dispose()


@pytest.mark.parametrize(
    ("said", "is_temporary"),
    [
        ('connection to server at "db", port 5432 failed: Connection refused', True),
        ("connection timeout expired", True),
        ("failed to resolve host 'db': [Errno -3] Temporary failure in name resolution", True),
        ("connection failed: FATAL:  the database system is starting up", True),
        ("connection failed: session is read-only", True),
        ("consuming input failed: SSL connection has been closed unexpectedly", True),
        ("consuming input failed: SSL SYSCALL error: EOF detected", True),
        ("the connection is lost", True),
        ('connection failed: FATAL:  password authentication failed for user "x"', False),
        ('connection failed: FATAL:  database "x" does not exist', False),
        ('connection failed: FATAL:  no pg_hba.conf entry for host "::1", SSL off', False),
        ("connection failed: server does not support SSL, but SSL was required", False),
        ('connection failed: root certificate file "/x" does not exist', False),
    ],
)
def test_a_server_waits_for_what_passes_only(said: str, is_temporary: bool) -> None:
    error = OperationalError(None, None, psycopg.OperationalError(said))

    assert backend.is_temporary(error) == is_temporary


def test_whatever_error_says_that_the_connection_is_lost_passes() -> None:
    lost = psycopg.InterfaceError("the cursor is closed")

    assert backend.is_temporary(DBAPIError(None, None, lost, connection_invalidated=True))
    assert not backend.is_temporary(DBAPIError(None, None, lost))


def _assert_says(url: str, *said: str) -> str:
    with pytest.raises(DatabaseUnusable) as raised:
        database.prepare(database.open_engine(url, 1))
    text = str(raised.value)
    assert all(part in text for part in said), text
    assert "\n" not in text
    assert "secret" not in text
    return text


def _schema(connection: Connection) -> list[set[tuple[object, ...]]]:
    """Return what PostgreSQL knows of tables, in whatever order they were made."""
    return [set(map(tuple, connection.exec_driver_sql(asked))) for asked in _SCHEMA]
