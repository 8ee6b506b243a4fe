"""The line that shows in a terminal how far a long work is."""

import io
from collections.abc import Callable

import pytest

from messenger.terminal_progress import TerminalProgress


class Screen(io.TextIOWrapper):
    """A terminal that remembers what was written."""

    def __init__(self, encoding: str, *, is_terminal: bool = True) -> None:
        super().__init__(io.BytesIO(), encoding, newline="")
        self._is_terminal = is_terminal

    def isatty(self) -> bool:
        return self._is_terminal

    @property
    def lines(self) -> list[str]:
        """Each state of the line, without what clears the rest of it."""
        self.seek(0)
        return [line.removesuffix("\x1b[K") for line in self.read().split("\r")[1:]]


@pytest.fixture
def clock() -> Callable[[], float]:
    """A clock that goes on by two seconds each time it is read."""
    times = iter(range(0, 1000, 2))
    return lambda: next(times)


def test_it_shows_speed_and_time_left_of_what_is_done_now(clock: Callable[[], float]) -> None:
    screen = Screen("utf-8")
    line = TerminalProgress(screen, clock)

    line.show("Copying", 500_000, 1_000_000, "")  # continued
    line.show("Copying", 510_000, 1_000_000, "messages")
    line.show("Comparing", 0, 0, "")

    _, second, third = screen.lines
    assert second == "Copying " + "█" * 10 + "░" * 10 + "  51 %  2,500 rows/s  3:16 left  messages"
    assert third.startswith("Comparing " + "█" * 20 + " 100 %")


def test_a_terminal_without_blocks_gets_a_line_it_can_show(
    clock: Callable[[], float], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "30")
    screen = Screen("ascii")
    line = TerminalProgress(screen, clock)

    line.show("Copying", 1, 4, "a table\x1b[2J")

    (shown,) = screen.lines
    assert shown == "Copying #####............... "
    assert len(shown) < 30


def test_nothing_is_written_without_a_terminal(clock: Callable[[], float]) -> None:
    file = Screen("utf-8", is_terminal=False)
    for stream in (file, None):
        line = TerminalProgress(stream, clock)
        line.show("Copying", 1, 2, "accounts")
        line.end()

    file.seek(0)
    assert file.read() == ""


def test_a_closed_terminal_does_not_end_the_work(clock: Callable[[], float]) -> None:
    screen = Screen("utf-8")
    line = TerminalProgress(screen, clock)
    line.show("Copying", 1, 2, "accounts")
    screen.close()

    line.show("Copying", 2, 2, "accounts")
    line.end()
