"""Verbs for the session: come online, log in, presence."""

from messenger.jim.session import Presence, User
from messenger.log import log
from messenger.sdk.credentials import Credentials
from messenger.sdk.events import ConnectionState, StateChanged
from messenger.sdk.verbs.shell import Shell
from messenger.sdk.verbs.verb import verb


class SessionVerbs(Shell):
    """Coming online, and the user's own presence."""

    @verb
    async def wait_until_online(self, timeout: float | None = None) -> bool:
        """Wait until the client is online; False after `timeout` seconds.

        Raises ProtocolError if the server refuses the login.
        """
        state = await self._wait_until(self._outcome, timeout)
        if state is ConnectionState.REFUSED:
            assert self.core.error is not None
            raise self.core.error
        return state is ConnectionState.ONLINE

    @verb
    async def wait_until_sent(self, timeout: float | None = None) -> bool:
        """Wait until the server has answered all messages, and handlers have run.

        Returns False after `timeout` seconds.
        """
        return await self._wait_until(
            lambda: not (self._telling or self._queued or self.store.count_unsent()), timeout
        )

    def log_in(self, credentials: Credentials) -> None:
        """Log in again with other credentials, after the server has refused the old ones."""

        def begin() -> None:
            self.core.credentials = credentials
            self.core.connecting()

        self._at_once(begin)
        # Last: the thread that connects may start at once, and needs the new credentials.
        self._again.set()

    @property
    def connection(self) -> StateChanged:
        """The state of the connection, with its reason and the time of the next attempt."""
        return self.core.connection

    def try_now(self) -> None:
        """End the pause before the next attempt to connect; does nothing at another time."""
        if self.core.state is ConnectionState.OFFLINE:
            self._again.set()

    def set_status(self, status: str, *, away: bool = False) -> None:
        """Set the status that contacts see."""
        presence = self.build_presence(status, away=away)
        self._soon(lambda: self.core.set_presence(presence))

    @log
    def build_presence(self, status: str = "", *, away: bool = False) -> Presence:
        """Return the presence message of this user."""
        user = User(self.core.credentials.name, status=status)
        return Presence(user=user, type="away" if away else "status")

    def _outcome(self) -> ConnectionState | None:
        """Return the result of the attempt to come online; None until there is one."""
        state = self.core.state
        return state if state in (ConnectionState.ONLINE, ConnectionState.REFUSED) else None
