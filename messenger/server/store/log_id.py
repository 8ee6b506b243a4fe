"""The id of the server's log: another one since the database was restored from a backup.

The server then gives numbers a second time, to other messages. Clients compare what they have
stored with the log once its id has changed.
"""

import secrets

from sqlalchemy import Connection, delete, insert, select

from messenger.server.store.schema import settings

_NAME = "log"


def log_id(connection: Connection) -> str:
    """Return the id of the log, empty for a server that was never restored."""
    query = select(settings.c.value).where(settings.c.name == _NAME)
    return connection.scalar(query) or ""


def renew(connection: Connection) -> None:
    """Give the log another id."""
    connection.execute(delete(settings).where(settings.c.name == _NAME))
    connection.execute(insert(settings).values(name=_NAME, value=secrets.token_hex(16)))
