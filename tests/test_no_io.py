"""Tests that do no I/O are found, and those that do it all the same fail (`make coverage`)."""

import socket
import subprocess
import sys
from pathlib import Path

import pytest

from tests.names import odd_name
from tests.no_io import Reach
from tests.running import Talker, until

ROOT = Path(__file__).parent.parent


def names_a_talker() -> None:
    Talker(0)


def calls_what_names_one() -> None:
    def inner() -> None:
        names_a_talker()

    inner()


class Inherits(Talker):
    """A class whose base opens a socket."""


def names_a_class() -> None:
    Inherits(0)


def names_the_module() -> None:
    socket.create_connection(("127.0.0.1", 9))


def imports_by_itself() -> None:
    from tests.postgresql import Postgresql

    Postgresql()


def waits() -> None:
    until(lambda: odd_name("ann", 1))


@pytest.mark.parametrize(
    "does_io",
    [names_a_talker, calls_what_names_one, names_a_class, names_the_module, imports_by_itself],
)
def test_a_test_does_io_if_something_does_that_it_names_or_calls(does_io: object) -> None:
    assert Reach().reaches(does_io)


def test_what_only_waits_does_no_io() -> None:
    assert not Reach().reaches(waits)


def test_tests_that_do_it_unseen_fail(tmp_path: Path) -> None:
    """By a socket, in a thread, by a process."""
    unseen = """
import os, threading, _socket

def test_a_socket():
    _socket.socket().connect(("127.0.0.1", 9))

def test_a_thread():
    bind = threading.Thread(target=lambda: _socket.socket().bind(("", 0)))
    bind.start()
    bind.join()

def test_a_process():
    os.posix_spawn("/bin/true", ["true"], {})

def test_nothing():
    pass
"""
    (tmp_path / "test_unseen.py").write_text(unseen, "utf-8")
    done = subprocess.run(
        [
            *(sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-n0"),
            *("-p", "tests.conftest", "--no-io", "--rootdir", tmp_path, tmp_path),
        ],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert "3 failed, 1 passed" in done.stdout, done.stdout + done.stderr
    assert done.stdout.count("mark it with `io`") >= 3
