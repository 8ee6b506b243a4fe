"""The full-screen client, driven through its own widgets, against a real server."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path

import pytest
from textual.pilot import Pilot
from textual.widgets import Input, OptionList, Static

from messenger.console.screen.app import MessengerApp
from messenger.console.screen.colours import LIGHT, colour_of
from messenger.console.screen.composer import Composer
from messenger.console.screen.dialogs import Ask, Choose
from messenger.console.screen.help import Help
from messenger.console.screen.outside import desktop_note
from messenger.console.screen.settings import Settings
from messenger.crypto.certificates import fingerprint
from messenger.jim.messages import encode
from messenger.jim.replies import Message
from messenger.sdk import Client, Credentials, Store
from messenger.sdk.events import LinkState
from messenger.sdk.profiles import Profile
from messenger.ui import attention
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
    profile = Profile(store.parent / "profile")
    profile.set_up("127.0.0.1", server.port, name)
    app = MessengerApp(client, profile)

    async def run() -> None:
        async with app.run_test(size=size) as pilot:
            await work(app, pilot)

    try:
        asyncio.run(run())
        assert app.failures == 0
    finally:
        client.close()
        client.store.close()


async def until(pilot: Pilot[int], condition: Callable[[], bool], seconds: float = 60) -> None:
    """Wait until it holds, and what it came with is shown."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, shown(pilot.app)
        await asyncio.sleep(0.02)
    await pilot.pause(0)


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


def opened(app: MessengerApp) -> str:
    """Return which conversation the title names; how it is locked stands behind."""
    return label(app, "title").split(" · ")[0]


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
        assert "ann" in shown(app).split()
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
            await until(
                pilot,
                lambda: (
                    "bob" in app.conversations.rows and app.conversations.rows["bob"].unread == 3
                ),
            )
            assert "3 unread" in label(app, "status")
            await pilot.press("alt+shift+down")
            await until(pilot, lambda: "for you 2" in shown(app))

            assert "unread" in shown(app)
            assert opened(app) == "bob"
            await until(pilot, lambda: app.conversations.rows["bob"].unread == 0)

    drive(one_server, tmp_path / "ann.db", work)


