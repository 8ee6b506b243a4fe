"""TLS on the port of plain JIM: the server's key and certificate, and handshakes."""

import asyncio
import datetime as dt
import logging
import ssl
from pathlib import Path
from typing import Any

from messenger.crypto import certificates
from messenger.files import make_private, private_directory, write_private
from messenger.language import N_, _
from messenger.server.config import Settings
from messenger.server.connection import Connection
from messenger.server.errors import CannotStart
from messenger.system_errors import reason_of

_logger = logging.getLogger("messenger.server")

HANDSHAKE = 0x16
"""The first byte of TLS (RFC 8446, 5.1, ContentType); JIM begins with `{` or a space."""

ALPN = "jim"
_TIMEOUT = 5.0  # seconds, half of what a login may take

# OpenSSL's reasons for an unusable key; for some it gives none.
_REASONS = {
    None: N_("not a PEM private key without a passphrase"),
    "KEY_VALUES_MISMATCH": N_("the key belongs to another certificate"),
}


class CertificateUnusable(CannotStart):
    """The key or the certificate cannot be used; the text says what to do."""


class Tls:
    """The server's end of TLS 1.3; `fingerprint` is that of its key."""

    def __init__(self, settings: Settings) -> None:
        """Load key and certificate, created at the first start; raises CertificateUnusable."""
        self._load(*files(settings))

    def reload(self, settings: Settings) -> None:
        """Load the certificate of the settings, for new connections; raises CertificateUnusable."""
        # Nothing is made here: a new key would make the server another one for its clients.
        self._load(*paths(settings))

    def _load(self, certificate: Path, key: Path) -> None:
        # Into a new context: a half-renewed certificate would make the old one unusable.
        context = _new_context()
        try:
            found = certificate.read_bytes()
            fingerprint, der = certificates.fingerprint(found), certificates.to_der(found)
        except OSError as error:
            raise _unusable(certificate, error) from error
        except ValueError as error:
            raise _unusable(certificate, _("not a PEM certificate")) from error
        try:
            # With a password given, OpenSSL does not ask for one on the terminal.
            context.load_cert_chain(certificate, key, password="")
        except ssl.SSLError as error:
            raise _unusable(key, _(_REASONS.get(error.reason, error.reason))) from error
        except (OSError, ValueError) as error:
            raise _unusable(key, error) from error
        self._context, self.fingerprint, self._certificate = context, fingerprint, der

    async def upgrade(self, connection: Connection, data: bytes) -> None:
        """Do the TLS handshake on a connection that has begun with these bytes."""
        loop = asyncio.get_running_loop()
        raw = connection.transport
        connection.certificate = self._certificate
        connection.upgrading()
        handshake = loop.create_task(
            loop.start_tls(
                raw, connection, self._context, server_side=True, ssl_handshake_timeout=_TIMEOUT
            )
        )
        # The first step of the task inserts the TLS protocol in the loop's next turn: the bytes
        # that were read already are fed right after that, before new ones are read.
        await asyncio.sleep(0)
        loop.call_soon(_feed, raw, data)
        try:
            transport = await handshake
        except (OSError, asyncio.CancelledError) as error:
            _logger.info("The TLS handshake with %s failed: %s", connection.address, error)
            raw.abort()
            connection.connection_lost(None)
            return
        if transport is not None:
            connection.upgraded(transport)


def paths(settings: Settings) -> tuple[Path, Path]:
    """Return the files of the certificate and the key, which may be missing."""
    if settings.certificate is not None and settings.private_key is not None:
        return settings.certificate, settings.private_key
    return settings.data / "certificate.pem", settings.data / "key.pem"


def files(settings: Settings) -> tuple[Path, Path]:
    """Return the same files; create them if none are configured.

    Raises CertificateUnusable.
    """
    certificate, key = paths(settings)
    if settings.certificate is not None:
        return certificate, key
    try:
        private_directory(settings.data)
        if _is_empty(key):
            _make_key(key, certificate)
        if _is_empty(certificate):
            # The key stays when the certificate is removed: clients recognize the server by it.
            write_private(certificate, make_certificate(key, settings))
        for file in (certificate, key):  # an earlier version may have made them readable
            make_private(file)
    except OSError as error:
        raise CertificateUnusable(
            _(
                "The key or certificate {file} cannot be made or read ({reason}): check the "
                "directory, and the space on its disk",
                file=error.filename or key,
                reason=reason_of(error),
            )
        ) from error
    except ValueError as error:
        raise _unusable(key, error) from error
    return certificate, key


def _is_empty(file: Path) -> bool:
    """Tell whether a file is missing, or was left empty by a start that was interrupted."""
    return not file.exists() or (file.is_file() and not file.stat().st_size)


def _make_key(key: Path, certificate: Path) -> None:
    if certificate.is_file() and not _is_empty(certificate):
        # The server never leaves this state; a link may lead to a disk that is not mounted.
        raise CertificateUnusable(
            _(
                "The key {key} is missing or empty, but its certificate exists: restore the key "
                "from a backup, or remove both files to start with a new key",
                key=key,
            )
        )
    write_private(key, certificates.make_key())


def make_certificate(key: Path, settings: Settings) -> bytes:
    """Return a new self-signed certificate for the key; raises OSError or ValueError."""
    name = settings.public_address or settings.address or "messenger"
    now = dt.datetime.now(dt.UTC)
    # A common name has at most 64 characters (RFC 5280, appendix A, ub-common-name).
    return certificates.make_certificate(key.read_bytes(), name[:64], now)


def read_fingerprint(settings: Settings) -> str:
    """Return the fingerprint of the server's key; raises CertificateUnusable."""
    return Tls(settings).fingerprint


def _new_context() -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_3
    context.set_alpn_protocols([ALPN])
    # A ticket for each connection costs more than it saves: clients reconnect seldom.
    context.num_tickets = 0
    return context


def _feed(transport: asyncio.Transport, data: bytes) -> None:
    """Feed bytes to the TLS protocol, a BufferedProtocol, as the event loop does."""
    protocol: Any = transport.get_protocol()
    while data and not transport.is_closing():
        buffer = protocol.get_buffer(len(data))
        count = min(len(buffer), len(data))
        buffer[:count] = data[:count]
        protocol.buffer_updated(count)
        data = data[count:]


def _unusable(file: Path, why: Exception | str) -> CertificateUnusable:
    return CertificateUnusable(
        _(
            "The certificate or key {file} cannot be used ({reason}): correct it, or move it away",
            file=getattr(why, "filename", None) or file,
            reason=reason_of(why) if isinstance(why, OSError) else str(why).partition(". ")[0],
        )
    )
