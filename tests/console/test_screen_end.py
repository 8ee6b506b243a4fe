"""The full-screen client ends when it has to, at a real terminal, whatever stands open."""

import shlex
import signal
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.console.terminal import Terminal
from tests.running import RunningServer, Talker, running

NAME = "名前 Иван"


@pytest.fixture(scope="module")
def one_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningServer]:
    with running(tmp_path_factory.mktemp("server"), "--limits", "off") as server:
        with Talker(server.port) as link:
            link.register("carol")
        yield server


def press_ctrl_q(terminal: Terminal) -> None:
    terminal.press("\x11")


def terminate(terminal: Terminal) -> None:
    terminal.process.send_signal(signal.SIGTERM)


def hang_up(terminal: Terminal) -> None:
    terminal.process.send_signal(signal.SIGHUP)


def close_the_terminal(terminal: Terminal) -> None:
    terminal.close()


@pytest.mark.parametrize("end", [press_ctrl_q, terminate, hang_up, close_the_terminal])
def test_it_ends_while_a_question_stands_open(
    one_server: RunningServer,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    end: Callable[[Terminal], None],
) -> None:
    monkeypatch.setenv("MESSENGER_PASSWORD", "a wrong password")
    arguments = ("127.0.0.1", str(one_server.port), "-n", "carol", "--console")
    with Terminal(*arguments, data=tmp_path) as terminal:
        terminal.expect("Password of carol (empty: make a new account)")
        terminal.type("")
        terminal.expect("Make a new account carol with the password above?", "No (n)")
        end(terminal)
        assert terminal.has_ended()


def test_it_ends_while_the_user_is_in_an_editor(
    one_server: RunningServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    editor = tmp_path / "editor"
    editor.write_text("#!/bin/sh\necho editor runs\nexec sleep 1000\n")
    editor.chmod(0o755)
    monkeypatch.setenv("VISUAL", shlex.quote(str(editor)))
    arguments = ("127.0.0.1", str(one_server.port), "-n", "editing", "--guest", "--console")
    with Terminal(*arguments, data=tmp_path / "data") as terminal:
        terminal.expect("online · editing")
        terminal.press("\x1be")
        terminal.expect("editor runs")
        terminate(terminal)
        assert terminal.has_ended()


@pytest.mark.parametrize("editor", ["/no/such editor", "'unfinished"])
def test_the_screen_comes_back_where_the_editor_does_not_start(
    one_server: RunningServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, editor: str
) -> None:
    monkeypatch.setenv("VISUAL", editor)
    arguments = ("127.0.0.1", str(one_server.port), "-n", "editing", "--guest", "--console")
    with Terminal(*arguments, data=tmp_path) as terminal:
        terminal.expect("online · editing")
        terminal.press("\x1be")
        terminal.expect("The editor does not start (")
        terminal.type("Иван 👋 пишет дальше")
        terminal.expect("пишет дальше ✓")


def test_a_draft_outlives_a_signal(one_server: RunningServer, tmp_path: Path) -> None:
    arguments = ("127.0.0.1", str(one_server.port), "-n", "drafting", "--guest", "--console")
    with Terminal(*arguments, data=tmp_path) as terminal:
        terminal.expect("online · drafting")
        terminal.press("не отправлено")
        terminal.expect("не отправлено")
        terminate(terminal)
        assert terminal.has_ended()
    with Terminal(*arguments, data=tmp_path) as terminal:
        terminal.expect("не отправлено")


def test_alt_with_a_digit_opens_a_conversation_and_writes_nothing(
    one_server: RunningServer, tmp_path: Path
) -> None:
    arguments = ("127.0.0.1", str(one_server.port), "-n", "digits", "--guest", "--console")
    with Terminal(*arguments, data=tmp_path) as terminal:
        terminal.expect("online · digits")
        terminal.type("/join #кафе")
        terminal.expect("to #кафе ·")
        terminal.type("said here")
        terminal.expect("said here ✓")
        terminal.expect_first("#кафе")  # what was written in last
        terminal.press("\x1b2")
        terminal.expect("to #all ·")
        terminal.press("\x1b1")
        terminal.expect("to #кафе ·")
        for character in "£™¡":
            assert character not in terminal.shown


def test_the_answer_about_the_background_chooses_the_theme_and_is_not_typed(
    one_server: RunningServer, tmp_path: Path
) -> None:
    arguments = ("127.0.0.1", str(one_server.port), "-n", "light", "--guest", "--console")
    with Terminal(*arguments, data=tmp_path) as terminal:
        terminal.expect("online · light")
        dark = terminal.colours()
        terminal.press("\x1b]11;rgb:ffff/ff")
        terminal.press("ff/ffff\x1b\\")
        terminal.type("said")
        terminal.expect("said ✓")
        assert "rgb" not in terminal.shown
        terminal.expect_other_colours(dark)


@pytest.mark.parametrize("interface", ["--console", "--lines"])
def test_bytes_that_are_not_utf_8_are_shown_as_such_and_typing_goes_on(
    one_server: RunningServer, tmp_path: Path, interface: str
) -> None:
    arguments = ("127.0.0.1", str(one_server.port), "-n", "Ёж", "--guest", interface)
    with Talker(one_server.port) as reader, Terminal(*arguments, data=tmp_path) as terminal:
        reader.guest("reader")
        terminal.expect("online · Ёж")
        terminal.press("при".encode() + b"\xff\xcf\xd2" + "вет\r".encode())
        terminal.type("said")

        heard = [reader.event("msg")["message"] for _ in range(2)]

    assert heard == ["при\ufffd\ufffd\ufffdвет", "said"]
