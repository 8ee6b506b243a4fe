"""Changes of accounts by administrators: stored, then in effect for everybody who is online."""

from messenger.jim.admin.accounts import Role
from messenger.jim.errors import Conflict, Forbidden, ProtocolError, Unauthorized
from messenger.jim.names import check_new_account
from messenger.jim.rooms import RoomChanged
from messenger.server.actors import ADMINISTRATOR, Actor
from messenger.server.devices import is_part
from messenger.server.logins import BLOCKED, check_new
from messenger.server.membership import send_to_room
from messenger.server.people import taken
from messenger.server.records import Account, Session
from messenger.server.services import Services
from messenger.server.store import account_changes
from messenger.server.store import accounts as account_store
from messenger.server.store import conversations as conversation_store
from messenger.server.store.account_changes import LeftRoom
from messenger.server.store.looks import LooksTaken
from messenger.server.store.missing import missing_account


async def add(services: Services, actor: Actor, name: str, verifier: str, role: Role) -> None:
    """Add an account; raises BadRequest or Conflict if its name or verifier cannot be."""
    check_new_account(name)
    check_new(name, "", verifier)
    # How guests' names look is known in memory only, so the database cannot refuse them.
    if (guest := services.online.guest_like(name, but=None)) is not None:
        raise taken(name, guest.name)
    try:
        await services.audit.act(
            actor, "admin_add", name, account_changes.add, name, verifier, role
        )
    except LooksTaken as error:
        raise taken(name, error.name) from error
    if role == ADMINISTRATOR:
        services.claim_code.use_up()
    services.online.forget_route(name)


async def block(services: Services, actor: Actor, name: str) -> None:
    """Block an account, and end its sessions; raises NotFound or Conflict."""
    _check_other(actor, name)
    await services.audit.act(actor, "admin_block", name, account_changes.block, name)
    end_sessions(services, name, Forbidden(BLOCKED))


async def unblock(services: Services, actor: Actor, name: str) -> None:
    """Let a blocked account log in again; raises NotFound or Conflict."""
    await services.audit.act(actor, "admin_unblock", name, account_changes.unblock, name)


async def set_role(services: Services, actor: Actor, name: str, role: Role) -> int:
    """Give an account a role, from now on; raises NotFound or Conflict.

    Return how many usable invitations it has made: who is no administrator any more leaves them.
    """
    if role != ADMINISTRATOR:
        _check_other(actor, name)
    invitations = await services.audit.act(
        actor,
        "admin_promote" if role == ADMINISTRATOR else "admin_demote",
        name,
        account_changes.set_role,
        name,
        role,
    )
    if role == ADMINISTRATOR:
        # Or it would be valid again without the last administrator, and may be in a log since.
        services.claim_code.use_up()
    if (online := _online(services, name)) is not None:
        online.roles = frozenset({role})
    return invitations


async def end_logins(
    services: Services, actor: Actor, name: str, device: str, but: Session
) -> None:
    """End an account's sessions, or those of one device; each has to log in with the password.

    The administrator's own session (`but`) goes on. Raises NotFound.
    """
    await services.audit.act(actor, "admin_logout", name, account_changes.end_logins, name, device)
    ended = Unauthorized("An administrator has logged you out: log in again")
    end_sessions(services, name, ended, device, but=but)


async def remove(services: Services, actor: Actor, name: str) -> None:
    """Remove an account for good, and take it out of rooms and contacts.

    Raises NotFound or Conflict.
    """
    _check_other(actor, name)
    account = await _with_rooms(services, name)
    # Before it is written, as for any change of devices and members.
    services.device_lists.invalidate_for(account)
    removed = await services.audit.act(actor, "admin_remove", name, account_changes.remove, name)
    for left in removed.rooms:
        _leave_room(services, name, left)
    services.device_lists.invalidate_for(account)  # Rooms that it has joined meanwhile.
    end_sessions(services, name, Forbidden("This account was removed"), forgets=True)
    for other in services.online.accounts.values():
        other.watchers.discard(name)
    services.online.forget_route(name)


def _check_other(actor: Actor, name: str) -> None:
    """Raise Conflict if administrators are about to lock themselves out.

    So there is always one who can administer: it is who acts.
    """
    if actor.name == name and not actor.is_operator:
        raise Conflict(
            "You cannot do this to your own account: ask another administrator, or use messenger "
            "admin on the server's machine"
        )


def _online(services: Services, name: str) -> Account | None:
    """Return the registered account of that name if it is online."""
    found = services.online.get(name)
    return found if found is not None and not found.guest else None


async def _with_rooms(services: Services, name: str) -> Account:
    """Return an account with its rooms, as far as they are in memory; raises NotFound."""
    if (online := _online(services, name)) is not None:
        return online
    row = await services.read_pool.read(account_store.find, name, guest=False)
    if row is None:
        raise await services.read_pool.read(missing_account, name)
    account = Account(name, row.id, guest=False)
    for room in await services.read_pool.read(conversation_store.rooms_of, row.id):
        if (known := services.conversations.room(room)) is not None:
            account.rooms[room] = known
    return account


def _leave_room(services: Services, name: str, left: LeftRoom) -> None:
    """Tell the members of a room that an account is gone, and who owns it now."""
    room = services.conversations.get(left.id)
    if room is None:
        return
    services.device_lists.invalidate(room)
    gone = RoomChanged(room=room.name, change="removed", account_name=name)
    send_to_room(services, room, gone)
    if (online := _online(services, name)) is not None:
        services.online.leave_room(online, room)
    if left.outcome is not None:
        services.room_ownership.apply(room, left.outcome, name)


def end_sessions(
    services: Services,
    name: str,
    error: ProtocolError,
    device: str = "",
    *,
    but: Session | None = None,
    forgets: bool = False,
) -> None:
    """End an account's sessions, or those of one device; it is offline at once.

    With `forgets` nothing is stored of what they were sent.
    """
    online = _online(services, name)
    for session in list(online.sessions) if online is not None else ():
        if session is but or (device and not is_part(session.device, device)):
            continue
        if forgets:
            services.receipts.take_delivered(session)
        services.sessions.end(session, error)
        # Not only when its connection is closed: requests that wait are refused from now on.
        services.sessions.log_out(session)
