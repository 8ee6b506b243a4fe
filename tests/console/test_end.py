"""A client ends when it is told to: by a signal, by its user, and by the end of its input."""

import os
import random
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from subprocess import PIPE, STDOUT
from typing import IO

import pytest

from tests.console.terminal import Terminal
from tests.forking import ROOT, Python
from tests.running import RunningServer, Talker, running

SIGNALS = [signal.SIGTERM, signal.SIGHUP]
_chance = random.SystemRandom()
GUEST = ("-n", "名前", "--guest")


@pytest.fixture(scope="module")
def one_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningServer]:
    with running(tmp_path_factory.mktemp("server"), "--limits", "off") as server:
        with Talker(server.port) as link:
            link.register("Дейв Смит")
        yield server


@contextmanager
def silent_server() -> Iterator[socket.socket]:
    """A server that lets everybody connect, and says nothing."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        yield listening


def port_of(server: socket.socket) -> int:
    return int(server.getsockname()[1])


def nobody() -> int:
    """Return a port where no server is, of those that the system gives to nobody by itself.

    Others who ask the system for a free port, as all tests do at the same time, get other ones.
    """
    while True:
        port = _chance.randrange(10_000, 32_768)
        with suppress(OSError), socket.create_server(("127.0.0.1", port)):
            return port


def client(port: int, data: Path, *arguments: str) -> Terminal:
    return Terminal("127.0.0.1", str(port), *arguments, data=data)


@pytest.mark.parametrize("number", SIGNALS)
def test_a_signal_ends_it_while_a_question_stands_open(
    one_server: RunningServer, tmp_path: Path, number: int
) -> None:
    with client(one_server.port, tmp_path) as terminal:
        terminal.expect("Name [")
        terminal.process.send_signal(number)
        assert terminal.wait() == 128 + number


_WAITS_IN_A_SYSTEM_CALL = """
import os, signal, threading
from pathlib import Path
from messenger.console.shutdown import guarded

def work():
    main = threading.get_native_id()

    def signal_to_this_thread():
        while Path(f"/proc/self/task/{main}/stat").read_text().rpartition(")")[2].split()[0] != "S":
            pass
        signal.pthread_kill(threading.get_ident(), signal.SIGTERM)

    threading.Thread(target=signal_to_this_thread, daemon=True).start()
    os.read(os.pipe()[0], 1)
    return 0

