"""Where something exists: in terminals, in windows, or in both."""

from enum import Flag, auto


class Where(Flag):
    """The user interfaces that have a setting, a command or a key."""

    TERMINAL = auto()
    WINDOW = auto()
    EVERYWHERE = TERMINAL | WINDOW
