"""What a server stores once, by name: its secret, the id of its log, when its clock was right."""

from sqlalchemy import Connection, select

from messenger.server.store import upsert
from messenger.server.store.schema import settings


def get(connection: Connection, name: str) -> str | None:
    """Return the value of that name, if there is one."""
    return connection.scalar(select(settings.c.value).where(settings.c.name == name))


def put(connection: Connection, name: str, value: str) -> None:
    """Store a value, in place of an earlier one."""
    # Another server on the same database may do the same at this moment.
    added = upsert.insert(connection, settings).values(name=name, value=value)
    connection.execute(
        added.on_conflict_do_update(
            index_elements=[settings.c.name], set_={"value": added.excluded.value}
        )
    )
