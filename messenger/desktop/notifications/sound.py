"""The sound of a new message, by its name in the desktop's sound theme."""

import shutil
from functools import cache

from PyQt6.QtCore import QProcess
from PyQt6.QtWidgets import QApplication

_NAME = "message-new-instant"


def play_sound() -> None:
    """Play the sound of a new message where no notification service does; a beep elsewhere."""
    player = _player()
    # Without waiting: a sound server may hang.
    if not (player and QProcess.startDetached(player, ["--id", _NAME])[0]):
        QApplication.beep()


@cache
def _player() -> str | None:
    return shutil.which("canberra-gtk-play")
