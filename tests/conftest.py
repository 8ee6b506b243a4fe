"""Fixtures: the real server on its engines; names and directories that are not plain ASCII."""

import datetime as dt
import gc
import importlib
import itertools
import logging
import os
import tempfile
from collections.abc import Callable, Generator, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import hypothesis
import keyring
import pytest
from keyring.backends import fail

from messenger.log.decorator import log_calls
from tests.compiling import compile_once
from tests.memory import in_memory
from tests.names import DIRECTORY, odd_name, odd_room
from tests.running import RunningServer, Talker, running
from tests.stretching import stretch_once

if TYPE_CHECKING:
    from tests.in_process import InProcessServer, Users
    from tests.postgresql import Postgresql

ENGINES = ("uvloop", "select")
"""The default one, and that of R13. The third, `epoll`, is the loop of `select` with another
selector: it is used in the test of many connections, and in `make soak`."""

DATABASES = ("sqlite", "postgresql")
"""The tests of the server run on the first engine with the first database, and on the second with
the second one: neither knows of the other. `make soak` runs every pair."""

_OF_WINDOWS = ("admin_window", "desktop", "windows")
"""The directories of the tests that use Qt."""

_DESCRIPTORS = Path("/proc/self/fd")
_MANY = 512  # half of those that `select` takes

_SEED = 7777
"""The same each time: a test fails for what was changed. `make soak` looks for new examples."""

in_memory()

# Programs that name no store keep their keys in the user's data directory.
_data = tempfile.TemporaryDirectory(prefix="messenger-")
os.environ["XDG_DATA_HOME"] = _data.name
# Animations take a fifth of the screen's time.
os.environ["TEXTUAL_ANIMATIONS"] = "none"
# Qt reads these when it is imported or when its application begins: windows are drawn into memory,
# at a scale that does not depend on the machine's screen.
os.environ["QT_QPA_PLATFORM"] = "offscreen"
os.environ["QT_SCALE_FACTOR"] = "1"
os.environ["LC_ALL"] = "C.UTF-8"
os.environ.pop("QT_STYLE_OVERRIDE", None)

stretch_once()
compile_once()

# Tests must not touch the machine's own keyring.
keyring.set_keyring(fail.Keyring())

_numbers = itertools.count(1)


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the options of a run."""
    parser.addoption(
        "--engine", choices=(*ENGINES, "epoll"), help="run the server on this engine only"
    )
    parser.addoption("--database", choices=DATABASES, help="run the server on this database only")
    parser.addoption("--no-io", action="store_true", help="only tests without I/O (make coverage)")
    parser.addoption("--seed", type=int, help="the seed of random tests (today's date with --soak)")
    parser.addoption(
        "--soak", type=int, default=0, help="random tests at this multiple of their full size"
    )


# No deadline: how long an example takes depends on the machine's load. Half of the usual examples:
# `make soak` tries all of them, and others each day.
hypothesis.settings.register_profile("busy", deadline=None, max_examples=50)
hypothesis.settings.register_profile("soak", deadline=None, max_examples=100)
hypothesis.settings.load_profile("busy")


@pytest.hookimpl(tryfirst=True)
def pytest_configure(config: pytest.Config) -> None:
    """Choose the seed; the workers get it from the controller."""
    if config.option.no_io:
        from tests.no_io import NoIO

        config.pluginmanager.register(NoIO())
    if config.option.soak:
        hypothesis.settings.load_profile("soak")
    if config.option.seed is None:
        today = int(dt.datetime.now(dt.UTC).strftime("%Y%m%d"))
        config.option.seed = today if config.option.soak else _SEED
    if config.option.hypothesis_seed is None:
        config.option.hypothesis_seed = str(config.option.seed)


@pytest.hookimpl(tryfirst=True)
def pytest_collection(session: pytest.Session) -> None:
    """Import another part of the tests first in each worker, if the whole suite is run.

    Rewriting their assertions takes twice as long as importing them. The workers share the cache of
    rewritten modules, if they do not all rewrite the same one at the same time.
    """
    config = session.config
    worker = getattr(config, "workerinput", None)
    if worker is not None and config.args == config.getini("testpaths"):
        files = sorted(
            path.relative_to(config.rootpath) for path in Path(__file__).parent.rglob("test_*.py")
        )
        for path in files[int(worker["workerid"].removeprefix("gw")) :: worker["workercount"]]:
            importlib.import_module(".".join(path.with_suffix("").parts))


def pytest_collection_finish() -> None:
    """Exclude imported objects, which stay, from garbage collection."""
    gc.collect()
    gc.freeze()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Generator[None, object, object]:
    """Collect the garbage of a test of windows at its end, and before that not at all.

    It takes widgets apart that Qt still calls: those which are only to be deleted later, and in
    threads that tests have left all (`messenger/windows/garbage.py`).
    """
    if item.path.parent.name not in _OF_WINDOWS:
        return (yield)
    from PyQt6.QtCore import QCoreApplication, QEvent

    gc.disable()
    try:
        return (yield)
    finally:
        QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)
        gc.collect()
        gc.enable()


def pytest_report_header(config: pytest.Config) -> str:
    """Say how to repeat the random tests."""
    return f"random tests: --seed {config.option.seed}"


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run every test that uses a server on each engine (R13), and on a database."""
    if "engine" not in metafunc.fixturenames:
        return
    config = metafunc.config
    engines: tuple[str, ...] = (*ENGINES, "epoll") if config.getoption("--soak") else ENGINES
    if only := config.getoption("--engine"):
        engines = (only,)
    if "use_new_database" not in metafunc.fixturenames:
        metafunc.parametrize("engine", engines, scope="session")
        return
    pairs = _pairs(metafunc, engines)
    names = [engine if kind == "sqlite" else f"{engine}-{kind}" for engine, kind in pairs]
    metafunc.parametrize(
        ("engine", "use_new_database"),
        pairs,
        indirect=["use_new_database"],
        scope="session",
        ids=names,
    )


