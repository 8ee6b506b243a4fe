"""What the full-screen client tells of what is not in sight: who writes, a bell, a note."""

from pathlib import Path

import pytest
from textual.pilot import Pilot

from messenger.console.screen.app import MessengerApp
from messenger.console.screen.external import desktop_note
from messenger.ui import attention
from tests.console.screens import drive, in_list, label, online, shown, until, write
from tests.running import RunningServer, Talker


def test_who_writes_is_shown_in_the_list_and_in_the_status(
    fresh_server: RunningServer, tmp_path: Path
) -> None:
    async def work(app: MessengerApp, pilot: Pilot[int]) -> None:
        await online(app, pilot)
        with Talker(fresh_server.port) as bob:
            bob.guest_fully("bob")
            bob.ask("msg", to="ann", message="hello")
            bob.ask("typing", to="ann")
            await until(pilot, lambda: "✎" in in_list(app, "bob"))
            await app.go_to("bob")
            await until(pilot, lambda: "bob is writing" in label(app, "status"))
            bob.ask("msg", to="ann", message="so there")
            await until(pilot, lambda: "bob is writing" not in label(app, "status"))
            await until(pilot, lambda: "✎" not in in_list(app, "bob"))

    drive(fresh_server, tmp_path / "ann.db", work)


def test_an_unread_mention_is_marked_in_the_list(
    fresh_server: RunningServer, tmp_path: Path
) -> None:
    async def work(app: MessengerApp, pilot: Pilot[int]) -> None:
        await online(app, pilot)
        with Talker(fresh_server.port) as bob:
            bob.guest_fully("bob")
            bob.ask("msg", to="ann", message="hello")
            await until(pilot, lambda: in_list(app, "bob").endswith(" 1 "))
            bob.ask("msg", to="ann", message="@Ann, look here")
            await until(pilot, lambda: in_list(app, "bob").endswith(" @2 "))
            await app.go_to("bob")
            await until(pilot, lambda: "2" not in in_list(app, "bob"))

    drive(fresh_server, tmp_path / "ann.db", work)


def test_it_rings_for_what_is_not_in_sight_unless_it_is_muted(
    fresh_server: RunningServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rung = []
    monkeypatch.setattr(MessengerApp, "bell", lambda _app: rung.append(1))
    monkeypatch.setattr(attention, "_EVERY", 0.0)

    async def work(app: MessengerApp, pilot: Pilot[int]) -> None:
        await online(app, pilot)
        with Talker(fresh_server.port) as bob:
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

    drive(fresh_server, tmp_path / "ann.db", work)


def test_a_note_for_the_desktop_commands_no_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "xterm-kitty")
    monkeypatch.delenv("TMUX", raising=False)

    assert desktop_note("bob: \x07\x1b]0;owned\x07 hi") == "\x1b]9;bob: ␇␛]0;owned␇ hi\x07"
    monkeypatch.setenv("TMUX", "1")
    assert desktop_note("hi") == "\x1bPtmux;\x1b\x1b]9;hi\x07\x1b\\"
    monkeypatch.setenv("TERM", "linux")
    assert desktop_note("hi") == ""
