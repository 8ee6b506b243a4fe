"""One window for each profile: a second start brings the first to the front."""

import socket
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from messenger.desktop.single_instance import SingleInstance, bring_to_front, name_of

LINK = "jim://192.0.2.2:7777?invite=KmrG1uJgio7Okg-GTFXIPw"


@pytest.fixture(autouse=True)
def runtime(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A directory for sockets, with a path short enough for one."""
    directory = tmp_path_factory.mktemp("r", numbered=True)
    directory.chmod(0o700)
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(directory))
    return directory


@pytest.fixture
def instance(qtbot: QtBot, tmp_path: Path) -> Iterator[SingleInstance]:
    """The first program with the profile."""
    found = SingleInstance(tmp_path)
    yield found
    found.close()


def asked(qtbot: QtBot, place: Path, link: str = "") -> bool:
    """Start a second time, in a thread, as another process would; return what it was told."""
    found: list[bool] = []
    thread = threading.Thread(target=lambda: found.append(bring_to_front(place, link)))
    thread.start()
    qtbot.waitUntil(lambda: bool(found))
    thread.join()
    return found[0]


def test_a_second_start_brings_the_first_to_the_front_with_its_link(
    qtbot: QtBot, instance: SingleInstance, tmp_path: Path
) -> None:
    with qtbot.waitSignal(instance.asked) as told:
        assert asked(qtbot, tmp_path, LINK)

    assert told.args == [LINK]


def test_nobody_is_brought_where_nothing_runs(qtbot: QtBot, tmp_path: Path) -> None:
    assert not asked(qtbot, tmp_path)


def test_another_profile_is_another_window(
    qtbot: QtBot, instance: SingleInstance, tmp_path: Path
) -> None:
    assert name_of(tmp_path) != name_of(tmp_path / "other")
    assert not asked(qtbot, tmp_path / "other")


def test_the_socket_of_a_killed_program_is_no_obstacle(qtbot: QtBot, tmp_path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as left:
        left.bind(name_of(tmp_path))
    assert not asked(qtbot, tmp_path)

    instance = SingleInstance(tmp_path)

    assert asked(qtbot, tmp_path)
    instance.close()


def test_only_the_same_user_may_connect(
    qtbot: QtBot, instance: SingleInstance, tmp_path: Path, runtime: Path
) -> None:
    mode = Path(name_of(tmp_path)).stat().st_mode

    assert mode & 0o077 == 0
    assert Path(name_of(tmp_path)).parent == runtime


def test_a_directory_that_others_can_write_to_is_not_used(tmp_path: Path, runtime: Path) -> None:
    runtime.chmod(0o777)

    assert Path(name_of(tmp_path)).parent != runtime


@pytest.mark.parametrize("sent", [b"x" * 10_000, b"not json\n", b"[]\n", b'{"invitation": 3}\n'])
def test_nonsense_ends_nothing(
    qtbot: QtBot, instance: SingleInstance, tmp_path: Path, sent: bytes
) -> None:
    with socket.socket(socket.AF_UNIX) as stranger:
        stranger.connect(name_of(tmp_path))
        stranger.sendall(sent)
        assert asked(qtbot, tmp_path)
