"""The options of the desktop client from the command line."""

from pathlib import Path
from typing import NamedTuple

from messenger.ui.profile_choice import Start


class Options(NamedTuple):
    """How to start; `to` is the conversation to open first.

    `is_host`: a server runs on this computer for as long as the window, unless one runs already.
    `chooses`: the user chooses among the accounts on this computer, or adds one.
    """

    start: Start
    to: str | None = None
    password_file: Path | None = None
    is_host: bool = False
    chooses: bool = False
