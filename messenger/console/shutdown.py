"""How a client ends: with a sentence and an exit code, at once after a signal, whatever hangs."""

import errno
import logging
import os
import signal
import sys
import threading
import time
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from types import FrameType
from typing import Any

from messenger.console.advice import with_advice
from messenger.console.streams import complain, hold_descriptors, is_terminal
from messenger.language import _
from messenger.sdk.errors import StoreUnusable
from messenger.ui.prompts import Cancelled, NoLogin

try:
    import termios
except ImportError:  # Windows
    termios = None  # type: ignore[assignment]

_logger = logging.getLogger("messenger.client")

UNUSABLE = 2
"""The exit code where something has to be corrected before the next try."""

_SIGNALS = [
    number
    for name in ("SIGTERM", "SIGHUP")
    if (number := getattr(signal, name, None)) is not None  # Windows has no SIGHUP
]
_ENDING = 5.0
_INTERRUPTED_AGAIN_AFTER = 0.1  # seconds: nobody notices, and a handler is called before
# No mouse, the first screen, no bracketed paste, the cursor.
_RESET = b"\x1b[?1003l\x1b[?1049l\x1b[?2004l\x1b[?25h\r"


class Terminated(KeyboardInterrupt):
    """A signal ends the program; it passes everything that lets Ctrl+C pass."""

    def __init__(self, number: int) -> None:
        super().__init__(number)
        self.number = number


def guarded(work: Callable[[], int]) -> int:
    """Do what a program does, and return its exit code, however that goes.

    What the user can correct, and what nobody foresaw, is one sentence and exit code 2; a signal
    ends the work and gives 128 and its number. Nothing keeps the process alive after that.
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
    """Return the exit code, and whether a signal was the reason."""
    try:
        return work(), False
    except Cancelled:
        complain(_("Not logged in."))
    except (NoLogin, StoreUnusable) as error:
        complain(with_advice(str(error), error, separator="\n"))
    except Terminated as end:
        return 128 + end.number, True
    except KeyboardInterrupt:
        return 128 + signal.SIGINT, True
    except OSError as error:
        if is_terminal_gone(error):
            return UNUSABLE, False
        _logger.exception("The client ends")
        reason = error.strerror or error
        complain(f"{error.filename}: {reason}" if error.filename else str(reason))
    except Exception as error:
        complain(internal_error(error))
    return UNUSABLE, False


def internal_error(error: BaseException) -> str:
    """Log what nobody foresaw, with its traceback; return what the user is told of it."""
    _logger.error("Internal error", exc_info=error)
    file = next(
        (found.baseFilename for found in _logger.handlers if hasattr(found, "baseFilename")), None
    )
    kind = type(error).__name__
    if file is not None:
        return _("Internal error ({kind}); details are in {file}", kind=kind, file=file)
    frames = traceback.extract_tb(error.__traceback__)
    where = f"{frames[-1].filename}:{frames[-1].lineno}" if frames else ""
    return _("Internal error ({kind}: {error}) at {where}", kind=kind, error=error, where=where)


def is_terminal_gone(error: BaseException | None) -> bool:
    """Tell whether an error means that the terminal was closed; it is logged then."""
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
    """Let signals that end a program raise `Terminated`, wherever the main thread is."""

    def terminate(number: int, _frame: FrameType | None) -> None:
        signal.signal(number, signal.SIG_IGN)  # One is enough: the end is not to be disturbed.
        _end_within(_ENDING, 128 + number, terminal)
        raise Terminated(number)

    if threading.current_thread() is not threading.main_thread():
        yield
        return
    # One that is ignored, as under `nohup`, stays so.
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
    """Interrupt what the main thread waits in until it has called the handler of a signal.

    One that comes between a prompt and the `read` behind it, or to another thread, is noted by
    Python but interrupts no system call: the program would wait for the next key.
    """
    if not hasattr(signal, "pthread_kill"):  # Windows ends a program at once.
        yield
        return
    noted, notes = os.pipe()
    os.set_blocking(notes, False)  # as `set_wakeup_fd` wants it
    before = signal.set_wakeup_fd(notes, warn_on_full_buffer=False)
    main = threading.get_ident()

    def watch() -> None:
        while number := os.read(noted, 1):
            time.sleep(_INTERRUPTED_AGAIN_AFTER)
            while signal.getsignal(number[0]) is handler:  # It takes itself out.
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
    """Tell whether there are new threads that the interpreter would wait for."""
    left = [one for one in threading.enumerate() if not one.daemon and one not in before]
    if left:
        _logger.warning("Threads are left: %s", ", ".join(one.name for one in left))
    return bool(left)


def _end_within(seconds: float, code: int, terminal: "_Terminal") -> None:
    """End the process then, unless it has ended by itself."""

    def cut() -> None:
        _logger.warning("Not ended after %.0f s: cut off", seconds)
        terminal.restore()
        os._exit(code)

    timer = threading.Timer(seconds, cut)
    timer.daemon = True
    timer.start()


class _Terminal:
    """The terminal as it was when the program began."""

    def __init__(self) -> None:
        self._settings: list[Any] | None = None
        if termios is not None and is_terminal(sys.stdin):
            with suppress(OSError, ValueError, termios.error):
                self._settings = termios.tcgetattr(sys.stdin)

    def restore(self) -> None:
        """Bring the terminal back: it echoes, shows its cursor and its first screen."""
        if termios is None or self._settings is None:
            return
        with suppress(OSError, ValueError, termios.error):
            termios.tcsetattr(sys.stdin, termios.TCSANOW, self._settings)
            os.write(sys.stdin.fileno(), _RESET)
