"""The logins of all accounts, as administrators see them."""

from typing import NamedTuple

from sqlalchemy import Connection, select

from messenger.server.store.schema import MAX_ID, accounts, logins


class AnyLoginRow(NamedTuple):
    """A login of any account: its id, which grows with time, unix time, address, program."""

    id: int
    account: str
    time: float
    address: str
    program: str


def page(
    connection: Connection, *, account: str, address: str, before: int | None, limit: int
) -> list[AnyLoginRow]:
    """Return logins, the latest first: of one account or all, from one address or any.

    Only those before the id `before`, if it is given.
    """
    query = (
        select(logins.c.id, accounts.c.name, logins.c.time, logins.c.address, logins.c.program)
        .join(accounts, accounts.c.id == logins.c.account_id)
        .order_by(logins.c.id.desc())
        .limit(limit)
    )
    if account:
        query = query.where(accounts.c.name == account, ~accounts.c.guest)
    if address:
        query = query.where(logins.c.address == address)
    if before is not None:
        query = query.where(logins.c.id < min(before, MAX_ID))
    return [AnyLoginRow(*row) for row in connection.execute(query)]
