"""Accounts, their devices and logins."""

import secrets
import time
from collections.abc import Iterable
from typing import Any, NamedTuple

from sqlalchemy import Connection, bindparam, delete, func, insert, select, update

from messenger.jim.names import same_key
from messenger.server.rate_limits import origin
from messenger.server.store import changes, keys, looks, named_values
from messenger.server.store.invitations import use_invitation
from messenger.server.store.schema import (
    accounts,
    contacts,
    devices,
    logins,
    password_resets,
    receipts,
    settings,
)

SYSTEM = "system"
"""The role of the account in whose name the server itself writes: nobody can log in to it."""

_LATELY = 200  # logins: a month of a program that logs in each time it is used
_KEPT_LOGINS = 1_000  # per account; a program may log in each minute


class AccountRow(NamedTuple):
    """An account as it is stored."""

    id: int
    name: str
    guest: bool
    verifier: str | None
    blocked: bool
    information: str
    last_seen: float | None
    role: str
    removed_at: float | None


class Proof(NamedTuple):
    """The proof of a login that was checked: a password's verifier, or the hash of a token.

    `renewed` replaces an outdated verifier.
    """

    verifier: str | None = None
    token_hash: bytes | None = None
    renewed: str | None = None


class ProofOutdated(Exception):
    """The proof does not hold any more: the password was changed, or the token forgotten."""


class LoginRow(NamedTuple):
    """One login: unix time, IP address, program."""

    time: float
    address: str
    program: str


COLUMNS = (
    accounts.c.id,
    accounts.c.name,
    accounts.c.guest,
    accounts.c.verifier,
    accounts.c.blocked,
    accounts.c.information,
    accounts.c.last_seen,
    accounts.c.role,
    accounts.c.removed_at,
)

# Every login needs these: they are built once.
_BY_NAME = (
    select(*COLUMNS).where(accounts.c.name == bindparam("name")).order_by(accounts.c.guest).limit(1)
)
_BY_NAME_AND_KIND = _BY_NAME.where(accounts.c.guest == bindparam("guest"))
_INSERT = insert(accounts).returning(accounts.c.id)
_REGISTERED = select(accounts.c.name).where(
    accounts.c.name_key == bindparam("key"), ~accounts.c.guest, accounts.c.removed_at.is_(None)
)


def find(connection: Connection, name: str, *, guest: bool | None = None) -> AccountRow | None:
    """Return the account of that name, the registered one before a guest's."""
    query = _BY_NAME if guest is None else _BY_NAME_AND_KIND
    row = connection.execute(query, {"name": name, "guest": guest}).first()
    return AccountRow(*row) if row else None


def find_similar(connection: Connection, name: str) -> str | None:
    """Return the registered account whose name is this one in another case."""
    return connection.scalar(_REGISTERED, {"key": same_key(name)})


class InvitationUnusable(Exception):
    """The invitation is unknown, used up or expired: the change that needs it is rolled back."""


def create(connection: Connection, name: str, verifier: str) -> int:
    """Create an account and return its id; raises LooksTaken if the name is taken."""
    looks.take(connection, name)
    return _insert(connection, name, verifier, guest=False)


def register(connection: Connection, name: str, verifier: str, invitation: bytes | None) -> None:
    """Create an account, and use up one registration of the invitation, if any.

    Raises LooksTaken if the name is taken. That is checked first: somebody who has registered
    already learns of it, and not that the invitation is used up. Raises InvitationUnusable.
    """
    create(connection, name, verifier)
    if invitation is not None and not use_invitation(connection, invitation):
        raise InvitationUnusable


def create_guest(connection: Connection, name: str) -> int:
    """Return the id under which all guests of this name are stored, one after the other.

    Call it once for each guest: it deletes the receipts and contacts of the earlier one.
    """
    found = find(connection, name, guest=True)
    if found is None:
        return _insert(connection, name, None, guest=True)
    connection.execute(delete(receipts).where(receipts.c.account_id == found.id))
    connection.execute(delete(contacts).where(contacts.c.owner_id == found.id))
    return found.id


