"""A stop that comes while a server is being restarted is not lost, wherever it comes."""

import os
import signal
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from messenger.sdk.administration import at_socket
from tests.forking import ROOT
from tests.running import until
from tests.server.real_process import RealServer

# The server's program, but that a signal comes when it calls a function.
_PROGRAM = """
import asyncio, importlib, logging, os, signal, sys
from messenger.__main__ import main
from messenger.server import signals
from messenger.server.store import directory_lock

owner, name = {place}
call = getattr(owner, name)

def stopping(*arguments):
    os.kill(os.getpid(), signal.{number})
    return call(*arguments)

setattr(owner, name, stopping)
sys.exit(main())
"""

_PLACES = {
    "before the event loop is closed": '(asyncio.Runner, "close")',
    "after that": '(directory_lock.DirectoryLock, "release")',
    "when everything is closed": '(logging, "shutdown")',
    "at last": '(signals.Signals, "forget")',
}

Start = Callable[..., RealServer]


@pytest.fixture
def start(data: Path, tmp_path: Path) -> Iterator[Start]:
    """Start a server that gets a signal at a place."""
    servers: list[RealServer] = []

    def begin(place: str, number: str, *more: str) -> RealServer:
        program = tmp_path / "program.py"
        program.write_text(_PROGRAM.format(place=_PLACES[place], number=number), "utf-8")
        servers.append(
            RealServer(
                data,
                words=(str(program), "server"),
                more=("-a", "127.0.0.1", "-p", "0", "--limits", "off", *more),
                environment={"PYTHONPATH": str(ROOT), "QT_QPA_PLATFORM": "offscreen"},
            )
        )
        return servers[-1]

    yield begin
    for server in servers:
        server.end()


def restart(server: RealServer) -> None:
    with at_socket(server.data / "admin.sock") as opened:
        opened.restart()


@pytest.mark.parametrize("place", [*_PLACES])
def test_a_signal_stops_it_instead(start: Start, place: str, engine: str) -> None:
    server = start(place, "SIGTERM", "--engine", engine)
    restart(server)
    assert server.process.communicate(timeout=60)[1] == ""
    assert server.process.returncode == 0


def test_an_order_to_reload_does_not(start: Start) -> None:
    """The settings are going to be read anyway."""
    server = start("when everything is closed", "SIGHUP")
    server.restart()
    assert server.stop() == ""


def test_the_window_beside_it_ends_then(start: Start) -> None:
    server = start("when everything is closed", "SIGTERM", "--gui")
    children = Path(f"/proc/{server.process.pid}/task/{server.process.pid}/children")
    until(lambda: bool(children.read_text("ascii").split()))
    (window,) = map(int, children.read_text("ascii").split())
    restart(server)
    try:
        assert server.process.wait(timeout=60) == 0
        with pytest.raises(ProcessLookupError):
            os.kill(window, 0)
    finally:
        if Path(f"/proc/{window}").exists():
            os.kill(window, signal.SIGKILL)
