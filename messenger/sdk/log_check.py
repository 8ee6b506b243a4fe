"""Compares every conversation with the server's log once that is another log than before.

A server that was restored from a backup gives numbers again, to other messages. The numbers alone
do not show it: a log may have become as long again as it was.
"""

from collections import deque
from collections.abc import Callable, Collection

import msgspec

from messenger.jim.errors import ServerError, TooMany
from messenger.jim.history import HistoryPage
from messenger.sdk.errors import ConnectionLost
from messenger.sdk.link import Answer
from messenger.sdk.store import Store

_LOG = "log"
_UNCHECKED = "unchecked"


class LogCheck:
    """The conversations that have to be compared, which the database remembers until they are.

    `compare` asks for the log of one; its answer is passed to `compared`. One is compared after
    another, as a server limits requests.
    """

    def __init__(self, store: Store, compare: Callable[[str], None]) -> None:
        self._store = store
        self._compare = compare
        self._unchecked: set[str] = set(msgspec.json.decode(store.get(_UNCHECKED) or "[]"))
        self._queue: deque[str] = deque()
        self._current: str | None = None
        self._pauses = False

    def begin(self, log: str) -> bool:
        """Take the id of the server's log; tell whether it is another one than before."""
        if log == (self._store.get(_LOG) or ""):
            return False
        with self._store.transaction():
            self._unchecked.update(self._store.numbered())
            self._remember()
            self._store.put(_LOG, log)
        return True

    def is_pending(self, conversation: str) -> bool:
        """Whether messages of a conversation have to wait, as it is not compared yet."""
        return conversation in self._unchecked

    def pending(self) -> Collection[str]:
        """Return the conversations that are not compared yet."""
        return frozenset(self._unchecked)

    def add(self, conversation: str) -> None:
        """Compare a conversation that the server lists."""
        if conversation != self._current and conversation not in self._queue:
            self._queue.append(conversation)
            self._next()

    def compared(self, conversation: str, answer: Answer) -> None:
        """Note that a conversation was compared, or why it was not."""
        if conversation == self._current:
            self._current = None
        if isinstance(answer, ConnectionLost):
            return
        if isinstance(answer, TooMany | ServerError):
            self._queue.appendleft(conversation)
            self._pauses = True
            return
        if isinstance(answer, HistoryPage):
            self.drop(conversation)
        else:
            # It would be refused again. What is written there must not wait for ever.
            self._unchecked.discard(conversation)
        self._next()

    def drop(self, conversation: str) -> None:
        """Note that there is nothing to be compared any more."""
        if conversation in self._unchecked:
            self._unchecked.discard(conversation)
            self._remember()

    def tick(self) -> None:
        """Go on after a pause."""
        self._pauses = False
        self._next()

    def stop(self) -> None:
        """The connection is gone."""
        self._queue.clear()
        self._current = None
        self._pauses = False

    def _next(self) -> None:
        if self._current is None and self._queue and not self._pauses:
            self._current = self._queue.popleft()
            self._compare(self._current)

    def _remember(self) -> None:
        names = msgspec.json.encode(sorted(self._unchecked)).decode()
        self._store.put(_UNCHECKED, names if self._unchecked else None)