def _insert(connection: Connection, name: str, verifier: str | None, *, guest: bool) -> int:
    values = {
        "name": name,
        "name_key": same_key(name),
        "verifier": verifier,
        "guest": guest,
        "created_at": time.time(),
    }
    return int(connection.execute(_INSERT, values).scalar_one())


def set_verifier(connection: Connection, account_id: int, verifier: str) -> None:
    """Replace the verifier of the password."""
    connection.execute(
        update(accounts).where(accounts.c.id == account_id).values(verifier=verifier)
    )


def check_proof(connection: Connection, account_id: int, proof: Proof) -> None:
    """Raise ProofOutdated unless the proof still holds, in the transaction that relies on it.

    Time passes between a proof and what it allows, and the password may be changed meanwhile.
    """
    if proof.token_hash is not None:
        mine = devices.c.account_id == account_id
        held = select(devices.c.id).where(mine, devices.c.token_hash == proof.token_hash)
    else:
        same = accounts.c.id == account_id
        held = select(accounts.c.id).where(same, accounts.c.verifier == proof.verifier)
    if connection.execute(held.limit(1)).first() is None:
        raise ProofOutdated
    if proof.renewed is not None:
        set_verifier(connection, account_id, proof.renewed)


def role_of(connection: Connection, account_id: int) -> str | None:
    """Return the role of an account; None for one that may not log in: blocked, or removed."""
    query = select(accounts.c.role).where(
        accounts.c.id == account_id, ~accounts.c.blocked, accounts.c.removed_at.is_(None)
    )
    return connection.scalar(query)


def change_password(
    connection: Connection, account_id: int, verifier: str, keep: bytes | None, proof: Proof
) -> None:
    """Replace the password; devices with another token than `keep` have to log in with it.

    Raises ProofOutdated.
    """
    check_proof(connection, account_id, proof)
    set_verifier(connection, account_id, verifier)
    # Whoever knows the password needs no code, and somebody else may have it.
    connection.execute(delete(password_resets).where(password_resets.c.account_id == account_id))
    forget_tokens(connection, account_id, but=keep)


def search(connection: Connection, prefix: str, limit: int) -> list[AccountRow]:
    """Return registered accounts whose name starts with `prefix`, in any case."""
    key = same_key(prefix)
    # A range up to the greatest code point: unlike LIKE, it can use the index.
    query = (
        select(*COLUMNS)
        .where(accounts.c.name_key >= key, accounts.c.name_key < key + "\U0010ffff")
        .where(~accounts.c.guest, accounts.c.removed_at.is_(None), accounts.c.role != SYSTEM)
        .order_by(accounts.c.name_key)
        .limit(limit)
    )
    return [AccountRow(*row) for row in connection.execute(query)]


def by_ids(connection: Connection, ids: Iterable[int]) -> list[AccountRow]:
    """Return the accounts with these ids, by name."""
    query = select(*COLUMNS).where(accounts.c.id.in_(list(ids))).order_by(accounts.c.name_key)
    return [AccountRow(*row) for row in connection.execute(query)]


def seen(connection: Connection, account_id: int, when: float) -> None:
    """Store when the account was last online, unless it was removed."""
    same = (accounts.c.id == account_id) & accounts.c.removed_at.is_(None)
    connection.execute(update(accounts).where(same).values(last_seen=when))


# --- devices and logins ------------------------------------------------------------------------


def log_in(
    connection: Connection,
    account_id: int,
    *,
    device_id: str,
    name: str,
    program: str,
    address: str,
    token_hash: bytes | None,
    max_devices: int,
) -> bool:
    """Store a login and its device; False if there are too many devices.

    Without a `device_id` (a plain client) only the login is stored.
    """
    now = time.time()
    if device_id:
        values = {"name": name, "program": program, "last_seen": now}
        if token_hash is not None:
            values["token_hash"] = token_hash
        if not _keep_device(connection, account_id, device_id, values, max_devices):
            return False
    connection.execute(
        insert(logins).values(account_id=account_id, time=now, address=address, program=program)
    )
    connection.execute(
        update(accounts)
        .where(accounts.c.id == account_id)
        .values(last_login=now, last_address=address)
    )
    _forget_old_logins(connection, account_id)
    return True


