"""Server addresses: the host and port in the form that sockets accept, or what is wrong."""

import ipaddress
from dataclasses import dataclass

import idna

from messenger.jim.errors import ProtocolError
from messenger.sdk.errors import ClientError

_MAX_PORT = 65535
# RFC 1035, section 2.3.4: 255 octets on the wire are 253 characters with dots; a label has 63.
_MAX_HOST = 253
_MAX_LABEL = 63
_NOT_IN_NAMES = frozenset(" :/@?#[]%\\")


class BadAddress(ClientError, ProtocolError, ValueError):
    """No server can have this address."""


@dataclass(eq=False)
class BadPort(BadAddress):
    """No server can listen on this port."""

    sentence = "The port must be a number from 1 to 65535, not {port}"
    port: int


@dataclass(eq=False)
class BadHost(BadAddress):
    """A host cannot have this name."""

    sentence = "{host} is not a valid host name: check for typing mistakes"
    host: str


def is_ip(address: str) -> bool:
    """Tell whether the address is an IP address, perhaps with a zone (`fe80::1%eth0`)."""
    try:
        ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return False
    return True


def check_port(port: int) -> None:
    """Raise BadAddress unless a server can listen on the port."""
    if not 0 < port <= _MAX_PORT:
        raise BadPort(port)


def resolvable(host: str) -> str:
    """Return the host in the form for DNS and TLS: an IP address unchanged, a name in ASCII.

    Raises BadAddress if it is not a valid host name.
    """
    if is_ip(host):
        return host
    # IDNA 2008, as in browsers: for Python's own codec (IDNA 2003) faß.de is fass.de.
    try:
        name = host if host.isascii() else idna.encode(host, uts46=True).decode("ascii")
    except idna.IDNAError as error:
        raise _no_name(host) from error
    labels = name.removesuffix(".").split(".")
    if len(name) > _MAX_HOST or not all(0 < len(label) <= _MAX_LABEL for label in labels):
        raise _no_name(host)
    if not name.isprintable() or not _NOT_IN_NAMES.isdisjoint(name):
        raise _no_name(host)
    return name


def check_address(host: str, port: int) -> None:
    """Raise BadAddress unless host and port are valid."""
    resolvable(host)
    check_port(port)


def _no_name(host: str) -> BadAddress:
    return BadHost(host[:80])  # a pasted text would fill the screen
