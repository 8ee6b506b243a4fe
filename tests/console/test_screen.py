"""The full-screen client, driven through its own widgets, against a real server."""

import asyncio
from collections.abc import Callable
from pathlib import Path

import pytest
from textual.pilot import Pilot
from textual.widgets import Input, OptionList

from messenger.console.screen.app import MessengerApp
from messenger.console.screen.composer import Composer
from messenger.console.screen.dialogs import Ask, Choose
from messenger.console.screen.help import Help
from messenger.crypto.certificates import fingerprint
from messenger.jim.codec import encode
from messenger.jim.messages import Message
from messenger.sdk import Store
from tests.console.screens import drive, label, online, opened, shown, until, write
from tests.console.terminal import Terminal
from tests.running import PASSWORD, RunningServer, Talker


def test_what_is_written_and_heard_is_on_the_screen(
    fresh_server: RunningServer, tmp_path: Path
) -> None:
    async def work(app: MessengerApp, pilot: Pilot[int]) -> None:
        await online(app, pilot)
        with Talker(fresh_server.port) as bob:
            bob.guest("bob")
            await write(pilot, "hello, everyone")
            await until(pilot, lambda: "hello, everyone ✓" in shown(app))
            bob.ask("msg", to="#all", message="Привет 👋")
            await until(pilot, lambda: "Привет 👋" in shown(app))

        assert "bob (guest)" in shown(app)
        assert "ann" in shown(app).split()
        assert "online · ann (guest)" in label(app, "status")

    drive(fresh_server, tmp_path / "ann.db", work)


def test_other_conversations_show_what_is_unread_and_a_switch_reads_it(
    fresh_server: RunningServer, tmp_path: Path
) -> None:
    async def work(app: MessengerApp, pilot: Pilot[int]) -> None:
        await online(app, pilot)
        with Talker(fresh_server.port) as bob:
            bob.guest("bob")
            for number in range(3):
                bob.ask("msg", to="ann", message=f"for you {number}")
            await until(
                pilot,
                lambda: (
                    "bob" in app.conversations.rows and app.conversations.rows["bob"].unread == 3
                ),
            )
            await until(pilot, lambda: "3 unread" in label(app, "status"))
            await pilot.press("alt+shift+down")
            await until(pilot, lambda: "for you 2" in shown(app))

            assert "unread" in shown(app)
            assert opened(app) == "bob"
            await until(pilot, lambda: app.conversations.rows["bob"].unread == 0)

    drive(fresh_server, tmp_path / "ann.db", work)


def test_commands_come_from_the_table_that_the_line_client_has(
    fresh_server: RunningServer, tmp_path: Path
) -> None:
    async def work(app: MessengerApp, pilot: Pilot[int]) -> None:
        await online(app, pilot)
        await write(pilot, "/join dev")
        await until(pilot, lambda: opened(app) == "#dev")
        await write(pilot, "/joim")
        await until(pilot, lambda: "/join #ROOM [open] - join a room" in shown(app))
        await write(pilot, "//not a command")
        await until(pilot, lambda: "/not a command ✓" in shown(app))
        await pilot.press("f1")
        await until(pilot, lambda: isinstance(app.screen, Help))
        await pilot.press("escape")
        assert app.focused is app.query_one(Composer)
        await write(pilot, "/help")
        await until(pilot, lambda: isinstance(app.screen, Help))

    drive(fresh_server, tmp_path / "ann.db", work)


def test_an_answer_of_two_lines_is_two_lines(fresh_server: RunningServer, tmp_path: Path) -> None:
    async def work(app: MessengerApp, pilot: Pilot[int]) -> None:
        await online(app, pilot)
        await write(pilot, "/jion 名前")
        await until(pilot, lambda: "Did you mean: /join" in shown(app))
        assert "␊" not in shown(app)

    drive(fresh_server, tmp_path / "ann.db", work)


