"""A start that fails at any step: one sentence, nothing left open, and it can be repeated."""

import logging
import os
import resource
import signal
import socket
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

import pytest

from messenger.log import server_log_config
from messenger.server.config import Settings
from messenger.server.program import CannotStart, run
from messenger.server.store import database
from tests.forking import ROOT, Python
from tests.running import Talker

ODD = "сервер 名前 a%41? \U0001f511"


@pytest.fixture
def data(tmp_path: Path) -> Iterator[Path]:
    yield tmp_path / ODD
    for handler in server_log_config.LOGGER.handlers[:]:
        server_log_config.LOGGER.removeHandler(handler)
        handler.close()
    server_log_config.LOGGER.setLevel(logging.INFO)


def settings(data: Path, **more: object) -> Settings:
    return Settings(data=data, address="127.0.0.1", port=0, **more)  # type: ignore[arg-type]


def start_and_stop(data: Path, **more: object) -> list[str]:
    """Run a server here until it listens; return what it has said."""
    said: list[str] = []

    def announce(line: str) -> bool:
        said.append(line)
        os.kill(os.getpid(), signal.SIGTERM)
        return True

    run(settings(data, **more), announce)
    return said


def failure(data: Path, **more: object) -> str:
    """Return the sentence with which a start here fails; whatever it had begun has ended."""
    before = set(threading.enumerate())
    with pytest.raises(CannotStart) as failed:
        start_and_stop(data, **more)
    assert set(threading.enumerate()) <= before, "threads are left"
    if not (data / "server.lock").is_dir():
        database.lock_file(data)()
    sentence = str(failed.value)
    assert len(sentence.splitlines()) == 1
    return sentence


@contextmanager
def files_of_at_most(size: int) -> Iterator[None]:
    """Let a file grow no further, as on a full disk; root is held to it, too."""
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


def test_nobody_else_reads_what_a_server_keeps_whatever_the_umask(data: Path) -> None:
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
def test_an_empty_file_that_a_start_has_left_is_no_hindrance(data: Path, empty: list[str]) -> None:
    data.mkdir()
    for file in empty:
        (data / file).touch()

    start_and_stop(data)

    assert all((data / file).stat().st_size for file in empty)


def test_a_lost_certificate_is_made_anew_and_the_key_stays(data: Path) -> None:
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


def test_a_key_with_a_passphrase_or_of_another_certificate_is_told(data: Path) -> None:
    other = data.with_name("other")
    start_and_stop(data)
    start_and_stop(other)
    mixed = {"certificate": data / "certificate.pem", "private_key": other / "key.pem"}

    assert "another certificate" in failure(data, **mixed)
    mixed["private_key"] = data / "certificate.pem"
    assert "passphrase" in failure(data, **mixed)


