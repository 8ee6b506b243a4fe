"""The server as its operator sees it: starting, failing to start, and a clean stop."""

import contextlib
import os
import signal
import socket
import subprocess
import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import URL

from messenger.server.store import database
from tests.forking import run
from tests.running import RunningServer, Talker, running, until

Servers = Callable[..., RunningServer]


def start(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Start a server that is not expected to run."""
    return run("server.py", *arguments, env={**os.environ, **environment})


def assert_one_sentence(done: subprocess.CompletedProcess[str], *words: str) -> None:
    """One line tells the operator what to do, with exit code 2."""
    assert done.returncode == 2
    assert len(done.stderr.strip().splitlines()) == 1, done.stderr
    assert all(word in done.stderr for word in words), done.stderr


# --- failed starts -----------------------------------------------------------------------------


def test_a_port_in_use(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])

        done = start("-a", "127.0.0.1", "-p", port, "--data", str(tmp_path))

    assert_one_sentence(done, port, "--port")


def test_an_address_of_another_machine(tmp_path: Path) -> None:
    done = start("-a", "192.0.2.1", "-p", "0", "--data", str(tmp_path))

    assert_one_sentence(done, "192.0.2.1", "--address")


def test_an_invalid_address(tmp_path: Path) -> None:
    done = start("-a", "no address", "-p", "0", "--data", str(tmp_path))

    assert_one_sentence(done, "no address", "--address")


@pytest.mark.parametrize("port", ["65536", "-1"])
def test_an_invalid_port(tmp_path: Path, port: str) -> None:
    assert_one_sentence(start("-p", port, "--data", str(tmp_path)), port, "65535")


@pytest.mark.parametrize(
    ("toml", "said"),
    [
        ("port = ", "messenger.toml"),
        ("prot = 7777", "prot"),
        ("port = 'x'", "whole number"),
        ("engine = 'fast'", "fast"),
        ("[limits]\nobject_size = 'big'", "object_size"),
        ("[limits]\nobject_size = 0", "object_size"),
        ("\x00", "messenger.toml"),
    ],
)
def test_a_wrong_configuration(tmp_path: Path, toml: str, said: str) -> None:
    (tmp_path / "messenger.toml").write_text(toml, "utf-8")

    assert_one_sentence(start("--data", str(tmp_path)), said)


def test_a_missing_configuration(tmp_path: Path) -> None:
    done = start("--data", str(tmp_path), "--config", str(tmp_path / "none.toml"))

    assert_one_sentence(done, "none.toml")


def test_a_directory_that_another_server_uses(tmp_path: Path) -> None:
    with running(tmp_path):
        done = start("-a", "127.0.0.1", "-p", "0", "--data", str(tmp_path))

    assert_one_sentence(done, str(tmp_path), "--data")


def test_a_directory_that_is_a_file(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")

    assert_one_sentence(start("--data", str(tmp_path / "file")), "--data")


def test_a_damaged_database(tmp_path: Path) -> None:
    (tmp_path / "messenger.db").write_bytes(b"this was a database once" * 1000)

    done = start("-p", "0", "--data", str(tmp_path))

    assert_one_sentence(done, "messenger.db", "backup")
    assert (tmp_path / "messenger.db").read_bytes().startswith(b"this was")


def test_a_database_that_another_program_has_locked(tmp_path: Path) -> None:
    import sqlcipher3.dbapi2 as sqlite

    # A new database: the migration has to write.
    holder = sqlite.connect(str(tmp_path / "messenger.db"), isolation_level=None)
    holder.execute("CREATE TABLE theirs (x)")
    holder.execute("BEGIN EXCLUSIVE")

    done = start("-p", "0", "--data", str(tmp_path))

    holder.close()
    assert_one_sentence(done, "messenger.db", "locked")


def test_a_database_of_a_newer_version(tmp_path: Path) -> None:
    import sqlcipher3.dbapi2 as sqlite

    with running(tmp_path) as server:
        server.stop()
    made = sqlite.connect(str(tmp_path / "messenger.db"))
    made.execute("UPDATE alembic_version SET version_num = '9999'")
    made.commit()
    made.close()

    assert_one_sentence(start("-p", "0", "--data", str(tmp_path)), "newer", "9999")


# --- running -----------------------------------------------------------------------------------


def test_r06_the_environment_sets_what_the_command_line_does_not(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        environment = {"MESSENGER_PORT": port, "MESSENGER_ADDRESS": "127.0.0.1"}

        assert_one_sentence(start("--data", str(tmp_path), **environment), port)


def test_a_migration_keeps_a_copy_of_the_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A failed migration can be undone."""
    file = tmp_path / "messenger.db"
    url = URL.create("sqlite", database=str(file))
    database.prepare(database.open_engine(url, 1))
    migrations = tmp_path / "migrations"
    (migrations / "versions").mkdir(parents=True)
    ours = Path(database.__file__).parent / "migrations"
    for found in (ours / "env.py", *ours.glob("versions/0*.py")):
        (migrations / found.relative_to(ours)).write_text(found.read_text("utf-8"), "utf-8")
    (migrations / "versions" / "9999_next.py").write_text(
        f"from alembic import op\nrevision = '9999'\ndown_revision = '{database.HEAD}'\n"
        "def upgrade():\n    op.execute('CREATE TABLE later (x INTEGER)')\n",
        "utf-8",
    )
    before = database.HEAD
    monkeypatch.setattr(database, "MIGRATIONS", migrations)
    monkeypatch.setattr(database, "HEAD", "9999")

    engine = database.open_engine(url, 1)
    database.prepare(engine)

    with engine.connect() as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM later").scalar() == 0
    copy = database.open_engine(url.set(database=f"{file}.{before}.backup"), 1)
    with copy.connect() as connection:
        names = connection.exec_driver_sql("SELECT name FROM sqlite_master").scalars().all()
    assert "messages" in names
    assert "later" not in names


# --- a clean stop ------------------------------------------------------------------------------


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_stop_tells_every_client_why(own_server: Servers, number: signal.Signals) -> None:
    server = own_server()
    with Talker(server.port) as logged_in, Talker(server.port) as stranger:
        logged_in.guest("ann")
        server.process.send_signal(number)

        for link in (logged_in, stranger):
            answer = link.receive()
            assert answer["response"] == 503
            assert "shutting down" in answer["error"]
            assert link.is_closed()
        assert server.wait() == 0
    with pytest.raises(ConnectionRefusedError):
        Talker(server.port)
    assert "Stopped" in server.log()


def write_all(link: Talker) -> None:
    """Write as long as the connection lasts."""
    with contextlib.suppress(OSError):
        for number in range(100_000):
            link.send("msg", to="#all", message=str(number), id=f"m{number}")


def listen_to_answers(link: Talker, answered: list[str]) -> None:
    """Note the ids of answered messages, until the connection ends."""
    with contextlib.suppress(OSError, EOFError):
        while True:
            answer = link.receive()
            if answer["response"] == 200:
                answered.append(answer["id"])


def test_requests_accepted_before_a_stop_are_committed_and_answered(own_server: Servers) -> None:
    """Every message is either in the log and answered, or neither."""
    server = own_server("--limits", "off")
    answered: list[str] = []
    with Talker(server.port) as writer:
        writer.guest_fully("ann")
        threads = [
            threading.Thread(target=write_all, args=(writer,)),
            threading.Thread(target=listen_to_answers, args=(writer, answered)),
        ]
        for thread in threads:
            thread.start()
        until(lambda: len(answered) >= 100)
        assert server.stop() == 0
        for thread in threads:
            thread.join()
    count = len(answered)
    assert answered == [f"m{number}" for number in range(count)]
    server.start()
    with Talker(server.port) as reader:
        reader.register("reader")
        reader.log_in_fully("reader")
        last = reader.ask("history", conversation="#all", before=10**9, limit=1)["last"]
    # Requests after the goodbye were neither accepted nor answered.
    assert last == count


def test_two_servers_after_each_other_use_the_same_port_at_once(own_server: Servers) -> None:
    server = own_server()
    with Talker(server.port) as link:
        link.guest("ann")
        server.kill()
    server.start()
    with Talker(server.port) as link:
        assert link.guest("ann")["response"] == 200
