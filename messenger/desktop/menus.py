"""The menu that says for how long something is muted."""

import time
from collections.abc import Callable
from functools import partial
from math import inf

from PyQt6.QtWidgets import QMenu, QWidget

from messenger.language import N_, _
from messenger.windows.look.icons import icon
from messenger.windows.widgets.menus import add_to_menu

_HOUR = 60 * 60.0
_MUTES = ((N_("For an hour"), _HOUR), (N_("For a day"), 24 * _HOUR), (N_("For good"), inf))
"""How long a conversation can be muted, in seconds."""


def mute_menu(parent: QWidget, mute: Callable[[float], object]) -> QMenu:
    """Return a menu that calls `mute` with the time (unix time) until which to mute."""
    menu = QMenu(_("Mute"), parent)
    menu.setIcon(icon("bell-slash"))
    for title, seconds in _MUTES:
        add_to_menu(menu, _(title), "", partial(_mute_for, seconds, mute))
    return menu


def _mute_for(seconds: float, mute: Callable[[float], object]) -> None:
    mute(time.time() + seconds)