def test_members_are_shown_at_the_width_of_their_panel(
    fresh_server: RunningServer, tmp_path: Path
) -> None:
    async def work(app: MessengerApp, pilot: Pilot[int]) -> None:
        await online(app, pilot)
        members = app.query_one("#members", OptionList)
        app.members.load("#all")  # it is answered before the panel is open
        await until(pilot, lambda: members.option_count == 1)
        app.add_class("members")
        await until(pilot, lambda: "имя из многих букв" in str(members.options[0].prompt))

    drive(fresh_server, tmp_path / "ann.db", work, name="имя из многих букв", size=(120, 30))


def test_the_switcher_goes_where_the_name_begins(
    fresh_server: RunningServer, tmp_path: Path
) -> None:
    async def work(app: MessengerApp, pilot: Pilot[int]) -> None:
        await online(app, pilot)
        await write(pilot, "/join tea")
        await until(pilot, lambda: opened(app) == "#tea")
        await pilot.press("ctrl+k")
        await until(pilot, lambda: isinstance(app.screen, Choose) and bool(app.screen.query(Input)))
        app.screen.query_one(Input).value = "al"
        options = app.screen.query_one(OptionList)
        await until(pilot, lambda: [str(one.id) for one in options.options] == ["#all"])
        await pilot.press("enter")
        await until(pilot, lambda: opened(app) == "#all")

    drive(fresh_server, tmp_path / "ann.db", work)


def test_history_scrolls_back_to_the_first_message(
    fresh_server: RunningServer, tmp_path: Path
) -> None:
    with Talker(fresh_server.port) as bob:
        bob.register("ann")
        bob.guest("bob")
        for number in range(450):
            bob.send("msg", to="ann", message=f"number {number}.")
        for _ in range(450):
            bob.receive()

    async def work(app: MessengerApp, pilot: Pilot[int]) -> None:
        await online(app, pilot)
        await until(pilot, lambda: "bob" in app.conversations.names)
        await app.go_to("bob")
        for _ in range(200):
            if app.view.messages and app.view.messages[0].text == "number 0.":
                break
            await pilot.press("pageup")
            await pilot.pause(0.02)
        written = [f"number {number}." for number in range(450)]
        await until(pilot, lambda: [message.text for message in app.view.messages] == written)

    drive(fresh_server, tmp_path / "ann.db", work, password=PASSWORD)


def test_search_finds_and_goes_there(fresh_server: RunningServer, tmp_path: Path) -> None:
    store = Store(tmp_path / "ann.db")
    numbered = [
        Message(time=seq, to="ann", from_="bob", message=f"text {seq}", seq=seq)
        for seq in range(1, 401)
    ]
    store.add_received("bob", "ann", numbered)
    store.describe("bob", read=400)
    store.close()

    async def work(app: MessengerApp, pilot: Pilot[int]) -> None:
        await pilot.press("ctrl+shift+f")
        await until(pilot, lambda: isinstance(app.screen, Choose) and bool(app.screen.query(Input)))
        app.screen.query_one(Input).value = "TEXT 17"
        options = app.screen.query_one(OptionList)
        await until(pilot, lambda: options.option_count == 11)
        app.screen.query_one(Input).value = "TEXT"
        await until(pilot, lambda: options.option_count == 50)
        for count in range(100, 450, 50):
            await pilot.press("up")  # from the first one to the last, and back
            await until(pilot, lambda count=count: options.option_count == min(count, 400))
            options.highlighted = 0
        app.screen.query_one(Input).value = "TEXT 17"
        await until(pilot, lambda: options.option_count == 11)
        await pilot.press(*["down"] * 10, "enter")
        await until(pilot, lambda: opened(app) == "bob" and "text 17" in shown(app))

    drive(fresh_server, tmp_path / "ann.db", work)


def test_it_reads_and_writes_without_a_server_and_sends_later(
    fresh_server: RunningServer, tmp_path: Path
) -> None:
    async def work(app: MessengerApp, pilot: Pilot[int]) -> None:
        await online(app, pilot)
        fresh_server.kill()
        await until(pilot, lambda: "offline, next try in" in label(app, "status"))
        assert "Reconnecting" in shown(app)
        await write(pilot, "first")
        await write(pilot, "second")
        await until(pilot, lambda: "second …" in shown(app))
        await asyncio.to_thread(fresh_server.start)
        await until(pilot, lambda: "first ✓" in shown(app) and "second ✓" in shown(app))
        assert shown(app).index("first") < shown(app).index("second")
        assert "Connected again." in shown(app)

    drive(fresh_server, tmp_path / "ann.db", work)


