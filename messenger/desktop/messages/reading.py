"""What the message view reads of the client, in threads: parts of conversations, and trust."""

from typing import NamedTuple

from messenger.sdk.client import Client
from messenger.sdk.events import ConnectionState, Emptiness
from messenger.sdk.store import IdentityTrust, StoredMessage
from messenger.ui.history import History, Older, Window
from messenger.ui.wording import empty_text

Around = StoredMessage | int | None
"""A message, or its id."""


class Opened(NamedTuple):
    """A part of a conversation, and what is said if it is empty; `is_loading`: more is coming."""

    window: Window
    trusts: dict[str, IdentityTrust]
    nothing: str
    is_loading: bool


class Refreshed(NamedTuple):
    """The trust in senders, and messages whose proof of the sender may have changed."""

    trusts: dict[str, IdentityTrust]
    messages: list[StoredMessage]


def read_opened(client: Client, name: str, around: Around, *, at_end: bool) -> Opened:
    """Read a conversation around a message, or from its end or first unread message on."""
    history = History(client)
    place = client.store.message(around) if isinstance(around, int) else around
    window = history.around(name, place) if place else history.window(name, at_end=at_end)
    return Opened(window, client.store.trusts(), *_emptiness(client, name, window))


def fetch_older(client: Client, name: str, before: StoredMessage | None) -> Older:
    """Read older messages, which the server is asked for if none are stored."""
    return History(client).older(name, before)


def read_nothing(client: Client, name: str) -> tuple[str, bool]:
    """Return what is said of a conversation without messages, and whether it is loading."""
    return _emptiness(client, name, None)


def refresh(
    client: Client, name: str, known: dict[str, IdentityTrust], first: StoredMessage, count: int
) -> Refreshed | None:
    """Read the trust in senders, and so many messages from one on; None if nothing has changed."""
    trusts = client.store.trusts()
    if trusts == known:
        return None
    page = client.store.page(name, around=first, limit=2 * count)
    return Refreshed(trusts, page)


def _emptiness(client: Client, name: str, window: Window | None) -> tuple[str, bool]:
    if window is not None and window.page:
        return "", False
    why = client.core.why_empty(name)
    is_online = client.core.state is ConnectionState.ONLINE
    if why in (Emptiness.LOADING, Emptiness.OLDER):
        return "", is_online
    return empty_text(client, name), False
