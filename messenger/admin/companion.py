"""The administration window beside a server: `messenger server --gui`."""

from pathlib import Path

from messenger import unix_sockets
from messenger.admin.child_process import ChildProcess
from messenger.admin.window import window_command
from messenger.language import _
from messenger.output import visible, write_error, write_line

_GOODBYE = 5.0
"""Seconds that the window has to close."""


class Companion:
    """Opens the window in a process of its own, once the server listens.

    It connects to the operator's socket in the server's directory, which only the user of the
    server can open: a token would have to be kept as well, and whoever reads the directory has the
    server's key anyway. The window may be closed, and opened again by `messenger admin`.

    It stays open while the server is restarted in its process.
    """

    def __init__(self, data: Path, config: Path | None, window: int | None = None) -> None:
        """`data` is the server's directory, `config` its configuration if it is elsewhere.

        `window` is what was handed over before a restart, if there was one.
        """
        self._where = ["--data", str(data.absolute())]
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

    def announce(self, line: str) -> bool:
        """Write what the server announces; the first line opens the window."""
        is_written = write_line(line)
        if not self._was_opened:
            self._was_opened = True
            self._open()
        return is_written

    def hand_over(self) -> int:
        """Leave the window open for the next server in this process; return what that is given."""
        window, self._window = self._window, None
        return window.pid if window is not None and window.is_running else 0

    def _open(self) -> None:
        if not unix_sockets.AVAILABLE:
            write_error(_("The window is opened by: messenger admin 127.0.0.1 --user NAME"))
            return
        try:
            # It says itself why there can be no window.
            self._window = ChildProcess.start(window_command(*self._where))
        except OSError as error:
            write_error(visible(_("The window does not start: {error}", error=error)))
