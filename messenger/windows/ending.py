"""The end of a program with windows: signals close it cleanly, exceptions in slots do not."""

import logging
import os
import signal
import socket
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from types import FrameType, TracebackType
from typing import Any, NoReturn

from PyQt6 import sip
from PyQt6.QtCore import QSocketNotifier

from messenger.ui.internal_errors import internal_error

_logger = logging.getLogger("messenger.client")

_SIGNALS = [
    number
    for name in ("SIGINT", "SIGTERM", "SIGHUP")
    if (number := getattr(signal, name, None)) is not None  # Windows has no SIGHUP
]
_Handler = Callable[[int, FrameType | None], Any] | int | signal.Handlers | None
_ENDING = 8.0  # seconds from the wish to end to a hard exit: time to store and close


class Signals:
    """Calls `ended` in the GUI thread when a signal ends the program; `code` is then 128 + it.

    Python runs the handler of a signal between two of its instructions, and Qt's event loop has
    none while it waits: a socket that the signal writes to wakes it.
    """

    def __init__(self, ended: Callable[[], object]) -> None:
        self.code = 0
        self._ended = ended
        self._timer: threading.Timer | None = None
        self._before: dict[int, _Handler] = {}
        self._mine, self._theirs = socket.socketpair()
        for one in (self._mine, self._theirs):
            one.setblocking(False)
        self._notifier = QSocketNotifier(
            sip.voidptr(self._mine.fileno()), QSocketNotifier.Type.Read
        )
        self._notifier.activated.connect(self._drain)
        self._wakeup = signal.set_wakeup_fd(self._theirs.fileno(), warn_on_full_buffer=False)
        for number in _SIGNALS:
            # One that is ignored, as SIGHUP under `nohup`, stays ignored.
            if signal.getsignal(number) is not signal.SIG_IGN:
                self._before[number] = signal.signal(number, self._end)

    def restore(self) -> None:
        """Handle signals as before."""
        signal.set_wakeup_fd(self._wakeup)
        self._notifier.setEnabled(False)
        for number, handler in self._before.items():
            signal.signal(number, handler)
        self._mine.close()
        self._theirs.close()
        if self._timer is not None:
            self._timer.cancel()

    def _drain(self) -> None:
        with suppress(BlockingIOError):
            self._mine.recv(64)

    def _end(self, number: int, _frame: FrameType | None) -> None:
        self.code = 128 + number
        if self._timer is None:
            self._timer = _cut_after(_ENDING, self.code)
        self._ended()


@contextmanager
def ending_within(seconds: float, code: int) -> Iterator[None]:
    """End the process with this exit code if the block takes longer."""
    timer = _cut_after(seconds, code)
    try:
        yield
    finally:
        timer.cancel()


def end_process(code: int) -> NoReturn:
    """End the process with this exit code, and leave Qt's objects as they are.

    Nothing may be left to do. Python would destroy them in an order of its own, by which one end in
    a hundred crashed (seen with PyQt 6.11 while plots of pyqtgraph 0.14 were being made).
    """
    logging.shutdown()
    for stream in (sys.stdout, sys.stderr):
        with suppress(AttributeError, OSError, ValueError):  # none, full, closed
            stream.flush()
    os._exit(code)


def _cut_after(seconds: float, code: int) -> threading.Timer:
    def cut() -> None:
        _logger.warning("The program did not end within %.0f s: killed", seconds)
        # Not `sys.exit`, which ends this thread only.
        os._exit(code)

    timer = threading.Timer(seconds, cut)
    timer.daemon = True
    timer.start()
    return timer


@contextmanager
def errors_told(tell: Callable[[str], object]) -> Iterator[None]:
    """Pass exceptions that nobody handles to `tell`, as sentences, from any thread.

    Without a hook PyQt6 aborts the process at an exception in a slot.
    """

    def failed(_kind: object, error: BaseException | None, _trace: TracebackType | None) -> None:
        if error is not None:
            tell(internal_error(error))

    def thread_failed(found: threading.ExceptHookArgs) -> None:
        failed(found.exc_type, found.exc_value, found.exc_traceback)

    before = sys.excepthook, threading.excepthook
    sys.excepthook, threading.excepthook = failed, thread_failed
    try:
        yield
    finally:
        sys.excepthook, threading.excepthook = before
