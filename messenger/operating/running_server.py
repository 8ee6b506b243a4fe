"""The server that runs in a directory, as commands find it and have it reload."""

import argparse
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from messenger.command_line import settings_files
from messenger.language import _
from messenger.operating.ending import DONE, NOT_NOW
from messenger.output import encodable
from messenger.server.config import ConfigError, Settings, read_layers
from messenger.server.running_state import RunningState, ask_to_reload, find_state
from messenger.server.store.directory_lock import is_locked
from messenger.system_errors import reason_of


class Found(NamedTuple):
    """Whether a server uses the directory, and what it says of itself, if it does."""

    data: Path
    is_running: bool
    state: RunningState | None


class Reloaded(NamedTuple):
    """What a running server has taken over: `names`; the others wait.

    `later` tells programs for what: `restart`, or `start` where no server runs.
    """

    names: Sequence[str]
    later: str
    problem: str = ""

    @property
    def code(self) -> int:
        """The exit code: the settings are saved, but the server has refused them."""
        return NOT_NOW if self.problem else DONE


def find(options: argparse.Namespace) -> Found:
    """Return the server that runs in the directory of these arguments."""
    data = _directory(options)
    try:
        state = find_state(data)
        return Found(data, state is not None or is_locked(data), state)
    except OSError:  # of another user
        return Found(data, is_running=False, state=None)


def check_file(server: Found, path: Path) -> None:
    """Raise ConfigError if the server that runs reads another file than this one."""
    if server.state is not None and server.state.config != encodable(str(path)):
        raise ConfigError(
            _(
                "The running server reads {file}: name that file (--config), or stop the server",
                file=server.state.config,
            )
        )


def reload(server: Found, names: Sequence[str]) -> Reloaded:
    """Have the server take over the named settings, if one runs and can."""
    if not server.is_running:
        return Reloaded((), "start")
    if server.state is None or not server.state.can_reload or not names:
        return Reloaded((), "restart")
    try:
        after = ask_to_reload(server.data, server.state)
    except OSError as error:
        said = _("The server cannot be told to reload: {reason}", reason=reason_of(error))
        return Reloaded((), "restart", said)
    if after is None:
        return Reloaded((), "restart", _("The server does not answer: see its log"))
    if after.problem:
        return Reloaded((), "restart", after.problem)
    return Reloaded(names, "restart")


def _directory(options: argparse.Namespace) -> Path:
    try:
        return read_layers(settings_files(options)).settings().data
    except ConfigError:  # the command itself says what is wrong
        found: Path | None = options.data
        return found or Settings().data
