"""Garbage: only the GUI thread collects it, whichever thread makes it."""

import gc
import threading
import weakref
from collections.abc import Iterator

import pytest
from PyQt6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from messenger.windows import garbage
from messenger.windows.garbage import GarbageCollector


class _Cycle(QWidget):
    """A widget that only the collector finds."""

    def __init__(self) -> None:
        super().__init__()
        self.itself = self


@pytest.fixture
def collector(qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> Iterator[GarbageCollector]:
    monkeypatch.setattr(garbage, "_EVERY", 1)
    gc.enable()
    made = GarbageCollector()
    yield made
    made.stop()
    assert gc.isenabled()
    gc.disable()


def test_garbage_is_collected_in_the_gui_thread(qtbot: QtBot, collector: GarbageCollector) -> None:
    collected_in: list[threading.Thread] = []
    widget = _Cycle()
    weakref.finalize(widget, lambda: collected_in.append(threading.current_thread()))
    del widget
    allocating = threading.Thread(target=_make_cycles)
    allocating.start()
    allocating.join()
    assert collected_in == []

    qtbot.waitUntil(lambda: bool(collected_in), timeout=60_000)
    assert collected_in == [threading.main_thread()]


def test_windows_are_tested_without_other_collectors() -> None:
    assert not gc.isenabled()


def _make_cycles() -> None:
    """Make so much garbage that Python, left alone, would collect all generations."""
    for _ in range(1_000_000):
        cycle: list[object] = []
        cycle.append(cycle)
