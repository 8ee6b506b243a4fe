"""Looks at the key of a server before anybody logs in: only a TLS handshake is made."""

import contextlib
import socket

from messenger.sdk.address import BadAddress
from messenger.sdk.cancelling import cancellable
from messenger.sdk.connecting import Connecting
from messenger.sdk.failures import failure_of
from messenger.sdk.server_identity import Encryption, ServerChanged, ServerIdentity
from messenger.sdk.store import Store


class FirstContact(Connecting):
    """One connection to a server, for its key."""

    def look(self) -> str | None:
        """Return the fingerprint, AUTHORITY if an authority confirms it, or None without TLS.

        Raises ServerChanged, BadAddress, Cancelled, and a ClientError if there is no connection.
        """
        try:
            with cancellable(self._interrupt):
                self._connect().close()
        except (ServerChanged, BadAddress):
            raise
        except OSError as error:
            raise failure_of(error).error from error
        return self.trust.fingerprint if self.trust.encrypts else None

    def _interrupt(self) -> None:
        """Wake the thread that connects up; nothing can interrupt getaddrinfo."""
        self._stop.set()
        if self._connecting is not None:
            with contextlib.suppress(OSError):
                self._connecting.shutdown(socket.SHUT_RDWR)


def look_at_server(
    address: str, port: int, encryption: Encryption = "auto", fingerprint: str | None = None
) -> str | None:
    """Look at a server's key, as `FirstContact.look` does; `fingerprint` is from an invitation."""
    store = Store()
    try:
        trust = ServerIdentity(store, address, encryption, fingerprint)
        return FirstContact(address, port, trust).look()
    finally:
        store.close()