def test_a_registered_name_is_asked_for_its_password_in_a_dialog(
    fresh_server: RunningServer, tmp_path: Path
) -> None:
    with Talker(fresh_server.port) as link:
        link.register("eve")

    async def work(app: MessengerApp, pilot: Pilot[int]) -> None:
        await until(pilot, lambda: isinstance(app.screen, Ask) and bool(app.screen.query(Input)))
        field = app.screen.query_one(Input)
        assert field.password
        field.value = PASSWORD
        await pilot.press("enter")
        await online(app, pilot)
        assert not app.client.core.is_guest

    drive(fresh_server, tmp_path / "eve.db", work, name="eve")


def test_tab_completes_commands_and_names_and_up_recalls(
    fresh_server: RunningServer, tmp_path: Path
) -> None:
    async def work(app: MessengerApp, pilot: Pilot[int]) -> None:
        await online(app, pilot)
        composer = app.query_one(Composer)
        await pilot.press("/", "t", "o", "tab")
        assert composer.text == "/topic "
        composer.clear()
        await pilot.press("#", "a", "tab")
        assert composer.text == "#all "
        composer.clear()
        await write(pilot, "one")
        await write(pilot, "two")
        await pilot.press("up", "up")
        assert composer.text == "one"
        await pilot.press("down")
        assert composer.text == "two"
        composer.clear()
        await pilot.press("a", "alt+enter", "b")
        assert composer.text == "a\nb"
        assert composer.size.height == 2

    drive(fresh_server, tmp_path / "ann.db", work)


def test_a_narrow_screen_shows_one_panel(fresh_server: RunningServer, tmp_path: Path) -> None:
    async def work(app: MessengerApp, pilot: Pilot[int]) -> None:
        await pilot.pause()
        assert app.list.size.width == 0
        await pilot.press("ctrl+b")
        await until(pilot, lambda: app.list.size.width > 0)
        await pilot.resize_terminal(100, 30)
        await until(pilot, lambda: app.list.size.width > 0 and app.view.size.width > 0)

    drive(fresh_server, tmp_path / "ann.db", work, size=(60, 20))


def test_what_others_write_does_not_command_the_terminal(
    fresh_server: RunningServer, tmp_path: Path
) -> None:
    async def work(app: MessengerApp, pilot: Pilot[int]) -> None:
        await online(app, pilot)
        with Talker(fresh_server.port) as mallory:
            mallory.guest("[bold]mal")
            mallory.send("msg", to="#all", message="\x1b[2J\x1b]0;owned\x07[red]markup[/red]")
            await until(pilot, lambda: "markup" in shown(app))

        assert "␛[2J␛]0;owned␇[red]markup[/red]" in shown(app)
        assert "[bold]mal (guest)" in shown(app)
        assert "\x1b" not in shown(app)

    drive(fresh_server, tmp_path / "ann.db", work)


@pytest.mark.soak
def test_a_hundred_thousand_messages_open_in_a_moment(
    fresh_server: RunningServer, tmp_path: Path, size: Callable[[int, int], int]
) -> None:
    """Nothing on the way of a key depends on how much there is."""
    store = Store(tmp_path / "ann.db")
    for number in range(size(300, 500)):
        name = f"friend{number:03}"
        messages = [
            Message(time=seq, to="ann", from_=name, message="text " * 8, seq=seq)
            for seq in range(1, size(20, 200) + 1)
        ]
        store.add_received(name, "ann", messages)
    store.close()

    async def work(app: MessengerApp, pilot: Pilot[int]) -> None:
        await until(pilot, lambda: len(app.conversations.names) > size(300, 500))
        await app.go_to("friend250")
        await until(pilot, lambda: "text text" in shown(app))
        await pilot.press("a")
        assert app.query_one(Composer).text == "a"

    drive(fresh_server, tmp_path / "ann.db", work)


