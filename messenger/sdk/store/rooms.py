"""By which id encryption knows a conversation: that of a room is noted beside its name."""

from sqlalchemy import Connection, select

from messenger.crypto.names import room_id
from messenger.jim.names import is_room
from messenger.sdk.store.schema import profile


def value_of(conversation: str) -> str:
    """Return the name of the value of the profile that has the unique part of a room's id."""
    return f"room {conversation}"


def noted_room_id(connection: Connection, conversation: str, me: str) -> str:
    """Return the id that encryption knows a room or a direct chat by, as noted last."""
    unique = None
    if is_room(conversation):
        query = select(profile.c.value).where(profile.c.name == value_of(conversation))
        unique = connection.scalar(query)
    return room_id(conversation, me, unique or "")
