"""Connects to a server to administer it: on this machine, or far away."""

import socket
from pathlib import Path

from messenger import unix_sockets
from messenger.jim.errors import ProtocolError
from messenger.sdk.administration.administration import Administration
from messenger.sdk.administration.channel import Channel
from messenger.sdk.administration.login import greet, log_in
from messenger.sdk.connecting import Connecting
from messenger.sdk.failures import failure_of
from messenger.sdk.server_identity import ServerIdentity, Values
from messenger.sdk.tls_socket import TlsSocket

_TIMEOUT = 10.0  # seconds to connect to a program on the same machine, which may be busy


def at_socket(path: Path, language: str = "en") -> Administration:
    """Return the administration at the operator's socket of a server on this machine.

    The server writes its errors in `language` (BCP 47). Raises OSError if no server listens there.
    """
    return on_socket(unix_sockets.connect(path, _TIMEOUT), language)


def on_socket(connected: socket.socket, language: str = "en") -> Administration:
    """Return the administration by a socket that is connected to an operator's socket."""
    channel = Channel(connected)
    try:
        greet(channel, language)
    except BaseException:
        channel.close()
        raise
    return Administration(channel.ask, channel.close)


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
    connecting = _Once(address, port, ServerIdentity(known, address, "tls", fingerprint))
    try:
        connection = connecting.open()
    except ProtocolError:
        raise
    except OSError as error:
        raise failure_of(error).error from error
    channel = Channel(connection)
    try:
        log_in(channel, name, password, connection.certificate, language)
    except BaseException:
        channel.close()
        raise
    return Administration(channel.ask, channel.close)


class _Once(Connecting):
    """Connects once."""

    def open(self) -> TlsSocket:
        """Return a connection to the right server; raises ServerChanged and OSError."""
        connection = self._connect()
        assert isinstance(connection, TlsSocket)  # as `encryption` is "tls"
        return connection
