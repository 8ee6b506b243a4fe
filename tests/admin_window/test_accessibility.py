"""What screen readers get of the administration window: the real program, seen by AT-SPI."""

import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from messenger.admin_window.places import _ENTRIES
from tests.desktop.screen_reader import ScreenReader, Seen, display
from tests.desktop.test_accessibility import NAMED
from tests.forking import Python
from tests.running import RunningServer, Talker, running

TABLES = {
    "Accounts": "Name: ",
    "Sessions": "Name: ",
    "Rooms": "Room: ",
    "Login history": "Time: ",
    "Invitations": "Invitation: ",
    "Reports": "Reported: ",
    "Audit": "Time: ",
    "Log": "Time: ",
}
"""The pages with tables, and what the first cell of a row begins with."""
_FIGURES = ("Online now", "Messages a minute", "Memory", "Slow readers")


@pytest.fixture(autouse=True)
def calls_in_gui_thread() -> None:
    """No window is in this process."""


@pytest.fixture
def server(tmp_path: Path) -> Iterator[RunningServer]:
    """A server with something in each table."""
    with running(tmp_path / "server", "--limits", "off") as server, Talker(server.port) as ann:
        ann.register_quickly("ann")
        ann.log_in_fully("ann")
        ann.ask("report", room="#all", reason="Spam")
        with_operator = Python(
            "-m", "messenger", "admin", "invite", "make", "--data", str(server.data)
        )
        with_operator.communicate(60)
        assert with_operator.returncode == 0
        yield server


def test_each_page_is_read_by_a_screen_reader(server: RunningServer) -> None:
    """Every page and every control has a name, and rows say what stands in which column."""
    with display() as screen:
        reader = ScreenReader(screen)
        program = Python("-m", "messenger", "admin", "--data", str(server.data), env=screen)
        try:
            pages = [one for one in reader.look("Online now") if one.path[-1:] == ("Pages",)]
            assert [one.name for one in pages] == [entry.words for entry in _ENTRIES]
            for number, page in enumerate(pages):
                _check(page.name, _shown(reader, page.name, number))
        finally:
            program.send_signal(signal.SIGTERM)
            _said, errors = program.communicate(60)
    assert "Traceback" not in errors
    assert program.returncode == 128 + signal.SIGTERM


def _shown(reader: ScreenReader, page: str, number: int) -> list[Seen]:
    """Choose a page; return what is seen when it is there."""
    listed = next(one for one in reader.look("Pages") if one.name == "Pages")
    reader.choose(listed, number)
    while True:
        seen = reader.look(page, TABLES.get(page, page))
        if any(one.role == "filler" and one.name == page for one in seen):
            return [one for one in seen if page in one.path]


def _check(page: str, seen: list[Seen]) -> None:
    assert [one for one in seen if one.role in NAMED and not one.name] == []
    assert not [one for one in seen if "\u200b" in one.name]
    if page == "Overview":
        named = [one.name for one in seen if one.role == "panel"]
        assert set(_FIGURES) <= set(named)
        assert {"Delivery, ms", "Range"} <= {one.name for one in seen}
    if page in TABLES:
        cells = [one.name for one in seen if one.role in ("cell", "table cell")]
        titles = [one.name for one in seen if one.role == "column header"]
        assert cells[0].startswith(TABLES[page])
        for place, cell in enumerate(cells):
            assert cell.startswith(f"{titles[place % len(titles)]}: ")
