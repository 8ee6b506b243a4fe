"""Menus: entries with icons, and the menu that says for how long something is muted."""

import time
from collections.abc import Callable
from functools import partial
from math import inf

from PyQt6.QtGui import QAction
from PyQt6.QtWidgets import QMenu, QWidget

from messenger.language import N_, _
from messenger.windows.look.icons import icon
from messenger.windows.look.theme import theme
from messenger.windows.widgets.plain import with_ampersands

_HOUR = 60 * 60.0
_MUTES = ((N_("For an hour"), _HOUR), (N_("For a day"), 24 * _HOUR), (N_("For good"), inf))
"""How long a conversation can be muted, in seconds."""


class Entry(QAction):
    """An entry of a menu, whose icon follows the theme; `icon_name` may be empty."""

    def __init__(self, title: str, icon_name: str, menu: QMenu) -> None:
        super().__init__(with_ampersands(title), menu)
        self._icon_name = icon_name
        if icon_name:
            self._recolour()
            # A method, not a lambda: Qt disconnects it when the menu is deleted.
            theme.changed.connect(self._recolour)

    def _recolour(self) -> None:
        self.setIcon(icon(self._icon_name))


def add_to_menu(menu: QMenu, title: str, icon_name: str, do: Callable[[], object]) -> QAction:
    """Add an entry; `icon_name` may be empty."""
    action = Entry(title, icon_name, menu)
    action.triggered.connect(lambda _checked: do())
    menu.addAction(action)
    return action


def mute_menu(parent: QWidget, mute: Callable[[float], object]) -> QMenu:
    """Return a menu that calls `mute` with the time (unix time) until which to mute."""
    menu = QMenu(_("Mute"), parent)
    menu.setIcon(icon("bell-slash"))
    for title, seconds in _MUTES:
        add_to_menu(menu, _(title), "", partial(_mute_for, seconds, mute))
    return menu


def _mute_for(seconds: float, mute: Callable[[float], object]) -> None:
    mute(time.time() + seconds)
