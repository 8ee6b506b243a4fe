"""Signals and standard input, which stop a running server or reload its certificate."""

import asyncio
import contextlib
import os
import signal
import sys
from collections.abc import Callable

from messenger.language import _
from messenger.server.errors import CannotStart
from messenger.server.threads import call_in_loop, start_thread


def hold_reloads() -> bool:
    """Ignore SIGHUP while a service starts: the certificate is going to be read anyway.

    Return whether it is ignored: it is not where it says that the terminal is gone.
    """
    if not hasattr(signal, "SIGHUP") or ends_with_its_terminal():
        return False
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    return True


def watch_signals(stop: Callable[[], None], reload: Callable[[], object]) -> None:
    """Stop at SIGINT and SIGTERM, and at SIGHUP if it means that the terminal was closed.

    Otherwise SIGHUP is a service manager's order to `reload`. Call it in the event loop's thread.
    """
    loop = asyncio.get_running_loop()
    with contextlib.suppress(NotImplementedError):  # on Windows Ctrl+C ends it all the same
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, stop)
        loop.add_signal_handler(signal.SIGHUP, stop if ends_with_its_terminal() else reload)


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
