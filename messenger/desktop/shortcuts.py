"""The window's keys: the table of shortcuts as actions of Qt."""

from collections.abc import Callable
from functools import partial

from PyQt6.QtCore import Qt
from PyQt6.QtGui import QAction, QKeySequence
from PyQt6.QtWidgets import QWidget

from messenger.language import _
from messenger.ui.shortcuts import Shortcut, shortcuts
from messenger.ui.where import Where

_PLACE = "place"
"""The action whose keys are one each for a place in the list: it gets that, from 1."""
_BACKTAB = ("Shift+Tab", "Shift+Backtab")
"""Qt calls a Tab with Shift so."""


def install(window: QWidget, actions: object) -> dict[str, QAction]:
    """Have the window's keys call the methods of `actions` that are named in the table.

    Return Qt's actions by these names. Raises AttributeError if a method is missing.
    """
    found = {}
    for shortcut in shortcuts(Where.WINDOW):
        do = getattr(actions, shortcut.action)
        if shortcut.action == _PLACE:
            for place, key in enumerate(shortcut.keys, 1):
                _add(window, shortcut, (key,), partial(do, place))
        else:
            found[shortcut.action] = _add(window, shortcut, shortcut.keys, do)
    return found


def key_text(action: str) -> str:
    """Return the main key of an action as this system writes it; empty if it has none here."""
    keys = [one.keys[0] for one in shortcuts(Where.WINDOW) if one.action == action]
    return QKeySequence(keys[0]).toString(QKeySequence.SequenceFormat.NativeText) if keys else ""


def sequences(keys: tuple[str, ...]) -> list[QKeySequence]:
    """Return Qt's names of keys."""
    written = [key for one in keys for key in (one, one.replace(*_BACKTAB))]
    return [QKeySequence(key) for key in dict.fromkeys(written)]


def _add(
    window: QWidget, shortcut: Shortcut, keys: tuple[str, ...], do: Callable[[], object]
) -> QAction:
    action = QAction(_(shortcut.summary), window)
    action.setObjectName(shortcut.action)
    action.setShortcuts(sequences(keys))
    # Of the window only: a dialog has keys of its own.
    action.setShortcutContext(Qt.ShortcutContext.WindowShortcut)
    action.setAutoRepeat(keys[0] in ("Alt+Up", "Alt+Down"))
    action.triggered.connect(lambda _checked: do())
    window.addAction(action)
    return action
