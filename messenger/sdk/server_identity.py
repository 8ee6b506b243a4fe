"""Which server a client speaks to: trust on first use, invitations that say it, authorities."""

import contextlib
import ipaddress
import ssl
from collections.abc import Generator
from typing import Literal, NamedTuple

from messenger.crypto import certificates
from messenger.jim.errors import ProtocolError
from messenger.language import _
from messenger.sdk.address import is_ip, resolvable
from messenger.sdk.store import Store

ALPN = "jim"
AUTHORITY = "authority"
"""What stands in the fingerprint's place where an authority vouches for the server."""

SERVER_KEY = "server_key"
"""The value of a store that says how the server is known."""

Encryption = Literal["auto", "tls", "plain"]
"""Whether links are encrypted; `auto`: all but those that do not leave this machine."""


class ServerChanged(ProtocolError):
    """The server has another key than before: the link is given up before anything is said."""


class OtherInvited(ServerChanged):
    """An invitation names another key than the server has."""


class CertificateRenewed(ServerChanged):
    """The server has another key than the one that is known, and an authority vouches for it."""


class NoAuthority(ServerChanged):
    """No authority vouches any more for a server that was known by that."""


class ServerIdentity:
    """Knows the server of a profile by the fingerprint of its key.

    The first key that is seen is kept, and only the user's own word puts another one in its place.
    `fingerprint` is what else says which key the server has, such as an invitation: it is kept
    where none is known yet, and has to be the same where one is.
    """

    def __init__(
        self,
        store: Store,
        address: str,
        encryption: Encryption = "auto",
        fingerprint: str | None = None,
    ) -> None:
        self.address = address
        self.encrypts = encryption == "tls" or (encryption == "auto" and not _is_here(address))
        self._store = store
        self._named = fingerprint
        if fingerprint is not None and self.fingerprint is None:
            store.put(SERVER_KEY, fingerprint)

    @property
    def fingerprint(self) -> str | None:
        """The fingerprint that the server must have, if it is known."""
        return self._store.get(SERVER_KEY)

    def accept(self, server: str) -> None:
        """Know the server by this fingerprint, or by AUTHORITY, from now on: the user says so."""
        self._store.put(SERVER_KEY, server)

    def checks(self) -> Generator["Check", bytes, None]:
        """Yield how to check the server of the next link, and end where that was the right one.

        A link that was made is answered with its certificate (DER), what kept it from being made is
        thrown in: where this returns another check, the link is to be closed, and made anew. Raises
        what the user is to be told, ServerChanged and OSError.
        """
        *others, last = self._checks()
        for check in others:
            with contextlib.suppress(ssl.SSLCertVerificationError):
                self._recognise(check, (yield check))
                return
        try:
            self._recognise(last, (yield last))
        except ssl.SSLCertVerificationError as error:
            raise _no_authority(error) from error
        except ServerChanged as error:
            if not is_ip(self.address):
                with contextlib.suppress(OSError):
                    yield self._by_authority()
                    raise _signed_by_an_authority(error) from error
            raise

    def _checks(self) -> list["Check"]:
        """Return how the server is to be checked, in the order in which to try.

        Raises ServerChanged where an invitation names another key than the one that is known.
        """
        known, named = self.fingerprint, self._named
        if known == AUTHORITY:
            return [self._by_authority()]
        if known is not None and named not in (None, known):
            raise named_otherwise(known, named)
        by_key = Check(_context(), None)
        if known is not None or is_ip(self.address):
            # A key that is known is never given up for the word of an authority: any would do.
            return [by_key]
        return [self._by_authority(), by_key]

    def _recognise(self, check: "Check", certificate: bytes) -> None:
        """Take the certificate (DER) of a link; raises ServerChanged if it is of another server."""
        known, found = self.fingerprint, certificates.fingerprint(certificate)
        if known == AUTHORITY:
            if self._named not in (None, found):
                raise named_otherwise(found, self._named)
        elif known is None:
            self._store.put(SERVER_KEY, found if check.server_hostname is None else AUTHORITY)
        elif found != known:
            raise changed(known, found)

    def _by_authority(self) -> "Check":
        """Return how to see whether an authority vouches for the server."""
        context = ssl.create_default_context()
        context.set_alpn_protocols([ALPN])
        return Check(context, resolvable(self.address).removesuffix("."))


class Check(NamedTuple):
    """A way to check a server: a context, the name that its certificate has to have, if any."""

    context: ssl.SSLContext
    server_hostname: str | None


def parse_trust(text: str) -> str:
    """Return the fingerprint that a user has written, or AUTHORITY; ValueError if it is neither."""
    return AUTHORITY if text.strip().casefold() == AUTHORITY else certificates.ungrouped(text)


def changed(known: str, found: str) -> ServerChanged:
    """Return the error that tells a user of another key."""
    return ServerChanged(
        _(
            "The server has another key than before: somebody may be reading along.\n"
            "It was {known},\nand is {found}.",
            known=certificates.grouped(known),
            found=certificates.grouped(found),
        )
    )


def named_otherwise(known: str, named: str | None) -> ServerChanged:
    """Return the error that tells a user of an invitation to another server."""
    return OtherInvited(
        _(
            "The invitation names another key than this server has.\n"
            "It names {named},\nand the server has {known}.",
            named=certificates.grouped(named or ""),
            known=certificates.grouped(known),
        )
    )


def _signed_by_an_authority(error: ServerChanged) -> ServerChanged:
    """Return the same error, for a server whose new certificate an authority vouches for."""
    said = _("A certificate authority vouches for the new key.")
    return CertificateRenewed(f"{error}\n{said}")


def _no_authority(error: ssl.SSLError) -> ServerChanged:
    """Return the error that tells a user that no authority vouches for the server any more."""
    return NoAuthority(
        _(
            "No authority vouches for the server any more ({reason}). Ask its operator.",
            reason=error.reason or error,
        )
    )


def _context() -> ssl.SSLContext:
    """Return a context that takes any certificate: its key is checked afterwards."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.minimum_version = ssl.TLSVersion.TLSv1_3
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    context.set_alpn_protocols([ALPN])
    return context


def _is_here(address: str) -> bool:
    """Tell whether a link to the address stays on this machine."""
    if not is_ip(address):
        return address == "localhost"
    return ipaddress.ip_address(address.partition("%")[0]).is_loopback
