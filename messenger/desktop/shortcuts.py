"""The window's keys: the table of shortcuts as actions of Qt."""

from collections.abc import Callable, Mapping

from PyQt6.QtCore import Qt
from PyQt6.QtGui import QAction, QKeySequence
from PyQt6.QtWidgets import QWidget

from messenger.language import _
from messenger.ui.shortcuts import Shortcut, shortcuts
from messenger.ui.where import Where

_PLACE = "place"
"""The action whose keys are one each for a place in the list; its function gets that, from 0."""
# Qt calls a Tab with Shift so.
_BACKTAB = ("Shift+Tab", "Shift+Backtab")


def install(window: QWidget, do: Mapping[str, Callable[..., object]]) -> dict[str, QAction]:
    """Have the window's keys call these functions, by the names in the table; return the actions.

    Raises KeyError if one of the table's actions is missing, and for a name that it lacks.
    """
    table = {one.action: one for one in shortcuts(Where.WINDOW)}
    if unknown := do.keys() - table.keys():
        raise KeyError(f"Not in the table of shortcuts: {', '.join(sorted(unknown))}")
    found = {}
    for name, shortcut in table.items():
        if name == _PLACE:
            for place, key in enumerate(shortcut.keys):
                _add(window, shortcut, (key,), lambda place=place: do[_PLACE](place))
        else:
            found[name] = _add(window, shortcut, shortcut.keys, do[name])
    return found


def key_text(action: str) -> str:
    """Return the main key of an action, for a tip; empty if it has none in a window."""
    keys = [one.keys[0] for one in shortcuts(Where.WINDOW) if one.action == action]
    return QKeySequence(keys[0]).toString(QKeySequence.SequenceFormat.NativeText) if keys else ""


def _add(
    window: QWidget, shortcut: Shortcut, keys: tuple[str, ...], do: Callable[[], object]
) -> QAction:
    action = QAction(_(shortcut.summary), window)
    action.setObjectName(shortcut.action)
    action.setShortcuts(sequences(keys))
    # Of the window only: a dialog has keys of its own.
    action.setShortcutContext(Qt.ShortcutContext.WindowShortcut)
    action.setAutoRepeat("Alt+" in keys[0])
    action.triggered.connect(lambda _checked: do())
    window.addAction(action)
    return action


def sequences(keys: tuple[str, ...]) -> list[QKeySequence]:
    """Return Qt's names of keys."""
    written = [key for one in keys for key in (one, one.replace(*_BACKTAB))]
    return [QKeySequence(key) for key in dict.fromkeys(written)]
