"""Messages of blocked users in common rooms, which go on: their texts are hidden from the user."""

from collections.abc import Collection

from messenger.jim.names import is_room
from messenger.sdk.store import MessageSecurity, StoredMessage


def is_hidden(message: StoredMessage, blocked: Collection[str]) -> bool:
    """Tell whether a message is hidden: what somebody wrote in a direct chat before stays."""
    return message.sender in blocked and is_room(message.conversation)


def masked(message: StoredMessage, blocked: Collection[str]) -> StoredMessage:
    """Return a message as it is shown: without its text if its sender is blocked."""
    if not is_hidden(message, blocked):
        return message
    return message._replace(text="", security=MessageSecurity.BLOCKED)
