"""The line client at a real terminal: first run, chat, rooms, offline and back."""

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.console.terminal import Terminal
from tests.forking import ROOT
from tests.running import PASSWORD, RunningServer, Talker, running, until


@pytest.fixture
def one_server(tmp_path: Path) -> Iterator[RunningServer]:
    with running(tmp_path / "server") as server:
        yield server


def chat(server: RunningServer, data: Path, *arguments: str) -> Terminal:
    return Terminal("127.0.0.1", str(server.port), *arguments, data=data)


def guest(server: RunningServer, data: Path, name: str, *arguments: str) -> Terminal:
    return chat(server, data, "-n", name, "--guest", *arguments)


def test_a_first_run_asks_for_the_name(one_server: RunningServer, tmp_path: Path) -> None:
    with chat(one_server, tmp_path) as terminal:
        terminal.expect("Name [")
        terminal.type("newcomer")
        terminal.expect("Password of newcomer (empty: log in as a guest):")
        terminal.type("")
        terminal.expect("You are newcomer on 127.0.0.1", "You are a guest", "#all>")

        assert terminal.leave() == 0


def test_an_account_is_made_with_a_password_that_is_not_shown(
    one_server: RunningServer, tmp_path: Path
) -> None:
    with chat(one_server, tmp_path, "-n", "ann", "--register") as terminal:
        terminal.expect("New password of ann:")
        terminal.type("short")
        assert "Repeat" not in terminal.expect("at least")
        terminal.type(PASSWORD)
        terminal.expect("Repeat:")
        terminal.type(PASSWORD)
        shown = terminal.expect("#all>")

        assert PASSWORD not in shown
        assert "guest" not in shown
        terminal.leave()
    log = "".join(file.read_text() for file in tmp_path.rglob("*.log"))
    assert PASSWORD not in log


def test_a_guest_makes_the_name_an_account_as_advised(
    one_server: RunningServer, tmp_path: Path
) -> None:
    with guest(one_server, tmp_path, "名前") as terminal:
        terminal.expect("You are a guest: start with --register", "#all>")
        terminal.leave()
    with chat(one_server, tmp_path, "-n", "名前", "--register") as terminal:
        for asked in ("New password of 名前:", "Repeat:"):
            terminal.expect(asked)
            terminal.type(PASSWORD)
        assert "guest" not in terminal.expect("You are 名前", "#all>")
        terminal.leave()
    with chat(one_server, tmp_path, "-n", "名前", "--register") as terminal:
        assert "New password" not in terminal.expect("You are 名前", "#all>")
        terminal.leave()


def test_a_registered_name_asks_for_its_password(one_server: RunningServer, tmp_path: Path) -> None:
    with Talker(one_server.port) as link:
        link.register("ann")
    with chat(one_server, tmp_path, "-n", "ann") as terminal:
        terminal.expect("Password of ann (empty: log in as a guest):")
        terminal.type("")
        terminal.expect("ann is registered", "Password of ann (empty: another name):")
        terminal.type("wrong password")
        terminal.expect("Wrong password")
        terminal.type(PASSWORD)
        shown = terminal.expect("You are ann", "#all>")
        assert "Make a new account" not in shown
        terminal.leave()
    with chat(one_server, tmp_path) as terminal:
        # Name and login are remembered.
        terminal.expect("You are ann", "#all>")


def test_a_first_login_that_failed_does_not_stick(
    one_server: RunningServer, tmp_path: Path
) -> None:
    with Talker(one_server.port) as link:
        link.register("Дейв Смит")
    with chat(one_server, tmp_path) as terminal:
        terminal.expect("Name [")
        terminal.type("Дейв Смит")
        terminal.expect("Password of Дейв Смит")
        terminal.press("\x03")
        assert terminal.wait() == 2
        terminal.expect("Not logged in.")
    with chat(one_server, tmp_path) as terminal:
        terminal.expect("Name [Дейв Смит]:")
        terminal.type("名前")
        terminal.expect("Password of 名前 (empty: log in as a guest):")
        terminal.type("")
        terminal.expect("You are 名前")


