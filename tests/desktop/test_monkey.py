"""Whatever a clumsy user does, and others send, the window answers and keeps what was written."""

import time
from collections.abc import Callable
from pathlib import Path

import pytest
from PyQt6.QtGui import QDesktopServices
from PyQt6.QtWidgets import QFileDialog
from pytestqt.qtbot import QtBot

from messenger.desktop.main_window import MainWindow
from messenger.sdk.store import MessageState
from messenger.windows.look.theme import theme
from tests.desktop.monkey import Monkey
from tests.desktop.people import People, Person
from tests.desktop.storms import Blocks
from tests.desktop.typing import type_text

_SECONDS = 6
_LONGEST = 6.0
"""Seconds of own time for one thing that is done, the opening of the largest dialog among it."""

Windows = Callable[[Person], MainWindow]


@pytest.fixture(autouse=True)
def _nothing_leaves(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Files come from and go to this test's directory; no other program is started."""
    file = str(tmp_path / "chosen.html")
    for name in ("getSaveFileName", "getOpenFileName"):
        monkeypatch.setattr(QFileDialog, name, lambda *_arguments, **_named: (file, ""))
    monkeypatch.setattr(QDesktopServices, "openUrl", lambda _address: True)


@pytest.mark.soak
def test_nothing_that_happens_at_random_harms_the_window_or_what_was_written(
    person: People, window: Windows, name: Callable[[str], str], qtbot: QtBot,
    pytestconfig: pytest.Config,
) -> None:  # fmt: skip
    ann, bob, room = person("ann"), person("bob"), name("#room")
    ann.do(lambda client: client.join(room, encrypted=False))
    bob.do(lambda client: client.join(room))
    shown = window(ann)
    monkey = Monkey(shown, bob, room, pytestconfig.option.seed)
    blocks = Blocks()
    end = time.monotonic() + _SECONDS * max(1, 10 * pytestconfig.option.soak)

    with qtbot.captureExceptions() as errors:
        while time.monotonic() < end and not errors:
            monkey.do_something()
            qtbot.wait(1)
        monkey.tidy_up()
    assert errors == [], f"after {monkey.did[-12:]}"

    assert blocks.longest < _LONGEST
    _answers(shown, qtbot)
    _has_stored(ann, monkey, qtbot)
    theme.apply("light")


def _answers(window: MainWindow, qtbot: QtBot) -> None:
    window.go_to("#all")
    field = window.composer.input
    field.clear()
    type_text(field, "still here")
    qtbot.waitUntil(lambda: field.text() == "still here")
    window.grab()


def _has_stored(ann: Person, monkey: Monkey, qtbot: QtBot) -> None:
    done: list[bool] = []
    ann.bridge.write(lambda _client: None, lambda _none: done.append(True), owner=monkey.window)
    qtbot.waitUntil(lambda: bool(done))
    for place in {to for to, _text in monkey.written}:
        stored = ann.do(lambda client, place=place: client.store.page(place, limit=10_000))
        own = [one.text for one in stored if one.state is not MessageState.RECEIVED]
        missing = [text for to, text in monkey.written if to == place and text not in own]
        assert missing == []
