"""The address at which others reach a server, for links: a host, perhaps with a port."""

import ipaddress
import re
import socket
from contextlib import suppress
from typing import NamedTuple

import idna

_LABEL = re.compile(r"(?!-)[a-z0-9_-]{1,63}(?<!-)", re.IGNORECASE)
_MAX_CHARACTERS = 253  # of a name in DNS: 255 bytes with their lengths (RFC 1035, 2.3.4)
# An address for documentation (RFC 5737): only the route to it is looked up, nothing is sent.
_SOMEWHERE = ("192.0.2.1", 9)


class PublicAddress(NamedTuple):
    """A host (a name in its ASCII form, or an IP address) and a port, or None for the server's."""

    host: str
    port: int | None = None

    def in_link(self, port: int) -> str:
        """Return `host:port` for a URL; `port` is the server's own."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{host}:{self.port or port}"


def parse_address(text: str) -> PublicAddress:
    """Parse `host`, `host:port`, an IPv6 address, `[IPv6]` or `[IPv6]:port`.

    Raises ValueError if no link with it could work.
    """
    text = text.strip()
    if text.startswith("["):
        host, bracket, rest = text[1:].partition("]")
        if not bracket or (rest and not rest.startswith(":")):
            raise ValueError(text)
        return PublicAddress(_without_zone(host), _port(rest[1:]) if rest else None)
    if text.count(":") > 1:
        return PublicAddress(_without_zone(text))
    host, colon, port = text.partition(":")
    return PublicAddress(_host(host), _port(port) if colon else None)


def is_local(host: str) -> bool:
    """Tell whether a host means the very machine on which it is looked up."""
    if host.casefold() == "localhost" or host.casefold().endswith(".localhost"):
        return True
    try:
        found = ipaddress.ip_address(host)
    except ValueError:
        return False
    return found.is_loopback or found.is_unspecified


def is_unreachable(host: str) -> bool:
    """Tell whether this machine cannot resolve a host, or resolves it to itself."""
    try:
        found = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        return True
    return all(is_local(str(entry[4][0])) for entry in found)


def own_host() -> str:
    """Return the name or the address by which others find this machine, as far as it knows."""
    name = socket.getfqdn()
    # A name without a dot is known on this machine, if anywhere.
    is_known = "." in name and not is_local(name) and not is_unreachable(name)
    return name if is_known else _address_in_network() or name


def _address_in_network() -> str | None:
    """Return this machine's address as others on its network see it, if it is on one."""
    with suppress(OSError), socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.connect(_SOMEWHERE)
        address: str = probe.getsockname()[0]
        return None if is_local(address) else address
    return None


def _host(host: str) -> str:
    if re.fullmatch(r"[0-9.]+", host):
        return str(ipaddress.IPv4Address(host))
    name = host.removesuffix(".").lower()
    if not name.isascii():
        # As clients do: Python's own codec (IDNA 2003) would make fass.de of faß.de.
        name = idna.encode(name, uts46=True).decode("ascii")
    if len(name) > _MAX_CHARACTERS or not all(map(_LABEL.fullmatch, name.split("."))):
        raise ValueError(host)
    return name


def _without_zone(text: str) -> str:
    found = ipaddress.IPv6Address(text)
    if found.scope_id is not None:  # a zone names an interface of this machine
        raise ValueError(text)
    return str(found)


def _port(text: str) -> int:
    if not text.isascii() or not text.isdecimal() or not 1 <= int(text) <= 65535:
        raise ValueError(text)
    return int(text)
