"""Commands of the line client, against a real server: names, topics, what failed, what is told."""

import itertools
import json
import os
import queue
import signal
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from messenger.console.chat import Chat
from messenger.console.prompting import TerminalPrompter
from messenger.sdk import Client, Credentials, Store
from messenger.sdk.backup import open_backup
from messenger.sdk.profiles import Profile
from messenger.ui.commands.arguments import quoted
from tests.running import PASSWORD, RunningServer, Talker, running

_numbers = itertools.count()
OTHERS = ("Dave", "Dave Smith", "a/b%41", "𝕯" * 25)


@pytest.fixture(scope="module")
def one_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningServer]:
    with running(tmp_path_factory.mktemp("server"), "--limits", "off") as server:
        with Talker(server.port) as link:
            for name in OTHERS:
                assert link.register(name)["response"] == 201
        yield server


class Lines:
    """A line client in this process; `said` are the lines that it has shown."""

    def __init__(self, server: RunningServer, data: Path, password: str | None, name: str) -> None:
        self.said: queue.Queue[str] = queue.Queue()
        credentials = Credentials(name, password, register=password is not None)
        self.client = Client("127.0.0.1", server.port, credentials, Store(data / "messages.db"))
        self.profile = Profile(data / "profile")
        self.profile.set_up("127.0.0.1", server.port, name)
        self.chat = Chat(self.client, self.said.put, self.profile, TerminalPrompter(may_ask=False))
        self.client.start()
        assert self.client.wait_until_online(60)
        self.chat.begin()

    def take(self, line: str, until: str) -> str:
        """Take a line; return the first line with the text that is shown then."""
        self.chat.take(line)
        return self.expect(until)

    def expect(self, text: str) -> str:
        """Return the next line that contains the text."""
        while text not in (line := self.said.get(timeout=60)):
            pass
        return line

    def close(self) -> None:
        self.client.close()
        self.client.store.close()


@pytest.fixture
def lines(one_server: RunningServer, tmp_path: Path) -> Iterator[Callable[..., Lines]]:
    """Start line clients: `lines()`, `lines()` for a guest."""
    made: list[Lines] = []

    def start(password: str | None = None, name: str = "") -> Lines:
        name = name or f"Иван {next(_numbers)}"
        data = tmp_path / str(len(made))
        data.mkdir()
        made.append(Lines(one_server, data, password, name))
        return made[-1]

    yield start
    for one in made:
        one.close()


@pytest.mark.parametrize("name", OTHERS)
def test_people_with_any_name_can_be_written_to(
    lines: Callable[..., Lines], one_server: RunningServer, name: str
) -> None:
    with Talker(one_server.port) as other:
        other.log_in(name)

        lines().take(f"/msg {quoted(name)} for you", "for you")

        assert other.event("msg")["message"] == "for you"


def test_a_line_for_another_conversation_is_shown_when_it_is_sent(
    lines: Callable[..., Lines],
) -> None:
    ivan = lines()

    assert "queued" not in ivan.take("/msg Dave first", "first")


def test_what_nobody_answers_does_not_look_sent(
    lines: Callable[..., Lines], one_server: RunningServer
) -> None:
    ivan = lines()
    os.kill(one_server.process.pid, signal.SIGSTOP)
    try:
        ivan.take("unheard", "No answer from the server yet: “unheard” is not sent.")
    finally:
        os.kill(one_server.process.pid, signal.SIGCONT)


def test_the_topic_is_shown_set_and_cleared(lines: Callable[..., Lines]) -> None:
    ivan = lines()
    ivan.take("/join #кафе", "Now in #кафе")
    ivan.take("/topic чай {и} кофе", "to “чай {и} кофе”")

    ivan.take("/topic #кафе", "The topic of #кафе: чай {и} кофе")
    ivan.take("/topic", "The topic of #кафе: чай {и} кофе")
    ivan.take("/topic #кафе -", "cleared the topic of #кафе")
    ivan.take("/topic", "#кафе has no topic")


def test_a_room_is_encrypted_unless_it_is_made_open(
    lines: Callable[..., Lines], one_server: RunningServer
) -> None:
    vera = lines(PASSWORD, "Вера")
    vera.take("/join #名前", "#名前 is a new room, end-to-end encrypted.")
    vera.take("/join #а/б%41 open", "#а/б%41 is a new room, open to guests and other programs.")
    vera.take("/join #名前 open", "#名前 exists already, and is end-to-end encrypted")
    vera.take("/join #名前 opne", "/join #ROOM [open]")

    vera.chat.open("#а/б%41")
    vera.chat.take("before anybody else is there")
    assert vera.chat.client.wait_until_sent(60)
    with Talker(one_server.port) as guest:
        guest.guest("👋")
        assert guest.ask("join", room="#名前")["response"] == 403
        assert guest.ask("join", room="#а/б%41")["response"] == 200
        vera.chat.take("welcome")
        assert guest.event("msg")["message"] == "welcome"