def test_it_runs_at_a_real_terminal(fresh_server: RunningServer, tmp_path: Path) -> None:
    arguments = ("127.0.0.1", str(fresh_server.port), "-n", "ann", "--guest", "--console")
    with Terminal(*arguments, data=tmp_path) as terminal, Talker(fresh_server.port) as bob:
        terminal.expect("online · ann (guest)", "Write a message", "F1 shows")
        bob.guest("bob")
        terminal.type("hello from a terminal")
        assert bob.event("msg")["message"] == "hello from a terminal"
        bob.send_raw(encode(Message(time=1, to="#all", from_="bob", message="Привет")) + b"\n")
        terminal.expect("hello from a terminal ✓", "Привет")
        fresh_server.kill()
        terminal.expect("offline")
        fresh_server.start()
        terminal.expect("online · ann (guest)")
        terminal.type("/quit")
        assert terminal.leave() == 0


def test_it_opens_reads_and_searches_without_a_server(tmp_path: Path) -> None:
    store = Store(tmp_path / "ann.db")
    received = Message(time=1, to="ann", from_="bob", message="Отчёт готов", seq=1)
    store.add_received("bob", "ann", [received])
    store.close()

    async def work(app: MessengerApp, pilot: Pilot[int]) -> None:
        await app.go_to("bob")
        await until(pilot, lambda: "Отчёт готов" in shown(app))
        await write(pilot, "Спасибо")
        await until(pilot, lambda: "Спасибо …" in shown(app))
        await pilot.press("f3")
        await until(pilot, lambda: isinstance(app.screen, Choose))
        app.screen.query_one(Input).value = "отчет"
        options = app.screen.query_one(OptionList)
        await until(pilot, lambda: options.option_count == 1)
        await pilot.press("escape")
        await write(pilot, "/quit")

    drive(Away(), tmp_path / "ann.db", work)


def test_a_disk_that_is_full_loses_nothing_and_is_said(
    fresh_server: RunningServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def work(app: MessengerApp, pilot: Pilot[int]) -> None:
        await online(app, pilot)
        with app.client.store.transaction() as connection:
            pages = connection.exec_driver_sql("PRAGMA page_count").scalar_one()
            connection.exec_driver_sql(f"PRAGMA max_page_count={pages}")
        long = "long " * 3_000
        await write(pilot, long)
        await until(pilot, lambda: "local database cannot be used now" in shown(app))
        await write(pilot, "and another one")
        await until(pilot, lambda: app.query_one(Composer).text == "and another one")
        app.client.store._driver.execute("PRAGMA max_page_count=1000000")
        await pilot.press("enter")
        await until(pilot, lambda: "long ✓" in shown(app))
        await until(pilot, lambda: "another one ✓" in shown(app))

    drive(fresh_server, tmp_path / "ann.db", work)


def test_the_link_may_be_encrypted_and_another_key_is_said(
    fresh_server: RunningServer, tmp_path: Path
) -> None:
    arguments = ("127.0.0.1", str(fresh_server.port), "-n", "ann", "--guest", "--console")
    with Terminal(*arguments, "--tls", data=tmp_path) as terminal:
        terminal.expect("online (TLS) · ann (guest)")
        terminal.press("\x11")
        assert terminal.wait() == 0
    fresh_server.stop()
    for file in ("key.pem", "certificate.pem"):
        (fresh_server.data / file).unlink()
    fresh_server.start()
    with Terminal(*arguments, data=tmp_path) as terminal:
        terminal.expect("The server has another key than before", "--trust")
        terminal.press("\x11")
        assert terminal.wait() == 0
    key = fingerprint((fresh_server.data / "certificate.pem").read_bytes())
    with Terminal(*arguments, "--trust", key, data=tmp_path) as terminal:
        terminal.expect("online (TLS) · ann (guest)")


class Away(RunningServer):
    """A server that is not there."""

    def __init__(self) -> None:
        self.port = 1
