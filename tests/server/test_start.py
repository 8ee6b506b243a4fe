"""A start that fails at any step: one sentence, nothing left open, and it can be repeated."""

import os
import resource
import signal
import socket
import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

import pytest

from messenger.server.config import Settings
from messenger.server.program import CannotStart, run
from messenger.server.store.directory_lock import lock_file
from tests.running import Talker


def settings(data: Path, **more: object) -> Settings:
    return Settings(data=data, address="127.0.0.1", port=0, **more)  # type: ignore[arg-type]


def start_and_stop(data: Path, **more: object) -> list[str]:
    """Run a server in this process until it listens; return what it has announced."""
    said: list[str] = []

    def announce(line: str) -> bool:
        said.append(line)
        os.kill(os.getpid(), signal.SIGTERM)
        return True

    run(settings(data, **more), announce)
    return said


def failure(data: Path, **more: object) -> str:
    """Return the sentence with which a start fails; everything that it had opened is closed."""
    before = set(threading.enumerate())
    with pytest.raises(CannotStart) as failed:
        start_and_stop(data, **more)
    assert set(threading.enumerate()) <= before, "threads are left"
    if not (data / "server.lock").is_dir():
        lock_file(data)()
    sentence = str(failed.value)
    assert len(sentence.splitlines()) == 1
    return sentence


