"""The administration window beside a server: `messenger server --gui`."""

import subprocess
from pathlib import Path

from messenger import unix_sockets
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
    """

    def __init__(self, data: Path, config: Path | None) -> None:
        """`data` is the server's directory, `config` its configuration if it is elsewhere."""
        self._where = ["--data", str(data.absolute())]
        if config is not None:
            self._where += ["--config", str(config.absolute())]
        self._window: subprocess.Popen[bytes] | None = None

    def announce(self, line: str) -> bool:
        """Write what the server announces; the first line opens the window."""
        is_written = write_line(line)
        if self._window is None:
            self._open()
        return is_written

    def close(self) -> None:
        """Close the window: its server has ended."""
        if self._window is None:
            return
        self._window.terminate()
        try:
            self._window.wait(_GOODBYE)
        except subprocess.TimeoutExpired:
            self._window.kill()

    def _open(self) -> None:
        if not unix_sockets.AVAILABLE:
            write_error(_("The window is opened by: messenger admin 127.0.0.1 --user NAME"))
            return
        try:
            # Its errors go to the server's: the window says itself why there can be none.
            self._window = subprocess.Popen(  # noqa: S603  our own program
                window_command(*self._where), stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL
            )
        except OSError as error:
            write_error(visible(_("The window does not start: {error}", error=error)))
