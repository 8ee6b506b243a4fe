"""Why a connection ended, and the pause before the next one."""

import errno
import logging
import socket
import ssl
import time
from collections.abc import Callable, Iterable
from typing import NamedTuple

from messenger.jim.errors import ProtocolError
from messenger.sdk.backoff import Backoff
from messenger.sdk.errors import (
    AnswerTooLarge,
    InternalError,
    NoTls,
    NotMessenger,
    StoreUnusable,
    Unreachable,
)
from messenger.system_errors import reason_of

_logger = logging.getLogger("messenger.client")

# A connection that ends within this time, in seconds, was most likely ended by something done at
# its start, such as a reply over the limit, and so the next one will be; servers and networks fail
# less often.
_LASTS = 60.0


_WITHOUT_NETWORK = (errno.ENETUNREACH, errno.ENETDOWN)


class Failure(NamedTuple):
    """Why a connection ended; a `bug` is an unexpected exception, which is logged."""

    error: Exception
    bug: bool = False


def failure_of(error: Exception) -> Failure:
    """Return why an exception has ended a connection."""
    # Before OSError, of which it is a subclass.
    if isinstance(error, ssl.SSLError):
        return Failure(NoTls(getattr(error, "reason", None) or str(error)))
    if isinstance(error, OSError):
        reason = reason_of(error)
        return Failure(Unreachable(reason, _is_without_network(error)))
    if isinstance(error, StoreUnusable | AnswerTooLarge):
        return Failure(error)
    if isinstance(error, ProtocolError):
        return Failure(NotMessenger(error))
    _logger.error("The connection is closed because of a bug", exc_info=error)
    return Failure(InternalError(type(error).__name__), bug=True)


def _is_without_network(error: OSError) -> bool:
    # The codes of name resolution are numbers of their own, and negative on Linux only.
    if isinstance(error, socket.gaierror):
        return error.errno == socket.EAI_AGAIN
    return error.errno in _WITHOUT_NETWORK


def call_each(calls: Iterable[Callable[[], object]]) -> None:
    """Call each in turn; an exception is logged, and the rest is called nevertheless."""
    for call in calls:
        try:
            call()
        except StoreUnusable as error:
            _logger.warning("%s", error)
        except Exception:
            _logger.exception("A bug in the code for the end of a connection")


class Pauses:
    """The pauses between the connections of one client, each of three growing on its own.

    The ordinary ones start over once a client was online. Those after connections that were online
    and ended within a minute start over once one has lasted longer. Those after a bug never do: the
    next connection may meet it again. `clock` returns seconds.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._good_since: float | None = None
        self._ordinary = Backoff()
        self._short = Backoff()
        self._bugs = Backoff()

    def after(self, failure: Failure, retry_after: float | None) -> float:
        """Return the seconds to wait: at least `retry_after`, if the server has sent it."""
        pause = self._ordinary.pause(retry_after or 0)
        if self._good_since is not None:
            pause = max(pause, self._after_good(self._clock() - self._good_since))
            self._good_since = None
        if failure.bug:
            pause = max(pause, self._bugs.pause())
        log = _logger.warning if retry_after else _logger.info
        log("The connection ended: %s; the next attempt is in %.1f s", failure.error, pause)
        return pause

    def note_good(self) -> None:
        """The client is online. May be called any number of times."""
        if self._good_since is None:
            self._good_since = self._clock()
            self._ordinary.reset()

    def _after_good(self, lasted: float) -> float:
        if lasted >= _LASTS:
            self._short.reset()
        return self._short.pause()
