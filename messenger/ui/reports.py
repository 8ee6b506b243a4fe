"""Reports to the administrators: which messages a user may show, and where they are looked for."""

from collections.abc import Callable

from messenger.jim.names import is_room
from messenger.sdk.store import MessageSecurity, MessageState, Store, StoredMessage

MAX_SHOWN = 20
"""Messages of one report: more of them nobody reads."""
_LOOKED_AT = 500  # the latest messages, among which those of one sender are looked for
_READABLE = (
    MessageSecurity.UNENCRYPTED,
    MessageSecurity.ENCRYPTED,
    MessageSecurity.UNPROVED,
    MessageSecurity.DOWNGRADED,
)


def place_of(name: str, current: str) -> str:
    """Return where somebody's messages are looked for: in the open room, or in the direct chat."""
    return current if is_room(current) and not is_room(name) else name


def messages_to_show(store: Store, name: str, place: str, count: int) -> list[StoredMessage]:
    """Return the last messages of a person, or of all others in a room, the oldest first."""
    is_theirs: Callable[[StoredMessage], bool] = (
        (lambda message: message.state is MessageState.RECEIVED)
        if is_room(name)
        else (lambda message: message.sender == name)
    )
    page = store.page(place, limit=_LOOKED_AT)
    found = [one for one in page if is_theirs(one) and one.security in _READABLE]
    return found[-count:] if count else []
