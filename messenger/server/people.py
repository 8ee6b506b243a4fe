"""Accounts and guests by name, and refusals of names."""

from messenger.jim.contacts import Person
from messenger.jim.errors import Conflict, NotFound, ProtocolError
from messenger.server.records import Account
from messenger.server.services import Services
from messenger.server.store import accounts as account_store
from messenger.server.store.accounts import AccountRow


async def account_id_of(services: Services, account: Account) -> int:
    """Return the id under which an account is stored; a guest gets one now."""
    if account.id is None:
        account.id = await services.journal.write(account_store.create_guest, account.name)
    return account.id


async def find_row(services: Services, name: str) -> AccountRow:
    """Return the account of that name, or the guest; raises NotFound, also for a removed one."""
    row = await services.read_pool.read(account_store.find, name)
    if row is None or row.removed_at is not None:
        raise await unknown(services, name)
    return row


async def find_id(services: Services, name: str) -> int:
    """Return the id of an account, or of a guest who is online; raises NotFound."""
    online = services.online.get(name)
    if online is not None:
        return await account_id_of(services, online)
    return (await find_row(services, name)).id


async def unknown(services: Services, name: str) -> ProtocolError:
    """Return the refusal of an unknown name; it suggests the same name in another case."""
    similar = await services.read_pool.read(account_store.find_similar, name)
    if similar is None:
        return NotFound("There is no user {name}", name=name)
    return NotFound("There is no user {name}: did you mean {similar}?", name=name, similar=similar)


def taken(name: str, other: str) -> ProtocolError:
    """Return the refusal of a name that is another's, or looks like it."""
    if name == other:
        return Conflict("The name {name} is taken", name=name)
    return Conflict(
        "{name} looks the same as {other}, a name that is taken", name=name, other=other
    )


def as_person(services: Services, row: AccountRow) -> Person:
    """Return the public part of an account, online or not."""
    online = services.online.get(row.name)
    if online is not None:
        return online.as_person()
    return Person(row.name, guest=bool(row.guest), last_seen=row.last_seen)
