"""A TLS link for two threads, one that reads and one that writes."""

import socket
import ssl
import threading

_RECEIVE = 64 * 1024


class TlsSocket:
    """TLS over a connected socket, with the methods of one.

    OpenSSL lets no two threads into one connection: its state is touched under a lock, and the
    socket waited for outside of it.
    """

    def __init__(
        self, link: socket.socket, context: ssl.SSLContext, server_hostname: str | None
    ) -> None:
        """Shake hands; raises ssl.SSLError, and OSError where the link breaks or times out."""
        self._link = link
        self._incoming = ssl.MemoryBIO()
        self._outgoing = ssl.MemoryBIO()
        self._tls = context.wrap_bio(
            self._incoming, self._outgoing, server_hostname=server_hostname
        )
        self._state = threading.Lock()
        self._writing = threading.Lock()
        self._shake_hands()

    @property
    def certificate(self) -> bytes:
        """The server's certificate, DER."""
        return self._tls.getpeercert(binary_form=True) or b""

    def recv(self, size: int) -> bytes:
        """Return what was received, nothing at the end of the link."""
        while True:
            with self._state:
                try:
                    return self._tls.read(size)
                except ssl.SSLWantReadError:
                    pass
                except (ssl.SSLZeroReturnError, ssl.SSLEOFError):
                    return b""
            self._flush_if_free()
            data = self._link.recv(_RECEIVE)
            with self._state:
                if data:
                    self._incoming.write(data)
                else:
                    self._incoming.write_eof()

    def sendall(self, data: bytes) -> None:
        """Send everything."""
        with self._writing:
            left = memoryview(data)
            with self._state:
                while left:
                    left = left[self._tls.write(left) :]
                out = self._outgoing.read()
            self._link.sendall(out)

    def settimeout(self, seconds: float | None) -> None:
        """Wait no longer than this for the socket."""
        self._link.settimeout(seconds)

    def shutdown(self, how: int) -> None:
        """End the link; whoever waits in `recv` notices."""
        self._link.shutdown(how)

    def close(self) -> None:
        """Close the socket."""
        self._link.close()

    def _flush_if_free(self) -> None:
        """Send what reading has made (an answer to a key update), unless somebody is writing."""
        if self._outgoing.pending and self._writing.acquire(blocking=False):
            try:
                with self._state:
                    out = self._outgoing.read()
                self._link.sendall(out)
            finally:
                self._writing.release()

    def _shake_hands(self) -> None:
        while True:
            try:
                self._tls.do_handshake()
            except ssl.SSLWantReadError:
                self._link.sendall(self._outgoing.read())
                data = self._link.recv(_RECEIVE)
                if data:
                    self._incoming.write(data)
                else:
                    self._incoming.write_eof()
            except ssl.SSLError:
                self._link.sendall(self._outgoing.read())  # the alert tells the server why
                raise
            else:
                self._link.sendall(self._outgoing.read())
                return
