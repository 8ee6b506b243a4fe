"""Refusals for names that do not exist; they say which name like it does."""

from sqlalchemy import Connection

from messenger.jim.errors import NotFound
from messenger.server.store.looks import find_alike


def missing_account(connection: Connection, name: str) -> NotFound:
    """Return the refusal for an account that does not exist."""
    other = find_alike(connection, name)
    if other is None or other == name:
        return NotFound("There is no account {name}", name=name)
    return NotFound("There is no account {name}, but there is {other}", name=name, other=other)


def missing_room(connection: Connection, name: str) -> NotFound:
    """Return the refusal for a room that does not exist; a shell may have taken its `#`."""
    other = find_alike(connection, name) or find_alike(connection, f"#{name}")
    if other is None or other == name:
        return NotFound("There is no room {name}", name=name)
    return NotFound("There is no room {name}, but there is {other}", name=name, other=other)
