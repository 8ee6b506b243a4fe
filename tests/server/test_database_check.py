"""`messenger db check` says whether a server can run on a database, and changes nothing."""

import socket
import struct
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from threading import Thread
from urllib.parse import quote

import pytest
from sqlalchemy import URL, Connection, text

from messenger.__main__ import main
from messenger.server.database_check import check
from messenger.server.database_copy.copying import Progress, copy_database
from messenger.server.store import copy_progress, database, postgresql_lock, postgresql_settings
from messenger.server.store.backend import DatabaseUnusable
from messenger.server.store.findings import Finding
from tests.postgresql import Postgresql, use_database
from tests.running import running
from tests.server.full_database import fill, opened

_REQUESTS = (80877103, 80877104)  # for TLS, and for GSSAPI
_REFUSED = "пользователь не прошёл проверку подлинности"


def test_a_database_of_sqlite_is_checked(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    fill(tmp_path / "messenger.db")
    (tmp_path / "garbage.db").write_bytes(b"garbage" * 1000)
    before = {file: file.read_bytes() for file in tmp_path.iterdir()}

    for words in ([str(tmp_path)], ["--data", str(tmp_path)], [str(tmp_path / "messenger.db")]):
        assert main(["db", "check", *words]) == 0
        assert "ok: The version of its tables is" in capsys.readouterr().out
    assert main(["db", "check", str(tmp_path / "garbage.db")]) == 2
    assert capsys.readouterr().out.startswith("failed: ")

    assert {file: file.read_bytes() for file in tmp_path.iterdir()} == before


def test_a_file_that_is_missing_is_a_failure_if_it_was_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for place in (tmp_path / "nowhere.db", tmp_path / "nowhere"):
        assert main(["db", "check", str(place)]) == 2
        assert capsys.readouterr().out.startswith("failed: There is no database")
    assert main(["db", "check", "--data", str(tmp_path / "nowhere")]) == 0
    out = capsys.readouterr().out
    assert out.startswith("ok: There is no database")
    assert "first start makes it" in out
    assert not any(tmp_path.iterdir())


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


def test_each_setting_that_matters_is_judged(postgresql: Postgresql) -> None:
    url = postgresql.new_database()
    latin = postgresql.empty_database("ENCODING 'LATIN1' LOCALE 'C' TEMPLATE template0")
    # The tests' own PostgreSQL does not sync.
    usual = {"fsync": "warning"}
    doubtful = ("synchronous_commit", "statement_timeout", "idle_in_transaction_session_timeout")
    options = " ".join(
        f"-c {name}={value}" for name, value in zip(doubtful, ("off", "300ms", "0"), strict=True)
    )

    assert levels(url) == usual
    assert levels(f"{url}&options={quote(options)}") == usual | dict.fromkeys(doubtful, "warning")
    assert levels(url, readers=1000) == usual | {"max_connections": "warning"}
    assert levels(latin) == usual | {"encoding": "failed"}
    found = {one.subject: one.text for one in check(url, 4)}
    assert len(found) == 12
    assert f"{postgresql.directory}:5432" in found["host"]


def test_a_connection_without_tls_to_another_host_is_a_warning() -> None:
    """One to the same machine is not; nor is any with TLS."""
    found = [
        postgresql_settings.judge_tls(is_encrypted=encrypted, is_remote=remote).level
        for encrypted, remote in ((False, True), (False, False), (True, True))
    ]
    assert found == ["warning", "ok", "ok"]


def test_who_uses_the_database_is_said(postgresql: Postgresql, tmp_path: Path) -> None:
    url, data = postgresql.new_database(), tmp_path / "on postgresql"
    use_database(data, url)
    assert use(url).text == "No server uses the database now"
    with running(data), running(tmp_path / "on sqlite"):
        assert use(url).text.startswith("A server uses the database now")
        assert use(str(tmp_path / "on sqlite")).text.startswith("A server, or a copy, uses")
    assert use(str(tmp_path / "on sqlite")).text.startswith("No server uses")
    with opened(url) as engine:
        postgresql_lock.lock_alone(engine)
        assert use(url).level == "failed"
        assert "messenger db copy uses the database" in use(url).text


def test_a_file_that_is_copied_is_locked(tmp_path: Path) -> None:
    fill(tmp_path / "from.db")
    shown: list[Finding] = []

    def look(_progress: Progress) -> None:
        if not shown:
            for name in ("from.db", "to.db"):
                shown.extend(check(str(tmp_path / name), 1))

    copy_database(str(tmp_path / "from.db"), str(tmp_path / "to.db"), look)

    assert [one.level for one in shown] == ["failed", "failed"]
    assert all("is locked" in one.text for one in shown)


def test_the_host_that_answers_is_named(postgresql: Postgresql) -> None:
    name = postgresql.new_database().partition("@/")[2].partition("?")[0]
    hosts = f"host=/nowhere,{postgresql.directory}&port=5432,5432"

    found = check(f"postgresql://messenger@/{name}?{hosts}", 1)

    assert found[0].text.endswith(f"at {postgresql.directory}:5432")


@pytest.mark.parametrize(
    ("sqlstate", "said"),
    [
        ("28P01", "refuses the password of the role x"),
        ("28000", "refuses the role x"),
        ("3D000", "There is no database"),
    ],
)
def test_what_postgresql_refuses_in_another_language_is_known(sqlstate: str, said: str) -> None:
    """A server's start does not wait for it, either."""
    with refusing(sqlstate) as (url, asked):
        (found,) = check(url, 1)
        assert found.level == "failed"
        assert said in found.text

        asked.clear()
        engine = database.open_engine(url, 1)
        with pytest.raises(DatabaseUnusable, match=said):
            database.prepare(engine, patience=600)
        engine.dispose()
        assert len(asked) == 2  # once more, for the SQLSTATE


def test_a_start_goes_on_waiting_for_what_passes_in_another_language() -> None:
    with refusing("57P03", then="28P01") as (url, asked):
        engine = database.open_engine(url, 1)
        with pytest.raises(DatabaseUnusable, match="refuses the password"):
            database.prepare(engine, patience=600)
        engine.dispose()
        assert len(asked) == 4


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


def levels(url: str, readers: int = 4) -> dict[str, str]:
    """Return the levels of all that is not as it should be."""
    return {one.subject: one.level for one in check(url, readers) if one.level != "ok"}


def use(place: str) -> Finding:
    """Return what is found about the use of a database."""
    (found,) = [one for one in check(place, 1) if one.subject == "use"]
    return found


@contextmanager
def refusing(sqlstate: str, then: str = "") -> Iterator[tuple[str, list[int]]]:
    """Refuse connections as a Russian PostgreSQL does; yield a URL, and a list of the attempts.

    From the third attempt on another SQLSTATE may follow.
    """
    asked: list[int] = []

    def answer(connection: socket.socket) -> None:
        with connection, connection.makefile("rb") as read, suppress(OSError, struct.error):
            while True:
                length, code = struct.unpack("!ii", read.read(8))
                read.read(length - 8)
                if code not in _REQUESTS:
                    break
                connection.sendall(b"N")
            asked.append(code)
            now = then if then and len(asked) > 2 else sqlstate
            fields = {"S": "ВАЖНО", "V": "FATAL", "C": now, "M": _REFUSED}
            body = b"".join(f"{key}{value}\0".encode() for key, value in fields.items()) + b"\0"
            connection.sendall(b"E" + struct.pack("!i", len(body) + 4) + body)

    with listening(answer) as port:
        yield f"postgresql://x:y@127.0.0.1:{port}/x", asked


@contextmanager
def listening(answer: Callable[[socket.socket], None]) -> Iterator[int]:
    """Answer the connections to a port, one after the other."""
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def serve() -> None:
            with suppress(OSError):
                while True:
                    answer(listener.accept()[0])

        thread = Thread(target=serve)
        thread.start()
        try:
            yield listener.getsockname()[1]
        finally:
            listener.shutdown(socket.SHUT_RDWR)
            thread.join()
