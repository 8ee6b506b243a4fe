"""The only crossing between the windows and the server: requests run in threads of their own."""

import logging
import queue
import threading
from collections.abc import Callable
from contextlib import suppress
from typing import Any, TypeVar

from PyQt6 import sip
from PyQt6.QtCore import QObject, pyqtSignal

from messenger.jim.errors import ProtocolError, Stopping, Unauthorized
from messenger.sdk.administration import Administration
from messenger.sdk.errors import ClientError

_logger = logging.getLogger("messenger.client")

_GOODBYE = 3.0
"""Seconds that the thread has to end what is under way when the window has closed."""

Open = Callable[[], Administration]
"""Connects to the server, and returns its administration."""

_Found = TypeVar("_Found")
_Then = Callable[[Any], object]


class Task:
    """A request on its way; nothing is told of it once it is cancelled, or `owner` is gone."""

    def __init__(
        self, work: Callable[[Administration], Any], then: _Then, failed: _Then, owner: QObject
    ) -> None:
        self.work = work
        self.is_cancelled = False
        self._then = then
        self._failed = failed
        self._owner = owner

    def cancel(self) -> None:
        """Forget it: what is sent is answered, but nobody hears of it."""
        self.is_cancelled = True

    def deliver(self, result: Any, error: Exception | None) -> None:
        """Pass on what came out of it, in the GUI thread."""
        if self.is_cancelled or sip.isdeleted(self._owner):
            return
        if error is not None:
            self._failed(error)
        else:
            self._then(result)


class Requests(QObject):
    """Asks the server in a thread, one request after the other.

    The connection is opened by the first request, and by the next one after it was lost.
    """

    _done = pyqtSignal(object, object, object)

    def __init__(self, open: Open, *, is_local: bool = True, address: str = "") -> None:
        """`is_local` tells that it is the operator who asks, on the server's machine.

        `address` is that of a server far away, with its port unless that is the usual one.
        """
        super().__init__()
        self.is_local = is_local
        self._address = address
        self._open = open
        self._administration: Administration | None = None
        self._tasks: queue.SimpleQueue[Task | None] = queue.SimpleQueue()
        self._under_way: set[Task] = set()
        self._done.connect(self._deliver)
        self._thread = threading.Thread(target=self._run, name="administration", daemon=True)
        self._thread.start()

    @property
    def is_idle(self) -> bool:
        """Whether every answer has been passed on."""
        return not self._under_way

    def address(self, port: int) -> str:
        """Return where the server is far away if it has this port."""
        # Only here: it needs the client library, which is loaded while the window is shown already.
        from messenger.sdk.invitation import parse_server
        from messenger.ui.wording import server_name

        return server_name(parse_server(self._address).address, port)

    def ask(
        self,
        work: Callable[[Administration], _Found],
        then: Callable[[_Found], object],
        *,
        failed: Callable[[Exception], object],
        owner: QObject,
    ) -> Task:
        """Run `work` in the thread; `then` gets its result, or `failed` its error, in this one."""
        task = Task(work, then, failed, owner)
        self._under_way.add(task)
        self._tasks.put(task)
        return task

    def close(self) -> None:
        """End the thread and the connection; what takes some seconds more is left behind."""
        for task in self._under_way:
            task.cancel()
        self._tasks.put(None)
        self._thread.join(_GOODBYE)

    # --- in the thread ---------------------------------------------------------------------------

    def _run(self) -> None:
        while (task := self._tasks.get()) is not None:
            self._done.emit(task, *self._outcome(task))
            del task  # Or this thread would hold on to it, and its page, while it waits.
        self._disconnect()

    def _outcome(self, task: Task) -> tuple[Any, Exception | None]:
        if task.is_cancelled:
            return None, None
        try:
            if self._administration is None:
                self._administration = self._open()
            return task.work(self._administration), None
        except ProtocolError as error:
            # Who is not logged in any more has to connect again.
            if isinstance(error, Stopping | Unauthorized | ClientError):
                self._disconnect()
            return None, error
        except Exception as error:
            self._disconnect()
            return None, error

    def _disconnect(self) -> None:
        if self._administration is not None:
            with suppress(OSError):
                self._administration.close()
        self._administration = None

    # --- in the GUI thread -----------------------------------------------------------------------

    def _deliver(self, task: Task, result: Any, error: Exception | None) -> None:
        self._under_way.discard(task)
        if error is not None and not isinstance(error, ProtocolError | ClientError):
            _logger.error("A request of the window has failed", exc_info=error)
        task.deliver(result, error)