def test_who_joins_an_encrypted_room_is_told_so_once(lines: Callable[..., Lines]) -> None:
    lines(PASSWORD, "Глеб").take("/join #тайна", "is a new room")
    zoya = lines(PASSWORD, "Зоя")
    zoya.chat.take("/join #тайна")
    zoya.chat.take("/topic секрет")

    said = [zoya.expect("")]
    while "to “секрет”" not in said[-1]:
        said.append(zoya.expect(""))
    assert [line for line in said if "encrypted" in line] == ["#тайна is end-to-end encrypted."]


def test_an_unknown_command_says_how_to_send_it(lines: Callable[..., Lines]) -> None:
    ivan = lines()

    ivan.take("/remind 10 чай", "No command /remind. To send it as a message, write //remind")
    ivan.take("/joim #кафе", "\n    Did you mean: /join")
    with Talker(ivan.client.port) as bot:
        bot.guest("напоминание")
        ivan.chat.open("напоминание")
        ivan.chat.take("//remind 10 чай")
        assert bot.event("msg")["message"] == "/remind 10 чай"


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("/mute #nosuch", "There is no conversation #nosuch"),
        ("/add {me}", "You cannot add yourself"),
        ("/verify Dave bad", "/verify [NAME]"),
        ("/fingerprint Dave", "Guests have no keys"),
        ("/recovery", "Guests have no keys"),
        ("/devices", "Guests have no keys"),
        ("/password again", "/password [show]"),
        ("/backup", "/backup FILE"),
        ("/backup /нет/такого/b", "There is no directory /нет/такого: create it first"),
        ("/resend", "No message has failed here"),
        ("/export", "/export FILE"),
    ],
)
def test_what_cannot_be_done_is_said_without_asking_the_server(
    lines: Callable[..., Lines], line: str, said: str
) -> None:
    ivan = lines()

    ivan.take(line.format(me=ivan.chat.me), said)


def test_a_message_that_failed_is_sent_again(
    lines: Callable[..., Lines], one_server: RunningServer
) -> None:
    ivan = lines()
    ivan.chat.open("late")
    ivan.take("are you there?", "/resend tries again")

    with Talker(one_server.port) as late:
        late.guest("late")
        ivan.take("/resend", "Sending it again.")
        assert late.event("msg")["message"] == "are you there?"

    ivan.take("/resend", "No message has failed here.")
    assert [message.text for message in ivan.chat.everything()] == ["are you there?"]


def test_a_saved_conversation_is_for_its_owner_alone(
    lines: Callable[..., Lines], tmp_path: Path
) -> None:
    ivan = lines()
    ivan.take("/msg Dave secret", "secret")
    file = tmp_path / "копия.json"

    ivan.take(f"/export {file}", str(file))
    ivan.take(f"/export {file}", "exists already")

    assert file.stat().st_mode & 0o777 == 0o600


def test_an_error_that_nobody_foresaw_is_a_sentence(
    lines: Callable[..., Lines], monkeypatch: pytest.MonkeyPatch
) -> None:
    ivan = lines()

    def fail(*_: Any) -> None:
        raise ValueError("no emoji yet")

    monkeypatch.setattr(ivan.client.keys, "agree", fail)

    ivan.take("/verify Dave same", "Internal error (ValueError")
    ivan.take("/msg Dave still here", "still here")


def test_a_made_up_password_is_shown_and_need_not_be_known(lines: Callable[..., Lines]) -> None:
    ivan = lines(PASSWORD, "Пётр")
    ivan.profile.remember_password(PASSWORD, "made")
    ivan.take("/password show", f"    {PASSWORD}")

    ivan.chat.prompter.given = "another good password"
    ivan.take("/password", "The password is changed")

    assert ivan.chat.made_password() is None
    ivan.take("/password show", "only you know it")


def test_logging_out_forgets_the_saved_password(lines: Callable[..., Lines]) -> None:
    maria = lines(PASSWORD, "Мария")
    maria.profile.remember_password(PASSWORD, "file")

    maria.chat.take("/logout")

    assert maria.chat.leaving
    assert maria.profile.password() is None
    assert maria.client.store.get("token") is None


