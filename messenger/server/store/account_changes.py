"""What administrators change of accounts: roles, blocks, logins, and whether they exist."""

import time
from collections.abc import Sequence
from typing import Any, NamedTuple

from sqlalchemy import Connection, delete, exists, func, or_, select, update

from messenger.jim.admin.accounts import Role
from messenger.jim.errors import Conflict, Forbidden, NotFound
from messenger.language import N_
from messenger.server.store import accounts as account_store
from messenger.server.store import changes, invitations, keys, password_resets, room_ownership
from messenger.server.store.audit import Change, State
from messenger.server.store.missing import missing_account
from messenger.server.store.room_ownership import Outcome
from messenger.server.store.schema import (
    accounts,
    blocks,
    contacts,
    conversations,
    devices,
    key_backups,
    logins,
    members,
    receipts,
)

_ADMINISTRATOR: Role = "administrator"

_HAS_ROLE = {
    "administrator": N_("{name} is an administrator already"),
    "user": N_("{name} is not an administrator"),
}


class LeftRoom(NamedTuple):
    """A room that a removed account was in; `outcome` if that account had created it."""

    id: int
    outcome: Outcome | None


class Removed(NamedTuple):
    """An account that was removed, and the rooms that it was in."""

    id: int
    rooms: Sequence[LeftRoom]


def has_administrator(connection: Connection) -> bool:
    """Tell whether an account has the role of an administrator, and can log in."""
    return bool(connection.scalar(select(exists().where(_is_active_administrator()))))


def add(connection: Connection, name: str, verifier: str, role: Role) -> Change[None]:
    """Add an account; raises LooksTaken if the name is taken."""
    account_id = account_store.create(connection, name, verifier)
    if role == _ADMINISTRATOR:
        _set(connection, account_id, role=role)
    return Change(None, {"role": role}, None)


def block(connection: Connection, name: str) -> Change[None]:
    """Let an account log in no more, and nobody register with an invitation that it has made.

    Raises NotFound, or Conflict if it is blocked.
    """
    found = _present(connection, name)
    if found.blocked:
        raise Conflict("{name} is blocked already", name=name)
    _set(connection, found.id, blocked=True)
    password_resets.forget(connection, found.id)
    _forget_codes_of(connection, found)
    before, after = _revoke_invitations_of(connection, found)
    return Change({"blocked": False, **before}, {"blocked": True, **after}, None)


def unblock(connection: Connection, name: str) -> Change[None]:
    """Let a blocked account log in again; raises NotFound or Conflict."""
    found = _present(connection, name)
    if not found.blocked:
        raise Conflict("{name} is not blocked", name=name)
    _set(connection, found.id, blocked=False)
    return Change({"blocked": True}, {"blocked": False}, None)


def set_role(connection: Connection, name: str, role: Role) -> Change[int]:
    """Give an account a role; return how many usable invitations it has made, which stay so.

    Raises NotFound, or Conflict if it has the role.
    """
    found = _present(connection, name)
    if found.role == role:
        raise Conflict(_HAS_ROLE[role], name=name)
    _set(connection, found.id, role=role)
    _forget_codes_of(connection, found)
    left = invitations.count_made_by(connection, name)
    stays = {"invitations": left} if left else {}
    return Change({"role": found.role, **stays}, {"role": role, **stays}, left)


def claim(connection: Connection, name: str) -> Change[int]:
    """Make an account the first administrator; raises Forbidden if there is one already."""
    if has_administrator(connection):
        raise Forbidden("There is an administrator already: ask them to promote you")
    return set_role(connection, name, _ADMINISTRATOR)


def reset(connection: Connection, name: str, code_hash: bytes, expires_at: float) -> Change[None]:
    """Store the code with which an account gets a new password, in place of an earlier one.

    Raises NotFound, or Conflict for a blocked account.
    """
    found = _present(connection, name)
    if found.blocked:
        raise Conflict("{name} is blocked: unblock it first", name=name)
    earlier = password_resets.find(connection, name)
    password_resets.replace(connection, found.id, code_hash, expires_at)
    before = {"expires": earlier.expires_at} if earlier is not None and earlier.usable else None
    return Change(before, {"expires": expires_at}, None)