raise SystemExit(guarded(work))
"""


@pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="Linux says who sleeps")
def test_a_signal_that_interrupts_no_system_call_ends_it_all_the_same() -> None:
    """As where it comes between a prompt and the `read` behind it."""
    ended = subprocess.run([sys.executable, "-c", _WAITS_IN_A_SYSTEM_CALL], timeout=60, check=False)
    assert ended.returncode == 128 + signal.SIGTERM


def test_a_signal_ends_it_while_a_password_is_asked_for(
    one_server: RunningServer, tmp_path: Path
) -> None:
    with client(one_server.port, tmp_path, "-n", "Дейв Смит", "--guest") as terminal:
        terminal.expect("Password of Дейв Смит")
        terminal.process.send_signal(signal.SIGTERM)
        assert terminal.wait() == 128 + signal.SIGTERM


def test_a_signal_ends_it_at_the_prompt_of_a_silent_server(tmp_path: Path) -> None:
    with silent_server() as server, client(port_of(server), tmp_path, *GUEST) as terminal:
        terminal.expect("#all>")
        terminal.process.send_signal(signal.SIGHUP)
        assert terminal.wait() == 128 + signal.SIGHUP


@pytest.mark.parametrize("keys", ["/quit\r", "\x03"])
def test_a_user_leaves_a_silent_server_at_once(tmp_path: Path, keys: str) -> None:
    with silent_server() as server, client(port_of(server), tmp_path, *GUEST) as terminal:
        terminal.expect("#all>")
        terminal.press(keys)
        assert terminal.wait() == 0


def test_control_c_clears_what_is_written_before_it_leaves(
    one_server: RunningServer, tmp_path: Path
) -> None:
    with client(one_server.port, tmp_path, *GUEST) as terminal:
        terminal.expect("#all>")
        terminal.press("not this")
        terminal.expect("not this")
        terminal.press("\x03")
        terminal.type("but this")
        terminal.expect("✓ sent")
        terminal.press("\x03")
        assert terminal.wait() == 0


def piped(port: int, data: Path, *arguments: str) -> Python:
    return Python(
        *("client.py", "127.0.0.1", str(port), "--data", str(data), *arguments),
        env={**os.environ, "PYTHONUNBUFFERED": "1"}, stdin=PIPE, stderr=STDOUT,
    )  # fmt: skip


def wait_until_online(process: Python) -> IO[str]:
    """Read what a pipe says until it is online; return where the rest comes."""
    assert process.stdout is not None
    assert any('"online"' in line for line in process.stdout), "it has ended"
    return process.stdout


@pytest.mark.parametrize("mode", ["chat", "send", "listen"])
def test_a_signal_ends_a_pipe_that_waits_for_its_server(tmp_path: Path, mode: str) -> None:
    with (
        silent_server() as server,
        piped(port_of(server), tmp_path, "-n", "名前", "--mode", mode) as process,
    ):
        server.accept()
        process.terminate()
        assert process.wait(30) == 128 + signal.SIGTERM


@pytest.mark.parametrize("number", SIGNALS)
def test_a_signal_ends_a_pipe_that_listens(
    one_server: RunningServer, tmp_path: Path, number: int
) -> None:
    arguments = (*GUEST, "--mode", "listen", "--json", "--events")
    with piped(one_server.port, tmp_path, *arguments) as process:
        wait_until_online(process)
        process.send_signal(number)
        assert process.wait(30) == 128 + number


def test_what_was_not_written_is_not_missed_when_a_signal_ends_a_pipe(
    one_server: RunningServer, tmp_path: Path
) -> None:
    arguments = (*GUEST, "--mode", "send", "--json", "--events")
    with piped(one_server.port, tmp_path, *arguments) as process:
        said = wait_until_online(process)
        process.terminate()
        assert process.wait(30) == 128 + signal.SIGTERM
        assert "not sent" not in said.read()


@pytest.mark.parametrize(("lines", "code"), [("", 0), ("/quit\n", 0), ("привет\n/quit\n", 1)])
def test_a_pipe_ends_with_its_input_though_the_server_is_silent(
    tmp_path: Path, lines: str, code: int
) -> None:
    with (
        silent_server() as server,
        piped(port_of(server), tmp_path, "-n", "名前", "--timeout", "1") as process,
    ):
        said = process.communicate(lines, 60)[0]

    assert process.returncode == code
    assert ("1 message is not sent yet" in said) == bool(code)


def test_a_pipe_does_not_wait_for_ever_for_a_server_that_is_away(tmp_path: Path) -> None:
    with piped(nobody(), tmp_path, "-n", "名前", "--mode", "send", "--timeout", "0.5") as process:
        said = process.communicate("привет\n", 60)[0]

    assert process.returncode == 1
    assert "Could not connect in time." in said


def test_a_thread_that_does_not_end_does_not_keep_the_client() -> None:
    program = """
import sys, threading
from messenger.console.shutdown import guarded
def work():
    threading.Thread(target=threading.Event().wait).start()
    return 7
sys.exit(guarded(work))
"""
    assert subprocess.run([sys.executable, "-c", program], cwd=ROOT, timeout=60).returncode == 7


def test_a_signal_that_is_ignored_stays_ignored() -> None:
    """As `nohup` has it for SIGHUP."""
    program = """
import os, signal, sys
from messenger.console.shutdown import guarded
signal.signal(signal.SIGHUP, signal.SIG_IGN)
def work():
    os.kill(os.getpid(), signal.SIGHUP)
    return 7
sys.exit(guarded(work))
"""
    assert subprocess.run([sys.executable, "-c", program], cwd=ROOT, timeout=60).returncode == 7