def _pairs(metafunc: pytest.Metafunc, engines: Sequence[str]) -> list[tuple[str, str]]:
    """Return the engines and databases on which a test is run."""
    config = metafunc.config
    if only := config.getoption("--database"):
        return [(engine, only) for engine in engines]
    of_server = Path(__file__).parent / "server" in metafunc.definition.path.parents
    if not of_server or metafunc.definition.get_closest_marker("sqlite"):
        return [(engine, "sqlite") for engine in engines]
    if config.getoption("--soak") or len(engines) == 1:
        return list(itertools.product(engines, DATABASES))
    return list(zip(engines, DATABASES, strict=True))


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Give tests at full size more time, and start the longest first.

    A long test that starts last would keep the other workers waiting.
    """
    items.sort(key=lambda item: item.get_closest_marker("long") is None)
    if soak := config.getoption("--soak"):
        for item in items:
            if item.get_closest_marker("soak"):
                item.add_marker(pytest.mark.timeout(3600 * soak), append=False)


@pytest.fixture(scope="session")
def seed(request: pytest.FixtureRequest) -> int:
    """The seed of random tests."""
    return int(request.config.getoption("--seed"))


@pytest.fixture(scope="session")
def size(request: pytest.FixtureRequest) -> Callable[[int, int], int]:
    """The size of a random test: `size(12, 200)` is 12, and with `--soak 2` 400."""
    soak: int = request.config.getoption("--soak")
    return lambda part, whole: whole * soak if soak else part


@pytest.fixture(scope="session")
def postgresql() -> Iterator["Postgresql"]:
    """A PostgreSQL server, which tests share: each uses databases of its own."""
    from tests.postgresql import Postgresql

    server = Postgresql()
    yield server
    server.close()


@pytest.fixture(scope="session")
def use_new_database(request: pytest.FixtureRequest) -> Callable[[Path], None]:
    """Give the server with this directory a new database, of the kind on which the test is run."""
    if request.param == "sqlite":
        return lambda _data: None
    from tests.postgresql import use_database

    server: Postgresql = request.getfixturevalue("postgresql")
    return lambda data: use_database(data, server.new_database())


@pytest.fixture(autouse=True)
def _umask_stays() -> Iterator[None]:
    """Set the usual umask: commands that run in this process let nobody else read their files."""
    before = os.umask(0o022)
    yield
    os.umask(before)


@pytest.fixture(autouse=True)
def _logs_stay() -> Iterator[None]:
    """Undo what programs that run in this process do to the logs, which later tests read."""
    loggers = [logging.getLogger(f"messenger.{side}") for side in ("client", "server")]
    before = [(logger, logger.level, logger.handlers[:]) for logger in loggers]
    for logger in loggers:
        logger.propagate = True
    yield
    for logger, level, handlers in before:
        for added in [one for one in logger.handlers if one not in handlers]:
            logger.removeHandler(added)
            added.close()
        if logger.level != level:
            logger.setLevel(level)
            log_calls(logger)


@pytest.fixture(autouse=True)
def _descriptors_are_few() -> Iterator[None]:
    """Close the databases and sockets that tests have left, if there are many.

    They end with their objects, which Python's collector finds late in so large a process.
    """
    yield
    if _DESCRIPTORS.is_dir() and sum(1 for _ in _DESCRIPTORS.iterdir()) > _MANY:
        gc.collect()


@pytest.fixture
def tmp_path(tmp_path: Path) -> Path:
    """A directory of the test's own."""
    path = tmp_path / DIRECTORY
    path.mkdir()
    return path


