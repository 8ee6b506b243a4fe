"""TLS on the port of plain JIM: the server's key and certificate, and handshakes."""

import asyncio
import datetime as dt
import logging
import ssl
from pathlib import Path
from typing import Any

from messenger.crypto import certificates
from messenger.language import _
from messenger.server.config import Settings
from messenger.server.connection import Connection

_logger = logging.getLogger("messenger.server")

HANDSHAKE = 0x16
"""The first byte of a TLS link (RFC 8446, 5.1, ContentType); JIM begins with `{` or a space."""

ALPN = "jim"
_TIMEOUT = 5.0


class CertificateUnusable(Exception):
    """The key or the certificate cannot be used; the text says what to do."""


class Tls:
    """The server's end of TLS 1.3; `fingerprint` is that of its key."""

    def __init__(self, settings: Settings) -> None:
        """Load key and certificate, or make them at the first start; CertificateUnusable."""
        self._settings = settings
        self._context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self._context.minimum_version = ssl.TLSVersion.TLSv1_3
        self._context.set_alpn_protocols([ALPN])
        # A ticket for each link costs more than it saves: clients reconnect seldom.
        self._context.num_tickets = 0
        self.fingerprint = ""
        self._certificate = b""
        self.reload()

    def reload(self) -> None:
        """Take the certificate as it is now, for new links; CertificateUnusable."""
        certificate, key = files(self._settings)
        try:
            self._context.load_cert_chain(certificate, key)
            found = certificate.read_bytes()
            self.fingerprint = certificates.fingerprint(found)
            self._certificate = certificates.to_der(found)
        except (OSError, ValueError) as error:  # an ssl.SSLError is an OSError
            raise _unusable(certificate, error) from error

    async def upgrade(self, connection: Connection, data: bytes) -> None:
        """Shake hands on a link that has begun with these bytes, then go on encrypted."""
        loop = asyncio.get_running_loop()
        raw = connection.transport
        connection.certificate = self._certificate
        handshake = loop.create_task(
            loop.start_tls(
                raw, connection, self._context, server_side=True, ssl_handshake_timeout=_TIMEOUT
            )
        )
        # Its first step has TLS put in front of the connection in the loop's next turn: what has
        # been read already comes right after, before anything new is read.
        await asyncio.sleep(0)
        loop.call_soon(_feed, raw, data)
        try:
            transport = await handshake
        except (OSError, asyncio.CancelledError) as error:
            _logger.info("No TLS with %s: %s", connection.address, error)
            raw.abort()
            connection.connection_lost(None)
            return
        if transport is not None:
            connection.upgraded(transport)


def files(settings: Settings) -> tuple[Path, Path]:
    """Return where the certificate and the key are; make them if none are given.

    Raises CertificateUnusable.
    """
    if settings.certificate is not None and settings.private_key is not None:
        return settings.certificate, settings.private_key
    certificate, key = settings.data / "certificate.pem", settings.data / "key.pem"
    try:
        settings.data.mkdir(mode=0o700, parents=True, exist_ok=True)
        if not key.exists():
            key.touch(mode=0o600)
            key.write_bytes(certificates.make_key())
            certificate.unlink(missing_ok=True)
        if not certificate.exists():
            # The key stays when the certificate is removed: clients know the server by it.
            name = settings.public_address or settings.address or "messenger"
            now = dt.datetime.now(dt.UTC)
            certificate.write_bytes(certificates.make_certificate(key.read_bytes(), name[:64], now))
    except (OSError, ValueError) as error:
        raise _unusable(key, error) from error
    return certificate, key


def read_fingerprint(settings: Settings) -> str:
    """Return the fingerprint of the server's key; raises CertificateUnusable."""
    certificate, _key = files(settings)
    try:
        return certificates.fingerprint(certificate.read_bytes())
    except (OSError, ValueError) as error:
        raise _unusable(certificate, error) from error


def _feed(transport: asyncio.Transport, data: bytes) -> None:
    """Give bytes to TLS, a buffered protocol, as the event loop does."""
    protocol: Any = transport.get_protocol()
    while data and not transport.is_closing():
        buffer = protocol.get_buffer(len(data))
        count = min(len(buffer), len(data))
        buffer[:count] = data[:count]
        protocol.buffer_updated(count)
        data = data[count:]


def _unusable(file: Path, error: Exception) -> CertificateUnusable:
    reason = error.strerror if isinstance(error, OSError) and error.strerror else error
    return CertificateUnusable(
        _(
            "The certificate or key {file} cannot be used ({reason}): correct it, or move it away",
            file=file,
            reason=reason,
        )
    )
