"""The program of the window, in a process of its own: by a command, beside a server, without Qt."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from messenger.admin.window import with_window
from messenger.sdk.administration import at_socket
from tests.forking import Python
from tests.running import RunningServer, running, until
from tests.server.real_process import RealServer

_OFFSCREEN = {"QT_QPA_PLATFORM": "offscreen", "LC_ALL": "C.UTF-8"}


@pytest.fixture(autouse=True)
def calls_in_gui_thread() -> None:
    """Here the test itself asks the server: no window is in this process."""


@pytest.fixture
def server(tmp_path: Path) -> Iterator[RunningServer]:
    """A small server."""
    with running(tmp_path / "server", "--limits", "off") as server:
        yield server


def _operators(server: RunningServer) -> int:
    """Return how many connections the operator's socket has, besides this one."""
    with at_socket(server.data / "admin.sock") as administration:
        return sum(one.operator for one in administration.sessions().sessions) - 1


def test_the_window_opens_on_this_machine_and_ends_by_a_signal(server: RunningServer) -> None:
    program = Python("-m", "messenger", "admin", "--data", str(server.data), env=_OFFSCREEN)
    until(lambda: _operators(server) == 1)
    program.send_signal(signal.SIGTERM)
    _said, errors = program.communicate(timeout=60)
    assert program.wait() == 128 + signal.SIGTERM
    assert "Traceback" not in errors  # Qt may complain of a window that was half shown


def test_a_server_opens_it_beside_itself(tmp_path: Path) -> None:
    before = dict(os.environ)
    os.environ.update(_OFFSCREEN)
    try:
        with running(tmp_path / "server", "--limits", "off", "--gui") as server:
            until(lambda: _operators(server) == 1)
            server.stop()
    finally:
        os.environ.clear()
        os.environ.update(before)


def test_the_window_beside_a_server_stays_while_that_restarts(tmp_path: Path) -> None:
    found: list[list[int]] = []
    server = RealServer(
        tmp_path / "server", more=("-a", "127.0.0.1", "-p", "0", "--gui"), environment=_OFFSCREEN
    )
    try:
        for _ in range(2):
            until(lambda: len(_children(server)) == 1)
            found.append(_children(server))
            server.restart()
        (window,) = _children(server)
        assert found == [[window], [window]]
        os.kill(window, signal.SIGTERM)
        # It has ended once it has no command line; its number stays until the server asks.
        until(lambda: not Path(f"/proc/{window}/cmdline").read_bytes())
        server.restart()
        assert _children(server) == [], "its user has closed it"
        server.stop()
    finally:
        server.end()


def _children(server: RealServer) -> list[int]:
    """Return the programs that the server has started."""
    tasks = Path(f"/proc/{server.process.pid}/task")
    return [int(one) for task in tasks.iterdir() for one in (task / "children").read_text().split()]


def test_without_pyqtgraph_it_says_what_to_install(server: RunningServer) -> None:
    hidden = "import sys; sys.modules['pyqtgraph'] = None; "
    run = "from messenger.__main__ import main; sys.exit(main(sys.argv[1:]))"
    done = subprocess.run(
        [sys.executable, "-c", hidden + run, "admin", "--data", str(server.data)],
        capture_output=True,
        text=True,
        env={**os.environ, **_OFFSCREEN},
        timeout=60,
    )
    assert done.returncode == 2
    assert "pip install 'messenger[admin]'" in done.stderr
    assert "messenger admin --help" in done.stderr
    assert len(done.stderr.splitlines()) == 2


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ([], ["window"]),
        (["chat.example.org:7777"], ["window", "chat.example.org:7777"]),
        (["--data", "here"], ["window", "--data", "here"]),
        (["accounts", "list"], ["accounts", "list"]),
        (["--help"], ["--help"]),
        (["acounts", "list"], ["acounts", "list"]),
        (["window"], ["window"]),
    ],
)
def test_what_is_no_verb_opens_the_window(words: list[str], found: list[str]) -> None:
    assert with_window(words, ["accounts", "sessions", "audit", "window"]) == found
