"""The id of the server's log: another one since the database was restored from a backup.

The server then gives numbers a second time, to other messages. Clients compare what they have
stored with the log once its id has changed.
"""

import secrets

from sqlalchemy import Connection

from messenger.server.store import named_values

_NAME = "log"


def log_id(connection: Connection) -> str:
    """Return the id of the log, empty for a server that was never restored."""
    return named_values.get(connection, _NAME) or ""


def renew(connection: Connection) -> None:
    """Give the log another id."""
    named_values.put(connection, _NAME, secrets.token_hex(16))
