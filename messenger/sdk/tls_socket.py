"""A TLS connection for two threads, one that reads and one that writes."""

import socket
import ssl
import threading

_RECEIVE = 64 * 1024


class TlsSocket:
    """TLS over a connected socket, with the methods of one.

    Two threads must not use one OpenSSL connection at the same time: its state is under a lock, and
    the socket is waited for outside of that.
    """

    def __init__(
        self, plain: socket.socket, context: ssl.SSLContext, server_hostname: str | None
    ) -> None:
        """Do the handshake; raises ssl.SSLError, and OSError if the connection fails."""
        self._plain = plain
        self._incoming = ssl.MemoryBIO()
        self._outgoing = ssl.MemoryBIO()
        self._tls = context.wrap_bio(
            self._incoming, self._outgoing, server_hostname=server_hostname
        )
        # A thread that takes both takes `_writing` first, so that they cannot deadlock.
        self._state = threading.Lock()
        self._writing = threading.Lock()
        self._do_handshake()

    @property
    def certificate(self) -> bytes:
        """The server's certificate, DER."""
        # Only as DER: of a certificate that is not verified, `ssl` parses nothing.
        return self._tls.getpeercert(binary_form=True) or b""

    def recv(self, size: int) -> bytes:
        """Return received bytes, none at the end of the connection."""
        while True:
            with self._state:
                try:
                    return self._tls.read(size)
                except ssl.SSLWantReadError:
                    pass
                # Also without close_notify (RFC 8446, 6.1): an object cut off has no closing brace.
                except (ssl.SSLZeroReturnError, ssl.SSLEOFError):
                    return b""
            self._flush_if_free()
            data = self._plain.recv(_RECEIVE)
            with self._state:
                if data:
                    self._incoming.write(data)
                else:
                    self._incoming.write_eof()

    def sendall(self, data: bytes) -> None:
        """Send everything."""
        # Until all is sent: records are decrypted in the order of encryption (RFC 8446, 5.3).
        with self._writing:
            left = memoryview(data)
            with self._state:
                while left:
                    left = left[self._tls.write(left) :]
                out = self._outgoing.read()
            self._plain.sendall(out)

    def settimeout(self, seconds: float | None) -> None:
        """Wait no longer than this for the socket."""
        self._plain.settimeout(seconds)

    def shutdown(self, how: int) -> None:
        """Shut the connection down; a thread that waits in `recv` wakes up."""
        self._plain.shutdown(how)

    def close(self) -> None:
        """Close the socket."""
        self._plain.close()

    def _flush_if_free(self) -> None:
        """Send what reading has produced (the answer to a key update), unless a thread is writing.

        Otherwise the next write sends it: waiting here would stop reading, and could block both
        peers.
        """
        if self._outgoing.pending and self._writing.acquire(blocking=False):
            try:
                with self._state:
                    out = self._outgoing.read()
                self._plain.sendall(out)
            finally:
                self._writing.release()

    def _do_handshake(self) -> None:
        while True:
            try:
                self._tls.do_handshake()
            except ssl.SSLWantReadError:
                self._plain.sendall(self._outgoing.read())
                data = self._plain.recv(_RECEIVE)
                if data:
                    self._incoming.write(data)
                else:
                    self._incoming.write_eof()
            except ssl.SSLError:
                self._plain.sendall(self._outgoing.read())  # the alert tells the server why
                raise
            else:
                self._plain.sendall(self._outgoing.read())
                return