@pytest.fixture(scope="session")
def server(
    engine: str, use_new_database: Callable[[Path], None], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[RunningServer]:
    """A server without rate limits that many tests share: each uses names of its own."""
    data = tmp_path_factory.mktemp("server") / DIRECTORY
    use_new_database(data)
    with running(data, "--engine", engine, "--limits", "off") as server:
        yield server


@pytest.fixture(scope="module")
def one_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningServer]:
    """The same for the tests of one module, on the default engine."""
    data = tmp_path_factory.mktemp("server") / DIRECTORY
    with running(data, "--limits", "off") as server:
        yield server


@pytest.fixture(scope="session")
def in_process_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator["InProcessServer"]:
    """The real server in this process, which opens no socket, for clients in this process."""
    from tests.in_process import InProcessServer

    server = InProcessServer(tmp_path_factory.mktemp("server") / DIRECTORY)
    yield server
    server.close()


@pytest.fixture
def user(in_process_server: "InProcessServer", tmp_path: Path) -> Iterator["Users"]:
    """Log people in at that server, with a database each: `user(name("ann"), password=None)`."""
    from tests.in_process import logging_in

    with logging_in(in_process_server, tmp_path) as log_in:
        yield log_in


@pytest.fixture(scope="module")
def shared_user(
    in_process_server: "InProcessServer", tmp_path_factory: pytest.TempPathFactory
) -> Iterator["Users"]:
    """Log in people whom the tests of a module share, under names that nobody else uses.

    A module may begin twice in one process: xdist steals tests from the middle of its queue.
    """
    from tests.in_process import logging_in

    with logging_in(in_process_server, tmp_path_factory.mktemp("shared") / DIRECTORY) as log_in:
        yield lambda name: log_in(f"{name} {next(_numbers)}")


@pytest.fixture
def own_server(
    engine: str, use_new_database: Callable[[Path], None], tmp_path: Path
) -> Iterator[Callable[..., RunningServer]]:
    """Start servers of the test's own: `own_server("--limits", "off", toml="...")`."""
    started: list[RunningServer] = []

    def start(*arguments: str, toml: str = "") -> RunningServer:
        data = tmp_path / f"data{len(started)}"
        data.mkdir()
        (data / "messenger.toml").write_text(toml, "utf-8")
        use_new_database(data)
        started.append(RunningServer(data, "--engine", engine, *arguments))
        return started[-1]

    yield start
    for server in started:
        server.end()


@pytest.fixture
def talker(server: RunningServer) -> Iterator[Callable[..., Talker]]:
    """Open connections to the shared server."""
    made: list[Talker] = []

    def make(*, newline: bool = True) -> Talker:
        made.append(Talker(server.port, newline=newline))
        return made[-1]

    yield make
    for talker in made:
        talker.close()


@pytest.fixture
def name(request: pytest.FixtureRequest) -> Callable[[str], str]:
    """Make names that no other test uses: `name("ann")`, `name("#room")`."""
    number = next(_numbers)
    test = request.node.name

    def make(start: str) -> str:
        is_room = start.startswith("#") or start == "room"
        return (odd_room if is_room else odd_name)(start, number, test)

    return make


@pytest.fixture
def logged_in(talker: Callable[..., Talker]) -> Callable[..., Talker]:
    """Register an account and log in with all features that our client understands."""

    def log_in(name: str, device: str = "d1") -> Talker:
        client = talker()
        client.register_quickly(name)
        assert client.log_in_fully(name, device=device)["response"] == 200
        return client

    return log_in
