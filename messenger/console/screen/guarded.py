"""What all screens have in common: nothing that fails ends them, and what has to does."""

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

_logger = logging.getLogger("messenger.client")

_T = TypeVar("_T")

_EXPECTED = (ProtocolError, NotOnline, ConnectionLost, StoreUnusable)
"""Errors with a text for the user."""
_MAX_FAILURES = 50
_IN_SECONDS = 10.0
_LOOK_EVERY = 1.0
_INPUT = 0

driver.mend()


class Guarded(MessagePump):
    """A widget or a screen that goes on after one of its handlers has failed.

    Textual ends the loop of what has failed, and with it the program.
    """

    async def _dispatch_message(self, message: Message) -> None:
        try:
            await super()._dispatch_message(message)
        except Exception as error:
            self.app._handle_exception(error)  # noqa: SLF001  where Textual takes all of them


class GuardedApp(Guarded, App[_T]):
    """An app that says what fails, and goes on; signals and the terminal's end do end it.

    `failures` counts what failed without being foreseen.
    """

    failures = 0

    def __init__(self) -> None:
        super().__init__()
        self._failed_at: list[float] = []

    def note(self, text: str) -> None:
        """Show a line of the program's own."""
        raise NotImplementedError

    def watch_for_the_end(self) -> None:
        """End when the system or the terminal wants it; for `on_mount`."""
        if sys.platform != "win32":
            loop = asyncio.get_running_loop()
            for number in (*ENDING, signal.SIGINT):
                loop.add_signal_handler(number, self.exit)
        if os.isatty(_INPUT):
            self.set_interval(_LOOK_EVERY, self._end_with_the_terminal)

    def get_css_variables(self) -> dict[str, str]:
        """Add the colours of lines and of where one writes."""
        return {**super().get_css_variables(), **css_variables(self.theme)}

    def in_thread(self, work: Callable[..., object], *arguments: Any) -> None:
        """Do the work in a thread that the end does not wait for; say what fails in it."""
        threads.start(self.guarded(work, *arguments))

    def guarded(self, work: Callable[..., object], *arguments: Any) -> Callable[[], None]:
        """Return what does the work, in another thread, and says what fails in it."""

        def do() -> None:
            try:
                work(*arguments)
            except Exception as error:
                self.call_later(self._handle_exception, error)

        return do

    def action_help_quit(self) -> None:
        """Say how one leaves: Ctrl+C does not."""
        self.notify(_("Ctrl+Q leaves."), markup=False)

    def _handle_exception(self, error: Exception) -> None:
        """Say what has failed, and go on; give up where it never ends, or before it has begun."""
        if isinstance(error, WorkerFailed):
            error = error.error  # type: ignore[assignment]  # workers raise exceptions
        if isinstance(error, _EXPECTED):
            self.note(with_advice(visible(str(error)), error))
            return
        self.failures += 1
        _logger.error("The screen failed", exc_info=error)
        now = time.monotonic()
        self._failed_at = [then for then in self._failed_at if then > now - _IN_SECONDS] + [now]
        if not self._is_mounted or len(self._failed_at) > _MAX_FAILURES:
            super()._handle_exception(error)
            return
        said = _("Something failed ({reason}); the log has more.", reason=type(error).__name__)
        self.note(said)

    def _end_with_the_terminal(self) -> None:
        if driver.is_hung_up(_INPUT):
            self.exit()
