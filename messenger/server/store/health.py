"""The smallest query and the smallest change, which show that the database can be used."""

from sqlalchemy import Connection, text

from messenger.server.store import named_values

_NAME = "healthy_at"


def read(connection: Connection) -> None:
    """Have the database answer; raises SQLAlchemyError."""
    connection.execute(text("SELECT 1")).close()


def write(connection: Connection, now: float) -> None:
    """Store the unix time: a commit without a change would succeed on a full disk, too."""
    named_values.put(connection, _NAME, str(int(now)))
