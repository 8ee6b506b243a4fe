"""Background tasks of the event loop, which nobody awaits."""

import asyncio
import logging
from collections.abc import Coroutine
from typing import Any

from messenger.jim.errors import ServerError

_logger = logging.getLogger("messenger.server")


class Background:
    """Holds tasks until they are done: the event loop itself keeps only weak references to them."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._tasks: set[asyncio.Task[None]] = set()

    def spawn(self, work: Coroutine[Any, Any, None]) -> None:
        """Run a coroutine as a task; a failure is logged, an unexpected one with its traceback."""
        task = self._loop.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._done)

    def _done(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        error = None if task.cancelled() else task.exception()
        if isinstance(error, ServerError):
            _logger.warning("A change was not stored: %s", error)
        elif error is not None:
            _logger.error("A background task failed", exc_info=error)
