"""Where a server is: the host and the port as a socket takes them, or why it cannot."""

import ipaddress

import idna

from messenger.jim.errors import ProtocolError
from messenger.language import N_

_MAX_PORT = 65535
_MAX_HOST = 253
_MAX_LABEL = 63
_NOT_IN_NAMES = frozenset(" :/@?#[]%\\")


class BadAddress(ProtocolError):
    """No server can be there; the text tells the user what is wrong with the address."""


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
        raise BadAddress(N_("The port must be a number from 1 to 65535, not {port}"), port=port)


def resolvable(host: str) -> str:
    """Return the host as DNS and TLS take it: an IP address as it is, a name in ASCII.

    Raises BadAddress for what cannot be a host name.
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
    """Raise BadAddress unless a server can be there."""
    resolvable(host)
    check_port(port)


def _no_name(host: str) -> BadAddress:
    said = N_("{host} is not a valid host name: check for typing mistakes")
    return BadAddress(said, host=host[:80])
