"""Limits of connections: how many in all, and how many and for how long without a login."""

import time
from collections import Counter

from messenger.jim.errors import LoginTimeout, ProtocolError, Stopping
from messenger.server.limits import Limits
from messenger.server.records import Session

_LOOPBACK = ("127.", "::1", "::ffff:127.")


class ConnectionLimits:
    """Counts the connections that have to log in, in all and from each address."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._waiting: dict[Session, float] = {}
        self._here: Counter[str] = Counter()

    def add(self, session: Session, count: int) -> ProtocolError | None:
        """Take a connection that has to log in; return why it may not come, if so.

        `count` is how many there are, this one among them. Call `remove` in any case.
        """
        self.logged_out(session)
        limits = self._limits
        if count > limits.connections:
            return Stopping("The server is full: come back later", retry_after=60)
        if len(self._waiting) > limits.unauthenticated:
            return Stopping("Too many are logging in: come back later", retry_after=10)
        here = self._here[session.origin]
        if here > limits.unauthenticated_per_address and not is_loopback(session.address):
            return Stopping("Too many from your address are logging in", retry_after=10)
        return None

    def logged_out(self, session: Session) -> None:
        """The connection has logged out, and may log in anew."""
        self._waiting[session] = time.monotonic()
        self._here[session.origin] += 1

    def remove(self, session: Session) -> None:
        """The connection is logged in, or gone."""
        if self._waiting.pop(session, None) is None:
            return
        self._here[session.origin] -= 1
        if not self._here[session.origin]:
            del self._here[session.origin]

    def too_late(self) -> tuple[list[Session], ProtocolError]:
        """Return the connections that did not log in in time, and the error for them."""
        seconds = self._limits.login_timeout
        begun_before = time.monotonic() - seconds
        late = []
        # The oldest come first.
        for session, begun in self._waiting.items():
            if begun > begun_before:
                break
            late.append(session)
        return late, LoginTimeout("No login within {seconds:g} seconds", seconds=seconds)


def is_loopback(address: str) -> bool:
    """Tell whether an IP address is of this machine."""
    return address.startswith(_LOOPBACK)
