"""Dialogs of the full-screen client: one at a time, seen whole, and closed by their keys."""

from pathlib import Path

import pytest
from textual.pilot import Pilot
from textual.widgets import Input

from messenger.console.screen.app import MessengerApp
from messenger.console.screen.dialogs import Ask, Choose, Confirm, Dialog
from messenger.console.screen.help import Help
from tests.console.screens import drive, shown, until, write
from tests.console.test_screen_habits import LONG
from tests.running import RunningServer


def test_dialogs_do_not_stand_on_each_other_and_their_key_closes_them(
    one_server: RunningServer, tmp_path: Path
) -> None:
    async def work(app: MessengerApp, pilot: Pilot[int]) -> None:
        for key in ("f1", "f3", "f4"):
            await pilot.press(key)
            await until(pilot, lambda: isinstance(app.screen, Dialog))
            for other in ("f1", "f3", "f4", "ctrl+k", "ctrl+n", "ctrl+g", "alt+down"):
                if other != key:
                    await pilot.press(other)
            assert len(app.screen_stack) == 2
            await pilot.press(key)
            await until(pilot, lambda: len(app.screen_stack) == 1)
        await pilot.press("ctrl+k", "ctrl+k", "ctrl+k")
        await until(pilot, lambda: isinstance(app.screen, Choose))
        assert len(app.screen_stack) == 2
        app.screen.query_one(Input).value = "kill the rest"
        await pilot.press("home", "right", "right", "right", "right", "ctrl+k")
        assert app.screen.query_one(Input).value == "kill"
        await pilot.press("escape")
        assert app.focused is app.composer

    drive(one_server, tmp_path / "a.db", work, name="dialogs")


def test_a_question_waits_until_no_dialog_is_open(
    one_server: RunningServer, tmp_path: Path
) -> None:
    async def work(app: MessengerApp, pilot: Pilot[int]) -> None:
        answers: list[object] = []
        await pilot.press("f1")
        app.ask(Confirm("First?"), answers.append)
        app.ask(Ask("Second?"), answers.append)
        assert isinstance(app.screen, Help)
        await pilot.press("escape")
        await until(pilot, lambda: isinstance(app.screen, Confirm))
        await pilot.press("y")
        await until(pilot, lambda: isinstance(app.screen, Ask))
        await pilot.press("ctrl+c")
        await until(pilot, lambda: answers == [True, None])

    drive(one_server, tmp_path / "a.db", work, name="questions")


@pytest.mark.parametrize("size", [(80, 24), (60, 20)])
def test_a_question_is_seen_whole_with_its_answers(
    one_server: RunningServer, tmp_path: Path, size: tuple[int, int]
) -> None:
    question = "What was written before stays unreadable here, and others are told. Begin anew?"

    async def work(app: MessengerApp, pilot: Pilot[int]) -> None:
        answers: list[object] = []
        for text in (question, LONG):
            app.ask(Confirm(text), answers.append)
            await until(pilot, lambda: "No (n)" in pictured(app))
            if text is LONG:
                await pilot.press(*["down"] * 30)
            await until(pilot, lambda: "Begin anew?" in " ".join(pictured(app).split()))
            assert "Yes (y)" in pictured(app)
            await pilot.press("n")
            await until(pilot, lambda: len(app.screen_stack) == 1)
        assert answers == [False, False]

    drive(one_server, tmp_path / "a.db", work, name=f"whole{size[0]}", size=size)


def pictured(app: MessengerApp) -> str:
    """Return the whole screen as text, without frames."""
    lines = app.screen._compositor.render_strips(app.size)
    return "\n".join(strip.text for strip in lines).replace("│", " ")


@pytest.mark.parametrize("command", ["/password", "/lock", "/backup DIRECTORY/else"])
def test_a_question_that_is_closed_is_cancelled(
    one_server: RunningServer, tmp_path: Path, command: str
) -> None:
    async def work(app: MessengerApp, pilot: Pilot[int]) -> None:
        await write(pilot, command.replace("DIRECTORY", str(tmp_path)))
        await until(pilot, lambda: isinstance(app.screen, Ask))
        await pilot.press("escape")
        await until(pilot, lambda: "Cancelled." in shown(app))
        assert "Not logged in" not in shown(app)

    drive(one_server, tmp_path / "a.db", work, name="canceller")
