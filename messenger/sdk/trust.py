"""Which server a client speaks to: trust on first use, invitations that say it, authorities."""

import ipaddress
import ssl
from typing import Literal, NamedTuple

from messenger.crypto import certificates
from messenger.jim.errors import ProtocolError
from messenger.language import _
from messenger.sdk.address import is_ip, resolvable
from messenger.sdk.store import Store

ALPN = "jim"
AUTHORITY = "authority"
"""What stands in the fingerprint's place where an authority vouches for the server."""

_KEPT = "server_key"

Encryption = Literal["auto", "tls", "plain"]
"""Whether links are encrypted; `auto`: all but those that do not leave this machine."""


class ServerChanged(ProtocolError):
    """The server has another key than before: the link is given up before anything is said."""


class Trust:
    """Knows the server of a profile by the fingerprint of its key.

    The first key that is seen is kept. `fingerprint` is one that the user knows from elsewhere,
    such as an invitation, and takes the place of what was kept.
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
        if fingerprint is not None:
            store.put(_KEPT, fingerprint)

    @property
    def fingerprint(self) -> str | None:
        """The fingerprint that the server must have, if it is known."""
        return self._store.get(_KEPT)

    def contexts(self) -> list["Check"]:
        """Return how the server is to be checked, in the order in which to try."""
        known = self.fingerprint
        if known == AUTHORITY:
            return [self._by_authority()]
        by_key = Check(_context(), None, None)
        if is_ip(self.address):
            return [by_key]
        # A server known by its key may have got a certificate of an authority since.
        by_name = self._by_authority()
        return [by_name, by_key] if known is None else [by_key, by_name]

    def recognise(self, check: "Check", certificate: bytes) -> None:
        """Take the certificate (DER) of a link; raises ServerChanged if it is of another server."""
        known = self.fingerprint
        if check.name is not None:
            if known != AUTHORITY:
                self._store.put(_KEPT, AUTHORITY)
            return
        found = certificates.fingerprint(certificate)
        if known is None:
            self._store.put(_KEPT, found)
        elif found != known:
            raise changed(known, found)

    def _by_authority(self) -> "Check":
        context = ssl.create_default_context()
        context.set_alpn_protocols([ALPN])
        name = resolvable(self.address).removesuffix(".")
        return Check(context, name, name)


class Check(NamedTuple):
    """A way to check a server: a context, the name that its certificate has to have, if any."""

    context: ssl.SSLContext
    server_hostname: str | None
    name: str | None


def changed(known: str, found: str) -> ServerChanged:
    """Return the error that tells a user of another key."""
    return ServerChanged(
        _(
            "The server has another key than before: somebody may be reading along.\n"
            "It was {known},\nand is {found}.\n"
            "If its operator says that this is right, start with --trust and the new one.",
            known=certificates.grouped(known),
            found=certificates.grouped(found),
        )
    )


def no_authority(error: ssl.SSLError) -> ServerChanged:
    """Return the error that tells a user that no authority vouches for the server any more."""
    return ServerChanged(
        _(
            "No authority vouches for the server any more ({reason}). Ask its operator, and "
            "start with --trust and the fingerprint of its key.",
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
