"""The only crossing between the client's threads and the GUI thread.

The GUI thread calls no verb of the client and no query of its store: all of them take locks that
other threads hold for up to seconds. It passes functions to `Bridge`, which calls them in threads
of its own, and gets the results, and the client's events, by queued signals.
"""

import logging
import queue
import threading
import time
from collections import deque
from collections.abc import Callable
from typing import Any, TypeVar

from PyQt6 import sip
from PyQt6.QtCore import QObject, QTimer, pyqtSignal

from messenger.jim.errors import ProtocolError
from messenger.sdk.cancelling import Cancellation
from messenger.sdk.client import Client
from messenger.sdk.errors import Cancelled
from messenger.ui.errors import explain

_logger = logging.getLogger("messenger.client")

_GATHERED = 33
"""Milliseconds for which events are gathered: two frames, so that a storm is one signal each."""
_AT_ONCE = 120
"""Events of one turn of the event loop: as many take 3 to 6 ms to show (measured)."""
_GOODBYE = 3.0
"""Seconds that threads have to end what is under way when the window has closed."""

_READERS, _REQUESTERS = 2, 4
"""Threads: queries seldom take long, while requests wait for a server."""

_Found = TypeVar("_Found")
_Then = Callable[[Any], object]


class Task:
    """A function on its way through a thread; nothing is told of it once it is cancelled."""

    def __init__(
        self, work: Callable[[Client], Any], then: _Then | None, failed: _Then, owner: QObject
    ) -> None:
        self.work = work
        self.cancellation = Cancellation()
        self.is_cancelled = False
        self._then = then
        self._failed = failed
        self._owner = owner

    def cancel(self) -> None:
        """Cancel it: a query is interrupted, a verb stops waiting."""
        self.is_cancelled = True
        # In a thread: it may have to wait for a lock of the client.
        threading.Thread(target=self.cancellation.cancel, name="cancelling", daemon=True).start()

    def deliver(self, result: Any, error: Exception | None) -> None:
        """Pass on what came out of it, in the GUI thread."""
        # The window or dialog that asked may be gone meanwhile.
        if self.is_cancelled or isinstance(error, Cancelled) or sip.isdeleted(self._owner):
            return
        if error is not None:
            self._failed(error)
        elif self._then is not None:
            self._then(result)


class Lane:
    """Threads that run tasks in the order in which they come; with one thread also one by one."""

    def __init__(
        self, name: str, count: int, client: Client, done: Callable[[Task, Any, Any], None]
    ) -> None:
        self._tasks: queue.SimpleQueue[Task | None] = queue.SimpleQueue()
        self._client = client
        self._done = done
        self._threads = [
            threading.Thread(target=self._run, name=f"{name}-{number}", daemon=True)
            for number in range(count)
        ]
        for thread in self._threads:
            thread.start()

    def put(self, task: Task) -> None:
        """Run a task."""
        self._tasks.put(task)

    def close(self) -> None:
        """End the threads after what has been put; returns at once."""
        for _thread in self._threads:
            self._tasks.put(None)

    def join(self, deadline: float) -> None:
        """Wait for the threads until then (monotonic); daemons that take longer are left behind."""
        for thread in self._threads:
            thread.join(max(0.0, deadline - time.monotonic()))

    def _run(self) -> None:
        while (task := self._tasks.get()) is not None:
            # Also if it is cancelled: the bridge keeps it until then.
            self._done(task, *self._outcome(task))
            del task  # Or this thread would hold on to it, and its window, while it waits.

    def _outcome(self, task: Task) -> tuple[Any, Exception | None]:
        if task.is_cancelled:
            return None, None
        try:
            with task.cancellation:
                return task.work(self._client), None
        except Exception as error:
            return None, error