def test_a_script_gives_the_passphrase_of_a_backup_in_the_environment(
    lines: Callable[..., Lines], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ivan = lines()
    backup = tmp_path / "b %s {0}"

    ivan.take(f"/backup {backup}", "put it in MESSENGER_PASSPHRASE")
    monkeypatch.setenv("MESSENGER_PASSPHRASE", "фраза")
    ivan.take(f"/backup {backup}", str(backup))

    with open_backup(backup, "фраза"):
        pass


@pytest.mark.parametrize(
    ("number", "said"),
    [
        ("1", "This is the device that you are using: /logout logs it out."),
        ("9", "There is no device 9: /devices lists yours."),
        ("0", "There is no device 0: /devices lists yours."),
        ("x", "/devices [remove NUMBER|qr]"),
        ("", "/devices [remove NUMBER|qr]"),
    ],
)
def test_a_device_that_cannot_be_removed_is_not_removed(
    lines: Callable[..., Lines], number: str, said: str
) -> None:
    ivan = lines(PASSWORD)

    ivan.take(f"/devices remove {number}", said)

    ivan.take("/devices", "approved, this one")


def test_whom_one_has_verified_stays_so_where_nothing_has_changed(
    lines: Callable[..., Lines],
) -> None:
    ivan, maria = lines(PASSWORD), lines(PASSWORD)
    name = quoted(maria.chat.me)
    ivan.take(f"/verify {name} yes", "is verified")

    ivan.take(f"/verify {name} accept", "security keys have not changed")

    ivan.take(f"/verify {name}", f"{maria.chat.me}: verified")


def test_who_has_seen_the_same_emoji_is_answered_at_once(lines: Callable[..., Lines]) -> None:
    ivan, maria = lines(PASSWORD), lines(PASSWORD)
    him, her = quoted(ivan.chat.me), quoted(maria.chat.me)
    ivan.take(f"/verify {her} emoji", "Waiting for")
    maria.expect("wants to compare emoji")
    maria.chat.take(f"/verify {him} emoji")
    ivan.expect(f"/verify {her} same")

    ivan.take(f"/verify {her} same", f"Waiting for {maria.chat.me} to confirm.")

    maria.take(f"/verify {him} same", f"{ivan.chat.me} is verified.")
    ivan.expect(f"{maria.chat.me} is verified.")


def test_the_help_of_a_command_explains_its_words(lines: Callable[..., Lines]) -> None:
    said = lines().take("/help verify", "verify a contact")

    for word in ("yes:", "qr:", "emoji:", "same, differ:", "accept:"):
        assert word in said


def test_a_guest_hears_that_older_messages_are_not_for_guests(
    lines: Callable[..., Lines], one_server: RunningServer
) -> None:
    with Talker(one_server.port) as link:
        link.guest("🎈")
        link.ask("msg", to="#all", message="before the guest came")

    lines().take("/msg #all", "Guests see new messages only.")


def test_the_common_chat_is_no_room_to_invite_to_or_to_throw_out_of(
    lines: Callable[..., Lines],
) -> None:
    ivan = lines(PASSWORD)

    for command in ("/invite Dave", "/kick Dave", "/ban Dave", "/topic чай", "/close #all"):
        ivan.take(command, "everyone is in the common chat")


def test_who_is_banned_without_having_been_there_is_not_said_to_be_removed(
    lines: Callable[..., Lines], one_server: RunningServer
) -> None:
    ivan = lines(PASSWORD)
    ivan.take("/join #Кухня", "is a new room")
    ivan.chat.take("/ban Dave")
    ivan.chat.take("/topic конец")

    said = [ivan.expect("")]
    while "to “конец”" not in said[-1]:
        said.append(ivan.expect(""))
    assert "Dave can no longer join #Кухня; /invite lifts this." in said
    assert not [line for line in said if "removed" in line]
    with Talker(one_server.port) as dave:
        dave.log_in("Dave")
        assert dave.ask("join", room="#Кухня")["response"] == 403


def test_what_a_guest_saves_says_that_a_guest_wrote_it(
    lines: Callable[..., Lines], tmp_path: Path
) -> None:
    ivan, file = lines(), tmp_path / "копия"
    ivan.take("/msg Dave hi", "hi")
    ivan.chat.open("Dave")

    ivan.take(f"/export {file}", "is in")

    assert json.loads(file.read_text("utf-8"))["guest"]


def test_who_is_logged_out_elsewhere_is_told_at_once(
    lines: Callable[..., Lines], one_server: RunningServer
) -> None:
    """A copy of this device, out of its backup, has logged out."""
    ivan = lines(PASSWORD)
    with Talker(one_server.port) as copy:
        copy.log_in_fully(ivan.chat.me, device=ivan.client.store.get("device") or "")
        assert copy.ask("logout")["response"] == 200

    ivan.expect("This device has logged out: log in again. Start again to log in")


@pytest.mark.parametrize("line", ["/kick Вера", "/ban Вера", "/encrypt", "/joiners all", "/leave"])
def test_what_is_for_rooms_says_so_elsewhere(lines: Callable[..., Lines], line: str) -> None:
    ivan = lines()
    ivan.chat.open("Dave")

    ivan.take(line, "This is for rooms: open one with /join #ROOM first.")


def test_a_room_is_left_by_the_name_by_which_it_is_joined(lines: Callable[..., Lines]) -> None:
    ivan = lines()
    ivan.take("/join нет", "Now in #нет")

    ivan.take("/leave нет", "You have left #нет")
