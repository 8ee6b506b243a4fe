"""The operator's socket: administration on the server's machine, without an account."""

import asyncio
import logging
from collections.abc import Coroutine
from pathlib import Path
from typing import Any

from messenger import unix_sockets
from messenger.jim.base import Reply
from messenger.jim.codec import Incoming
from messenger.jim.errors import Forbidden
from messenger.jim.session import Presence
from messenger.server.actions import TABLE, Answer, Answering
from messenger.server.app import Server
from messenger.server.connection import Connection
from messenger.server.pipeline import Pipeline
from messenger.server.records import Session

_logger = logging.getLogger("messenger.server")


class OperatorSocket(Pipeline):
    """Accepts connections at a Unix socket, whose file only the server's own user can open.

    Their sessions may do what an administrator may, and nothing else.
    """

    def __init__(self, server: Server) -> None:
        super().__init__(server.services, server.background, server.loop)
        self._server = server
        self._acceptor: asyncio.Server | None = None
        self._path: Path | None = None

    async def open(self, directory: Path) -> None:
        """Listen in the server's directory, whose lock the caller holds; a failure is logged."""
        if not unix_sockets.AVAILABLE:
            return
        path = directory / unix_sockets.OPERATOR_SOCKET
        try:
            listening = unix_sockets.listen(path)
        except OSError as error:
            # The server is of use without it: administrators connect by TLS.
            _logger.error("There is no socket for administration on this machine: %s", error)
            return
        self._path = path
        self._acceptor = await self.loop.create_unix_server(self.new_connection, sock=listening)

    def close(self) -> None:
        """Accept no more connections, and remove the socket's file."""
        if self._acceptor is not None:
            self._acceptor.close()
        if self._path is not None:
            try:
                unix_sockets.remove(self._path)
            except OSError as error:
                _logger.warning("The socket %s cannot be removed: %s", self._path, error)

    def new_connection(self) -> Connection:
        """Return the protocol of a connection that has been accepted."""
        return self._server.new_connection(self)

    def take(self, session: Session) -> None:
        """Have a session at the server's port become an operator's, as if it were at the socket."""
        self.services.sessions.make_operator(session)
        session.connection.application = self

    # --- the callbacks of a connection -----------------------------------------------------------

    def connected(self, connection: Connection) -> None:
        """Begin a session of the operator."""
        self.services.sessions.begin_operator(connection)

    def begins(self, connection: Connection, data: bytes) -> bool:  # noqa: ARG002  the interface
        """Take the first bytes: there is no TLS within a machine."""
        return True

    def drained(self, connection: Connection) -> None:
        """Nothing was held back: no message is delivered here."""

    def disconnected(self, connection: Connection) -> None:
        """End the session."""
        self.services.sessions.forget(connection.session)

    # --- requests --------------------------------------------------------------------------------

    def build_answer(self, session: Session, request: Incoming, frame: bytes = b"") -> Answering:
        """Call the handler of an administrative request; raises Forbidden for any other.

        A greeting logs nobody in: it only says in which language errors are to be.
        """
        if isinstance(request, Presence):
            session.language = request.lang
            return Reply(200)
        if TABLE[type(request)].role is None:
            raise Forbidden("Only administrative requests are accepted here")
        return super().build_answer(session, request, frame)

    async def _unless_gone(
        self,
        session: Session,  # noqa: ARG002  as in any pipeline
        request: Incoming,  # noqa: ARG002  as in any pipeline
        answer: Coroutine[Any, Any, Answer],
    ) -> Reply | None:
        """Run the handler: nobody can log an operator out."""
        return await answer