class Bridge(QObject):
    """Calls functions of the client outside of the GUI thread, and brings its events there.

    Signals: `happened`, a list of the client's events; `failed`, the sentence for an error that
    nobody else has handled.
    """

    happened = pyqtSignal(list)
    failed = pyqtSignal(str)
    _done = pyqtSignal(object, object, object)
    _arrived = pyqtSignal()
    _posted = pyqtSignal(object)

    def __init__(self, client: Client) -> None:
        super().__init__()
        self.client = client
        self.me = client.core.credentials.name
        self._events: deque[Any] = deque()
        self._is_told = False
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self._tell)
        self._done.connect(self._deliver)
        self._arrived.connect(self._gather)
        self._posted.connect(self._do)
        self._reading = Lane("reading", _READERS, client, self._done.emit)
        self._writing = Lane("writing", 1, client, self._done.emit)
        self._requesting = Lane("requesting", _REQUESTERS, client, self._done.emit)
        self._tasks: set[Task] = set()
        # In order: whatever is written from now on, such as the client's start, comes after it.
        self.write(lambda client: client.on_batch(self._take), owner=self)

    def read(
        self,
        work: Callable[[Client], _Found],
        then: Callable[[_Found], object] | None = None,
        *,
        owner: QObject,
        failed: Callable[[Exception], object] | None = None,
    ) -> Task:
        """Query the local database; `then` gets the result, in the GUI thread.

        Neither `then` nor `failed` is called once `owner` is gone or the task is cancelled. Without
        `failed` an error is told by the signal of that name.
        """
        return self._put(self._reading, work, then, owner, failed)

    def write(
        self,
        work: Callable[[Client], _Found],
        then: Callable[[_Found], object] | None = None,
        *,
        owner: QObject,
        failed: Callable[[Exception], object] | None = None,
    ) -> Task:
        """Do what needs no answer of the server, in the order of the calls; like `read` else."""
        return self._put(self._writing, work, then, owner, failed)

    def request(
        self,
        work: Callable[[Client], _Found],
        then: Callable[[_Found], object] | None = None,
        *,
        owner: QObject,
        failed: Callable[[Exception], object] | None = None,
    ) -> Task:
        """Do what waits for the server; like `read` else."""
        return self._put(self._requesting, work, then, owner, failed)

    def post(self, do: Callable[[], object]) -> None:
        """Do something in the GUI thread, soon; may be called from any thread."""
        self._posted.emit(do)

    def close(self) -> None:
        """Cancel what waits for the server, finish what is being written, and end the threads."""
        for task in list(self._tasks):
            task.cancel()
        lanes = (self._writing, self._requesting, self._reading)
        for lane in lanes:
            lane.close()
        # First what is written: all of them together have the time that one of them may take.
        deadline = time.monotonic() + _GOODBYE
        for lane in lanes:
            lane.join(deadline)

    def _put(
        self,
        lane: Lane,
        work: Callable[[Client], Any],
        then: _Then | None,
        owner: QObject,
        failed: _Then | None,
    ) -> Task:
        task = Task(work, then, failed or self._tell_failure, owner)
        if lane is not self._writing:  # What is written is never given up.
            self._tasks.add(task)
        lane.put(task)
        return task

    def _deliver(self, task: Task, result: Any, error: Exception | None) -> None:
        self._tasks.discard(task)
        if error is not None and not isinstance(error, ProtocolError | Cancelled):
            _logger.info("A task of the window has failed: %r", error)
        task.deliver(result, error)

    def _do(self, do: Callable[[], object]) -> None:
        do()

    def _tell_failure(self, error: Exception) -> None:
        self.failed.emit(explain(error))

    # --- events ----------------------------------------------------------------------------------

    def _take(self, events: list[Any]) -> None:
        """Take events, in one of the client's threads."""
        self._events.extend(events)
        if not self._is_told:
            # The signal is queued once until the GUI thread has looked: a storm does not fill the
            # event loop's queue.
            self._is_told = True
            self._arrived.emit()

    def _gather(self) -> None:
        if not self._timer.isActive():
            self._timer.start(_GATHERED)  # Qt keeps the interval of the last start.

    def _tell(self) -> None:
        self._is_told = False  # First: events that come from now on signal again.
        batch: list[Any] = []
        while self._events and len(batch) < _AT_ONCE:
            batch.append(self._events.popleft())
        if self._events:
            self._timer.start(0 if len(self._events) < _AT_ONCE else _GATHERED // 4)
        if batch:
            self.happened.emit(batch)
