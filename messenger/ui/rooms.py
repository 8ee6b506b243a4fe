"""Operations on rooms that take several requests: listing them all, joining in any case."""

from collections.abc import Iterator

from messenger.jim.errors import Conflict
from messenger.jim.names import same_key
from messenger.sdk.client import Client
from messenger.sdk.results import Joined, Room
from messenger.sdk.verbs.verb import ANSWER_TIMEOUT


def all_rooms(client: Client, timeout: float = ANSWER_TIMEOUT) -> Iterator[Room]:
    """Yield all listed rooms, page by page; each page may take `timeout` seconds."""
    after: str | None = ""
    while after is not None:
        page = client.list_rooms(after, timeout=timeout)
        yield from page.rooms
        after = page.next


def join_room(client: Client, name: str, *, is_open: bool = False) -> tuple[str, Joined]:
    """Join or create a room, or join the one whose name differs in case only; return its name, too.

    `is_open` creates it unencrypted, for guests and other programs.
    """
    name, joined = _join(client, name, encrypted=False if is_open else None)
    if is_open and not joined.encrypted:
        # Otherwise the first guest who joins would block the user's messages: guests have no keys.
        client.keys.write_plain(name)
    return name, joined


def _join(client: Client, name: str, *, encrypted: bool | None) -> tuple[str, Joined]:
    try:
        return name, client.join(name, encrypted=encrypted)
    except Conflict:
        alike = (room.room for room in all_rooms(client) if same_key(room.room) == same_key(name))
        if (other := next(alike, None)) is None:
            raise
        return other, client.join(other, encrypted=encrypted)
