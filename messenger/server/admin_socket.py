"""The operator's socket: administration on the server's machine, without an account."""

import asyncio
import logging
from pathlib import Path

from messenger import unix_sockets
from messenger.server.app import Server
from messenger.server.connection import Connection
from messenger.server.pipeline import Pipeline

_logger = logging.getLogger("messenger.server")


class OperatorSocket(Pipeline):
    """Accepts operators at a Unix socket, whose file only the server's own user can open."""

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
