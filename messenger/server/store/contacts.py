"""Contacts of accounts, and their watchers: the accounts that have them as a contact."""

from sqlalchemy import Connection, delete, select

from messenger.server.store import upsert
from messenger.server.store.accounts import COLUMNS, AccountRow
from messenger.server.store.schema import accounts, contacts


def contact_rows(connection: Connection, owner_id: int) -> list[AccountRow]:
    """Return the owner's contacts."""
    query = (
        select(*COLUMNS)
        .join(contacts, contacts.c.contact_id == accounts.c.id)
        .where(contacts.c.owner_id == owner_id)
        .order_by(accounts.c.name_key)
    )
    return [AccountRow(*row) for row in connection.execute(query)]


def add_contact(connection: Connection, owner_id: int, contact_id: int) -> None:
    """Add an account to the owner's contacts, unless it is one already."""
    row = {"owner_id": owner_id, "contact_id": contact_id}
    connection.execute(upsert.insert(connection, contacts).on_conflict_do_nothing(), row)


def delete_contact(connection: Connection, owner_id: int, contact_id: int) -> bool:
    """Remove an account from the owner's contacts; tell whether it was one."""
    row = (contacts.c.owner_id == owner_id) & (contacts.c.contact_id == contact_id)
    return bool(connection.execute(delete(contacts).where(row)).rowcount)


def watchers(connection: Connection, account_id: int) -> list[str]:
    """Return the names of the accounts that have this one as a contact."""
    query = (
        select(accounts.c.name)
        .join(contacts, contacts.c.owner_id == accounts.c.id)
        .where(contacts.c.contact_id == account_id, ~accounts.c.guest)
    )
    return list(connection.scalars(query))
