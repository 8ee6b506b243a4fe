"""Accounts as administrators see them: filtered, sorted, and a page at a time."""

from collections.abc import Collection, Mapping
from typing import Any, NamedTuple

from sqlalchemy import (
    BindParameter,
    ColumnElement,
    Connection,
    Select,
    and_,
    bindparam,
    case,
    false,
    func,
    or_,
    select,
    true,
)

from messenger.jim.admin.accounts import AccountFilter, AccountOrder, ListAccounts, Role, State
from messenger.jim.names import same_key
from messenger.server.store.accounts import SYSTEM
from messenger.server.store.schema import accounts, devices


class ListedRow(NamedTuple):
    """An account in a list, without what is in memory only; times are unix time."""

    id: int
    name: str
    role: Role
    state: State
    created: float
    last_login: float | None
    last_seen: float | None
    address: str | None
    messages: int
    bytes: int


_IS_SOMEBODYS = and_(~accounts.c.guest, accounts.c.role != SYSTEM)
_IS_REMOVED = accounts.c.removed_at.is_not(None)
_STATE = case((_IS_REMOVED, "removed"), (accounts.c.blocked, "blocked"), else_="active")
_COLUMNS = (
    accounts.c.id,
    accounts.c.name,
    accounts.c.role,
    _STATE,
    accounts.c.created_at,
    accounts.c.last_login,
    accounts.c.last_seen,
    accounts.c.last_address,
    accounts.c.messages,
    accounts.c.bytes,
)

_FILTERS: Mapping[AccountFilter, ColumnElement[bool]] = {
    "present": ~_IS_REMOVED,
    "active": and_(~_IS_REMOVED, ~accounts.c.blocked),
    "blocked": and_(~_IS_REMOVED, accounts.c.blocked),
    "removed": _IS_REMOVED,
    "all": true(),
}
# NULL is first in one database and last in the other.
_ORDERS: Mapping[AccountOrder, ColumnElement[Any]] = {
    "name": accounts.c.name_key,
    "role": accounts.c.role,
    "state": _STATE,
    "created": accounts.c.created_at,
    "last_login": func.coalesce(accounts.c.last_login, 0),
    "last_seen": func.coalesce(accounts.c.last_seen, 0),
    "address": func.coalesce(accounts.c.last_address, ""),
    "messages": accounts.c.messages,
    "bytes": accounts.c.bytes,
}


def page(
    connection: Connection, asked: ListAccounts, online: Collection[int]
) -> tuple[list[ListedRow], int]:
    """Return a page of accounts, and how many all pages have; `online` are ids of accounts."""
    wanted = _wanted(asked, online)
    total = connection.scalar(select(func.count()).where(wanted)) or 0
    start, stop = asked.rows.start, min(asked.rows.stop, total)
    if start >= stop:
        return [], total
    # The second half is read from the end: the rows before a page cost as much as its own.
    is_reversed = start > total // 2
    offset = total - stop if is_reversed else start
    order: list[ColumnElement[Any]] = [_ORDERS[asked.sort], accounts.c.id]
    if asked.descending != is_reversed:
        order = [column.desc() for column in order]
    query = select(*_COLUMNS).where(wanted).order_by(*order).offset(offset).limit(stop - start)
    rows = [ListedRow._make(row) for row in connection.execute(query)]
    return rows[::-1] if is_reversed else rows, total


def one(connection: Connection, name: str) -> ListedRow | None:
    """Return the registered account of that name, even a removed one."""
    query: Select[Any] = select(*_COLUMNS).where(accounts.c.name == name, _IS_SOMEBODYS)
    row = connection.execute(query).first()
    return ListedRow._make(row) if row else None


def count_devices(connection: Connection, ids: Collection[int]) -> dict[int, int]:
    """Return how many devices each of the accounts has; those without any are left out."""
    counted = (
        select(devices.c.account_id, func.count())
        .where(devices.c.account_id.in_(list(ids)))
        .group_by(devices.c.account_id)
    )
    return {row[0]: row[1] for row in connection.execute(counted)}


def _wanted(asked: ListAccounts, online: Collection[int]) -> ColumnElement[bool]:
    conditions = [_IS_SOMEBODYS, _FILTERS[asked.filter]]
    if asked.search:
        found = accounts.c.name_key.contains(same_key(asked.search), autoescape=True)
        come_from = accounts.c.last_address.contains(asked.search, autoescape=True)
        conditions.append(or_(found, come_from))
    if asked.role is not None:
        conditions.append(accounts.c.role == asked.role)
    if asked.online is not None:
        conditions.append(_are_online(online) if asked.online else ~_are_online(online))
    return and_(*conditions)


def _are_online(ids: Collection[int]) -> ColumnElement[bool]:
    if not ids:
        return false()
    # Written into the statement: databases limit the number of its parameters to some 32,000.
    listed: BindParameter[Any] = bindparam(
        "online", list(ids), expanding=True, literal_execute=True
    )
    return accounts.c.id.in_(listed)
