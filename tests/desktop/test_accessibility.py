"""What screen readers get: the real program on a display, seen and used by AT-SPI."""

import re
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.desktop.people import People
from tests.desktop.screen_reader import ScreenReader, Seen, display
from tests.forking import Python
from tests.running import RunningServer, until
from tests.stretching import PASSWORD

NAMED = (
    "push button", "toggle button", "check box", "radio button", "button menu", "text", "list",
    "page tab", "combo box", "password text", "menu item",
)  # fmt: skip
"""Roles of what somebody can act on."""


@pytest.fixture(scope="module")
def screen() -> Iterator[dict[str, str]]:
    """A display with AT-SPI."""
    with display() as environment:
        yield environment


def test_a_talk_by_a_screen_reader(
    screen: dict[str, str],
    server: RunningServer,
    person: People,
    name: Callable[[str], str],
    tmp_path: Path,
) -> None:
    """Every row of both lists, names for all controls, and a message written without a mouse."""
    bob, me = person("bob"), name("ann")
    reader = ScreenReader(screen)
    with _program(screen, server, tmp_path, me, "--to", bob.name) as program:
        reader.look("Conversations", bob.name)
        texts = ["Добрый день!", "How are you?", "Two lines:\nthe second 👋", "good night"]
        for text in texts:
            bob.say(me, text)
        seen = reader.look(texts[-1], "encrypted, not verified")

        rows = _rows(seen, "Messages")
        assert len(rows) == len(texts)
        for row, text in zip(rows, texts, strict=True):
            assert re.search(rf"{re.escape(bob.name)}, \d\d:\d\d: {text.split()[0]}", row)
            assert row.endswith(text.split("\n")[-1])
        listed = _rows(seen, "Conversations")
        assert [one for one in listed if one.startswith(bob.name) and "good night" in one]
        assert [one for one in listed if one.startswith("#all")]
        assert [one for one in seen if one.role in NAMED and not one.name] == []

        reader.write(_one(seen, "text", f"Message to {bob.name}"), "Ответ")
        reader.press(_one(seen, "push button", "Send"))
        until(lambda: bob.heard(me) == ["Ответ"])
        own = _rows(reader.look("Ответ, delivered"), "Messages")[-1]
        assert own.startswith("You, ")
        program.send_signal(signal.SIGTERM)
        assert program.wait(60) == 128 + signal.SIGTERM


def test_a_new_user_finds_the_form(
    screen: dict[str, str], server: RunningServer, tmp_path: Path
) -> None:
    reader = ScreenReader(screen)
    with _program(screen, server, tmp_path):
        seen = reader.look("Welcome")
        assert [one for one in seen if one.role in NAMED and not one.name] == []
        assert {"Name", "Password"} <= {one.name for one in seen if "text" in one.role}


@contextmanager
def _program(
    screen: dict[str, str], server: RunningServer, directory: Path, me: str = "", *more: str
) -> Iterator[Python]:
    """Run the desktop client, for a new account if it has a name."""
    password = directory / "password"
    password.write_text(PASSWORD, "utf-8")
    account = ("127.0.0.1", str(server.port), "-n", me, "--register") if me else ()
    secret = ("--password-file", str(password), "--data", str(directory / "data"))
    program = Python("-m", "messenger", "desktop", *account, *secret, *more, env=screen)
    try:
        yield program
    finally:
        if program.poll() is None:
            program.kill()
        _said, errors = program.communicate(60)
    assert "Traceback" not in errors


def _rows(seen: list[Seen], of: str) -> list[str]:
    return [one.name for one in seen if one.role == "list item" and one.path[-1] == of]


def _one(seen: list[Seen], role: str, named: str) -> Seen:
    return next(one for one in seen if (one.role, one.name) == (role, named))
