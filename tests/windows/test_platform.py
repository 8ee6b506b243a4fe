"""Whether Qt can start is found out in another process, and what is missing has a sentence."""

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from messenger.windows import libraries, platform
from messenger.windows.platform import Probe

Set = Callable[..., None]


@pytest.fixture
def environment(monkeypatch: pytest.MonkeyPatch) -> Set:
    """Set these variables of the display, and no others: `environment(DISPLAY=":9")`."""

    def set_only(**variables: str) -> None:
        for name in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM", "LD_LIBRARY_PATH"):
            monkeypatch.delenv(name, raising=False)
        for name, value in variables.items():
            monkeypatch.setenv(name, value)

    return set_only


def test_where_qt_starts_there_is_no_trouble(environment: Set) -> None:
    environment(QT_QPA_PLATFORM="offscreen")

    assert Probe().trouble() == ""


def test_a_platform_that_qt_lacks_is_told_and_ends_only_the_probe(environment: Set) -> None:
    environment(QT_QPA_PLATFORM="nonsense")

    assert 'Could not find the Qt platform plugin "nonsense"' in Probe().trouble()


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="as Linux finds libraries")
def test_a_missing_library_is_told_by_the_package_that_has_it(
    environment: Set, tmp_path: Path
) -> None:
    # Found first, and empty: for the dynamic linker it is as if there were none.
    (tmp_path / "libEGL.so.1").write_bytes(b"")
    environment(QT_QPA_PLATFORM="offscreen", LD_LIBRARY_PATH=str(tmp_path))

    trouble = Probe().trouble()

    if shutil.which("apt-get"):
        assert "apt-get install libegl1" in trouble
    assert "libegl1" in trouble or "libglvnd-egl" in trouble or "libEGL.so.1" in trouble


def test_without_a_display_nothing_is_tried(environment: Set) -> None:
    environment()

    probe = Probe()

    assert "There is no display" in probe.trouble()
    assert not platform.has_screen()


def test_a_display_that_does_not_answer_is_told(environment: Set) -> None:
    environment(DISPLAY="127.0.0.1:4711", QT_QPA_PLATFORM="xcb")

    # Or of a library that X11 needs and this machine lacks: it is looked for first.
    assert any(word in Probe().trouble() for word in ("127.0.0.1:4711", "libraries"))


def test_without_pyqt_the_extra_is_named(environment: Set, monkeypatch: pytest.MonkeyPatch) -> None:
    environment(QT_QPA_PLATFORM="offscreen")
    monkeypatch.setattr(platform, "find_spec", lambda _name: None)

    assert "pip install 'messenger[desktop]'" in Probe().trouble()
    assert not platform.is_installed()


def test_a_probe_that_hangs_does_not_keep_the_program(
    environment: Set, monkeypatch: pytest.MonkeyPatch
) -> None:
    environment(QT_QPA_PLATFORM="offscreen")
    monkeypatch.setattr(platform, "_PATIENCE", 0.1)
    hanging = [sys.executable, "-c", "import time; time.sleep(60)"]
    monkeypatch.setattr(
        platform,
        "_start",
        lambda: subprocess.Popen(
            hanging, stdout=subprocess.PIPE, stderr=subprocess.PIPE, encoding="utf-8"
        ),
    )

    assert Probe().trouble() == ""


@pytest.mark.parametrize(
    ("display", "expected"),
    [
        ({"DISPLAY": ":0"}, "libxcb-cursor.so.0"),
        ({"WAYLAND_DISPLAY": "w"}, "libwayland-cursor.so.0"),
    ],
)
def test_each_display_has_its_libraries(display: dict[str, str], expected: str) -> None:
    names = [library.name for library in libraries.libraries(display)]

    assert expected in names
    assert "libEGL.so.1" in names
    assert expected not in [library.name for library in libraries.libraries({})]


def test_the_command_is_that_of_the_system(monkeypatch: pytest.MonkeyPatch) -> None:
    wanted = libraries.libraries({"DISPLAY": ":0"})[:2]

    def only(program: str) -> Callable[[str], str | None]:
        return lambda name: "/usr/bin/it" if name == program else None

    for program, said in (
        ("apt-get", "apt-get install libegl1 libgl1"),
        ("dnf", "dnf install libglvnd-egl libglvnd-glx"),
        ("none", "libEGL.so.1 libGL.so.1"),
    ):
        monkeypatch.setattr(shutil, "which", only(program))
        assert libraries.install_command(wanted) == said


def test_make_asks_for_what_is_missing_only(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(libraries, "_loads", lambda name: name != "libxcb-cursor.so.0")

    assert libraries.main(["debian", "x11"]) == 0
    assert libraries.main(["fedora", "x11"]) == 0
    assert libraries.main(["debian"]) == 0

    assert capsys.readouterr().out.split("\n")[:3] == ["libxcb-cursor0", "xcb-util-cursor", ""]


@pytest.mark.skipif(os.name == "nt", reason="a process that aborts is told by a signal")
def test_qt_itself_would_abort() -> None:
    """The reason for all this: nothing catches it."""
    environment = {**os.environ, "QT_QPA_PLATFORM": "nonsense"}

    done = subprocess.run(
        [sys.executable, "-m", "messenger.windows.probe"], env=environment, capture_output=True
    )

    assert done.returncode == -signal.SIGABRT
