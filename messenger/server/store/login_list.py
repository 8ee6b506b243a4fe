"""The logins of all accounts, as administrators see them."""

from typing import NamedTuple

from sqlalchemy import Connection, select

from messenger.jim.admin.sessions import ListAllLogins
from messenger.server.store.backward import latest
from messenger.server.store.schema import accounts, logins


class AnyLoginRow(NamedTuple):
    """A login of any account: its id, which grows with time, unix time, address, program."""

    id: int
    account: str
    time: float
    address: str
    program: str


def page(connection: Connection, asked: ListAllLogins) -> list[AnyLoginRow]:
    """Return logins, the latest first: of one account or all, from one address or any."""
    every = select(
        logins.c.id, accounts.c.name, logins.c.time, logins.c.address, logins.c.program
    ).join(accounts, accounts.c.id == logins.c.account_id)
    query = latest(every, logins.c.id, asked)
    if asked.account_name:
        query = query.where(accounts.c.name == asked.account_name, ~accounts.c.guest)
    if asked.address:
        query = query.where(logins.c.address == asked.address)
    return [AnyLoginRow(*row) for row in connection.execute(query)]
