"""The full-screen client at a real terminal: the keys that terminals send, each in its own way."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.console.terminal import Terminal
from tests.console.test_screen_end import close_the_terminal
from tests.running import PASSWORD, RunningServer, Talker, running


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


def test_the_passphrase_of_the_form_is_not_asked_for_again_until_the_next_start(
    one_server: RunningServer, tmp_path: Path
) -> None:
    """Also where the form meets a profile that has that passphrase already."""
    server = f"127.0.0.1:{one_server.port}"
    with Talker(one_server.port) as link:
        link.register_quickly("Анна-Мария")

    def fill_in(terminal: Terminal, keys: str) -> None:
        terminal.expect("Welcome to Messenger")
        terminal.press(f"{keys}{server}\tАнна-Мария\t\x1b[B")
        terminal.press(" ")
        terminal.expect("(●) have an account")
        terminal.press("\t")
        terminal.expect_focus("Password ")
        terminal.press(f"{PASSWORD}\t\tоткрой\t\r")

    with Terminal(data=tmp_path, program="-m messenger chat") as terminal:
        fill_in(terminal, "")
        terminal.expect("online · Анна-Мария", "Write a message")
        terminal.type("раз")
        terminal.expect("раз ✓")
        terminal.press("\x11")
        assert terminal.wait() == 0
    with Terminal(data=tmp_path, program="-m messenger chat") as terminal:
        terminal.expect("Passphrase for local data:")
        terminal.type("открой")
        terminal.expect("Password of Анна-Мария:")
        terminal.type(PASSWORD)
        terminal.expect("online · Анна-Мария", "раз ✓")
        terminal.press("\x11")
        assert terminal.wait() == 0
    back_to_the_server = "\x1b[Z"
    with Terminal("other.example", data=tmp_path, program="-m messenger chat") as terminal:
        terminal.expect("Has the server of Анна-Мария moved")
        terminal.type("n")
        fill_in(terminal, back_to_the_server + "\x15")
        terminal.expect("online · Анна-Мария", "раз ✓")


def test_a_passphrase_may_be_set_on_the_full_screen(
    one_server: RunningServer, tmp_path: Path
) -> None:
    arguments = ("127.0.0.1", str(one_server.port), "-n", "Ёж с/%41", "--guest", "--console")
    with Terminal(*arguments, data=tmp_path) as terminal:
        terminal.expect("online · Ёж с/%41")
        terminal.type("/lock")
        terminal.expect("New passphrase")
        terminal.type("открой")
        terminal.expect("Repeat")
        terminal.type("открой")
        terminal.expect("Local data opens with this passphrase")
        terminal.press("\x11")
        assert terminal.wait() == 0
    with Terminal(*arguments, data=tmp_path) as terminal:
        terminal.expect("Passphrase for local data:")


def test_a_line_client_whose_terminal_is_closed_ends_without_a_traceback(
    one_server: RunningServer, tmp_path: Path
) -> None:
    arguments = ("127.0.0.1", str(one_server.port), "-n", "a/b%41", "--guest", "--lines")
    with Terminal(*arguments, data=tmp_path) as terminal:
        terminal.expect("#all>", "online · a/b%41")
        close_the_terminal(terminal)
        assert terminal.has_ended()

    logs = [file.read_text("utf-8") for file in tmp_path.rglob("*.log")]
    assert logs
    assert not any("Traceback" in log for log in logs)
