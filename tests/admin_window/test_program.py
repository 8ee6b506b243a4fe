"""The program of the window, in a process of its own: by a command, beside a server, without Qt."""

import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from messenger.admin.window import with_window
from messenger.sdk.administration import at_socket
from tests.forking import Python
from tests.running import RunningServer, SecureTalker, running, until
from tests.server.administrators import registered
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
            try:
                until(lambda: _operators(server) == 1)
            finally:
                # Its window would keep the standard error open.
                server.stop()
    finally:
        os.environ.clear()
        os.environ.update(before)


@pytest.fixture
def beside(tmp_path: Path) -> Iterator[RealServer]:
    """A server with a window beside it."""
    server = RealServer(
        tmp_path / "server", more=("-a", "127.0.0.1", "-p", "0", "--gui"), environment=_OFFSCREEN
    )
    yield server
    if server.process.poll() is None:
        # It would keep the standard error open.
        for window in _children(server):
            os.kill(window, signal.SIGTERM)
    server.end()


def test_the_window_beside_a_server_needs_no_socket(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in _OFFSCREEN.items():
        monkeypatch.setenv(name, value)
    # As on a file system that has none.
    (tmp_path / "server" / "admin.sock").mkdir(parents=True)
    with running(tmp_path / "server", "--limits", "off", "--gui") as server:
        try:
            assert server.process.stdout is not None
            server.process.stdout.readline()  # the fingerprint
            code = server.process.stdout.readline().split()[-1]
            registered(server, "Иван")
            with SecureTalker(server.port) as ivan:
                ivan.log_in_fully("Иван")
                assert ivan.ask("admin_claim", code=code)["response"] == 200
                until(lambda: _sessions_of_operators(ivan) == 1)
        finally:
            server.stop()


def _sessions_of_operators(administrator: SecureTalker) -> int:
    return sum(
        one.get("operator", False) for one in administrator.ask("admin_sessions")["sessions"]
    )


def test_nobody_can_read_the_token_of_a_window(beside: RealServer) -> None:
    until(lambda: _children(beside))
    (window,) = _children(beside)
    readable = [Path(f"/proc/{window}/{name}") for name in ("cmdline", "environ")]
    until(lambda: b"--login-from-input" in readable[0].read_bytes())
    for file in readable:
        assert not re.search(rb"\b[A-Z2-7]{4}(-[A-Z2-7]{4}){3}\b", file.read_bytes())


def test_the_window_beside_a_server_stays_while_that_restarts(beside: RealServer) -> None:
    found: list[list[int]] = []
    for _ in range(2):
        until(lambda: len(_children(beside)) == 1)
        found.append(_children(beside))
        beside.restart()
    (window,) = _children(beside)
    assert found == [[window], [window]]
    os.kill(window, signal.SIGTERM)
    # It has ended once it has no command line; its number stays until the server asks.
    until(lambda: not Path(f"/proc/{window}/cmdline").read_bytes())
    beside.restart()
    assert _children(beside) == [], "its user has closed it"
    beside.stop()


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
