"""Connects the window to a server: the one on this machine, or one far away.

The client library takes half a second to load: it is imported in the thread that connects, while
the window is shown already.
"""

from collections.abc import Callable
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import NamedTuple

from msgspec.structs import astuple

from messenger.admin_window.requests import Open
from messenger.language import own_language
from messenger.sdk.administration import Administration
from messenger.system_errors import reason_of
from messenger.window_login import WindowLogin


class Here(NamedTuple):
    """The server on this machine, by its directory and configuration; None means the usual."""

    data: Path | None = None
    config: Path | None = None

    def open(self) -> Administration:
        """Connect as its operator; where no server runs, its services are started in this process.

        Raises Unreachable.
        """
        from messenger.offline_server import CannotStart, operator_connection, server_settings
        from messenger.sdk.administration import on_socket
        from messenger.sdk.errors import Unreachable

        given = {"data": self.data, "config": self.config}
        try:
            with ExitStack() as stack:
                connected = stack.enter_context(operator_connection(server_settings(given), given))
                ask = on_socket(connected, own_language()).ask
                close: Callable[[], None] = stack.pop_all().close
        except CannotStart as error:
            raise Unreachable(str(error)) from error
        return Administration(ask, close)

    def open_again(self) -> Administration:
        """Connect to the server once more, if it runs; raises Unreachable.

        Where none runs, no services are started: they would keep the server from starting again.
        """
        from messenger.offline_server import server_settings
        from messenger.sdk.administration import at_socket
        from messenger.sdk.errors import Unreachable
        from messenger.unix_sockets import OPERATOR_SOCKET

        data = server_settings({"data": self.data, "config": self.config}).data
        try:
            return at_socket(data / OPERATOR_SOCKET, own_language())
        except OSError as error:
            raise Unreachable(reason_of(error)) from error


class Beside(NamedTuple):
    """The server that has started this process, by the token that it has given to it."""

    login: WindowLogin
    here: Here

    def open(self) -> Administration:
        """Log in; raises ClientError, or the ProtocolError that the server answers.

        A token counts once: if it was too late, or the answer is lost, the socket may be there.
        """
        from messenger.jim.errors import ProtocolError
        from messenger.sdk.administration import by_token
        from messenger.sdk.errors import ClientError, Unreachable

        address, port, fingerprint, token = astuple(self.login)
        try:
            return by_token(address, port, fingerprint, token, own_language())
        except (ClientError, ProtocolError):
            with suppress(Unreachable):
                return self.here.open_again()
            raise


class Away(NamedTuple):
    """A server by its address, and the administrator's account there.

    `fingerprint` is that of the server's key, if its operator has told it.
    """

    address: str
    name: str
    password: str
    fingerprint: str | None = None

    def open(self) -> Administration:
        """Log in over TLS; raises ClientError, or the ProtocolError that the server answers."""
        from messenger.sdk.administration import at_server
        from messenger.sdk.administration.known_servers import KnownServer
        from messenger.sdk.directories import administered_directory
        from messenger.sdk.invitation import parse_server

        where = parse_server(self.address)
        return at_server(
            where.address,
            where.port,
            self.name,
            self.password,
            KnownServer(administered_directory(), where.address, where.port),
            fingerprint=self.fingerprint,
            language=own_language(),
        )

    # A representation may reach a log.
    def __repr__(self) -> str:
        return f"Away({self.address!r}, {self.name!r})"


def continuing(first: Open, again: Open) -> Open:
    """Return what opens connections in one way until one is open, and those after it in another."""
    ways = [first]

    def connect() -> Administration:
        opened = (ways or [again])[0]()
        ways.clear()
        return opened

    return connect
