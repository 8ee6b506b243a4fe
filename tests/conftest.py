"""Fixtures: the real server, on each of its engines."""

import itertools
import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.running import RunningServer, Talker, running

ENGINES = ("uvloop", "epoll", "select")

# What programs say is tested in English, whatever the machine speaks.
os.environ["LANGUAGE"] = "en"

_numbers = itertools.count(1)


def pytest_addoption(parser: pytest.Parser) -> None:
    """Let `--engine NAME` run the server's tests on one engine instead of all."""
    parser.addoption("--engine", choices=ENGINES, help="run the server on this engine only")


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run every test that uses a server on each engine (R13)."""
    if "engine" in metafunc.fixturenames:
        only = metafunc.config.getoption("--engine")
        metafunc.parametrize("engine", [only] if only else ENGINES, scope="session")


@pytest.fixture(scope="session")
def server(engine: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningServer]:
    """A server that many tests share, without limits in time: each uses names of its own."""
    data = tmp_path_factory.mktemp("server")
    with running(data, "--engine", engine, "--limits", "off") as server:
        yield server


@pytest.fixture
def own_server(engine: str, tmp_path: Path) -> Iterator[Callable[..., RunningServer]]:
    """Start servers of the test's own: `own_server("--limits", "off", toml="...")`."""
    started: list[RunningServer] = []

    def start(*arguments: str, toml: str = "") -> RunningServer:
        data = tmp_path / f"data{len(started)}"
        data.mkdir()
        (data / "messenger.toml").write_text(toml, "utf-8")
        started.append(RunningServer(data, "--engine", engine, *arguments))
        return started[-1]

    yield start
    for server in started:
        server.end()


@pytest.fixture
def talker(server: RunningServer) -> Iterator[Callable[..., Talker]]:
    """Make links to the shared server."""
    made: list[Talker] = []

    def make(*, newline: bool = True) -> Talker:
        made.append(Talker(server.port, newline=newline))
        return made[-1]

    yield make
    for talker in made:
        talker.close()


@pytest.fixture
def name() -> Callable[[str], str]:
    """Make names that no other test uses: `name("ann")`."""
    number = next(_numbers)
    return lambda start: f"{start}_{number}"


@pytest.fixture
def logged_in(talker: Callable[..., Talker]) -> Callable[..., Talker]:
    """Register an account and log in with everything that a client of ours understands."""

    def log_in(name: str, device: str = "d1") -> Talker:
        link = talker()
        link.register(name)
        assert link.log_in_fully(name, device=device)["response"] == 200
        return link

    return log_in
