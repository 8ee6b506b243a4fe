"""The full-screen client, driven through its own widgets, against a real server."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path

import pytest
from textual.pilot import Pilot
from textual.widgets import Input, OptionList, Static

from messenger.console.screen.app import MessengerApp
from messenger.console.screen.composer import Composer
from messenger.console.screen.dialogs import Ask, Choose
from messenger.jim.messages import encode
from messenger.jim.replies import Message
from messenger.sdk import Client, Credentials, Store
from messenger.sdk.events import LinkState
from tests.console.terminal import Terminal
from tests.running import PASSWORD, RunningServer, Talker, running

Drive = Callable[[MessengerApp, Pilot[int]], Awaitable[None]]


@pytest.fixture
def one_server(tmp_path: Path) -> Iterator[RunningServer]:
    with running(tmp_path / "server", "--limits", "off") as server:
        yield server


def drive(
    server: RunningServer,
    store: Path,
    work: Drive,
    *,
    name: str = "ann",
    password: str | None = None,
    size: tuple[int, int] = (100, 30),
) -> None:
    """Run the client in a screen of this size, and do the work with it."""
    register = password is not None
    client = Client(
        "127.0.0.1", server.port, Credentials(name, password, register=register), Store(store)
    )
    app = MessengerApp(client)

    async def run() -> None:
        async with app.run_test(size=size) as pilot:
            await work(app, pilot)

    try:
        asyncio.run(run())
    finally:
        client.close()
        client.store.close()


async def until(pilot: Pilot[int], condition: Callable[[], bool], seconds: float = 15) -> None:
    """Wait until it holds."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, shown(pilot.app)
        await pilot.pause(0.02)


async def online(app: MessengerApp, pilot: Pilot[int]) -> None:
    await until(pilot, lambda: app.client.core.state is LinkState.ONLINE)


def shown(app: object) -> str:
    """Return the messages and the notes as they are on the screen."""
    assert isinstance(app, MessengerApp)
    return "\n".join(app.view.render_line(y).text.rstrip() for y in range(app.view.size.height))


async def write(pilot: Pilot[int], text: str) -> None:
    """Type a text (as a terminal pastes it) and Enter."""
    pilot.app.query_one(Composer).insert(text)
    await pilot.press("enter")


def label(app: MessengerApp, name: str) -> str:
    return str(app.query_one(f"#{name}", Static).content)


def test_what_is_written_and_heard_is_on_the_screen(
    one_server: RunningServer, tmp_path: Path
) -> None:
    async def work(app: MessengerApp, pilot: Pilot[int]) -> None:
        await online(app, pilot)
        with Talker(one_server.port) as bob:
            bob.guest("bob")
            await write(pilot, "hello, everyone")
            await until(pilot, lambda: "hello, everyone ✓" in shown(app))
            bob.ask("msg", to="#all", message="Привет 👋")
            await until(pilot, lambda: "Привет 👋" in shown(app))

        assert "bob (guest)" in shown(app)
        assert "you " in shown(app)
        assert "online · ann (guest)" in label(app, "status")

    drive(one_server, tmp_path / "ann.db", work)


def test_other_conversations_show_what_is_unread_and_a_switch_reads_it(
    one_server: RunningServer, tmp_path: Path
) -> None:
    async def work(app: MessengerApp, pilot: Pilot[int]) -> None:
        await online(app, pilot)
        with Talker(one_server.port) as bob:
            bob.guest("bob")
            for number in range(3):
                bob.ask("msg", to="ann", message=f"for you {number}")
            await until(pilot, lambda: "bob" in app.list.rows and app.list.rows["bob"].unread == 3)
            assert "3 unread" in label(app, "status")
            await pilot.press("alt+shift+down")
            await until(pilot, lambda: "for you 2" in shown(app))

            assert "unread" in shown(app)
            assert label(app, "title") == "bob"
            await until(pilot, lambda: app.list.rows["bob"].unread == 0)

    drive(one_server, tmp_path / "ann.db", work)


def test_commands_come_from_the_table_that_the_line_client_has(
    one_server: RunningServer, tmp_path: Path
) -> None:
    async def work(app: MessengerApp, pilot: Pilot[int]) -> None:
        await online(app, pilot)
        await write(pilot, "/join dev")
        await until(pilot, lambda: label(app, "title") == "#dev")
        await write(pilot, "/joim")
        await until(pilot, lambda: "/join #ROOM - become a member" in shown(app))
        await write(pilot, "//not a command")
        await until(pilot, lambda: "/not a command ✓" in shown(app))
        await pilot.press("f1")
        await until(pilot, lambda: "pagedown - scroll on" in shown(app))

    drive(one_server, tmp_path / "ann.db", work)


def test_the_switcher_goes_where_the_name_begins(one_server: RunningServer, tmp_path: Path) -> None:
    async def work(app: MessengerApp, pilot: Pilot[int]) -> None:
        await online(app, pilot)
        await write(pilot, "/join tea")
        await until(pilot, lambda: label(app, "title") == "#tea")
        await pilot.press("ctrl+k")
        await until(pilot, lambda: isinstance(app.screen, Choose) and bool(app.screen.query(Input)))
        app.screen.query_one(Input).value = "al"
        options = app.screen.query_one(OptionList)
        await until(pilot, lambda: [str(one.id) for one in options.options] == ["#all"])
        await pilot.press("enter")
        await until(pilot, lambda: label(app, "title") == "#all")

    drive(one_server, tmp_path / "ann.db", work)


