"""The full-screen client at a real terminal: the keys that terminals send, each in its own way."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.console.terminal import Terminal
from tests.running import RunningServer, Talker, running


@pytest.fixture(scope="module")
def one_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningServer]:
    with running(tmp_path_factory.mktemp("server"), "--limits", "off") as server:
        yield server


def test_alt_enter_and_ctrl_j_begin_a_line_however_the_terminal_sends_them(
    one_server: RunningServer, tmp_path: Path
) -> None:
    """ESC with Enter is what tmux, screen and terminals without newer protocols send."""
    arguments = ("127.0.0.1", str(one_server.port), "-n", "Ёж", "--guest", "--console")
    with Talker(one_server.port) as reader, Terminal(*arguments, data=tmp_path) as terminal:
        reader.guest("reader")
        terminal.expect("online · Ёж")
        terminal.press("раз\x1b\rдва\x1b\nтри\x1b[13;3uчетыре\nпять\r")

        assert reader.event("msg")["message"] == "раз\nдва\nтри\nчетыре\nпять"
