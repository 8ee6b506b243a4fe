"""Ends a client: errors become a sentence and an exit code; after a signal nothing may hang."""

import errno
import logging
import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from types import FrameType
from typing import Any

from messenger.console.advice import with_advice
from messenger.console.streams import complain, hold_descriptors, is_terminal
from messenger.language import _
from messenger.sdk.errors import StoreUnusable
from messenger.system_errors import reason_of
from messenger.ui.errors import explain
from messenger.ui.internal_errors import internal_error
from messenger.ui.prompts import Cancelled, NoLogin

try:
    import termios
except ImportError:  # Windows
    termios = None  # type: ignore[assignment]

_logger = logging.getLogger("messenger.client")

UNUSABLE = 2
"""The exit code if the user has to correct something before the next try."""

_SIGNALS = [
    number
    for name in ("SIGTERM", "SIGHUP")
    if (number := getattr(signal, name, None)) is not None  # Windows has no SIGHUP
]
_ENDING = 5.0  # seconds from a signal to a hard exit: time to store and close
_INTERRUPTED_AGAIN_AFTER = 0.1  # seconds: nobody notices, and mostly the handler runs before
# Disable mouse reports, the alternate screen and bracketed paste; show the cursor (xterm).
_RESET = b"\x1b[?1003l\x1b[?1049l\x1b[?2004l\x1b[?25h\r"


class Terminated(KeyboardInterrupt):
    """A signal ends the program; handlers that let Ctrl+C pass let this pass, too."""

    def __init__(self, number: int) -> None:
        super().__init__(number)
        self.number = number


def guarded(work: Callable[[], int]) -> int:
    """Run a program's work, and return its exit code, whatever it raises.

    Errors, expected or not, become one sentence and exit code 2; a signal ends the work with exit
    code 128 + its number. After that no thread keeps the process alive.
    """
    hold_descriptors()
    terminal = _Terminal()
    before = set(threading.enumerate())
    hook, threading.excepthook = threading.excepthook, _thread_failed
    try:
        with _signals_raise(terminal):
            code, signalled = _result(work)
    finally:
        threading.excepthook = hook
    if signalled or _linger(before):
        _end_within(_ENDING, code, terminal)
    return code


def _result(work: Callable[[], int]) -> tuple[int, bool]:
    """Return the exit code, and whether a signal ended the work."""
    try:
        return work(), False
    except Cancelled:
        complain(_("Not logged in."))
    except (NoLogin, StoreUnusable) as error:
        complain(with_advice(explain(error), error, separator="\n"))
    except Terminated as end:
        return 128 + end.number, True
    except KeyboardInterrupt:
        return 128 + signal.SIGINT, True
    except OSError as error:
        if is_terminal_gone(error):
            return UNUSABLE, False
        _logger.exception("The client ends")
        reason = _(reason_of(error))
        complain(f"{error.filename}: {reason}" if error.filename else reason)
    except Exception as error:
        complain(internal_error(error))
    return UNUSABLE, False


def is_terminal_gone(error: BaseException | None) -> bool:
    """Return whether an error (EIO) means that the terminal was closed; log it then."""
    is_so = isinstance(error, OSError) and error.errno == errno.EIO and error.filename is None
    if is_so:
        _logger.info("The terminal was closed: %s", error)
    return is_so


def _thread_failed(failed: threading.ExceptHookArgs) -> None:
    if failed.exc_value is not None and not is_terminal_gone(failed.exc_value):
        complain(internal_error(failed.exc_value))


# --- ending in time ----------------------------------------------------------------------------


@contextmanager
def _signals_raise(terminal: "_Terminal") -> Iterator[None]:
    """Make terminating signals raise `Terminated` in the main thread."""

    def terminate(number: int, _frame: FrameType | None) -> None:
        signal.signal(number, signal.SIG_IGN)  # A second signal must not interrupt cleaning up.
        _end_within(_ENDING, 128 + number, terminal)
        raise Terminated(number)

    if threading.current_thread() is not threading.main_thread():
        yield
        return
    # A signal that is ignored, as SIGHUP under `nohup`, stays ignored.
    taken = [number for number in _SIGNALS if signal.getsignal(number) is signal.SIG_DFL]
    for number in taken:
        signal.signal(number, terminate)
    try:
        with _signals_interrupt(terminate):
            yield
    finally:
        for number in taken:
            signal.signal(number, signal.SIG_DFL)


@contextmanager
def _signals_interrupt(handler: Callable[..., None]) -> Iterator[None]:
    """Interrupt the main thread's system call until it has run the handler of a signal.

    A signal that arrives just before a blocking `read`, or in another thread, is only noted by
    Python and interrupts no system call: the program would wait for the next key.
    """
    if not hasattr(signal, "pthread_kill"):  # Windows ends a program at once.
        yield
        return
    noted, notes = os.pipe()
    os.set_blocking(notes, False)  # `set_wakeup_fd` requires it.
    before = signal.set_wakeup_fd(notes, warn_on_full_buffer=False)
    main = threading.get_ident()

    def watch() -> None:
        while number := os.read(noted, 1):
            time.sleep(_INTERRUPTED_AGAIN_AFTER)
            while (
                signal.getsignal(number[0]) is handler
            ):  # It replaces itself by SIG_IGN when it runs.
                signal.pthread_kill(main, number[0])
                time.sleep(_INTERRUPTED_AGAIN_AFTER)
        os.close(noted)

    threading.Thread(target=watch, name="signals", daemon=True).start()
    try:
        yield
    finally:
        signal.set_wakeup_fd(before)
        os.close(notes)


def _linger(before: set[threading.Thread]) -> bool:
    """Return whether there are new non-daemon threads, which the interpreter would join."""
    left = [one for one in threading.enumerate() if not one.daemon and one not in before]
    if left:
        _logger.warning("Threads are left: %s", ", ".join(one.name for one in left))
    return bool(left)


def _end_within(seconds: float, code: int, terminal: "_Terminal") -> None:
    """End the process after `seconds` unless it has ended by then."""

    def cut() -> None:
        _logger.warning("The client did not end within %.0f s: killed", seconds)
        terminal.restore()
        # Not `sys.exit`, which ends this thread only.
        os._exit(code)

    timer = threading.Timer(seconds, cut)
    timer.daemon = True
    timer.start()


class _Terminal:
    """The terminal's settings from the start of the program."""

    def __init__(self) -> None:
        self._settings: list[Any] | None = None
        if termios is not None and is_terminal(sys.stdin):
            with suppress(OSError, ValueError, termios.error):
                self._settings = termios.tcgetattr(sys.stdin)

    def restore(self) -> None:
        """Restore the terminal: echo, cursor and normal screen."""
        if termios is None or self._settings is None:
            return
        with suppress(OSError, ValueError, termios.error):
            # At once: TCSADRAIN would wait for output, which a stopped terminal never takes.
            termios.tcsetattr(sys.stdin, termios.TCSANOW, self._settings)
            os.write(sys.stdin.fileno(), _RESET)
