"""The administration window beside a server: `messenger server --gui`."""

import os
from collections.abc import Callable
from pathlib import Path

from messenger.admin.child_process import ChildProcess
from messenger.admin.window import LOGIN_FROM_INPUT, window_command
from messenger.language import _
from messenger.output import visible, write_error
from messenger.window_login import WindowLogin

_GOODBYE = 5.0
"""Seconds that the window has to close."""


class Companion:
    """Opens the window in a process of its own, once the server listens.

    The window logs in with a one-time token, which it gets on its standard input: command lines and
    environments can be read by others. It stays open while the server is restarted in its process,
    and connects again by the operator's socket then. It may be closed, and opened again by
    `messenger admin`.
    """

    def __init__(self, data: Path, config: Path | None, window: int | None = None) -> None:
        """`data` is the server's directory, `config` its configuration if it is elsewhere.

        `window` is what was handed over before a restart, if there was one.
        """
        self._where = [LOGIN_FROM_INPUT, "--data", str(data.absolute())]
        if config is not None:
            self._where += ["--config", str(config.absolute())]
        self._window = ChildProcess(window) if window else None
        self._was_opened = window is not None

    def __enter__(self) -> "Companion":
        return self

    def __exit__(self, *_: object) -> None:
        """Close the window: its server has ended."""
        if self._window is not None:
            self._window.end(_GOODBYE)

    @property
    def window(self) -> int:
        """The window's process, for the next server in this process; 0 if it is closed."""
        window = self._window
        return window.pid if window is not None and window.is_running else 0

    @property
    def opener(self) -> Callable[[WindowLogin], None] | None:
        """What opens the window; None if that was done before a restart."""
        return None if self._was_opened else self._open

    def _open(self, login: WindowLogin) -> None:
        if not hasattr(os, "posix_spawn"):
            write_error(_("The window is opened by: messenger admin 127.0.0.1 --user NAME"))
            return
        try:
            # It says itself why there can be no window.
            self._window = ChildProcess.start(window_command(*self._where), login.to_line())
        except OSError as error:
            write_error(visible(_("The window does not start: {error}", error=error)))
