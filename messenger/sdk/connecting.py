"""How a client that blocks connects: to the right server, and so that it can be ended meanwhile."""

import contextlib
import socket
import ssl
import threading
from typing import Any

from messenger.language import _
from messenger.sdk.address import check_address, is_ip, resolvable
from messenger.sdk.secured import Secured
from messenger.sdk.trust import Check, ServerChanged, Trust, no_authority, vouched_for
from messenger.verifiers import ClientVerifier

_CONNECT_TIMEOUT = 10.0


class Connecting(metaclass=ClientVerifier):
    """Makes connections to one server, until `_stop` is set.

    Whoever sets that shuts `_connecting` down, too, and does not wait while `_resolving`.
    """

    def __init__(self, address: str, port: int, trust: Trust) -> None:
        self.address = address
        self.port = port
        self.trust = trust
        self._stop = threading.Event()
        self._connecting: socket.socket | None = None
        self._resolving = False
        self._certificate = b""

    def _connect(self) -> socket.socket | Secured:
        check_address(self.address, self.port)
        if not self.trust.encrypts:
            self._certificate = b""
            link = self._connect_plain()
            link.settimeout(None)
            return link
        *others, last = self.trust.contexts()
        for check in others:
            with contextlib.suppress(ssl.SSLCertVerificationError):
                return self._connect_by(check)
        try:
            return self._connect_by(last)
        except ssl.SSLCertVerificationError as error:
            raise no_authority(error) from error
        except ServerChanged as error:
            if self._is_vouched_for():
                raise vouched_for(error) from error
            raise

    def _is_vouched_for(self) -> bool:
        """Tell whether an authority vouches for the server that was refused; nothing is said."""
        if is_ip(self.address):
            return False
        check = self.trust.by_authority()
        try:
            link = self._connect_plain()
            try:
                Secured(link, check.context, check.server_hostname)
            finally:
                link.close()
        except OSError:
            return False
        return True

    def _connect_by(self, check: Check) -> Secured:
        """Connect, and make sure that it is the server; raises ServerChanged."""
        link = self._connect_plain()
        try:
            secured = Secured(link, check.context, check.server_hostname)
            self._go_on()
            self.trust.recognise(check, secured.certificate)
        except BaseException:
            link.close()
            raise
        secured.settimeout(None)
        self._certificate = secured.certificate
        return secured

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
