"""Blocks between accounts, as handlers see them: who may reach whom.

Both sides of a block are in memory while they are online (`Account.blocked`, `blocked_by`). They
change before the database does, so that nothing passes once the block is on its way there, and
again behind it, for whoever has logged in meanwhile. Where other servers write the same database,
what it says is looked up where it limits somebody.
"""

import time
from collections.abc import Collection

from messenger.jim.contacts import ContactChanged, Person
from messenger.jim.errors import Forbidden
from messenger.server.people import as_person
from messenger.server.records import Account
from messenger.server.services import Services
from messenger.server.store import blocks as block_store
from messenger.server.store.accounts import AccountRow


def check_accepts(account: Account, name: str) -> None:
    """Raise Forbidden if a block is between the account and the one that it writes to."""
    if name in account.blocked:
        raise Forbidden("You have blocked {name}: unblock them first", name=name)
    if name in account.blocked_by:
        raise Forbidden("{name} does not accept your messages", name=name)


def note_block(services: Services, account: Account, name: str) -> None:
    """Let a block take effect for everybody who is online."""
    services.block_names |= {account.name, name}
    account.blocked.add(name)
    # The route is checked once and then cached: messages cost nothing more for blocks.
    account.routes.pop(name, None)
    other = services.online.get(name)
    if other is not None:
        other.blocked_by.add(account.name)
        other.routes.pop(account.name, None)


def note_unblock(services: Services, account: Account, name: str) -> None:
    """Let the end of a block take effect for everybody who is online."""
    account.blocked.discard(name)
    other = services.online.get(name)
    if other is not None:
        other.blocked_by.discard(account.name)


async def look_again(
    services: Services, account: Account, account_id: int, other: tuple[int, str]
) -> None:
    """Note what another server has changed between an account and another (id, name)."""
    found = await services.journal.write(block_store.between, (account_id, account.name), other)
    for names, is_there in ((account.blocked, found[0]), (account.blocked_by, found[1])):
        (names.add if is_there else names.discard)(other[1])


async def unreachable(services: Services, account: Account, names: Collection[str]) -> set[str]:
    """Return those of the names whose devices the account cannot reach: they have blocked it.

    Members of a common room are reachable, because its messages need keys, which arrive this way.
    """
    if services.journal.is_shared:
        account.blocked_by = await services.read_pool.read(block_store.blockers, account.name)
    barred = account.blocked_by.intersection(names)
    if not barred or account.id is None:
        return barred
    return barred - await services.read_pool.read(block_store.sharing_a_room, account.id, barred)


def person_for(services: Services, account: Account, row: AccountRow) -> Person:
    """Return an account as another one may see it."""
    return seen_by(account, as_person(services, row))


def seen_by(account: Account, person: Person) -> Person:
    """Return a person as the account may see it: behind a block, nothing but the name."""
    if account.is_apart_from(person.account_name):
        return Person(person.account_name, guest=person.guest)
    return person


def send_presence(services: Services, account: Account, name: str) -> None:
    """Send both sides the other's presence, after a block between them has begun or ended."""
    other = services.online.get(name)
    if other is None:
        return
    for watcher, seen in ((account, other), (other, account)):
        if watcher.name in seen.watchers:
            person = seen_by(watcher, seen.as_person())
            services.events.send(ContactChanged(time=time.time(), person=person), watcher.sessions)
