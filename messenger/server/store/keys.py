"""Keys of devices, one-time keys, and the key backup."""

import time
from collections.abc import Collection, Iterable, Mapping
from typing import NamedTuple

from sqlalchemy import ColumnElement, Connection, and_, delete, func, insert, or_, select, update

from messenger.server.store import changes
from messenger.server.store.schema import (
    accounts,
    conversations,
    devices,
    key_backups,
    logins,
    members,
    one_time_keys,
    to_device_messages,
)


class DeviceRow(NamedTuple):
    """A device that can decrypt; of an account without any, everything but its name is None."""

    account: str
    device_id: str | None
    ed25519: str | None
    keys: str | None
    identity: str | None = None
    master_key: str | None = None


class PublishedRow(NamedTuple):
    """A device's keys on the server: ids of unclaimed one-time keys and of the fallback key.

    `since` is when its keys were first published (unix time), `identity` that of its account.
    """

    one_time_keys: list[str]
    fallback: str
    since: float
    identity: str | None


class ClaimedRow(NamedTuple):
    """A key to begin a session with."""

    key_id: str
    key: str


class TakenId(Exception):
    """A one-time key has the id of another one."""


class TooManyKeys(Exception):
    """A device has published too many one-time keys."""


def device_row(connection: Connection, account_id: int, device_id: str) -> int | None:
    """Return the id under which a device is stored."""
    query = select(devices.c.id).where(
        devices.c.account_id == account_id, devices.c.public_id == device_id
    )
    found = connection.scalar(query)
    return int(found) if found is not None else None


def published(
    connection: Connection, account_id: int, device_id: str
) -> tuple[str | None, str | None]:
    """Return the keys that a device has published, and the identity of its account."""
    same = and_(devices.c.account_id == accounts.c.id, devices.c.public_id == device_id)
    query = (
        select(devices.c.signed_keys, accounts.c.identity)
        .select_from(accounts.outerjoin(devices, same))
        .where(accounts.c.id == account_id)
    )
    keys, identity = connection.execute(query).one()
    return keys, identity


def publish(
    connection: Connection,
    account_id: int,
    device_id: str,
    *,
    device: tuple[str, str] | None,
    one_time: Mapping[str, str],
    fallback: tuple[str, str] | None,
    replace: bool,
    max_one_time: int,
) -> PublishedRow | None:
    """Store a device's keys; None if there is no such device. `device` is (keys, ed25519).

    With `replace` unclaimed one-time keys are deleted first. Raises TakenId if a one-time key was
    published with another value, TooManyKeys if there would be more than `max_one_time`.
    """
    number = device_row(connection, account_id, device_id)
    if number is None:
        return None
    values: dict[str, object] = {}
    if device is not None:
        if published(connection, account_id, device_id)[0] != device[0]:
            changes.note_for(connection, account_id)
        # The first time stays: messages from before it were not encrypted for this device.
        since = func.coalesce(devices.c.keys_since, time.time())
        values |= {"signed_keys": device[0], "ed25519": device[1], "keys_since": since}
    if fallback is not None:
        values |= {"fallback_id": fallback[0], "fallback_key": fallback[1]}
    if values:
        connection.execute(update(devices).where(devices.c.id == number).values(values))
    if replace:
        connection.execute(delete(one_time_keys).where(_unclaimed(number)))
    _add_one_time_keys(connection, number, one_time)
    found = _published_row(connection, number)
    if len(found.one_time_keys) > max_one_time:
        raise TooManyKeys
    return found


def _unclaimed(number: int) -> ColumnElement[bool]:
    return (one_time_keys.c.device_row == number) & one_time_keys.c.key.is_not(None)


def _published_row(connection: Connection, number: int) -> PublishedRow:
    left = connection.scalars(select(one_time_keys.c.key_id).where(_unclaimed(number)))
    row = connection.execute(
        select(devices.c.fallback_id, devices.c.keys_since, accounts.c.identity)
        .join(accounts, accounts.c.id == devices.c.account_id)
        .where(devices.c.id == number)
    ).one()
    return PublishedRow(list(left), row[0] or "", row[1] or 0.0, row[2])


class OtherIdentity(Exception):
    """The account has another identity already."""


def set_identity(
    connection: Connection, account_id: int, identity: str, master_key: str, *, reset: bool
) -> None:
    """Store the identity of an account; raises OtherIdentity if it has one, unless it is `reset`.

    The key backup of an identity that was reset cannot be decrypted any more, and is deleted.
    """
    same = accounts.c.id == account_id
    known = connection.scalar(select(accounts.c.master_key).where(same))
    if known is not None and known != master_key:
        if not reset:
            raise OtherIdentity
        connection.execute(delete(key_backups).where(key_backups.c.account_id == account_id))
    values = {"identity": identity, "master_key": master_key}
    connection.execute(update(accounts).where(same).values(values))
    changes.note_for(connection, account_id)


class NoRoom(Exception):
    """More keys would be backed up for an account than it may have."""


def back_up(
    connection: Connection,
    account_id: int,
    keys: Mapping[str, str],
    forgotten: Iterable[str],
    max_keys: int,
) -> None:
    """Store encrypted keys by their sessions; older ones, and those `forgotten`, are deleted.

    Raises NoRoom if there would be more than `max_keys`, and more than before.
    """
    mine = key_backups.c.account_id == account_id
    gone = key_backups.c.session_id.in_([*keys, *forgotten])
    removed = connection.execute(delete(key_backups).where(mine, gone)).rowcount
    others = connection.scalar(select(func.count()).where(mine)) or 0
    if len(keys) > removed and others + len(keys) > max_keys:
        raise NoRoom
    rows = [
        {"account_id": account_id, "session_id": session_id, "encrypted": encrypted}
        for session_id, encrypted in keys.items()
    ]
    if rows:
        connection.execute(insert(key_backups), rows)


