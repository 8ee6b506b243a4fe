"""Why a link ended, in a sentence for the user, and how long to wait before the next one."""

import logging
import ssl
import time
from collections.abc import Callable, Iterable
from typing import NamedTuple

from messenger.jim.errors import ProtocolError
from messenger.language import _
from messenger.sdk.backoff import Backoff
from messenger.sdk.errors import AnswerTooLarge, NoTls, StoreUnusable

_logger = logging.getLogger("messenger.client")

# A link that ends within this time, in seconds, has most likely ended by what was done at its
# beginning, and the next one ends by it, too; servers and networks fail less often.
_LASTS = 60.0


class Failure(NamedTuple):
    """Why a link ended; a `bug` is an error that nobody has thought of, and is logged.

    `error` is for whoever can say more of it than the reason.
    """

    reason: str
    bug: bool = False
    error: ProtocolError | None = None


def failure_of(error: Exception) -> Failure:
    """Return what an exception that has ended a link means for the user."""
    if isinstance(error, ssl.SSLError):
        reason = getattr(error, "reason", None) or error
        error = NoTls(_("The server does not support TLS ({reason})", reason=reason))
        return Failure(str(error), error=error)
    if isinstance(error, OSError):
        reason = error.strerror or str(error) or type(error).__name__
        return Failure(_("The server cannot be reached: {reason}", reason=reason))
    if isinstance(error, StoreUnusable | AnswerTooLarge):
        return Failure(str(error))
    if isinstance(error, ProtocolError):
        return Failure(_("This is not a Messenger server: {reason}", reason=error))
    _logger.error("The connection ends because of a bug", exc_info=error)
    return Failure(_("Internal error ({name}): the log has more", name=type(error).__name__), True)


def call_each(calls: Iterable[Callable[[], object]]) -> None:
    """Call one after the other; what one of them raises is logged, and the others are called."""
    for call in calls:
        try:
            call()
        except StoreUnusable as error:
            _logger.warning("%s", error)
        except Exception:
            _logger.exception("A bug in what is done at the end of a connection")


class Pauses:
    """The pauses between the links of one client.

    They begin anew once a link was good; those after good links that have ended soon once one has
    lasted. Those after a bug never do: the next good link may meet it again. `clock` gives seconds.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._good_since: float | None = None
        self._links = Backoff()
        self._short = Backoff()
        self._bugs = Backoff()

    def after(self, failure: Failure, retry_after: float | None) -> float:
        """Return the seconds to wait; at least as long as the server has asked for, if it has."""
        pause = self._links.pause(retry_after or 0)
        if self._good_since is not None:
            pause = max(pause, self._after_good(self._clock() - self._good_since))
            self._good_since = None
        if failure.bug:
            pause = max(pause, self._bugs.pause())
        log = _logger.warning if retry_after else _logger.info
        log("The connection ended: %s; the next one is tried in %.1f s", failure.reason, pause)
        return pause

    def note_good(self) -> None:
        """The link is good; call it as often as you like."""
        if self._good_since is None:
            self._good_since = self._clock()
            self._links.reset()

    def _after_good(self, lasted: float) -> float:
        if lasted >= _LASTS:
            self._short.reset()
        return self._short.pause()
