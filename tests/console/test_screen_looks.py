"""How the full-screen client looks: colours, any script in its column, no orders from others."""

from pathlib import Path

import pytest
from textual.pilot import Pilot
from textual.widgets import OptionList

from messenger.console.screen.app import MessengerApp
from messenger.console.screen.colours import LIGHT, colour_of
from messenger.console.screen.settings import SettingsDialog
from messenger.sdk.profiles import Profile
from tests.console.screens import drive, in_list, label, online, shown, until, write
from tests.console.terminal import Terminal
from tests.running import RunningServer, Talker


def test_colours_are_those_that_the_user_chooses(
    fresh_server: RunningServer, tmp_path: Path
) -> None:
    async def work(app: MessengerApp, pilot: Pilot[int]) -> None:
        await online(app, pilot)
        assert app.theme == "textual-dark"
        await write(pilot, "/set theme light")
        await until(pilot, lambda: app.theme == "textual-light")
        readable = colour_of("#all", LIGHT)
        await until(pilot, lambda: readable in repr(app.list._prompts.get("#all")))
        await pilot.press("f4")
        await until(pilot, lambda: isinstance(app.screen, SettingsDialog))
        rows = app.screen.query_one(OptionList)
        await until(pilot, lambda: rows.highlighted == 0)
        assert str(rows.get_option("theme").prompt).split() == ["Theme", "auto", "(light)", "dark"]
        await pilot.press("left")
        await until(pilot, lambda: app.theme == "textual-dark")
        await pilot.press("escape")
        await write(pilot, "/set theme pink")
        await until(pilot, lambda: "theme is one of: auto, light, dark" in shown(app))
        assert app.controller.profile.record is not None
        assert Profile(app.controller.profile.directory).record == app.controller.profile.record

    drive(fresh_server, tmp_path / "ann.db", work)


def test_no_color_means_none(
    fresh_server: RunningServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    arguments = ("127.0.0.1", str(fresh_server.port), "-n", "ann", "--guest", "--console")
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
    fresh_server: RunningServer, tmp_path: Path, text: str
) -> None:
    async def work(app: MessengerApp, pilot: Pilot[int]) -> None:
        await online(app, pilot)
        with Talker(fresh_server.port) as bob:
            bob.guest("bob")
            bob.send("msg", to="#all", message=text)
            await until(pilot, lambda: any(one.text == text for one in app.view.messages))
        width = app.view.scrollable_content_region.width
        strips = [app.view.render_line(y) for y in range(app.view.size.height)]
        assert {strip.cell_length for strip in strips} == {width}
        assert "".join(text.split()) in "".join("".join(shown(app).split()))

    drive(fresh_server, tmp_path / "ann.db", work, size=(80, 24))


def test_names_and_topics_of_others_do_not_command_the_terminal(
    fresh_server: RunningServer, tmp_path: Path
) -> None:
    async def work(app: MessengerApp, pilot: Pilot[int]) -> None:
        await online(app, pilot)
        with Talker(fresh_server.port) as mallory:
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
            mallory.ask("msg", to="ann", message="x for @ann")
            await until(pilot, lambda: "[blink]mal" in in_list(app, "[blink]mal"))
            await until(pilot, lambda: " @1 " in in_list(app, "[blink]mal"))
            await pilot.press("f2")
            members = app.query_one("#members", OptionList)
            await until(pilot, lambda: members.option_count > 1)
            await until(
                pilot,
                lambda: any("[blink]mal (guest) ★" in str(one.prompt) for one in members.options),
            )

    drive(fresh_server, tmp_path / "ann.db", work)


def is_grey(colour: str) -> bool:
    """Tell whether a colour, by its name or as RRGGBB, is none."""
    named = colour.removeprefix("bright") in ("default", "black", "white")
    return named or colour[:2] == colour[2:4] == colour[4:6]
