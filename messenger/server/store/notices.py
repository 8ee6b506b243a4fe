"""The account in whose name the server itself writes."""

import time
from typing import NamedTuple

from sqlalchemy import Connection, insert, select

from messenger.jim.names import same_key
from messenger.server.store.accounts import SYSTEM
from messenger.server.store.audit import Change
from messenger.server.store.schema import accounts

_NAMES = ("server", "system", "messenger")
"""Names that nobody can register; an account that is older than this rule may have one of them."""


class Sender(NamedTuple):
    """The account that sends notices."""

    id: int
    name: str


def note(connection: Connection, length: int) -> Change[Sender]:
    """Return the account that sends a notice of so many characters; it is created first."""
    return Change(None, {"characters": length}, _sender(connection))


def _sender(connection: Connection) -> Sender:
    known = select(accounts.c.id, accounts.c.name).where(accounts.c.role == SYSTEM)
    if (row := connection.execute(known).first()) is not None:
        return Sender(row.id, row.name)
    keys = {same_key(name): name for name in _NAMES}
    query = select(accounts.c.name_key).where(accounts.c.name_key.in_(keys), ~accounts.c.guest)
    taken = set(connection.scalars(query))
    name = next((name for key, name in keys.items() if key not in taken), f"{_NAMES[0]} *")
    added = insert(accounts).values(
        name=name, name_key=same_key(name), role=SYSTEM, guest=False, created_at=time.time()
    )
    return Sender(int(connection.execute(added.returning(accounts.c.id)).scalar_one()), name)
