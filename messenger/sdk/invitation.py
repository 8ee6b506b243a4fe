"""Where a server is: an address, or an invitation link, as `messenger invite` makes them."""

from typing import NamedTuple
from urllib.parse import parse_qs, urlsplit

from messenger.crypto.certificates import ungrouped
from messenger.language import _

DEFAULT_PORT = 7777


class Invitation(NamedTuple):
    """The server's address and port, and the token that lets one register, or an empty one.

    `key` is the fingerprint of the server's key, where the link says it.
    """

    address: str
    port: int
    token: str
    key: str | None = None


def parse_link(link: str) -> Invitation:
    """Return what the link says; raises ValueError where it is none."""
    try:
        parts = urlsplit(link.strip())
        query = parse_qs(parts.query)
        token = query["invite"][0]
        key = ungrouped(query["key"][0]) if "key" in query else None
        if parts.scheme == "jim" and parts.hostname:
            return Invitation(parts.hostname, parts.port or DEFAULT_PORT, token, key)
    except (ValueError, KeyError):
        pass
    raise ValueError(
        _("{link} is no invitation: one looks like jim://host:7777?invite=...", link=link)
    )


def parse_server(text: str) -> Invitation:
    """Return where the server is: a link, `host`, `host:port`, `host port`, `[IPv6]:port`.

    Raises ValueError.
    """
    text = text.strip()
    host, _space, port = text.partition(" ")
    if port.isdecimal() and ":" not in host:
        text = f"{host}:{port}"
    if "://" in text:
        return parse_link(text)
    if text.count(":") > 1 and not text.startswith("["):
        text = f"[{text}]"
    try:
        parts = urlsplit(f"//{text}")
        if parts.hostname and parts.netloc == text and " " not in text and "@" not in text:
            return Invitation(parts.hostname, parts.port or DEFAULT_PORT, "")
    except ValueError:
        pass
    raise ValueError(_("{text} is no address: write host, or host:port", text=text or "…"))