def _keep_device(
    connection: Connection,
    account_id: int,
    device_id: str,
    values: dict[str, Any],
    max_devices: int,
) -> bool:
    """Update or add a device; False if there are too many already."""
    same = (devices.c.account_id == account_id) & (devices.c.public_id == device_id)
    # Mostly the device is known, and the limit is for new ones only.
    if connection.execute(update(devices).where(same).values(values)).rowcount:
        return True
    count = select(func.count()).where(devices.c.account_id == account_id)
    if connection.execute(count).scalar_one() >= max_devices:
        return False
    added = {"account_id": account_id, "public_id": device_id, "created_at": values["last_seen"]}
    connection.execute(insert(devices).values(added | values))
    return True


def _forget_old_logins(connection: Connection, account_id: int) -> None:
    theirs = logins.c.account_id == account_id
    last = select(logins.c.id).where(theirs).order_by(logins.c.id.desc()).offset(_KEPT_LOGINS)
    oldest = last.limit(1).scalar_subquery()
    connection.execute(delete(logins).where(theirs, logins.c.id <= oldest))


def find_by_token(connection: Connection, token_hash: bytes) -> tuple[AccountRow, str] | None:
    """Return the account whose device holds this token, and the device's id."""
    query = (
        select(*COLUMNS, devices.c.public_id)
        .join(devices, devices.c.account_id == accounts.c.id)
        .where(devices.c.token_hash == token_hash)
    )
    row = connection.execute(query).first()
    return (AccountRow(*row[:-1]), str(row[-1])) if row else None


def forget_device(connection: Connection, account_id: int, device_id: str) -> None:
    """Remove a device: its token becomes invalid, and nothing is encrypted for it any more.

    Other programs on the device (`device_id.1`) are removed, too.
    """
    beside = devices.c.public_id.startswith(f"{device_id}.", autoescape=True)
    same = (devices.c.account_id == account_id) & ((devices.c.public_id == device_id) | beside)
    for number in connection.scalars(select(devices.c.id).where(same)).all():
        # First: foreign keys refer to the device.
        keys.forget(connection, number)
    connection.execute(delete(devices).where(same))
    changes.note_for(connection, account_id)


def forget_tokens(connection: Connection, account_id: int, but: bytes | None) -> None:
    """Make every device log in with the password again, but those with this token."""
    others = devices.c.account_id == account_id
    if but is not None:
        others &= devices.c.token_hash != but
    connection.execute(update(devices).where(others).values(token_hash=None))


def has_come_from(connection: Connection, name: str, origin_of_login: str) -> bool:
    """Tell whether the account has logged in from this origin lately."""
    query = (
        select(logins.c.address)
        .join(accounts, accounts.c.id == logins.c.account_id)
        .where(accounts.c.name == name, ~accounts.c.guest)
        .order_by(logins.c.id.desc())
        .limit(_LATELY)
    )
    return any(origin(address) == origin_of_login for address in connection.scalars(query))


def login_history(connection: Connection, account_id: int, limit: int) -> list[LoginRow]:
    """Return the latest logins of the account, the last one first."""
    query = (
        select(logins.c.time, logins.c.address, logins.c.program)
        .where(logins.c.account_id == account_id)
        .order_by(logins.c.id.desc())
        .limit(limit)
    )
    return [LoginRow(*row) for row in connection.execute(query)]


# --- the server's secret -----------------------------------------------------------------------


def server_secret(connection: Connection) -> bytes:
    """Return the secret from which challenges for unknown names are derived; creates it first."""
    found = named_values.get(connection, "secret")
    if found is None:
        # Stored, because a salt that changes with a restart would show which names do not exist.
        found = secrets.token_hex(32)
        connection.execute(insert(settings).values(name="secret", value=found))
    return bytes.fromhex(found)
