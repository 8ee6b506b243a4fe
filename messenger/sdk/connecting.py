"""How a client that blocks connects: to the right server, and so that it can be ended meanwhile."""

import socket
import threading
from typing import Any

from messenger.language import _
from messenger.sdk.address import check_address, resolvable
from messenger.sdk.server_identity import Check, ServerIdentity
from messenger.sdk.tls_socket import TlsSocket
from messenger.verifiers import ClientVerifier

_CONNECT_TIMEOUT = 10.0


class Connecting(metaclass=ClientVerifier):
    """Makes connections to one server, until `_stop` is set.

    Whoever sets that shuts `_connecting` down, too, and does not wait while `_resolving`.
    """

    def __init__(self, address: str, port: int, trust: ServerIdentity) -> None:
        self.address = address
        self.port = port
        self.trust = trust
        self._stop = threading.Event()
        self._connecting: socket.socket | None = None
        self._resolving = False
        self._certificate = b""

    def _connect(self) -> socket.socket | TlsSocket:
        check_address(self.address, self.port)
        if not self.trust.encrypts:
            self._certificate = b""
            link = self._connect_plain()
            link.settimeout(None)
            return link
        tls_socket = self._connect_checked()
        tls_socket.settimeout(None)
        self._certificate = tls_socket.certificate
        return tls_socket

    def _connect_checked(self) -> TlsSocket:
        """Connect, as often as it takes to see whether it is the server; raises ServerChanged."""
        checks = self.trust.checks()
        check = next(checks)
        while True:
            try:
                link = self._connect_by(check)
            except OSError as error:
                check = checks.throw(error)
                continue
            try:
                check = checks.send(link.certificate)
            except StopIteration:
                return link
            except BaseException:
                link.close()
                raise
            link.close()

    def _connect_by(self, check: Check) -> TlsSocket:
        link = self._connect_plain()
        try:
            tls_socket = TlsSocket(link, check.context, check.server_hostname)
            self._go_on()
        except BaseException:
            link.close()
            raise
        return tls_socket

    def _connect_plain(self) -> socket.socket:
        found = self._resolve()
        failed: OSError = ConnectionError(_("The host has no address"))
        for family, kind, protocol, _name, where in found:
            self._go_on()
            link = socket.socket(family, kind, protocol)
            try:
                link.settimeout(_CONNECT_TIMEOUT)
                self._connecting = link
                link.connect(where)
                self._go_on()
                link.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                link.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
            except OSError as error:
                link.close()
                failed = error
            else:
                return link
        raise failed

    def _resolve(self) -> list[Any]:
        # Nothing can end it: `close` does not wait for that.
        self._resolving = True
        try:
            host = resolvable(self.address)
            return socket.getaddrinfo(host, self.port, type=socket.SOCK_STREAM)
        finally:
            self._resolving = False

    def _go_on(self) -> None:
        """Raise OSError if the client was closed meanwhile."""
        if self._stop.is_set():
            raise ConnectionAbortedError("The client is closed")
