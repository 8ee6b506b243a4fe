"""By which id encryption knows a conversation: that of a room is noted beside its name."""

from sqlalchemy import Connection, select

from messenger.crypto.names import room_id
from messenger.jim.names import is_room
from messenger.sdk.store.schema import profile


def value_of(conversation: str) -> str:
    """Return the name of the value of the profile that has the unique part of a room's id."""
    return f"room {conversation}"


def unique_part(connection: Connection, conversation: str) -> str:
    """Return the unique part of a room's id, as noted last; rooms of older days have none."""
    if not is_room(conversation):
        return ""
    query = select(profile.c.value).where(profile.c.name == value_of(conversation))
    return connection.scalar(query) or ""


def noted_room_id(connection: Connection, conversation: str, me: str) -> str:
    """Return the id that encryption knows a room or a direct chat by, as noted last."""
    return room_id(conversation, me, unique_part(connection, conversation))