@pytest.mark.parametrize("size", [0, 100, 300, 1_000, 5_000, 30_000, 60_000, 100_000])
def test_a_first_start_without_room_can_be_repeated(
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
            "postgres://x",
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
def test_a_database_that_cannot_be_is_told_without_its_password(data: Path, url: str) -> None:
    sentence = failure(data, database=url)

    assert "database" in sentence
    assert "secret" not in sentence


def test_a_database_elsewhere_is_private_too(data: Path, tmp_path: Path) -> None:
    start_and_stop(data, database=f"sqlite:///{quote(str(tmp_path))}/elsewhere.db")

    assert (tmp_path / "elsewhere.db").stat().st_mode & 0o777 == 0o600
    assert not (data / "messenger.db").exists()


# --- what fails later ----------------------------------------------------------------------------


def test_a_port_that_is_taken_leaves_nothing_behind(data: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(CannotStart, match=str(port)):
            run(Settings(data=data, address="127.0.0.1", port=port))

    start_and_stop(data)


def test_a_database_that_fails_once_the_server_opens_is_told(data: Path) -> None:
    start_and_stop(data)
    with sqlite3.connect(data / "messenger.db") as connection:
        connection.execute("DROP TABLE settings")
    connection.close()

    assert "messenger.db" in failure(data)


def test_whatever_else_fails_is_told_and_logged(data: Path) -> None:
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


def test_a_directory_whose_name_is_no_text_is_as_good_as_another(data: Path) -> None:
    odd = data / os.fsdecode(b"\xff\n?")

    start_and_stop(odd)

    assert {*FILES} <= {*everything(odd)}


def test_the_log_says_what_was_started(data: Path) -> None:
    start_and_stop(data)

    log = (data / "log" / "server.log").read_text("utf-8")
    told = [str(data / "messenger.db"), "loop", "message_burst 60", "open", "Stopped"]
    assert all(word in log for word in ["Messenger 0.", *told]), log


# --- the program ---------------------------------------------------------------------------------


def program(data: Path, *arguments: str, redirected: str = "", before: str = ":") -> list[str]:
    """Return the command of a server, with what a shell does to its streams, and before."""
    command = f'{before}; exec "$@" {redirected}'
    server = [sys.executable, str(ROOT / "server.py"), "-a", "127.0.0.1", "-p", "0"]
    return ["sh", "-c", command, "sh", *server, "--data", str(data), *arguments]


def forked(data: Path, *arguments: str, **streams: int) -> Python:
    """Start a server whose interpreter is not what is tried."""
    place = ("-a", "127.0.0.1", "-p", "0", "--data", str(data))
    return Python("server.py", *place, *arguments, **streams)  # type: ignore[arg-type]


def wait_until(data: Path, told: str, process: "subprocess.Popen[str] | Python") -> None:
    log = data / "log" / "server.log"
    while not log.exists() or told not in log.read_text("utf-8"):
        assert process.poll() is None, process.communicate()
        time.sleep(0.05)


@pytest.mark.parametrize(
    ("redirected", "environment"),
    [
        (">/dev/full", {}),
        (">&-", {}),
        (">&- 2>&- <&-", {}),
        ("", {"LANGUAGE": "ru", "LC_ALL": "C.UTF-8", "PYTHONIOENCODING": "ascii"}),
        ("", {"LANGUAGE": "ru", "LC_ALL": "C.UTF-8", "PYTHONIOENCODING": "latin-1:strict"}),
    ],
)
def test_a_server_serves_whatever_becomes_of_its_output(
    data: Path, redirected: str, environment: dict[str, str]
) -> None:
    server = subprocess.Popen(
        program(data, redirected=redirected),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, **environment},
        start_new_session=True,
    )
    told = "Nobody reads standard output" if redirected else "fingerprint of the server's key"
    wait_until(data, told, server)
    port = int((data / "log" / "server.log").read_text("utf-8").split("on port ")[1].split()[0])
    with Talker(port) as link:
        assert link.guest("Иван")["response"] == 200

    server.terminate()

    said = server.communicate(timeout=60)
    assert (server.returncode, said[1]) == (0, "")


def test_a_reader_that_goes_away_is_no_reason_to_stop(data: Path) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    server = forked(data, stdout=writing)
    os.close(writing)
    wait_until(data, "Nobody reads standard output", server)

    server.terminate()

    assert (server.communicate(timeout=60)[1], server.returncode) == ("", 0)


@pytest.mark.parametrize("file", [Path("/dev/null"), ROOT / "server.py"])
def test_stop_at_eof_takes_every_kind_of_input(data: Path, file: Path) -> None:
    with file.open() as opened:
        server = forked(data, "--stop-at-eof", stdin=opened.fileno())

    assert server.communicate(timeout=60)[1] == ""
    assert server.returncode == 0


def test_stop_at_eof_without_an_input_is_refused(data: Path) -> None:
    done = subprocess.run(
        program(data, "--stop-at-eof", redirected="<&-"), capture_output=True, text=True, timeout=60
    )

    assert (done.returncode, len(done.stderr.splitlines())) == (2, 1)
    assert "Traceback" not in done.stderr


def test_a_machine_that_allows_too_few_files_is_told(data: Path) -> None:
    done = subprocess.run(
        program(data, before="ulimit -n 64"), capture_output=True, text=True, timeout=60
    )

    assert (done.returncode, len(done.stderr.splitlines())) == (2, 1)
    assert "ulimit -n" in done.stderr


@contextmanager
def locked(file: Path) -> Iterator[None]:
    """Have another program write the database for as long as the block."""
    other = sqlite3.connect(file, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    try:
        yield
    finally:
        other.close()


def test_a_database_that_another_program_writes_is_told_in_time(data: Path) -> None:
    start_and_stop(data)

    with locked(data / "messenger.db"):
        server = forked(data)
        said = server.communicate(timeout=60)[1]

    assert (server.returncode, len(said.splitlines())) == (2, 1)
    assert "locked" in said


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_locked_database_keeps_no_server_from_stopping(
    data: Path, number: signal.Signals
) -> None:
    server = forked(data)
    wait_until(data, "Listening", server)

    with locked(data / "messenger.db"):
        server.send_signal(number)
        said = server.communicate(timeout=60)

    assert (server.returncode, said[1]) == (0, "")


def test_an_interrupt_while_it_starts_ends_it_without_a_word(data: Path) -> None:
    start_and_stop(data)
    (data / "server.lock").unlink()
    with locked(data / "messenger.db"):
        server = forked(data)
        while not (data / "server.lock").exists():  # it waits for the database soon
            time.sleep(0.05)
        server.send_signal(signal.SIGINT)

        said = server.communicate(timeout=60)[1]

    assert (server.returncode, said) == (130, "")


# --- SIGHUP --------------------------------------------------------------------------------------


def in_a_terminal(data: Path, before: Callable[[], object] = int) -> tuple[int, int]:
    """Start a server in a terminal of its own; return its process and the terminal's other end."""
    pid, terminal = os.forkpty()
    if pid == 0:
        before()
        os.execv("/bin/sh", program(data))
    return pid, terminal


def read_until(terminal: int, told: bytes) -> None:
    found = b""
    while told not in found:
        found += os.read(terminal, 1024)


def test_an_order_to_reload_does_not_end_a_service_that_starts(data: Path) -> None:
    start_and_stop(data)
    (data / "server.lock").unlink()
    with locked(data / "messenger.db"):
        server = forked(data)
        while not (data / "server.lock").exists():  # it waits for the database soon
            time.sleep(0.05)
        server.send_signal(signal.SIGHUP)

    assert server.stdout is not None
    assert "listens" in server.stdout.readline()
    server.send_signal(signal.SIGTERM)
    assert server.wait(60) == 0
    server.stdout.close()


def test_a_server_ends_with_the_terminal_that_it_was_started_in(data: Path) -> None:
    pid, terminal = in_a_terminal(data)
    read_until(terminal, b"fingerprint")

    os.close(terminal)

    assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 0
    assert "Stopped" in (data / "log" / "server.log").read_text("utf-8")


def test_under_nohup_a_server_stays_when_its_terminal_is_closed(data: Path) -> None:
    pid, terminal = in_a_terminal(data, lambda: signal.signal(signal.SIGHUP, signal.SIG_IGN))
    read_until(terminal, b"fingerprint")

    os.close(terminal)

    log = data / "log" / "server.log"
    while "loaded anew" not in log.read_text("utf-8"):
        assert os.waitpid(pid, os.WNOHANG) == (0, 0)
        time.sleep(0.05)
    os.kill(pid, signal.SIGTERM)
    assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 0