def test_somebody_whose_name_is_taken_chooses_another(
    one_server: RunningServer, tmp_path: Path
) -> None:
    with Talker(one_server.port) as link:
        link.register("root")
    with chat(one_server, tmp_path, "-n", "root") as terminal:
        terminal.expect("Password of root (empty: log in as a guest):")
        terminal.type("")
        terminal.expect("root is registered", "Password of root (empty: another name):")
        terminal.type("")
        terminal.expect("Name [root]:")
        terminal.type("Иван")
        terminal.expect("Password of Иван (empty: log in as a guest):")
        terminal.type(PASSWORD)
        terminal.expect("Password of Иван (empty: make a new account):")
        terminal.type("")
        terminal.expect("Make a new account Иван with the password above? [y/N]")
        terminal.type("y")
        terminal.expect("You are Иван", "end-to-end encrypted. The common chat", "#all is not")


def test_a_mistyped_password_is_asked_for_again_and_never_shown(
    one_server: RunningServer, tmp_path: Path
) -> None:
    with Talker(one_server.port) as link:
        link.register("Анна-Мария")
    with chat(one_server, tmp_path, "-n", "Анна-Мария") as terminal:
        terminal.expect("Password of Анна-Мария (empty: log in as a guest):")
        terminal.type("mistyped once")
        terminal.expect("Password of Анна-Мария (empty: make a new account):")
        terminal.type("mistyped twice")
        terminal.expect_count("(empty: make a new account):", 2)
        terminal.type("")
        terminal.expect("[y/N]")
        terminal.type("y")
        terminal.expect("is taken", "Password of Анна-Мария (empty: another name):")
        terminal.type(PASSWORD)
        shown = terminal.expect("You are Анна-Мария", "#all>")

        assert "mistyped" not in shown
        assert PASSWORD not in shown


def test_after_a_logout_the_password_of_the_account_is_asked_for(
    one_server: RunningServer, tmp_path: Path
) -> None:
    with Talker(one_server.port) as link:
        link.register("名前")
    with chat(one_server, tmp_path, "-n", "名前") as terminal:
        terminal.expect("Password of 名前 (empty: log in as a guest):")
        terminal.type(PASSWORD)
        terminal.expect("You are 名前", "#all>")
        terminal.type("/logout")
        assert terminal.wait() == 0
    with chat(one_server, tmp_path) as terminal:
        shown = terminal.expect("Password of 名前 (empty: another name):")
        assert "guests are not allowed" not in shown
        terminal.type(PASSWORD)
        terminal.expect("You are 名前", "#all>")


def test_two_people_talk_in_private_and_in_a_room(
    one_server: RunningServer, tmp_path: Path
) -> None:
    with guest(one_server, tmp_path, "ann") as ann, guest(one_server, tmp_path, "bob") as bob:
        ann.expect("#all>")
        bob.expect("#all>")
        ann.type("/msg bob just for you")
        bob.expect("ann (guest): just for you")
        bob.type("/join dev")
        bob.expect("Now in #dev")
        bob.type("/invite ann")
        ann.expect("bob invites you to #dev")
        ann.type("/join #dev")
        bob.expect("ann has joined #dev")
        ann.type("hello, room")
        bob.expect("#dev ann (guest): hello, room")
        bob.type("/topic what we do")
        ann.expect("what we do")
        bob.type("/kick ann")
        ann.expect("ann was removed from #dev")
        ann.type("still here?")
        ann.expect("Not sent to #dev")


def test_a_wrong_command_names_the_one_that_was_meant(
    one_server: RunningServer, tmp_path: Path
) -> None:
    with guest(one_server, tmp_path, "ann") as ann:
        ann.expect("#all>")
        ann.type("/joim #dev")
        ann.expect(
            "No command /joim. To send it as a message, write //joim",
            "/join #ROOM [open] - join a room",
        )
        ann.type("/kick")
        ann.expect("/kick [#ROOM] NAME")
        ann.type("/help msg")
        ann.expect('/msg NAME|"NAME WITH SPACES"|#ROOM [TEXT]')


