"""Parsing of server addresses, and of links as administrators make them."""

from dataclasses import dataclass
from typing import NamedTuple
from urllib.parse import parse_qs, urlsplit

from messenger.crypto.certificates import ungrouped
from messenger.sdk.address import BadAddress, check_address, is_ip

DEFAULT_PORT = 7777


@dataclass(eq=False)
class BadLink(BadAddress):
    """Not an invitation link."""

    sentence = "{link} is not an invitation link, such as jim://host:7777?invite=..."
    link: str


class NoAddress(BadAddress):
    """The address is empty."""

    sentence = "Type the server's address: host, or host:port"


@dataclass(eq=False)
class NotAnAddress(BadAddress):
    """Neither a host, nor a host and a port."""

    sentence = "{address} is not a server address: type host, or host:port"
    address: str


class Invitation(NamedTuple):
    """The server's address and port, and the token for registering, or an empty string.

    `key` is the fingerprint of the server's key, if the link has it. A link for a forgotten
    password has no token, but a `reset_code`, and the name of the `account` that it is for.
    """

    address: str
    port: int
    token: str
    key: str | None = None
    reset_code: str = ""
    account: str = ""


def parse_link(link: str) -> Invitation:
    """Parse an invitation link, or one for a forgotten password; raises BadLink if it is neither.

    White space is removed: a mail program may have broken the link into lines.
    """
    try:
        parts = urlsplit("".join(link.split()))
        query = parse_qs(parts.query)
        code = query.get("reset", [""])[0]
        token, account = ("", query["user"][0]) if code else (query["invite"][0], "")
        key = ungrouped(query["key"][0]) if "key" in query else None
        if parts.scheme == "jim" and parts.hostname:
            # Not `or`: port 0 is invalid, and not the default.
            port = DEFAULT_PORT if parts.port is None else parts.port
            check_address(parts.hostname, port)
            return Invitation(parts.hostname, port, token, key, code, account)
    # `urlsplit` and `port` raise ValueError, too: all of it is one mistake for the user.
    except (ValueError, KeyError):
        pass
    raise BadLink(link)


def parse_server(text: str) -> Invitation:
    """Parse an invitation link, `host`, `host:port`, `host port` or `[IPv6]:port`.

    Raises BadAddress.
    """
    text = text.strip()
    if "://" in text:
        return parse_link(text)
    host, port = _split(text)
    if not host:
        raise NoAddress
    # `int` would accept 7_7 and digits of other alphabets, too.
    if port and not (port.isascii() and port.isdecimal()):
        raise NotAnAddress(text)
    if ":" in host and not is_ip(host):
        raise NotAnAddress(text)
    number = int(port) if port else DEFAULT_PORT
    check_address(host, number)
    # DNS ignores case (RFC 4343): however it is typed, it is one server.
    return Invitation(host if is_ip(host) else host.lower(), number, "")


def says_port(text: str) -> bool:
    """Tell whether an address that `parse_server` accepts has a port."""
    text = text.strip()
    return urlsplit(text).port is not None if "://" in text else bool(_split(text)[1])


def _split(text: str) -> tuple[str, str]:
    """Return the host and the port (perhaps empty) of an address as it was typed."""
    host, space, port = text.partition(" ")
    if space:
        return host.removeprefix("[").removesuffix("]"), port.strip()
    # First: an IPv6 address without brackets has colons, but no port.
    if is_ip(text):
        return text, ""
    host, _colon, port = text.rpartition(":") if ":" in text else (text, "", "")
    if text.endswith("]"):
        host, port = text, ""
    return (host[1:-1] if host.startswith("[") and host.endswith("]") else host), port
