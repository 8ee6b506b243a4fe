"""Invitation links, as `messenger invite` makes them: where a server is, and the right to come."""

from typing import NamedTuple
from urllib.parse import parse_qs, urlsplit

from messenger.language import _

DEFAULT_PORT = 7777


class Invitation(NamedTuple):
    """What a link says: the server's address and port, and the token that lets one register."""

    address: str
    port: int
    token: str


def parse_link(link: str) -> Invitation:
    """Return what the link says; raises ValueError where it is none."""
    try:
        parts = urlsplit(link.strip())
        token = parse_qs(parts.query)["invite"][0]
        if parts.scheme == "jim" and parts.hostname:
            return Invitation(parts.hostname, parts.port or DEFAULT_PORT, token)
    except (ValueError, KeyError):
        pass
    raise ValueError(
        _("{link} is no invitation: one looks like jim://host:7777?invite=...", link=link)
    )