def test_what_is_written_while_the_server_is_away_goes_out_later(
    one_server: RunningServer, tmp_path: Path
) -> None:
    with (
        guest(one_server, tmp_path, "ann", "--to", "bob") as ann,
        guest(one_server, tmp_path, "bob") as bob,
    ):
        ann.expect("bob>")
        bob.expect("#all>")
        one_server.kill()
        ann.expect("Reconnecting")
        ann.type("first")
        ann.type("second")
        ann.expect("2 queued")
        one_server.start()
        ann.expect("Connected again")
        bob.expect("ann (guest): first", "ann (guest): second")
        ann.type("third")
        bob.expect("ann (guest): third")


def test_it_starts_reads_and_writes_without_a_server(
    one_server: RunningServer, tmp_path: Path
) -> None:
    with guest(one_server, tmp_path, "ann") as ann:
        ann.expect("#all>")
        ann.type("said before")
        ann.expect("sent")
        ann.leave()
    one_server.stop()
    with chat(one_server, tmp_path) as ann:
        ann.expect("cannot be reached", "said before")
        ann.type("said without")
        ann.expect("1 queued")
        assert ann.leave() == 1
    one_server.start()
    with chat(one_server, tmp_path) as ann:
        ann.expect("You are ann")
        ann.type("/history")
        ann.expect("said without")


def test_what_others_write_does_not_command_the_terminal(
    one_server: RunningServer, tmp_path: Path
) -> None:
    with guest(one_server, tmp_path, "ann") as ann, Talker(one_server.port) as link:
        ann.expect("#all>")
        link.guest("mallory")
        link.send("msg", to="ann", message="\x1b]0;owned\x07\x1b[2J\n12:00 bob: I lie")
        shown = ann.expect("I lie")

        assert "␛]0;owned␇␛[2J" in shown
        assert "\x1b]0;owned" not in shown
        assert "\n12:00 bob" not in shown


def test_make_run_starts_a_server_and_keeps_it_running(tmp_path: Path) -> None:
    """An account is made; a server that is killed comes again; it ends with its user."""
    with Terminal(
        "-p", "0", "-n", "ann", data=tmp_path, program="-m messenger run --lines"
    ) as terminal:
        terminal.expect("Your account is ann", "/password show", "You are ann on", "#all>")
        terminal.type("hello")
        terminal.expect("sent")
        server = int(
            Path(f"/proc/{terminal.process.pid}/task/{terminal.process.pid}/children").read_text()
        )
        os.kill(server, signal.SIGKILL)
        terminal.expect("Reconnecting")
        terminal.expect("Connected again.")
        terminal.type("/password show")
        terminal.leave()
        assert "The server has stopped." in terminal.shown


def test_russian_is_spoken_too(
    one_server: RunningServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LANGUAGE", "ru")
    with guest(one_server, tmp_path, "ann") as ann:
        ann.expect("Вы — ann", "#all>")
        ann.type("/help")
        ann.expect("показать все команды")


def test_the_echo_bot_of_the_examples_answers(tmp_path: Path) -> None:
    source = (ROOT / "examples" / "echo_bot.py").read_text("utf-8")
    with running(tmp_path / "server", "--limits", "off") as server:
        bot = tmp_path / "bot.py"
        bot.write_text(source.replace('"echo"', f'"echo", port={server.port}'), "utf-8")
        with Terminal(data=tmp_path / "unused", program=bot), Talker(server.port) as link:
            link.guest("ann")
            # What is written while a bot is on its way in is not answered: it is asked again.
            until(lambda: link.is_answered("echo", "ping", "ping"), 60)


def test_a_new_device_shows_only_what_is_not_read_yet(
    one_server: RunningServer, tmp_path: Path
) -> None:
    with (
        guest(one_server, tmp_path / "bob", "bob") as bob,
        chat(one_server, tmp_path / "ann", "-n", "ann", "--register") as ann,
    ):
        for asked in ("New password of ann:", "Repeat:"):
            ann.expect(asked)
            ann.type(PASSWORD)
        bob.expect("#all>")
        bob.type("/msg ann")
        bob.expect("ann>")
        bob.type("from before")
        ann.expect("bob (guest): from before")
        ann.type("/msg bob")
        ann.expect("bob>")
        bob.expect("read")
        ann.leave()
        bob.type("for later")

        with chat(one_server, tmp_path / "second", "-n", "ann") as second:
            second.expect("Password of ann")
            second.type(PASSWORD)
            assert "from before" not in second.expect("bob (guest): for later")
            second.leave()
        bob.leave()
