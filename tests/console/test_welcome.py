"""The first run: a new user at the real screen, against a real server."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path

import pytest
from textual.pilot import Pilot
from textual.widgets import Input, RadioButton, Static

from messenger.console.screen.welcome import WelcomeApp
from messenger.crypto.certificates import fingerprint
from messenger.sdk import Store
from messenger.sdk.invitation import Invitation, parse_server
from messenger.sdk.profiles import Profiles
from messenger.ui.first_run import Newcomer, introduce
from tests.console.terminal import Terminal
from tests.forking import run
from tests.running import PASSWORD, RunningServer, Talker, running

Drive = Callable[[WelcomeApp, Pilot[Newcomer]], Awaitable[None]]


@pytest.fixture
def one_server(tmp_path: Path) -> Iterator[RunningServer]:
    with running(tmp_path / "server", "--limits", "off") as server:
        yield server


def drive(work: Drive, store: Store, *, server: str = "", name: str = "") -> Newcomer | None:
    """Let somebody new do this; return what they have said of themselves."""
    app = WelcomeApp(lambda newcomer: introduce(newcomer, store), server=server, name=name)

    async def run() -> None:
        async with app.run_test(size=(80, 24)) as pilot:
            await work(app, pilot)

    asyncio.run(run())
    return app.return_value


async def choose(app: WelcomeApp, pilot: Pilot[Newcomer], kind: str) -> None:
    app.query_one(f"#{kind}", RadioButton).value = True
    await pilot.pause()


def said(app: WelcomeApp, field_id: str = "error") -> str:
    return str(app.query_one(f"#{field_id}", Static).content)


async def until_said(app: WelcomeApp, pilot: Pilot[Newcomer], text: str) -> None:
    for _ in range(500):
        if text in said(app):
            return
        await pilot.pause(0.02)
    raise AssertionError(said(app))


async def until_gone(app: WelcomeApp, pilot: Pilot[Newcomer]) -> None:
    for _ in range(500):
        if app.return_value is not None:
            return
        await pilot.pause(0.02)
    raise AssertionError(said(app))


def test_somebody_new_gets_an_account(one_server: RunningServer) -> None:
    store = Store()

    async def work(app: WelcomeApp, pilot: Pilot[Newcomer]) -> None:
        await pilot.press(*f"localhost:{one_server.port}", "enter")
        await pilot.press(*"ann", "enter")
        await pilot.press(*"a long password", "enter")
        await until_gone(app, pilot)

    newcomer = drive(work, store)

    assert newcomer is not None
    assert newcomer.credentials.name == "ann"
    assert newcomer.remember is None
    assert store.get("token")  # no password is needed the next time
    with Talker(one_server.port) as link:
        assert link.log_in("ann", "a long password")["response"] == 200


def test_enter_goes_on_from_every_place(one_server: RunningServer) -> None:
    async def work(app: WelcomeApp, pilot: Pilot[Newcomer]) -> None:
        app.query_one("#kind").focus()
        await pilot.press("enter")
        assert app.focused is app.query_one("#password")
        await pilot.press(*"a long password")
        app.query_one("#remember").focus()
        await pilot.press("down", "enter")
        await until_gone(app, pilot)

    newcomer = drive(work, Store(), server=f"127.0.0.1 {one_server.port}", name="eva")

    assert newcomer is not None
    assert newcomer.remember == "file"


def test_an_invitation_link_says_where_and_lets_in(tmp_path: Path) -> None:
    data = tmp_path / "data"
    data.mkdir()
    (data / "messenger.toml").write_text("registration = 'invitation'\n", "utf-8")
    with running(data, "--limits", "off") as server:
        link = invite(data, server.port)

        async def work(app: WelcomeApp, pilot: Pilot[Newcomer]) -> None:
            app.query_one("#password", Input).value = PASSWORD
            await pilot.press("enter")
            await until_gone(app, pilot)

        newcomer = drive(work, Store(), server=link, name="ann")

        assert newcomer is not None
        certificate = (data / "certificate.pem").read_bytes()
        assert newcomer.fingerprint == fingerprint(certificate)
        with Talker(server.port) as ann:
            assert ann.log_in("ann")["response"] == 200


def test_a_guest_needs_no_password(one_server: RunningServer) -> None:
    async def work(app: WelcomeApp, pilot: Pilot[Newcomer]) -> None:
        await choose(app, pilot, "guest")
        assert not app.query_one("#secret").display
        app.query_one("#name").focus()
        await pilot.press("enter")
        await until_gone(app, pilot)

    newcomer = drive(work, Store(), server=f"127.0.0.1:{one_server.port}", name="gus")

    assert newcomer is not None
    assert newcomer.credentials.password is None


def test_a_name_that_is_taken_and_a_wrong_password_are_said_at_once(
    one_server: RunningServer,
) -> None:
    with Talker(one_server.port) as link:
        link.register("ann")

    async def work(app: WelcomeApp, pilot: Pilot[Newcomer]) -> None:
        password = app.query_one("#password", Input)
        password.value = "not the password"
        await pilot.press("enter")
        await until_said(app, pilot, "The name ann is taken")
        await choose(app, pilot, "known")
        await pilot.press("enter")
        await until_said(app, pilot, "Wrong password")
        password.value = PASSWORD
        password.focus()
        await pilot.press("enter")
        await until_gone(app, pilot)

    assert drive(work, Store(), server=f"127.0.0.1:{one_server.port}", name="ann") is not None


def test_a_server_that_is_away_is_said_and_one_may_go_on_without_it() -> None:
    async def work(app: WelcomeApp, pilot: Pilot[Newcomer]) -> None:
        app.query_one("#password", Input).value = PASSWORD
        await pilot.press("enter")
        await until_said(app, pilot, "cannot be reached")
        app.query_one("#password").focus()
        await pilot.press("enter")
        await until_gone(app, pilot)

    assert drive(work, Store(), server="127.0.0.1:1", name="ann") is not None


@pytest.mark.parametrize(
    ("server", "name", "reason"),
    [
        ("a b", "ann", "not a server address"),
        ("jim://host:7777", "ann", "not an invitation link"),
        ("127.0.0.1", "#ann", "name"),
    ],
)
def test_what_cannot_be_meant_is_said_without_asking_a_server(
    server: str, name: str, reason: str
) -> None:
    async def work(app: WelcomeApp, pilot: Pilot[Newcomer]) -> None:
        app.query_one("#password", Input).value = PASSWORD
        await pilot.press("enter")
        await until_said(app, pilot, reason)
        await pilot.press("escape")

    assert drive(work, Store(), server=server, name=name) is None


def test_the_strength_of_a_new_password_is_shown() -> None:
    async def work(app: WelcomeApp, pilot: Pilot[Newcomer]) -> None:
        password = app.query_one("#password", Input)
        for text, shown in (("abc", "5 more"), ("password", "weak"), (PASSWORD, "strong")):
            password.value = text
            await pilot.pause()
            assert shown in said(app, "strength")
        await choose(app, pilot, "known")
        assert said(app, "strength") == ""
        await pilot.press("ctrl+q")

    assert drive(work, Store(), server="127.0.0.1", name="ann") is None


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("example.org", Invitation("example.org", 7777, "")),
        (" 10.0.0.1:7000 ", Invitation("10.0.0.1", 7000, "")),
        ("::1", Invitation("::1", 7777, "")),
        ("10.0.0.1 7000", Invitation("10.0.0.1", 7000, "")),
        ("[::1]:7000", Invitation("::1", 7000, "")),
        ("jim://h:1?invite=t", Invitation("h", 1, "t")),
    ],
)
def test_addresses_are_understood(text: str, meant: Invitation) -> None:
    assert parse_server(text) == meant


@pytest.mark.parametrize("text", ["", "a b", "http://x", "x:port", "x:99999", "a@b", "x/y"])
def test_what_is_no_address_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        parse_server(text)


def test_the_first_run_at_a_real_terminal_and_the_second(
    one_server: RunningServer, tmp_path: Path
) -> None:
    with Terminal(data=tmp_path, program="-m messenger chat") as terminal:
        terminal.expect("Welcome to Messenger")
        terminal.press(f"127.0.0.1:{one_server.port}\t")
        terminal.expect_focus("Name ")
        terminal.press("\x15")  # the system's name gives way
        terminal.type("ann")
        terminal.expect_focus("Password ")
        terminal.type("a long password")
        terminal.expect("online · ann", "Write a message")
        terminal.type("I am new here")
        terminal.expect("I am new here ✓")
        terminal.press("\x11")
        assert terminal.wait() == 0
    profile = Profiles(tmp_path).last()
    assert profile is not None
    assert profile.name == f"ann@127.0.0.1_{one_server.port}"

    with Terminal(data=tmp_path, program="-m messenger chat") as terminal:
        # The password is not remembered, and so the login is not either.
        shown = terminal.expect("Password of ann:")
        assert "guests are not allowed" not in shown
        terminal.type("a long password")
        terminal.expect("online · ann", "I am new here ✓")
        with Terminal(data=tmp_path, program="-m messenger chat") as second:
            second.expect("is open in another window already")
            assert second.wait() == 2
        terminal.process.kill()
        terminal.process.wait()

    with Terminal("--lines", data=tmp_path, program="-m messenger chat") as terminal:
        terminal.expect("Password of ann (empty: another name):")
        terminal.type("a long password")
        terminal.expect("You are ann", "#all>")
        assert terminal.leave() == 0


def test_a_password_that_is_kept_is_not_asked_for_again(
    one_server: RunningServer, tmp_path: Path
) -> None:
    with Terminal(data=tmp_path, program="-m messenger chat") as terminal:
        terminal.expect("Welcome to Messenger")
        terminal.press(f"127.0.0.1:{one_server.port}\t")
        terminal.expect_focus("Name ")
        terminal.press("Иван а/б%41\t\t")
        terminal.expect_focus("Password ")
        terminal.press("a long password\t")
        terminal.press("\x1b[B ")
        terminal.expect("(●) in a file that only you can read")
        terminal.press("\t\t\r")
        terminal.expect("online · Иван а/б%41", "Write a message")
        terminal.press("\x11")
        assert terminal.wait() == 0

    with Terminal(data=tmp_path, program="-m messenger chat") as terminal:
        terminal.expect("online · Иван а/б%41")


def invite(data: Path, port: int) -> str:
    """Return an invitation link, as the operator makes it."""
    link = run("-m", "messenger", "invite", "--data", str(data), "-p", str(port)).stdout.strip()
    host = parse_server(link).address
    return link.replace(f"//{host}:", "//127.0.0.1:")


def test_who_follows_an_invitation_gives_a_password_once_and_is_known_the_next_time(
    tmp_path: Path,
) -> None:
    """Also where the same command is given again, as shells remember it."""
    toml = 'registration = "invitation"'
    (tmp_path / "server").mkdir()
    (tmp_path / "server" / "messenger.toml").write_text(toml, "utf-8")
    with running(tmp_path / "server", "--limits", "off") as server:
        link = invite(tmp_path / "server", server.port)
        command = ("-n", "Иван а/б%41", "--invite", link)
        with Terminal(*command, data=tmp_path, program="-m messenger chat") as terminal:
            terminal.expect_focus("Password ")  # the name is said
            terminal.expect("Server         jim://127.0.0.1:")  # where it leads, not how it ends
            terminal.press("a long password\t")
            terminal.press("\t\t\r")
            terminal.expect("online · Иван а/б%41", "Write a message")
            terminal.press("\x11")
            assert terminal.wait() == 0

        with Terminal(*command, data=tmp_path, program="-m messenger chat") as terminal:
            shown = terminal.expect("Password of Иван а/б%41")
            assert "New password" not in shown
            terminal.type("a long password")
            terminal.expect("online · Иван а/б%41")


@pytest.mark.parametrize(
    ("server", "name", "password", "field"),
    [
        ("a b", "Иван", PASSWORD, "server"),
        ("127.0.0.1", "#кафе", PASSWORD, "name"),
        ("127.0.0.1", "名前", "", "password"),
    ],
)
def test_a_mistake_is_said_beside_its_field_until_one_types(
    server: str, name: str, password: str, field: str
) -> None:
    async def work(app: WelcomeApp, pilot: Pilot[Newcomer]) -> None:
        for field_id, value in (("server", server), ("name", name), ("password", password)):
            app.query_one(f"#{field_id}", Input).value = value
        app.query_one("#go").focus()
        await pilot.press("enter")
        await until_said(app, pilot, " ")
        error = app.query_one("#error", Static)
        row = app.query_one(f"#{field}").query_ancestor(".row")
        assert app.focused is app.query_one(f"#{field}")
        assert error.region.y == row.region.bottom
        await pilot.press("x")
        assert not error.display

    drive(work, Store())


def test_the_suggested_name_is_taken_where_no_other_is_written(one_server: RunningServer) -> None:
    async def work(app: WelcomeApp, pilot: Pilot[Newcomer]) -> None:
        assert app.query_one("#name", Input).value == ""
        assert app.query_one("#name", Input).placeholder == "Иван Петров"
        app.query_one("#password", Input).value = PASSWORD
        await pilot.press("enter")
        await until_gone(app, pilot)

    newcomer = drive(work, Store(), server=f"127.0.0.1:{one_server.port}", name="Иван Петров")

    assert newcomer is not None
    assert newcomer.credentials.name == "Иван Петров"


def test_what_is_chosen_is_told_by_its_shape() -> None:
    async def work(app: WelcomeApp, pilot: Pilot[Newcomer]) -> None:
        await choose(app, pilot, "known")
        shapes = {one.id: str(one.render())[:3] for one in app.query("#kind RadioButton")}
        others = dict.fromkeys(("new", "forgotten", "guest"), "( )")
        assert shapes == {"known": "(●)", **others}

    drive(work, Store())


def test_a_password_that_is_too_short_is_said_to_be_so(one_server: RunningServer) -> None:
    async def work(app: WelcomeApp, pilot: Pilot[Newcomer]) -> None:
        app.query_one("#password", Input).value = "коротк"
        await pilot.press("enter")
        await until_said(app, pilot, "8 characters")
        assert said(app).startswith("The password")
        assert app.focused is app.query_one("#password")
        await pilot.press("escape")

    drive(work, Store(), server=f"127.0.0.1:{one_server.port}", name="名前")
