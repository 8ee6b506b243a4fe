"""The server as a program: its streams, its limits, and the signals that end it."""

import os
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.forking import ROOT, Python
from tests.running import Talker
from tests.server.test_start import start_and_stop


def program(data: Path, *arguments: str, redirected: str = "", before: str = ":") -> list[str]:
    """Return the command of a server, with a shell's redirections and the commands before it."""
    command = f'{before}; exec "$@" {redirected}'
    server = [sys.executable, str(ROOT / "server.py"), "-a", "127.0.0.1", "-p", "0"]
    return ["sh", "-c", command, "sh", *server, "--data", str(data), *arguments]


def forked(
    data: Path, *arguments: str, stdin: int = subprocess.DEVNULL, stdout: int = subprocess.PIPE
) -> Python:
    """Start a server in a fork: the start of the interpreter is not under test."""
    place = ("-a", "127.0.0.1", "-p", "0", "--data", str(data))
    return Python("server.py", *place, *arguments, stdin=stdin, stdout=stdout)


def wait_until(data: Path, expected: str, process: "subprocess.Popen[str] | Python") -> None:
    log = data / "log" / "server.log"
    while not log.exists() or expected not in log.read_text("utf-8"):
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
def test_a_server_serves_whatever_happens_to_its_output(
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
    expected = (
        "Standard output cannot be written" if redirected else "fingerprint of the server's key"
    )
    wait_until(data, expected, server)
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
    wait_until(data, "Standard output cannot be written", server)

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


def test_too_low_a_limit_of_open_files_is_reported(data: Path) -> None:
    done = subprocess.run(
        program(data, before="ulimit -n 64"), capture_output=True, text=True, timeout=60
    )

    assert (done.returncode, len(done.stderr.splitlines())) == (2, 1)
    assert "ulimit -n" in done.stderr


@contextmanager
def locked(file: Path) -> Iterator[None]:
    """Have another program lock the database during the block."""
    other = sqlite3.connect(file, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    try:
        yield
    finally:
        other.close()


def test_a_database_that_another_program_writes_is_reported_in_time(data: Path) -> None:
    start_and_stop(data)

    with locked(data / "messenger.db"):
        server = forked(data)
        said = server.communicate(timeout=60)[1]

    assert (server.returncode, len(said.splitlines())) == (2, 1)
    assert "locked" in said


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_server_stops_though_its_database_is_locked(data: Path, number: signal.Signals) -> None:
    server = forked(data)
    wait_until(data, "Listening", server)

    with locked(data / "messenger.db"):
        server.send_signal(number)
        said = server.communicate(timeout=60)

    assert (server.returncode, said[1]) == (0, "")


@contextmanager
def one_that_starts(data: Path) -> Iterator[Python]:
    """Start a server that waits for its database during the block."""
    start_and_stop(data)
    (data / "server.lock").unlink()
    with locked(data / "messenger.db"):
        server = forked(data)
        while not (data / "server.lock").exists():  # it waits for the database soon
            time.sleep(0.05)
        yield server


def test_an_interrupt_while_it_starts_ends_it_silently(data: Path) -> None:
    with one_that_starts(data) as server:
        server.send_signal(signal.SIGINT)

        said = server.communicate(timeout=60)[1]

    assert (server.returncode, said) == (130, "")


def in_a_terminal(data: Path, *, nohup: bool = False) -> tuple[int, int]:
    """Start a server in a terminal of its own; return its process and the terminal's other end."""
    pid, terminal = os.forkpty()
    if pid == 0:
        # These tests may themselves run under `nohup`.
        signal.signal(signal.SIGHUP, signal.SIG_IGN if nohup else signal.SIG_DFL)
        os.execv("/bin/sh", program(data))
    return pid, terminal


def read_until(terminal: int, expected: bytes) -> None:
    found = b""
    while expected not in found:
        found += os.read(terminal, 1024)


def test_a_reload_signal_does_not_end_a_service_that_starts(data: Path) -> None:
    with one_that_starts(data) as server:
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
    pid, terminal = in_a_terminal(data, nohup=True)
    read_until(terminal, b"fingerprint")

    os.close(terminal)

    log = data / "log" / "server.log"
    while "certificate was reloaded" not in log.read_text("utf-8"):
        assert os.waitpid(pid, os.WNOHANG) == (0, 0)
        time.sleep(0.05)
    os.kill(pid, signal.SIGTERM)
    assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 0
