"""Links in texts: where they are, and whether they lead where they seem to lead."""

import re
from collections.abc import Collection
from typing import NamedTuple
from urllib.parse import quote, unquote, urlsplit

_END = r"[^\s<>\"]*[^\s<>\".,;:!?)\]}'»”]"
"""The rest of a link, without the punctuation that follows it."""
WEB_LINK = re.compile(rf"https?://{_END}")
_LINK = re.compile(rf"(?:https?://|jim://|mailto:){_END}", re.IGNORECASE)

SCHEMES = ("http", "https", "mailto", "jim")
"""Links of other kinds are no links: they could start programs."""


_HOST = re.compile(r"[a-z0-9._-]+|[0-9a-f:.]+")


class Link(NamedTuple):
    """A link in a text, from `start` up to `end`; `address` is percent-encoded."""

    start: int
    end: int
    address: str


def links_in(text: str) -> list[Link]:
    """Return the links in a text."""
    return [_link(text, match) for match in _LINK.finditer(text)]


def address_of(link: str) -> str:
    """Return a link percent-encoded: it contains no control sequences."""
    return quote(link, safe="%/:?#[]@!$&'()*+,;=~-._")


def may_be_followed(address: str, schemes: Collection[str] = SCHEMES) -> bool:
    """Tell whether a link is of one of these kinds, and a link at all."""
    try:
        return urlsplit(address).scheme in schemes
    except ValueError:
        return False


def real_host(address: str) -> str:
    """Return the host that a link leads to, as the network names it; empty if there is none.

    For `mailto` it is the address of the recipient.
    """
    try:
        parts = urlsplit(address)
        if parts.scheme == "mailto":
            return parts.path
        return _ascii(parts.hostname or "")
    except ValueError:
        return ""


def misleads(address: str) -> bool:
    """Tell whether a link may lead elsewhere than a reader thinks.

    It names somebody before an `@`, as in `https://bank.example@evil.example`, or its host mixes
    other alphabets, which may look like Latin, with a Latin end such as `.com`.
    """
    try:
        parts = urlsplit(address)
    except ValueError:
        return True
    if parts.scheme == "mailto":
        return False
    host = _ascii(parts.hostname or "")
    labels = [label.startswith("xn--") for label in host.rstrip(".").split(".")]
    is_mixed = any(labels) and not labels[-1]
    return not _HOST.fullmatch(host) or is_mixed or "@" in parts.netloc or "\\" in address


def _link(text: str, match: re.Match[str]) -> Link:
    start, end = match.span()
    # The bracket is part of the link if it was opened there, as in Wikipedia's.
    still_open = text.count("(", start, end) - text.count(")", start, end)
    while still_open > 0 and text[end : end + 1] == ")":
        end += 1
        still_open -= 1
    return Link(start, end, _address(text[start:end]))


def _address(link: str) -> str:
    """Return a link as programs take it: its host in letters of DNS, the rest percent-encoded."""
    address = address_of(link)
    try:
        host = urlsplit(link).hostname or ""
        port = urlsplit(link).port
    except ValueError:
        return address
    if host.isascii():
        return address
    parts = urlsplit(address)
    user, at, _host = parts.netloc.rpartition("@")
    ending = "" if port is None else f":{port}"
    return parts._replace(netloc=f"{user}{at}{_ascii(host)}{ending}").geturl()


def _ascii(host: str) -> str:
    """Return a host with its other alphabets written as DNS has them."""
    import idna

    host = unquote(host)
    try:
        return host if host.isascii() else idna.encode(host, uts46=True).decode()
    except idna.IDNAError:
        return host.encode("ascii", "backslashreplace").decode()
