"""Limits on connections: how many in all, and how many and for how long without a login."""

import time
from collections import Counter

from messenger.jim.errors import LoginTimeout, ProtocolError, Stopping
from messenger.server.limits import Limits
from messenger.server.records import Session

# The last one: an IPv4 address on a socket of IPv6 (RFC 4291, 2.5.5.2).
_LOOPBACK = ("127.", "::1", "::ffff:127.")


class ConnectionLimits:
    """Counts the connections that are not logged in, in all and per address."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._waiting: dict[Session, float] = {}
        self._per_origin: Counter[str] = Counter()

    def add(self, session: Session, count: int) -> ProtocolError | None:
        """Count a connection that has to log in; return the error if it must be refused.

        `count` is the number of connections, this one included. Call `remove` in either case.
        """
        self.logged_out(session)
        limits = self._limits
        if count > limits.connections:
            return Stopping("The server is full: try again later", retry_after=60)
        if len(self._waiting) > limits.unauthenticated:
            return Stopping("Too many clients are logging in: try again later", retry_after=10)
        from_origin = self._per_origin[session.origin]
        if from_origin > limits.unauthenticated_per_address and not is_loopback(session.address):
            return Stopping("Too many clients from your address are logging in", retry_after=10)
        return None

    def logged_out(self, session: Session) -> None:
        """The connection has logged out, and may log in again."""
        self._waiting[session] = time.monotonic()
        self._per_origin[session.origin] += 1

    def remove(self, session: Session) -> None:
        """The connection is logged in, or closed."""
        if self._waiting.pop(session, None) is None:
            return
        self._per_origin[session.origin] -= 1
        if not self._per_origin[session.origin]:
            del self._per_origin[session.origin]

    def too_late(self) -> tuple[list[Session], ProtocolError]:
        """Return the connections that did not log in in time, and the error for them."""
        seconds = self._limits.login_timeout
        begun_before = time.monotonic() - seconds
        late = []
        # A dict keeps the order of insertion: the oldest first.
        for session, begun in self._waiting.items():
            if begun > begun_before:
                break
            late.append(session)
        return late, LoginTimeout("No login within {seconds:g} seconds", seconds=seconds)


def is_loopback(address: str) -> bool:
    """Tell whether an IP address is a loopback address."""
    return address.startswith(_LOOPBACK)
