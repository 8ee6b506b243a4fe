"""Connecting with blocking sockets: to the right server, and so that `close` can interrupt it."""

import os
import socket
import struct
import threading
from typing import Any

from messenger.sdk.address import check_address, resolvable
from messenger.sdk.server_identity import Check, ServerIdentity
from messenger.sdk.silence import SILENCE
from messenger.sdk.tls_socket import TlsSocket
from messenger.verifiers import ClientVerifier

_CONNECT_TIMEOUT = 10.0
_SEND_TIMEOUT = 2 * SILENCE
"""Seconds in which a server has to take some bytes: meanwhile nothing else notices its silence."""


class Connecting(metaclass=ClientVerifier):
    """Makes connections to one server, until `_stop` is set.

    Code that sets it also shuts `_connecting` down, and does not wait while `_resolving`.
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
            plain = self._connect_plain()
            plain.settimeout(None)  # silence is the core's concern: see `Silence`
            return plain
        tls_socket = self._connect_checked()
        tls_socket.settimeout(None)
        self._certificate = tls_socket.certificate
        return tls_socket

    def _connect_checked(self) -> TlsSocket:
        """Connect until a check accepts the server or none is left; raises ServerChanged."""
        checks = self.trust.checks()
        check = next(checks)
        while True:
            try:
                tls_socket = self._connect_by(check)
            except OSError as error:
                check = checks.throw(error)
                continue
            try:
                check = checks.send(tls_socket.certificate)
            except StopIteration:
                return tls_socket
            # Also after Ctrl+C: nothing else knows the socket yet.
            except BaseException:
                tls_socket.close()
                raise
            tls_socket.close()

    def _connect_by(self, check: Check) -> TlsSocket:
        plain = self._connect_plain()
        try:
            tls_socket = TlsSocket(plain, check.context, check.server_hostname)
            self._raise_if_stopped()
        except BaseException:
            plain.close()
            raise
        return tls_socket

    def _connect_plain(self) -> socket.socket:
        found = self._resolve()
        failed: OSError = ConnectionError("The host has no address")
        # In the order of the resolver, which is that of RFC 6724: the likeliest address first.
        for family, kind, protocol, _name, where in found:
            self._raise_if_stopped()
            plain = socket.socket(family, kind, protocol)
            try:
                plain.settimeout(_CONNECT_TIMEOUT)
                # Before `_stop` is looked at again: `close` finds the socket, or this sees `_stop`.
                self._connecting = plain
                plain.connect(where)
                self._raise_if_stopped()
                # Nagle's algorithm would hold a message back until the one before is acknowledged
                # (RFC 1122, 4.2.3.4), with delayed acknowledgements for up to 0.5 s (4.2.3.2).
                plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                # A plain server is never probed: only TCP notices that it is gone.
                plain.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
                plain.setsockopt(socket.SOL_SOCKET, socket.SO_SNDTIMEO, _time(_SEND_TIMEOUT))
            except OSError as error:
                plain.close()
                failed = error
            else:
                return plain
        raise failed

    def _resolve(self) -> list[Any]:
        # Nothing can interrupt getaddrinfo: `close` does not wait for it.
        self._resolving = True
        try:
            host = resolvable(self.address)
            return socket.getaddrinfo(host, self.port, type=socket.SOCK_STREAM)
        finally:
            self._resolving = False

    def _raise_if_stopped(self) -> None:
        """Raise OSError if the client was closed meanwhile."""
        if self._stop.is_set():
            raise ConnectionAbortedError("The client is closed")


def _time(seconds: float) -> bytes:
    """Return a time as options of sockets have it: milliseconds on Windows, else a timeval."""
    milliseconds = round(seconds * 1000)
    if os.name == "nt":
        return struct.pack("=L", milliseconds)
    return struct.pack("@ll", milliseconds // 1000, milliseconds % 1000 * 1000)
