"""Finds out whether Qt can start here, before PyQt6 is imported; else says what to install.

Qt aborts the whole process if it cannot open a window: nothing can catch that. So a process of its
own tries first. It takes 0.1 s (measured), while this one imports something else.
"""

import os
import subprocess
import sys
from contextlib import suppress
from importlib.util import find_spec

from messenger.language import _
from messenger.windows.libraries import install_command, libraries

_PATIENCE = 20.0
"""Seconds: a start from a slow disk, and then it works after all."""
_NEEDED = {"desktop": ("PyQt6", "qtawesome"), "admin": ("PyQt6", "pyqtgraph", "qtawesome")}
"""What the windows of each extra import first."""
_OF_PLUGINS = "qt.qpa."


def has_screen() -> bool:
    """Tell whether the user sits at a display on which windows can be opened."""
    if sys.platform in ("win32", "darwin"):
        return True
    return bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))


def is_installed(extra: str = "desktop") -> bool:
    """Tell whether the libraries of an extra of Messenger are installed."""
    return all(find_spec(name) is not None for name in _NEEDED[extra])


class Probe:
    """Begins at once to try whether Qt starts, in another process; `trouble` waits for it."""

    def __init__(self, extra: str = "desktop") -> None:
        """`extra` is that of Messenger which has the windows' libraries."""
        self._reason = _reason_without_trying(extra)
        self._process: subprocess.Popen[str] | None = None
        if not self._reason:
            with suppress(OSError):  # Without a probe the program tries for itself.
                self._process = _start()

    def trouble(self) -> str:
        """Return why there can be no window, and what to install; empty if there is no reason."""
        if self._process is None:
            return self._reason
        try:
            _output, said = self._process.communicate(timeout=_PATIENCE)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.communicate()
            return ""
        return _explained(said) if self._process.returncode else ""


def _reason_without_trying(extra: str) -> str:
    if not is_installed(extra):
        return _(
            "The window needs PyQt6: install it by {command}",
            command=f"pip install 'messenger[{extra}]'",
        )
    # Whoever names a platform of Qt, such as `vnc`, may need no display.
    if not has_screen() and not os.environ.get("QT_QPA_PLATFORM"):
        return _("There is no display for a window (DISPLAY and WAYLAND_DISPLAY are not set)")
    return ""


def _start(*arguments: str) -> subprocess.Popen[str]:
    return subprocess.Popen(  # noqa: S603  our own program
        [sys.executable, "-m", "messenger.windows.probe", *arguments],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        encoding="utf-8",
        errors="replace",
        # Otherwise Qt says where it stands in its source.
        env={**os.environ, "QT_MESSAGE_PATTERN": "%{category}: %{message}", "LC_ALL": "C.UTF-8"},
    )


def _explained(said: str) -> str:
    """Return what the user can do about the probe's last words."""
    if wanted := _missing_libraries():
        return _("A window needs libraries that are missing: {command}", command=wanted)
    return _("A window cannot be opened here: {reason}", reason=_reason(said))


def _missing_libraries() -> str:
    """Return the command that installs what is missing, if anything is.

    In another process again: the variables of the dynamic linker are read at the start.
    """
    if not sys.platform.startswith("linux"):
        return ""
    with suppress(OSError, subprocess.TimeoutExpired):
        names = _start("--libraries").communicate(timeout=_PATIENCE)[0].split()
        lacking = [library for library in libraries(os.environ) if library.name in names]
        return install_command(lacking) if lacking else ""
    return ""


def _reason(said: str) -> str:
    """Return the line of Qt or of Python that has the reason."""
    lines = [line.strip() for line in said.splitlines() if line.strip()]
    of_plugins = [line for line in lines if line.startswith(_OF_PLUGINS)]
    found = of_plugins[0].partition(": ")[2] if of_plugins else (lines or [""])[-1]
    return found.rstrip(".") or _("Qt ended without a reason")
