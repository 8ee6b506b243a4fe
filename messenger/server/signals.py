"""Signals and standard input, which stop a running server or reload its certificate."""

import asyncio
import contextlib
import os
import signal
import sys
from collections.abc import Callable
from typing import Any

from messenger.language import _
from messenger.server.ending import Ending
from messenger.server.errors import CannotStart
from messenger.server.threads import call_in_loop, start_thread


def hold_reloads() -> None:
    """Ignore SIGHUP while a service starts: the certificate is going to be read anyway.

    Not where it says that the terminal is gone.
    """
    if hasattr(signal, "SIGHUP") and not ends_with_its_terminal():
        signal.signal(signal.SIGHUP, signal.SIG_IGN)


class Signals:
    """The signals that a server takes, from `watch` to `forget`.

    The loop's own handlers end with it, and forget what came last: a server that is restarted would
    miss that it is to stop.
    """

    def __init__(self) -> None:
        self._before: dict[int, Any] = {}

    def watch(
        self, loop: asyncio.AbstractEventLoop, ending: Ending, reload: Callable[[], object]
    ) -> None:
        """End at SIGINT and SIGTERM, and at SIGHUP if it means that the terminal was closed.

        Otherwise SIGHUP is a service manager's order to `reload`. Call it in the main thread.
        """
        if sys.platform == "win32":
            return  # Ctrl+C ends it all the same.

        def stopping(*_: object) -> None:
            # At once, as the loop may not run any more; what else ends must not be interrupted.
            ending.forbid_restart()
            call_in_loop(loop, ending.end)

        def reloading(*_: object) -> None:
            call_in_loop(loop, reload)

        hangup = stopping if ends_with_its_terminal() else reloading
        for number, call in (
            *((signal.SIGINT, stopping), (signal.SIGTERM, stopping)),
            (signal.SIGHUP, hangup),
        ):
            self._before[number] = signal.signal(number, call)

    def forget(self) -> None:
        """Have them do what they did before."""
        for number, handler in self._before.items():
            signal.signal(number, handler)
        self._before.clear()


def stop_at_end_of_input(stop: Callable[[], None]) -> None:
    """Stop when standard input ends, whatever it is; raises CannotStart if there is none."""
    if sys.stdin is None:
        said = _("The server cannot stop at the end of standard input: it is closed")
        raise CannotStart(said, setting="stop_at_eof")
    loop, number = asyncio.get_running_loop(), sys.stdin.fileno()

    # On a thread of its own: event loops wait for pipes and sockets, but not for files.
    def read_to_the_end() -> None:
        with contextlib.suppress(OSError):
            while os.read(number, 1024):
                pass
        call_in_loop(loop, stop)

    start_thread("standard input", read_to_the_end)


def ends_with_its_terminal() -> bool:
    """Tell whether SIGHUP says that the terminal is gone: not under `nohup`, nor as a service."""
    if signal.getsignal(signal.SIGHUP) == signal.SIG_IGN:
        return False
    try:
        os.close(os.open("/dev/tty", os.O_RDONLY | os.O_NOCTTY))
    except OSError:  # the process has no controlling terminal
        return False
    return True
