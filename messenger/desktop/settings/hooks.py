"""What the settings have others do: pages and dialogs of other parts, the end of the program."""

from collections.abc import Callable
from typing import NamedTuple

from PyQt6.QtWidgets import QWidget

Open = Callable[[QWidget], object]
"""Opens a dialog; gets the widget that it belongs to."""


class Hooks(NamedTuple):
    """What is None is not offered.

    `devices` and `blocked` make the pages of devices and of blocked people. `logged_out` gets
    whether the server was told, and goes on with another account, as `delete_data` does once it has
    deleted the profile. `register` makes an account of a guest's name. `restart` opens the window
    anew, in the language of the settings.
    """

    devices: Callable[[], QWidget] | None = None
    blocked: Callable[[], QWidget] | None = None
    back_up: Open | None = None
    restore: Open | None = None
    export: Open | None = None
    protect: Open | None = None
    logged_out: Callable[[bool], object] | None = None
    delete_data: Callable[[], object] | None = None
    register: Callable[[], object] | None = None
    restart: Callable[[], object] | None = None
    test_notification: Callable[[], object] | None = None
    has_tray: bool = False
