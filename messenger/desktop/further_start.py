"""Starts the program once more, for another account: each account has a window of its own."""

import sys
from pathlib import Path

from PyQt6.QtCore import QProcess, QProcessEnvironment

from messenger.start_options import INVITE_VARIABLE

_OF_THIS_ACCOUNT = ("MESSENGER_PASSWORD", "MESSENGER_PASSPHRASE", INVITE_VARIABLE)


def start_further(data: Path | None, link: str = "") -> bool:
    """Start the program, which lets the user choose an account; return whether that succeeded.

    `data` is the user's data directory. With an invitation `link` it asks for a new account.
    """
    environment = QProcessEnvironment.systemEnvironment()
    for name in _OF_THIS_ACCOUNT:  # Another server must not get them.
        environment.remove(name)
    if link:  # Not as an option: other users of this computer can read those.
        environment.insert(INVITE_VARIABLE, link)
    arguments = ["-m", "messenger", "desktop", "--choose"]
    if data is not None:
        arguments += ["--data", str(data)]
    process = QProcess()
    process.setProgram(sys.executable)
    process.setArguments(arguments)
    process.setProcessEnvironment(environment)
    # Detached: it stays when this program ends, and is no zombie when it ends first.
    started, _number = process.startDetached()
    return started