def test_commands_come_from_the_table_that_the_line_client_has(
    one_server: RunningServer, tmp_path: Path
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

    drive(one_server, tmp_path / "ann.db", work)


def test_an_answer_of_two_lines_is_two_lines(one_server: RunningServer, tmp_path: Path) -> None:
    async def work(app: MessengerApp, pilot: Pilot[int]) -> None:
        await online(app, pilot)
        await write(pilot, "/jion 名前")
        await until(pilot, lambda: "Did you mean: /join" in shown(app))
        assert "␊" not in shown(app)

    drive(one_server, tmp_path / "ann.db", work)


def test_members_are_shown_at_the_width_of_their_panel(
    one_server: RunningServer, tmp_path: Path
) -> None:
    async def work(app: MessengerApp, pilot: Pilot[int]) -> None:
        await online(app, pilot)
        members = app.query_one("#members", OptionList)
        app.members.load("#all")  # it is answered before the panel is open
        await until(pilot, lambda: members.option_count == 1)
        app.add_class("members")
        await until(pilot, lambda: "имя из многих букв" in str(members.options[0].prompt))

    drive(one_server, tmp_path / "ann.db", work, name="имя из многих букв", size=(120, 30))


def test_the_switcher_goes_where_the_name_begins(one_server: RunningServer, tmp_path: Path) -> None:
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
        await until(pilot, lambda: "bob" in app.conversations.names)
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
        await until(pilot, lambda: opened(app) == "bob" and "text 17" in shown(app))

    drive(one_server, tmp_path / "ann.db", work)


def test_it_reads_and_writes_without_a_server_and_sends_later(
    one_server: RunningServer, tmp_path: Path
) -> None:
    async def work(app: MessengerApp, pilot: Pilot[int]) -> None:
        await online(app, pilot)
        one_server.kill()
        await until(pilot, lambda: "offline, next try in" in label(app, "status"))
        assert "Reconnecting" in shown(app)
        await write(pilot, "first")
        await write(pilot, "second")
        await until(pilot, lambda: "second …" in shown(app))
        await asyncio.to_thread(one_server.start)
        await until(pilot, lambda: "first ✓" in shown(app) and "second ✓" in shown(app))
        assert shown(app).index("first") < shown(app).index("second")
        assert "Connected again." in shown(app)

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


@pytest.mark.soak
def test_a_hundred_thousand_messages_open_in_a_moment(
    one_server: RunningServer, tmp_path: Path, size: Callable[[int, int], int]
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

    drive(one_server, tmp_path / "ann.db", work)


def test_it_runs_at_a_real_terminal(one_server: RunningServer, tmp_path: Path) -> None:
    arguments = ("127.0.0.1", str(one_server.port), "-n", "ann", "--guest", "--console")
    with Terminal(*arguments, data=tmp_path) as terminal, Talker(one_server.port) as bob:
        terminal.expect("online · ann (guest)", "Write a message", "F1 shows")
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


def test_who_writes_is_shown_in_the_list_and_in_the_status(
    one_server: RunningServer, tmp_path: Path
) -> None:
    async def work(app: MessengerApp, pilot: Pilot[int]) -> None:
        await online(app, pilot)
        with Talker(one_server.port) as bob:
            bob.guest_fully("bob")
            bob.ask("msg", to="ann", message="hello")
            bob.ask("typing", to="ann")
            await until(pilot, lambda: "✎" in in_list(app, "bob"))
            await app.go_to("bob")
            await until(pilot, lambda: "bob is writing" in label(app, "status"))
            bob.ask("msg", to="ann", message="so there")
            await until(pilot, lambda: "bob is writing" not in label(app, "status"))
            await until(pilot, lambda: "✎" not in in_list(app, "bob"))

    drive(one_server, tmp_path / "ann.db", work)


def test_it_rings_for_what_is_not_in_sight_unless_it_is_muted(
    one_server: RunningServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rung = []
    monkeypatch.setattr(MessengerApp, "bell", lambda _app: rung.append(1))
    monkeypatch.setattr(attention, "_EVERY", 0.0)

    async def work(app: MessengerApp, pilot: Pilot[int]) -> None:
        await online(app, pilot)
        with Talker(one_server.port) as bob:
            bob.guest("bob")
            bob.ask("msg", to="#all", message="in sight")
            await until(pilot, lambda: "in sight" in shown(app))
            assert not rung
            bob.ask("msg", to="ann", message="one")
            await until(pilot, lambda: len(rung) == 1)
            await write(pilot, "/mute bob")
            await until(pilot, lambda: " 🔕" in in_list(app, "bob"))
            bob.ask("msg", to="ann", message="two")
            await until(pilot, lambda: "2" in in_list(app, "bob"))
            assert len(rung) == 1

    drive(one_server, tmp_path / "ann.db", work)


def test_a_note_for_the_desktop_commands_no_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "xterm-kitty")
    monkeypatch.delenv("TMUX", raising=False)

    assert desktop_note("bob: \x07\x1b]0;owned\x07 hi") == "\x1b]9;bob: ␇␛]0;owned␇ hi\x07"
    monkeypatch.setenv("TMUX", "1")
    assert desktop_note("hi") == "\x1bPtmux;\x1b\x1b]9;hi\x07\x1b\\"
    monkeypatch.setenv("TERM", "linux")
    assert desktop_note("hi") == ""


def test_colours_are_those_that_the_user_chooses(one_server: RunningServer, tmp_path: Path) -> None:
    async def work(app: MessengerApp, pilot: Pilot[int]) -> None:
        await online(app, pilot)
        assert app.theme == "textual-dark"
        await write(pilot, "/set theme light")
        await until(pilot, lambda: app.theme == "textual-light")
        readable = colour_of("#all", LIGHT)
        await until(pilot, lambda: readable in repr(app.list._prompts.get("#all")))
        await pilot.press("f4")
        await until(pilot, lambda: isinstance(app.screen, Settings))
        rows = app.screen.query_one(OptionList)
        await until(pilot, lambda: rows.highlighted == 0)
        assert str(rows.get_option("theme").prompt).split() == ["Theme", "auto", "dark", "(light)"]
        await pilot.press("left")
        await until(pilot, lambda: app.theme == "textual-dark")
        await pilot.press("escape")
        await write(pilot, "/set theme pink")
        await until(pilot, lambda: "theme is one of: auto, dark, light" in shown(app))
        assert app.talk.profile.record is not None
        assert Profile(app.talk.profile.directory).record == app.talk.profile.record

    drive(one_server, tmp_path / "ann.db", work)


def test_no_color_means_none(
    one_server: RunningServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    arguments = ("127.0.0.1", str(one_server.port), "-n", "ann", "--guest", "--console")
    with Terminal(*arguments, data=tmp_path) as terminal:
        terminal.expect("online · ann (guest)")
        terminal.type("grey")
        terminal.expect("grey ✓")
        assert {colour for colour in terminal.colours() if not is_grey(colour)} == set()
    monkeypatch.delenv("NO_COLOR")
    with Terminal(*arguments, data=tmp_path) as terminal:
        terminal.expect("online · ann (guest)", "grey ✓")
        assert {colour for colour in terminal.colours() if not is_grey(colour)}


@pytest.mark.parametrize(
    "text",
    [
        "Привет, как дела",
        "שלום עולם",
        "مرحبا بالعالم",
        "家族と友達に会いました" * 6,
        "e\u0301 a\u0308 n\u0303" * 20,
        "👨‍👩‍👧‍👦 🇩🇪 👍🏽" * 10,
        "Donaudampfschifffahrtsgesellschaft" * 8,
    ],
)
def test_any_script_keeps_to_its_column(
    one_server: RunningServer, tmp_path: Path, text: str
) -> None:
    async def work(app: MessengerApp, pilot: Pilot[int]) -> None:
        await online(app, pilot)
        with Talker(one_server.port) as bob:
            bob.guest("bob")
            bob.send("msg", to="#all", message=text)
            await until(pilot, lambda: any(one.text == text for one in app.view.messages))
        width = app.view.scrollable_content_region.width
        strips = [app.view.render_line(y) for y in range(app.view.size.height)]
        assert {strip.cell_length for strip in strips} == {width}
        assert "".join(text.split()) in "".join("".join(shown(app).split()))

    drive(one_server, tmp_path / "ann.db", work, size=(80, 24))


def test_names_and_topics_of_others_do_not_command_the_terminal(
    one_server: RunningServer, tmp_path: Path
) -> None:
    async def work(app: MessengerApp, pilot: Pilot[int]) -> None:
        await online(app, pilot)
        with Talker(one_server.port) as mallory:
            mallory.guest_fully("[blink]mal")
            mallory.ask("join", room="#[red]room")
            mallory.ask("topic", room="#[red]room", topic="[bold]\u202etopic")
            await write(pilot, "/join #[red]room")
            await until(pilot, lambda: label(app, "title").startswith("#[red]room"))
            await until(pilot, lambda: "[bold]\\u202etopic" in label(app, "title"))
            file = tmp_path / "\x1b[2Jfile"
            file.touch()
            await write(pilot, f"/export {file}")
            await until(pilot, lambda: "␛[2Jfile exists already" in " ".join(shown(app).split()))
            mallory.ask("msg", to="ann", message="x")
            await until(pilot, lambda: "[blink]mal" in in_list(app, "[blink]mal"))
            await pilot.press("f2")
            members = app.query_one("#members", OptionList)
            await until(pilot, lambda: members.option_count > 1)
            await until(
                pilot, lambda: any("[blink]mal" in str(one.prompt) for one in members.options)
            )

    drive(one_server, tmp_path / "ann.db", work)


def test_a_disk_that_is_full_loses_nothing_and_is_said(
    one_server: RunningServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def work(app: MessengerApp, pilot: Pilot[int]) -> None:
        await online(app, pilot)
        with app.client.store.transaction() as connection:
            pages = connection.exec_driver_sql("PRAGMA page_count").scalar_one()
            connection.exec_driver_sql(f"PRAGMA max_page_count={pages}")
        long = "long " * 3_000
        await write(pilot, long)
        await until(pilot, lambda: "local database cannot be used now" in shown(app))
        assert app.query_one(Composer).text == long.strip()
        with app.client.store.transaction() as connection:
            connection.exec_driver_sql("PRAGMA max_page_count=1000000")
        await pilot.press("enter")
        await until(pilot, lambda: "long ✓" in shown(app))

    drive(one_server, tmp_path / "ann.db", work)


def test_the_link_may_be_encrypted_and_another_key_is_said(
    one_server: RunningServer, tmp_path: Path
) -> None:
    arguments = ("127.0.0.1", str(one_server.port), "-n", "ann", "--guest", "--console")
    with Terminal(*arguments, "--tls", data=tmp_path) as terminal:
        terminal.expect("online (TLS) · ann (guest)")
        terminal.press("\x11")
        assert terminal.wait() == 0
    one_server.stop()
    for file in ("key.pem", "certificate.pem"):
        (one_server.data / file).unlink()
    one_server.start()
    with Terminal(*arguments, data=tmp_path) as terminal:
        terminal.expect("The server has another key than before", "--trust")
        terminal.press("\x11")
        assert terminal.wait() == 0
    key = fingerprint((one_server.data / "certificate.pem").read_bytes())
    with Terminal(*arguments, "--trust", key, data=tmp_path) as terminal:
        terminal.expect("online (TLS) · ann (guest)")


class Away(RunningServer):
    """A server that is not there."""

    def __init__(self) -> None:
        self.port = 1


def in_list(app: MessengerApp, name: str) -> str:
    """Return what the list of conversations shows of one."""
    if name not in app.conversations.names:
        return ""
    return str(app.list.get_option(name).prompt)


def is_grey(colour: str) -> bool:
    """Tell whether a colour, by its name or as RRGGBB, is none."""
    named = colour.removeprefix("bright") in ("default", "black", "white")
    return named or colour[:2] == colour[2:4] == colour[4:6]