def test_history_scrolls_back_to_the_first_message(
    one_server: RunningServer, tmp_path: Path
) -> None:
    with Talker(one_server.port) as bob:
        bob.register("ann")
        bob.guest("bob")
        for number in range(450):
            bob.send("msg", to="ann", message=f"number {number}.")
        for _ in range(450):
            bob.receive()

    async def work(app: MessengerApp, pilot: Pilot[int]) -> None:
        await online(app, pilot)
        await until(pilot, lambda: "bob" in app.list.names)
        await app.go_to("bob")
        for _ in range(200):
            if app.view.messages and app.view.messages[0].text == "number 0.":
                break
            await pilot.press("pageup")
            await pilot.pause(0.02)
        texts = [message.text for message in app.view.messages]
        assert texts == [f"number {number}." for number in range(450)]

    drive(one_server, tmp_path / "ann.db", work, password=PASSWORD)


def test_search_finds_and_goes_there(one_server: RunningServer, tmp_path: Path) -> None:
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
        await pilot.press(*["down"] * 10, "enter")
        await until(pilot, lambda: label(app, "title") == "bob" and "text 17" in shown(app))

    drive(one_server, tmp_path / "ann.db", work)


def test_it_reads_and_writes_without_a_server_and_sends_later(
    one_server: RunningServer, tmp_path: Path
) -> None:
    async def work(app: MessengerApp, pilot: Pilot[int]) -> None:
        await online(app, pilot)
        one_server.kill()
        await until(pilot, lambda: "offline" in label(app, "status"))
        await write(pilot, "first")
        await write(pilot, "second")
        await until(pilot, lambda: "second …" in shown(app))
        await asyncio.to_thread(one_server.start)
        await until(pilot, lambda: "first ✓" in shown(app) and "second ✓" in shown(app))
        assert shown(app).index("first") < shown(app).index("second")

    drive(one_server, tmp_path / "ann.db", work)


def test_a_registered_name_is_asked_for_its_password_in_a_dialog(
    one_server: RunningServer, tmp_path: Path
) -> None:
    with Talker(one_server.port) as link:
        link.register("eve")

    async def work(app: MessengerApp, pilot: Pilot[int]) -> None:
        await until(pilot, lambda: isinstance(app.screen, Ask) and bool(app.screen.query(Input)))
        field = app.screen.query_one(Input)
        assert field.password
        field.value = PASSWORD
        await pilot.press("enter")
        await online(app, pilot)
        assert not app.client.core.is_guest

    drive(one_server, tmp_path / "eve.db", work, name="eve")


def test_tab_completes_commands_and_names_and_up_recalls(
    one_server: RunningServer, tmp_path: Path
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

    drive(one_server, tmp_path / "ann.db", work)


def test_a_narrow_screen_shows_one_panel(one_server: RunningServer, tmp_path: Path) -> None:
    async def work(app: MessengerApp, pilot: Pilot[int]) -> None:
        await pilot.pause()
        assert app.list.size.width == 0
        await pilot.press("ctrl+b")
        await until(pilot, lambda: app.list.size.width > 0)
        await pilot.resize_terminal(100, 30)
        await until(pilot, lambda: app.list.size.width > 0 and app.view.size.width > 0)

    drive(one_server, tmp_path / "ann.db", work, size=(60, 20))


def test_what_others_write_does_not_command_the_terminal(
    one_server: RunningServer, tmp_path: Path
) -> None:
    async def work(app: MessengerApp, pilot: Pilot[int]) -> None:
        await online(app, pilot)
        with Talker(one_server.port) as mallory:
            mallory.guest("[bold]mal")
            mallory.send("msg", to="#all", message="\x1b[2J\x1b]0;owned\x07[red]markup[/red]")
            await until(pilot, lambda: "markup" in shown(app))

        assert "␛[2J␛]0;owned␇[red]markup[/red]" in shown(app)
        assert "[bold]mal (guest)" in shown(app)
        assert "\x1b" not in shown(app)

    drive(one_server, tmp_path / "ann.db", work)


def test_a_hundred_thousand_messages_open_in_a_moment(
    one_server: RunningServer, tmp_path: Path
) -> None:
    """Nothing on the way of a key depends on how much there is."""
    store = Store(tmp_path / "ann.db")
    for number in range(500):
        name = f"friend{number:03}"
        messages = [
            Message(time=seq, to="ann", from_=name, message="text " * 8, seq=seq)
            for seq in range(1, 201)
        ]
        store.add_received(name, "ann", messages)
    store.close()

    async def work(app: MessengerApp, pilot: Pilot[int]) -> None:
        await until(pilot, lambda: len(app.list.names) > 500)
        await app.go_to("friend250")
        await until(pilot, lambda: "text text" in shown(app))
        await pilot.press("a")
        assert app.query_one(Composer).text == "a"

    drive(one_server, tmp_path / "ann.db", work)


def test_it_runs_at_a_real_terminal(one_server: RunningServer, tmp_path: Path) -> None:
    arguments = ("127.0.0.1", str(one_server.port), "-n", "ann", "--console")
    with Terminal(*arguments, data=tmp_path) as terminal, Talker(one_server.port) as bob:
        terminal.expect("online · ann (guest)", "Write a message")
        bob.guest("bob")
        terminal.type("hello from a terminal")
        assert bob.event("msg")["message"] == "hello from a terminal"
        bob.send_raw(encode(Message(time=1, to="#all", from_="bob", message="Привет")) + b"\n")
        terminal.expect("hello from a terminal ✓", "Привет")
        one_server.kill()
        terminal.expect("offline")
        one_server.start()
        terminal.expect("online · ann (guest)")
        terminal.type("/quit")
        assert terminal.leave() == 0
