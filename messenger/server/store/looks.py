"""Names that look the same: those of accounts, and those of rooms."""

from sqlalchemy import Connection, delete, insert, select

from messenger.jim.lookalikes import looks
from messenger.server.store.schema import name_looks


class LooksTaken(Exception):
    """The name looks like one that is in use: `name`."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.name = name


def find_alike(connection: Connection, name: str) -> str | None:
    """Return a name that looks like this one, preferably the same; None if it is free."""
    query = select(name_looks.c.name).where(name_looks.c.look.in_(looks(name)))
    found = set(connection.scalars(query))
    return name if name in found else min(found, default=None)


def take(connection: Connection, name: str) -> None:
    """Reserve the name; raises LooksTaken if it looks like one that is in use."""
    if (other := find_alike(connection, name)) is not None:
        raise LooksTaken(other)
    connection.execute(insert(name_looks), [{"look": look, "name": name} for look in looks(name)])


def give_back(connection: Connection, name: str) -> None:
    """Free the name."""
    connection.execute(delete(name_looks).where(name_looks.c.name == name))
