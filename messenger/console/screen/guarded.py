"""The base of all screens: errors do not end them; signals and a closed terminal do."""

import asyncio
import logging
import os
import signal
import sys
import time
from collections.abc import Callable
from typing import Any, TypeVar

from textual.app import App
from textual.message import Message
from textual.message_pump import MessagePump
from textual.worker import WorkerFailed

from messenger.console.advice import with_advice
from messenger.console.screen import driver, threads
from messenger.console.screen.colours import css_variables
from messenger.console.screen.external import ENDING
from messenger.jim.errors import ProtocolError
from messenger.language import _
from messenger.output import visible
from messenger.sdk.errors import ConnectionLost, NotOnline, StoreUnusable
from messenger.ui.errors import explain

_logger = logging.getLogger("messenger.client")

_T = TypeVar("_T")

_EXPECTED = (ProtocolError, NotOnline, ConnectionLost, StoreUnusable)
"""Errors with a text for the user."""
_MAX_FAILURES = 50
_IN_SECONDS = 10.0
"""More failures within so many seconds end the app: it fails at every redraw, say."""
_LOOK_EVERY = 1.0
_INPUT = 0

driver.mend()


class Guarded(MessagePump):
    """A widget or a screen that goes on after an exception in one of its handlers.

    Textual would end its message loop, and with it the program.
    """

    async def _dispatch_message(self, message: Message) -> None:
        try:
            await super()._dispatch_message(message)
        except Exception as error:
            self.app._handle_exception(error)  # noqa: SLF001  Textual's hook for all errors


class GuardedApp(Guarded, App[_T]):
    """An app that reports errors and goes on; signals and a closed terminal end it.

    `failures` counts unexpected exceptions.
    """

    failures = 0

    def __init__(self) -> None:
        super().__init__()
        self._failed_at: list[float] = []

    def note(self, text: str) -> None:
        """Show a note of the program."""
        raise NotImplementedError

    def watch_for_the_end(self) -> None:
        """Exit at a signal or when the terminal is closed; call it in `on_mount`."""
        if sys.platform != "win32":
            loop = asyncio.get_running_loop()
            for number in (*ENDING, signal.SIGINT):
                # Unlike those of `signal.signal`, these handlers may use the event loop.
                loop.add_signal_handler(number, self.exit)
        if os.isatty(_INPUT):
            self.set_interval(_LOOK_EVERY, self._end_with_the_terminal)

    def get_css_variables(self) -> dict[str, str]:
        """Add the colours of lines and of the input field."""
        return {**super().get_css_variables(), **css_variables(self.theme)}

    def in_thread(self, work: Callable[..., object], *arguments: Any) -> None:
        """Run the work in a daemon thread; report its errors."""
        threads.start(self.guarded(work, *arguments))

    def guarded(self, work: Callable[..., object], *arguments: Any) -> Callable[[], None]:
        """Return a function that runs the work in another thread and reports its errors."""

        def do() -> None:
            try:
                work(*arguments)
            except Exception as error:
                # In the screen's thread: most of Textual is not thread-safe (its guide, "Workers").
                self.call_later(self._handle_exception, error)

        return do

    def action_help_quit(self) -> None:
        """Say how to leave: Textual's action for Ctrl+C, which does not."""
        self.notify(_("Ctrl+Q leaves."), markup=False)

    def _handle_exception(self, error: Exception) -> None:
        """Report an error, and go on; give up after too many, or before the app is mounted."""
        if isinstance(error, WorkerFailed):
            error = error.error  # type: ignore[assignment]  # workers raise exceptions
        if isinstance(error, _EXPECTED):
            self.note(with_advice(visible(explain(error)), error))
            return
        self.failures += 1
        _logger.error("The screen failed", exc_info=error)
        now = time.monotonic()
        self._failed_at = [then for then in self._failed_at if then > now - _IN_SECONDS] + [now]
        if not self._is_mounted or len(self._failed_at) > _MAX_FAILURES:
            super()._handle_exception(error)
            return
        said = _(
            "Something failed ({reason}); details are in the log.", reason=type(error).__name__
        )
        self.note(said)

    def _end_with_the_terminal(self) -> None:
        if driver.is_hung_up(_INPUT):
            self.exit()