@contextmanager
def files_of_at_most(size: int) -> Iterator[None]:
    """Let no file grow beyond this, as on a full disk; that limits root, too."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def everything(data: Path) -> dict[str, int]:
    return {
        str(found.relative_to(data)): found.stat().st_mode & 0o777
        for found in data.rglob("*")
        if found.is_file()
    }


# --- files ---------------------------------------------------------------------------------------

FILES = ["messenger.db", "server.lock", "log/server.log", "key.pem", "certificate.pem"]


def test_the_servers_files_are_private_whatever_the_umask(data: Path) -> None:
    data.mkdir(mode=0o755)
    for file in ("messenger.db", "messenger.db-wal"):  # of an earlier version
        (data / file).touch(mode=0o644)
    before = os.umask(0)
    seen = {}

    def announce(_line: str) -> bool:
        seen.update(everything(data))
        os.kill(os.getpid(), signal.SIGTERM)
        return True

    try:
        run(settings(data), announce)
    finally:
        os.umask(before)
    assert {*FILES, "messenger.db-wal", "messenger.db-shm"} <= {*seen}
    assert {*seen.values()} == {0o600}
    assert (data / "log").stat().st_mode & 0o777 == 0o700
    assert data.stat().st_mode & 0o777 == 0o755, "what was there before stays as it is"


@pytest.mark.parametrize("file", FILES)
def test_a_directory_in_the_place_of_a_file_is_named(data: Path, file: str) -> None:
    (data / file).mkdir(parents=True)

    sentence = failure(data)

    assert file in sentence
    assert "Is a directory" in sentence


@pytest.mark.parametrize("file", ["key.pem", "certificate.pem"])
def test_a_half_file_is_named_and_stays(data: Path, file: str) -> None:
    start_and_stop(data)
    half = (data / file).read_bytes()[:90]
    (data / file).write_bytes(half)

    assert file in failure(data)
    assert (data / file).read_bytes() == half


def test_half_a_database_is_named_and_stays(data: Path) -> None:
    start_and_stop(data)
    file = data / "messenger.db"
    half = file.read_bytes()[: file.stat().st_size // 2]
    file.write_bytes(half)

    assert "messenger.db" in failure(data)
    assert file.read_bytes() == half


@pytest.mark.parametrize("empty", [["messenger.db"], ["key.pem"], ["certificate.pem"], FILES[3:]])
def test_an_empty_file_left_by_a_start_does_not_prevent_the_next(
    data: Path, empty: list[str]
) -> None:
    data.mkdir()
    for file in empty:
        (data / file).touch()

    start_and_stop(data)

    assert all((data / file).stat().st_size for file in empty)


def test_a_lost_certificate_is_created_again_and_the_key_stays(data: Path) -> None:
    said = start_and_stop(data)
    (data / "certificate.pem").write_bytes(b"")

    assert start_and_stop(data)[1] == said[1]


def leads_nowhere(key: Path) -> None:
    """A link to a disk that is not mounted."""
    key.unlink()
    key.symlink_to("elsewhere")


def leads_to_itself(key: Path) -> None:
    key.unlink()
    key.symlink_to(key.name)


@pytest.mark.parametrize("lose", [Path.unlink, Path.touch, leads_nowhere, leads_to_itself])
def test_a_lost_key_is_not_replaced_behind_the_operators_back(
    data: Path, lose: Callable[[Path], None]
) -> None:
    start_and_stop(data)
    certificate = (data / "certificate.pem").read_bytes()
    if lose is Path.touch:
        (data / "key.pem").unlink()
    lose(data / "key.pem")

    sentence = failure(data)

    assert "key.pem" in sentence
    assert "backup" in sentence
    assert (data / "certificate.pem").read_bytes() == certificate


def test_a_key_with_a_passphrase_or_of_another_certificate_is_reported(data: Path) -> None:
    other = data.with_name("other")
    start_and_stop(data)
    start_and_stop(other)
    mixed = {"certificate": data / "certificate.pem", "private_key": other / "key.pem"}

    assert "another certificate" in failure(data, **mixed)
    mixed["private_key"] = data / "certificate.pem"
    assert "passphrase" in failure(data, **mixed)


@pytest.mark.parametrize("size", [0, 100, 300, 1_000, 5_000, 30_000, 60_000, 100_000])
def test_a_first_start_on_a_full_disk_can_be_repeated(
    data: Path, size: int, capsys: pytest.CaptureFixture[str]
) -> None:
    with files_of_at_most(size):
        failure(data)
    left = [name for name in everything(data) if name.startswith(".new-")]

    start_and_stop(data)

    assert not left
    assert "Traceback" not in capsys.readouterr().err


@pytest.mark.parametrize(
    "url",
    [
        *(
            "foo",
            "postgres://u:secret@x:y",
            "mysql://u:secret@h/d",
            "postgresql://u:secret@h:x/d",
            "sqlite://",
        ),
        *(
            "sqlite:///:memory:",
            "sqlite:////nowhere/at all/x.db",
            "sqlite:////",
            "oracle://u:secret@h",
        ),
        *("sqlite:///x?check_same_thread=maybe", "sqlite+aiosqlite:////tmp/x.db", "://", "Иван"),
    ],
)
def test_an_unusable_database_is_reported_without_its_password(data: Path, url: str) -> None:
    sentence = failure(data, database=url)

    assert "database" in sentence
    assert "secret" not in sentence


def test_a_database_elsewhere_is_private_too(data: Path, tmp_path: Path) -> None:
    start_and_stop(data, database=f"sqlite:///{quote(str(tmp_path))}/elsewhere.db")

    assert (tmp_path / "elsewhere.db").stat().st_mode & 0o777 == 0o600
    assert not (data / "messenger.db").exists()


# --- failures after the start --------------------------------------------------------------------


def test_a_port_in_use_leaves_nothing_behind(data: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(CannotStart, match=str(port)):
            run(Settings(data=data, address="127.0.0.1", port=port))

    start_and_stop(data)


def test_a_database_that_fails_once_the_server_opens_is_reported(data: Path) -> None:
    start_and_stop(data)
    with sqlite3.connect(data / "messenger.db") as connection:
        connection.execute("DROP TABLE settings")
    connection.close()

    assert "messenger.db" in failure(data)


def test_any_other_failure_is_reported_and_logged(data: Path) -> None:
    before = set(threading.enumerate())
    ports = []

    def announce(line: str) -> bool:
        ports.append(int(line.split("port ")[1].split(maxsplit=1)[0]))
        raise RuntimeError("something\nthat nobody\nthought of")

    with pytest.raises(CannotStart, match="something that nobody thought of"):
        run(settings(data), announce)

    with pytest.raises(ConnectionRefusedError):
        Talker(ports[0])
    assert set(threading.enumerate()) <= before
    assert "Traceback" in (data / "log" / "server.log").read_text("utf-8")
    start_and_stop(data)


def test_a_directory_name_that_is_not_unicode_works(data: Path) -> None:
    odd = data / os.fsdecode(b"\xff\n?")

    start_and_stop(odd)

    assert {*FILES} <= {*everything(odd)}


def test_the_log_has_the_version_and_the_settings(data: Path) -> None:
    start_and_stop(data)

    log = (data / "log" / "server.log").read_text("utf-8")
    expected = [str(data / "messenger.db"), "loop", "message_burst 60", "open", "Stopped"]
    assert all(word in log for word in ["Messenger 0.", *expected]), log