def end_logins(connection: Connection, name: str, device: str) -> Change[None]:
    """Make an account, or one device of it, log in with the password again.

    The keys of its devices stay. Raises NotFound.
    """
    found = _present(connection, name)
    theirs = devices.c.account_id == found.id
    if device:
        beside = devices.c.public_id.startswith(f"{device}.", autoescape=True)
        theirs &= or_(devices.c.public_id == device, beside)
        if connection.scalar(select(func.count()).where(theirs)) == 0:
            raise NotFound("{name} has no such device", name=name)
    held = select(func.count()).where(theirs, devices.c.token_hash.is_not(None))
    before = connection.scalar(held)
    connection.execute(update(devices).where(theirs).values(token_hash=None))
    about = {"device": device} if device else {}
    return Change({"logins": before, **about}, {"logins": 0, **about}, None)


def remove(connection: Connection, name: str) -> Change[Removed]:
    """Remove an account with everything of it but its messages, its name and its row.

    Rooms that it has created get another creator, and its invitations are revoked. Raises NotFound.
    """
    found = _present(connection, name)
    # First, while the memberships are known.
    changes.note_for(connection, found.id)
    devices_before = _forget_devices(connection, found.id)
    rooms = _leave_rooms(connection, found.id)
    password_resets.forget(connection, found.id)
    _forget_codes_of(connection, found)
    revoked, _ = _revoke_invitations_of(connection, found)
    for table in (key_backups, members, receipts, logins):
        connection.execute(delete(table).where(table.c.account_id == found.id))
    both = (contacts.c.owner_id == found.id) | (contacts.c.contact_id == found.id)
    connection.execute(delete(contacts).where(both))
    connection.execute(delete(blocks).where(blocks.c.owner_id == found.id))
    _set(
        connection,
        found.id,
        removed_at=time.time(),
        role="user",
        blocked=False,
        information="",
        **dict.fromkeys(("verifier", "identity", "master_key")),
        **dict.fromkeys(("last_seen", "last_login", "last_address")),
    )
    before = {
        "role": found.role,
        "blocked": bool(found.blocked),
        "devices": devices_before,
        "rooms": len(rooms),
        **revoked,
    }
    return Change(before, {"removed": True}, Removed(found.id, rooms))


def _present(connection: Connection, name: str) -> account_store.AccountRow:
    """Return the registered account of that name; raises NotFound, also for a removed one."""
    found = account_store.find(connection, name, guest=False)
    if found is None or found.role == account_store.SYSTEM:
        raise missing_account(connection, name)
    if found.removed_at is not None:
        raise NotFound("The account {name} was removed", name=name)
    return found


def _is_active_administrator() -> Any:
    return (
        (accounts.c.role == _ADMINISTRATOR) & ~accounts.c.blocked & accounts.c.removed_at.is_(None)
    )


def _forget_codes_of(connection: Connection, found: account_store.AccountRow) -> None:
    """Withdraw the codes for passwords that an account has made as an administrator."""
    if found.role == _ADMINISTRATOR:
        password_resets.forget_made_by(connection, found.name)


def _revoke_invitations_of(
    connection: Connection, found: account_store.AccountRow
) -> tuple[State, State]:
    """Revoke the invitations that an account has made; return what this changes, if anything."""
    count = invitations.revoke_made_by(connection, found.name)
    return ({"invitations": count}, {"invitations": 0}) if count else ({}, {})


def _set(connection: Connection, account_id: int, **values: object) -> None:
    connection.execute(update(accounts).where(accounts.c.id == account_id).values(values))


def _forget_devices(connection: Connection, account_id: int) -> int:
    """Delete the devices of an account, their keys and their to-device messages; count them."""
    theirs = connection.scalars(select(devices.c.id).where(devices.c.account_id == account_id))
    numbers = theirs.all()
    for number in numbers:
        # First: foreign keys refer to the device.
        keys.forget(connection, number)
    connection.execute(delete(devices).where(devices.c.account_id == account_id))
    return len(numbers)


def _leave_rooms(connection: Connection, account_id: int) -> list[LeftRoom]:
    """Leave every open room; those that the account has created get another creator."""
    theirs = (
        select(conversations.c.id, conversations.c.creator_id)
        .join(members, members.c.conversation_id == conversations.c.id)
        .where(members.c.account_id == account_id, ~members.c.banned)
        .where(conversations.c.closed_at.is_(None))
    )
    rooms = connection.execute(theirs).all()
    # First, as the next creator must be somebody who stays.
    connection.execute(delete(members).where(members.c.account_id == account_id))
    return [
        LeftRoom(
            row.id,
            room_ownership.transfer(connection, row.id) if row.creator_id == account_id else None,
        )
        for row in rooms
    ]
