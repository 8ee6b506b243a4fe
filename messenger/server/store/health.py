"""The smallest query and the smallest change, which show that the database can be used."""

from sqlalchemy import Connection, text

from messenger.server.store.schema import settings
from messenger.server.store.upsert import insert

_NAME = "healthy_at"


def read(connection: Connection) -> None:
    """Have the database answer; raises SQLAlchemyError."""
    connection.execute(text("SELECT 1")).close()


def write(connection: Connection, now: float) -> None:
    """Store the unix time: a commit without a change would succeed on a full disk, too."""
    row = insert(connection, settings).values(name=_NAME, value=str(int(now)))
    changed = row.on_conflict_do_update(index_elements=["name"], set_={"value": str(int(now))})
    connection.execute(changed)
