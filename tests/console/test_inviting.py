"""Inviting others from one's own server, and how the link comes to them."""

import asyncio
import os
import shlex
import tempfile
from pathlib import Path

import pytest
from textual.events import Paste
from textual.widgets import Input

from messenger.console.screen.colours import DARK, NameColours
from messenger.console.screen.layout import Look, lay_out
from messenger.console.screen.welcome import WelcomeApp
from messenger.sdk.invitation import Invitation, parse_link, parse_server
from messenger.server.public_address import is_local, own_host
from messenger.ui.timeline import Note
from tests import forking
from tests.console.terminal import Terminal
from tests.console.test_end import nobody

KEY = "z6Chp-iGZDHg_TcfavoYg0bQvnVq3Ev35hnqPeaEqX0"
LINK = f"jim://192.0.2.2:7777?invite=KmrG1uJgio7Okg-GTFXIPw&key={KEY}"


@pytest.mark.parametrize("between", ["\n", "\r\n", "\n    ", " \n  \t"])
@pytest.mark.parametrize("at", [3, 40, 70, len(LINK) - 1])
def test_a_link_that_was_broken_into_lines_says_the_same(between: str, at: int) -> None:
    broken = f"  {LINK[:at]}{between}{LINK[at:]}\n"

    assert parse_link(broken) == parse_link(LINK)
    if "://" in broken:
        assert parse_server(broken) == parse_link(LINK)


def test_a_link_that_is_pasted_in_lines_is_seen_from_its_beginning_and_joined() -> None:
    seen: list[tuple[str, int]] = []

    async def run() -> None:
        app = WelcomeApp(lambda _newcomer: "", name="Иван")
        async with app.run_test(size=(80, 24)) as pilot:
            field = app.query_one("#server", Input)
            field.post_message(Paste(f"{LINK[:50]}\n    {LINK[50:]}\n"))
            await pilot.pause()
            seen.append((field.value, field.cursor_position))
            field.value = ""
            field.post_message(Paste("chat.example\n"))
            await pilot.pause()
            seen.append((field.value, field.cursor_position))

    asyncio.run(run())

    assert seen == [(LINK, 0), ("chat.example", len("chat.example"))]


@pytest.mark.parametrize("width", [40, 56, 100, 200])
def test_nothing_stands_before_or_behind_the_lines_of_a_link(width: int) -> None:
    look = Look(width, "Иван", NameColours("Иван"), DARK)
    lines = [one.text.plain for one in lay_out([Note(0, 0, f"The link:\n{LINK}")], look)]

    assert "".join(lines[1:]) == LINK


def run(data: Path, port: int) -> str:
    return forking.run(
        *("-m", "messenger", "run", "-p", str(port), "--lines", "--data", str(data)),
        text="привет\n/quit\n",
        env={**os.environ, "LANGUAGE": "en"},
    ).stdout


def invite(command: str) -> Invitation:
    """Make a link by the command that the user is told."""
    program, *words = shlex.split(command)
    assert program == "messenger"
    return parse_link(forking.run("-m", "messenger", *words).stdout)


def test_the_next_start_says_how_others_are_invited_to_the_same_place(tmp_path: Path) -> None:
    data, port = tmp_path / "мои данные", nobody()

    first, second = run(data, port), run(data, port)

    assert "jim://" not in second
    command = second.partition("To invite others: ")[2].partition("\n")[0]
    again = invite(command)
    if not is_local(own_host()):
        shown = parse_link(next(line for line in first.split("\n") if line.startswith("jim://")))
        assert f"More links, and their QR codes: {command}." in first
        assert again[:2] == shown[:2] == (own_host(), port)
        assert again.key == shown.key


def test_the_first_screen_shows_all_that_matters_at_once() -> None:
    """Where its directory has to be named, that is short: it is shown."""
    port = str(nobody())
    with (
        tempfile.TemporaryDirectory(prefix="д %", dir="/tmp", ignore_cleanup_errors=True) as data,
        Terminal(
            *("-p", port), data=Path(data), program="-m messenger run", size=(80, 24)
        ) as terminal,
    ):
        # The last line there is: what stands above it is no part of an earlier picture.
        shown = terminal.expect(
            "recovery code", "Ctrl+Q leaves", "generated password", "No messages yet"
        )
        assert is_local(own_host()) or "jim://" in shown
