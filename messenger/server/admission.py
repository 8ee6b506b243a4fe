"""Who may come in: counts links that are not logged in yet, in all and from each address."""

import asyncio
from collections.abc import Callable

from messenger.jim.errors import ProtocolError, Stopping
from messenger.server.config import Limits
from messenger.server.session import Session

_LOOPBACK = ("127.", "::1", "::ffff:127.")


class Admission:
    """Lets links in, and calls `too_late` for those that do not log in in time."""

    def __init__(
        self,
        limits: Limits,
        loop: asyncio.AbstractEventLoop,
        too_late: Callable[[Session], None],
    ) -> None:
        self._limits = limits
        self._loop = loop
        self._too_late = too_late
        self._waiting = 0
        self._here: dict[str, int] = {}

    def begin(self, session: Session, links: int) -> ProtocolError | None:
        """Count a link that has to log in; return why it may not come, if so.

        `links` is how many there are, this one among them. Call `end` in any case.
        """
        self._waiting += 1
        here = self._here[session.address] = self._here.get(session.address, 0) + 1
        limits = self._limits
        if links > limits.connections:
            return Stopping("The server is full: come back later", retry_after=60)
        if self._waiting > limits.unauthenticated:
            return Stopping("Too many are logging in: come back later", retry_after=10)
        if here > limits.unauthenticated_per_address and not is_loopback(session.address):
            return Stopping("Too many from your address are logging in", retry_after=10)
        self._set_deadline(session)
        return None

    def begin_again(self, session: Session) -> None:
        """The link has logged out, and may log in anew."""
        self._waiting += 1
        self._here[session.address] = self._here.get(session.address, 0) + 1
        self._set_deadline(session)

    def end(self, session: Session) -> None:
        """The link is logged in, or gone."""
        if session.deadline is not None:
            session.deadline.cancel()
            session.deadline = None
        self._waiting -= 1
        left = self._here.get(session.address, 1) - 1
        if left:
            self._here[session.address] = left
        else:
            self._here.pop(session.address, None)

    def _set_deadline(self, session: Session) -> None:
        session.deadline = self._loop.call_later(
            self._limits.login_timeout, self._too_late, session
        )


def is_loopback(address: str) -> bool:
    """Tell whether an IP address is of this machine."""
    return address.startswith(_LOOPBACK)
