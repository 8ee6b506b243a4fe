"""The id that encryption uses for a conversation; a room's unique part is in the profile."""

from sqlalchemy import Connection, select

from messenger.crypto.names import room_id
from messenger.jim.names import is_room
from messenger.sdk.store.schema import profile


def value_of(conversation: str) -> str:
    """Return the name under which the profile has the unique part of a room's id."""
    return f"room {conversation}"


def unique_part(connection: Connection, conversation: str) -> str:
    """Return the last known unique part of a room's id; rooms of earlier versions have none."""
    if not is_room(conversation):
        return ""
    query = select(profile.c.value).where(profile.c.name == value_of(conversation))
    return connection.scalar(query) or ""


def noted_room_id(connection: Connection, conversation: str, me: str) -> str:
    """Return the last known id that encryption uses for a room or a direct chat."""
    return room_id(conversation, me, unique_part(connection, conversation))
