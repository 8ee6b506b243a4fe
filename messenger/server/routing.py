"""Resolves a name to the conversation that it means for an account."""

from messenger.jim.errors import NotFound, Offline
from messenger.jim.names import EVERYONE, is_room, room_name
from messenger.server.blocks import check_accepts, look_again
from messenger.server.people import account_id_of, unknown
from messenger.server.records import Account, Conversation
from messenger.server.services import Services
from messenger.server.store import accounts as account_store
from messenger.server.store import conversations as conversation_store

_MAX_ROUTES = 1_000  # per account, 100 KB; after more of them some are looked up again


async def route(services: Services, account: Account, to: str) -> Conversation:
    """Return the conversation that `to` names for the account, created if need be.

    Raises NotFound (also for a room that the account is not in), Offline (a guest who has left) or
    Forbidden (a block).
    """
    account_id = await account_id_of(services, account)
    if is_room(to):
        conversation = joined_room(services, account, to)
    else:
        other = await _other_id(services, to)
        row = await services.journal.write(conversation_store.open_direct, account_id, other)
        conversation = services.conversations.take(row, (account.name, to))
        if services.journal.is_shared:
            await look_again(services, account, account_id, (other, to))
    # After all that is awaited: a block may have begun meanwhile.
    check_accepts(account, to)
    if len(account.routes) >= _MAX_ROUTES:
        account.routes.clear()
    account.routes[to] = conversation
    return conversation


async def find(services: Services, account: Account, name: str) -> Conversation | None:
    """Return a conversation that the account takes part in; None if nothing was written yet.

    Raises NotFound if there is no such room or user.
    """
    if is_room(name):
        return joined_room(services, account, name)
    if found := account.routes.get(name):
        return found
    other = await services.read_pool.read(account_store.find, name)
    if other is None:
        if services.online.get(name) is not None:
            return None
        raise await unknown(services, name)
    account_id = await account_id_of(services, account)
    row = await services.journal.write(conversation_store.find_direct, account_id, other.id)
    return services.conversations.take(row, (account.name, name)) if row else None


def joined_room(services: Services, account: Account, name: str) -> Conversation:
    """Return the common chat, or a room that the account is a member of; raises NotFound."""
    if room_name(name) == EVERYONE:
        return services.everyone
    if found := account.rooms.get(name):
        return found
    raise NotFound("You are not in the room {room}: join it first", room=name)


async def _other_id(services: Services, name: str) -> int:
    """Return the id of the other side of a direct chat; a guest who is online gets one now."""
    online = services.online.get(name)
    if online is not None and online.id is not None:
        return online.id
    found = await services.read_pool.read(account_store.find, name)
    online = services.online.get(name)  # again: it may have changed during the query
    if online is not None and online.guest:
        return await account_id_of(services, online)
    if found is None:
        raise await unknown(services, name)
    if found.removed_at is not None:
        raise NotFound("The account {name} was removed", name=name)
    if found.guest:
        raise Offline("{name} is a guest and offline", name=name)
    return found.id