def backed_up(
    connection: Connection, account_id: int, after: str, limit: int, names: Collection[str] = ()
) -> dict[str, str]:
    """Return encrypted keys by their sessions, after the name `after`.

    With `names` only those of these names, or of one of them with a space and a suffix.
    """
    mine, name = key_backups.c.account_id == account_id, key_backups.c.session_id
    query = select(name, key_backups.c.encrypted).where(name > after)
    if names:
        # Each alternative names the account, so that each is looked up by the primary key.
        # In ASCII `!` follows the space, so these are the names with a space and a suffix.
        longer = [and_(mine, name >= f"{one} ", name < f"{one}!") for one in names]
        query = query.where(or_(and_(mine, name.in_(names)), *longer))
    else:
        query = query.where(mine)
    rows = connection.execute(query.order_by(name).limit(limit))
    return {row[0]: row[1] for row in rows}


def devices_of(
    connection: Connection, account_id: int
) -> list[tuple[str, str, str, float | None, bool, str]]:
    """Return an account's devices.

    Of each: id, name, program, last seen (unix time), whether with keys, and from which address.
    """
    # A login and its device's `last_seen` are stored with the same time.
    address = (
        select(logins.c.address)
        .where(logins.c.account_id == devices.c.account_id, logins.c.time == devices.c.last_seen)
        .limit(1)
        .scalar_subquery()
    )
    query = (
        select(
            devices.c.public_id,
            devices.c.name,
            devices.c.program,
            devices.c.last_seen,
            devices.c.signed_keys.is_not(None),
            func.coalesce(address, ""),
        )
        .where(devices.c.account_id == account_id)
        .order_by(devices.c.id)
    )
    return [(*row[:4], bool(row[4]), row[5]) for row in connection.execute(query)]


def _add_one_time_keys(connection: Connection, number: int, keys: Mapping[str, str]) -> None:
    if not keys:
        return
    query = select(one_time_keys.c.key_id, one_time_keys.c.key).where(
        one_time_keys.c.device_row == number, one_time_keys.c.key_id.in_(list(keys))
    )
    known = {row[0]: row[1] for row in connection.execute(query)}
    for key_id, key in known.items():
        # Of a claimed key only the id is left: it is not compared, and not stored again.
        if key is not None and key != keys[key_id]:
            raise TakenId(key_id)
    new = [
        {"device_row": number, "key_id": key_id, "key": key}
        for key_id, key in keys.items()
        if key_id not in known
    ]
    if new:
        connection.execute(insert(one_time_keys), new)


def claim(
    connection: Connection, wanted: Iterable[tuple[str, str, bool]]
) -> list[ClaimedRow | None]:
    """Return a one-time key of each (account, device_id, once), and never return it again.

    It is the fallback key if none is left, or if it need not be used only `once`.
    """
    return [_claim(connection, *device) for device in wanted]


def _claim(connection: Connection, account: str, device_id: str, once: bool) -> ClaimedRow | None:
    query = (
        select(devices.c.id, devices.c.fallback_id, devices.c.fallback_key)
        .join(accounts, accounts.c.id == devices.c.account_id)
        .where(accounts.c.name == account, ~accounts.c.guest, devices.c.public_id == device_id)
    )
    device = connection.execute(query).first()
    if device is None:
        return None
    if once:
        mine = one_time_keys.c.device_row == device.id
        first = select(one_time_keys.c.key_id, one_time_keys.c.key).where(
            mine, one_time_keys.c.key.is_not(None)
        )
        # Locked on PostgreSQL, where another transaction may be claiming, too: it gets another one.
        first = first.order_by(one_time_keys.c.key_id).limit(1).with_for_update(skip_locked=True)
        row = connection.execute(first).first()
        if row is not None:
            same = mine & (one_time_keys.c.key_id == row.key_id)
            # The id stays: a key that is published again is not given out again.
            connection.execute(update(one_time_keys).where(same).values(key=None))
            return ClaimedRow(row.key_id, row.key)
    return ClaimedRow(device.fallback_id, device.fallback_key) if device.fallback_id else None


def recipient_devices(connection: Connection, conversation_id: int) -> list[DeviceRow]:
    """Return the devices of everyone who takes part in a room or direct chat.

    An account without any has one row without a device.
    """
    of_pair = select(accounts.c.id).join(
        conversations,
        or_(conversations.c.first_id == accounts.c.id, conversations.c.second_id == accounts.c.id),
    )
    of_room = select(members.c.account_id).where(
        members.c.conversation_id == conversation_id, ~members.c.banned
    )
    query = (
        select(
            accounts.c.name,
            devices.c.public_id,
            devices.c.ed25519,
            devices.c.signed_keys,
            accounts.c.identity,
            accounts.c.master_key,
        )
        .select_from(
            accounts.outerjoin(
                devices,
                (devices.c.account_id == accounts.c.id) & devices.c.signed_keys.is_not(None),
            )
        )
        .where(
            or_(
                accounts.c.id.in_(of_pair.where(conversations.c.id == conversation_id)),
                accounts.c.id.in_(of_room),
            )
        )
        .order_by(accounts.c.name, devices.c.public_id)
    )
    return [DeviceRow(*row) for row in connection.execute(query)]


def forget(connection: Connection, number: int) -> None:
    """Delete a device's published keys, and the to-device messages for it."""
    connection.execute(delete(one_time_keys).where(one_time_keys.c.device_row == number))
    connection.execute(delete(to_device_messages).where(to_device_messages.c.device_row == number))
