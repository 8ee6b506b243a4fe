"""Connects to a server to administer it: on this machine, or far away."""

import socket
from collections.abc import Callable
from pathlib import Path

from messenger import unix_sockets
from messenger.jim.errors import ProtocolError
from messenger.sdk.administration.administration import Administration
from messenger.sdk.administration.channel import Channel
from messenger.sdk.administration.login import greet, log_in, use_token
from messenger.sdk.connecting import Connecting
from messenger.sdk.failures import failure_of
from messenger.sdk.server_identity import SERVER_KEY, ServerIdentity, Values
from messenger.sdk.tls_socket import TlsSocket

_TIMEOUT = 10.0  # seconds to connect to a program on the same machine, which may be busy


def at_socket(path: Path, language: str = "en") -> Administration:
    """Return the administration at the operator's socket of a server on this machine.

    The server writes its errors in `language` (BCP 47). Raises OSError if no server listens there.
    """
    return on_socket(unix_sockets.connect(path, _TIMEOUT), language)


def on_socket(connected: socket.socket, language: str = "en") -> Administration:
    """Return the administration by a socket that is connected to an operator's socket."""
    return _administration(connected, lambda channel: greet(channel, language))


def at_server(
    address: str,
    port: int,
    name: str,
    password: str,
    known: Values,
    *,
    fingerprint: str | None = None,
    language: str = "en",
) -> Administration:
    """Return the administration of a server by an account, always over TLS.

    `known` stores the fingerprint of the server's key: the first one seen is trusted, and one that
    is given here must be the server's. Raises ServerChanged, or another ProtocolError with which
    the server refuses the login, and ClientError if the server cannot be reached.
    """
    connection = _connect(address, port, ServerIdentity(known, address, "tls", fingerprint))
    return _administration(
        connection,
        lambda channel: log_in(channel, name, password, connection.certificate, language),
    )


def by_token(
    address: str, port: int, fingerprint: str, token: str, language: str = "en"
) -> Administration:
    """Return the administration by the token that a server has given to the window beside it.

    It is the operator's, as at the socket. Raises ServerChanged, Forbidden if the token was used or
    is too old, and ClientError if the server cannot be reached.
    """
    known = _Known({SERVER_KEY: fingerprint})
    connection = _connect(address, port, ServerIdentity(known, address, "tls"))
    return _administration(connection, lambda channel: use_token(channel, token, language))


def _administration(
    connected: socket.socket | TlsSocket, enter: Callable[[Channel], None]
) -> Administration:
    channel = Channel(connected)
    try:
        enter(channel)
    except BaseException:
        channel.close()
        raise
    return Administration(channel.ask, channel.close)


def _connect(address: str, port: int, trust: ServerIdentity) -> TlsSocket:
    try:
        return _Once(address, port, trust).open()
    except ProtocolError:
        raise
    except OSError as error:
        raise failure_of(error).error from error


class _Known(dict[str, str]):
    """What is known of a server while a connection to it is made."""

    def put(self, name: str, value: str | None) -> None:
        """Know nothing else: nobody is asked."""


class _Once(Connecting):
    """Connects once."""

    def open(self) -> TlsSocket:
        """Return a connection to the right server; raises ServerChanged and OSError."""
        connection = self._connect()
        assert isinstance(connection, TlsSocket)  # as `encryption` is "tls"
        return connection
