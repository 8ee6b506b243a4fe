"""Stores what one read from a connection brings: all of it, or nothing."""

from collections.abc import Callable
from functools import partial
from typing import Any

from messenger.jim.errors import ProtocolError
from messenger.sdk.errors import ConnectionLost
from messenger.sdk.events import CoreEvent
from messenger.sdk.failures import call_each
from messenger.sdk.link import Link
from messenger.sdk.store import Store

_Call = Callable[[Any], None]


class Reading:
    """Commits at once what a read brings, as a commit costs more than ten messages.

    If that fails, nobody hears of it: neither the user, who gets no `events`, and whose requests
    fail then, nor, by a receipt, the server.
    """

    def __init__(self, store: Store, events: list[CoreEvent]) -> None:
        self._store = store
        self._events = events
        self._withheld: list[tuple[_Call, Any, Any]] = []
        self._is_storing = False

    def until_stored(self, call: _Call, failure: object = None) -> _Call:
        """Wrap a callback of the user: it gets its answer once what that changes is stored.

        Otherwise the user would be told that something is done which the database then forgets. If
        it cannot be stored, the callback gets `failure`, by default that the connection is lost.
        """
        lost = ConnectionLost() if failure is None else failure

        def answered(answer: object) -> None:
            if self._is_storing:
                self._withheld.append((call, answer, lost))
            else:
                call(answer)

        return answered

    def receive(self, link: Link, data: bytes) -> None:
        """Process received bytes; raises ProtocolError if the peer does not speak JIM."""
        told = len(self._events)
        broken: ProtocolError | None = None
        self._is_storing = True
        try:
            with self._store.batch():
                try:
                    link.receive(data)
                except ProtocolError as error:  # What came before it counts.
                    broken = error
        except BaseException:
            del self._events[told:]
            link.discard()
            self._answer(is_stored=False)
            raise
        self._answer(is_stored=True)
        if broken is not None:
            raise broken

    def _answer(self, *, is_stored: bool) -> None:
        withheld, self._withheld, self._is_storing = self._withheld, [], False
        call_each(
            partial(call, answer if is_stored else failure) for call, answer, failure in withheld
        )
