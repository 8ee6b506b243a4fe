"""The identity of a server: trust on first use, a key in an invitation, or an authority."""

import contextlib
import ipaddress
import ssl
from collections.abc import Generator
from dataclasses import dataclass
from typing import Literal, NamedTuple, Protocol

from messenger.crypto import certificates
from messenger.jim.errors import ProtocolError
from messenger.sdk.address import is_ip, resolvable
from messenger.sdk.errors import ClientError

ALPN = "jim"
AUTHORITY = "authority"
"""Stored in place of the fingerprint if a certificate authority has signed for the server."""

SERVER_KEY = "server_key"
"""The name of the store's value with the server's fingerprint, or AUTHORITY."""

Encryption = Literal["auto", "tls", "plain"]
"""Whether connections use TLS; `auto`: all but those to this machine."""


class ServerChanged(ClientError, ProtocolError):
    """The server's key has changed: the connection is closed before anything is sent."""


@dataclass(eq=False)
class KeyReplaced(ServerChanged):
    """The server has another key than before; both are grouped fingerprints."""

    sentence = (
        "The server has another key than before: someone may be intercepting the connection.\n"
        "It was {known},\nand is {found}."
    )
    known: str
    found: str


@dataclass(eq=False)
class OtherInvited(ServerChanged):
    """An invitation names another key than the server has; both are grouped fingerprints."""

    sentence = (
        "The server has another key than you were given.\n"
        "You were given {named},\nand the server has {known}."
    )
    named: str
    known: str


@dataclass(eq=False)
class CertificateRenewed(ServerChanged):
    """The server's key has changed, and an authority has signed the new certificate."""

    sentence = "{error}\nA certificate authority has signed the new key."
    error: ServerChanged


@dataclass(eq=False)
class NoAuthority(ServerChanged):
    """A server that was known by an authority's signature has none any more."""

    sentence = (
        "No certificate authority confirms this server any more ({reason}). Ask its operator."
    )
    reason: str


class Values(Protocol):
    """What stores values by their names, such as the database of a profile."""

    def get(self, name: str) -> str | None:
        """Return the value of that name, if there is one."""

    def put(self, name: str, value: str | None) -> None:
        """Store a value, or delete it (None)."""


class ServerIdentity:
    """Recognises the server of a profile by the fingerprint of its key.

    The first key seen is trusted, and only the user can replace it. `fingerprint` is from another
    source, such as an invitation: it is stored if none is known yet, and must be the same if one
    is.
    """

    def __init__(
        self,
        store: Values,
        address: str,
        encryption: Encryption = "auto",
        fingerprint: str | None = None,
    ) -> None:
        self.address = address
        self.encrypts = encryption == "tls" or (encryption == "auto" and not _is_local(address))
        self._store = store
        self._invited = fingerprint
        if fingerprint is not None and self.fingerprint is None:
            store.put(SERVER_KEY, fingerprint)

    @property
    def fingerprint(self) -> str | None:
        """The fingerprint that the server must have, if it is known."""
        return self._store.get(SERVER_KEY)

    def accept(self, server: str) -> None:
        """Trust this fingerprint, or AUTHORITY, from now on: the user has agreed."""
        self._store.put(SERVER_KEY, server)

    def checks(self) -> Generator["Check", bytes, None]:
        """Yield the check for the next connection; end when a check has accepted the server.

        After connecting, `send` the certificate (DER); if connecting fails, `throw` the error. If
        that returns another check, close the connection and make a new one for it. Raises
        ServerChanged and OSError.
        """
        *others, last = self._checks()
        for check in others:
            with contextlib.suppress(ssl.SSLCertVerificationError):
                self._recognise(check, (yield check))  # a failure is for the next check to decide
                return
        try:
            self._recognise(last, (yield last))
        except ssl.SSLCertVerificationError as error:
            raise NoAuthority(error.reason or str(error)) from error
        except ServerChanged as error:
            # Tried only to tell the user which is likelier, a renewed certificate or an attack.
            if not is_ip(self.address):
                with contextlib.suppress(OSError):
                    yield self._by_authority()
                    raise CertificateRenewed(error) from error
            raise

    def _checks(self) -> list["Check"]:
        """Return the checks in the order in which to try them.

        Raises ServerChanged if an invitation names another key than the known one.
        """
        known, named = self.fingerprint, self._invited
        if known == AUTHORITY:
            return [self._by_authority()]
        if known is not None and named not in (None, known):
            raise named_otherwise(known, named)
        by_key = Check(_context(), None)
        if known is not None or is_ip(self.address):
            # An authority's signature never replaces a known key: any authority could sign.
            return [by_key]
        # The authority first: by its word a server may renew its key without a question to users.
        return [self._by_authority(), by_key]

    def _recognise(self, check: "Check", certificate: bytes) -> None:
        """Accept a certificate (DER); raises ServerChanged if it is another server's."""
        known, found = self.fingerprint, certificates.fingerprint(certificate)
        if known == AUTHORITY:
            if self._invited not in (None, found):
                raise named_otherwise(found, self._invited)
        elif known is None:
            self._store.put(SERVER_KEY, found if check.server_hostname is None else AUTHORITY)
        elif found != known:
            raise changed(known, found)

    def _by_authority(self) -> "Check":
        """Return the check by certificate authorities, as in browsers."""
        context = ssl.create_default_context()
        context.set_alpn_protocols([ALPN])
        # Certificates and SNI have host names without the final dot (RFC 6066, 3).
        return Check(context, resolvable(self.address).removesuffix("."))


class Check(NamedTuple):
    """A way to check a server: a TLS context, and the host name in its certificate, if required."""

    context: ssl.SSLContext
    server_hostname: str | None


def parse_trust(text: str) -> str:
    """Parse a user's fingerprint or AUTHORITY; raises ValueError if it is neither."""
    return AUTHORITY if text.strip().casefold() == AUTHORITY else certificates.ungrouped(text)


def changed(known: str, found: str) -> ServerChanged:
    """Return the error for a changed key."""
    return KeyReplaced(certificates.grouped(known), certificates.grouped(found))


def named_otherwise(known: str, named: str | None) -> ServerChanged:
    """Return the error for an invitation to another server."""
    return OtherInvited(certificates.grouped(named or ""), certificates.grouped(known))


def _context() -> ssl.SSLContext:
    """Return a context that accepts any certificate: the fingerprint is checked afterwards."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.minimum_version = ssl.TLSVersion.TLSv1_3
    # In this order: `ssl` refuses CERT_NONE while host names are checked.
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    context.set_alpn_protocols([ALPN])
    return context


def _is_local(address: str) -> bool:
    """Tell whether a connection to the address stays on this machine."""
    if not is_ip(address):
        return address == "localhost"
    return ipaddress.ip_address(address.partition("%")[0]).is_loopback
