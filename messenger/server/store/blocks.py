"""Blocks between accounts: who does not want to hear from whom."""

import time
from typing import NamedTuple

from sqlalchemy import Connection, bindparam, delete, false, func, select, true, union_all

from messenger.server.store import changes, upsert
from messenger.server.store.schema import accounts, blocks, conversations, members


class BlocksOf(NamedTuple):
    """The names that an account has blocked, and those of the accounts that have blocked it."""

    blocked: set[str]
    blocked_by: set[str]


class Between(NamedTuple):
    """Whether one of two accounts has blocked the other, and is blocked by it."""

    blocked: bool
    blocked_by: bool


# One query for a login, built once.
_BOTH = union_all(
    select(blocks.c.name, true()).where(blocks.c.owner_id == bindparam("account_id")),
    select(accounts.c.name, false())
    .join(blocks, blocks.c.owner_id == accounts.c.id)
    .where(blocks.c.name == bindparam("name")),
)


def blocks_of(connection: Connection, account_id: int, name: str) -> BlocksOf:
    """Return the blocks by an account and of its name."""
    found = BlocksOf(set(), set())
    for other, is_own in connection.execute(_BOTH, {"account_id": account_id, "name": name}):
        (found.blocked if is_own else found.blocked_by).add(other)
    return found


def blockers(connection: Connection, name: str) -> set[str]:
    """Return the accounts that have blocked this name."""
    query = (
        select(accounts.c.name)
        .join(blocks, blocks.c.owner_id == accounts.c.id)
        .where(blocks.c.name == name)
    )
    return set(connection.scalars(query))


def names(connection: Connection) -> set[str]:
    """Return the names of all accounts that have blocked somebody, and all blocked names."""
    owners = select(accounts.c.name).join(blocks, blocks.c.owner_id == accounts.c.id)
    return set(connection.scalars(select(blocks.c.name).union(owners)))


class TooManyBlocks(Exception):
    """The account has blocked as many users as it may."""


def block(connection: Connection, owner_id: int, name: str, max_blocks: int) -> None:
    """Block a name, unless it is blocked already; raises TooManyBlocks."""
    # Counted in the transaction, because another device may be blocking as well.
    others = select(func.count()).where(blocks.c.owner_id == owner_id, blocks.c.name != name)
    if connection.execute(others).scalar_one() >= max_blocks:
        raise TooManyBlocks
    row = {"owner_id": owner_id, "name": name, "created_at": time.time()}
    connection.execute(upsert.insert(connection, blocks).on_conflict_do_nothing(), row)
    _note(connection, owner_id, name)


def unblock(connection: Connection, owner_id: int, name: str) -> bool:
    """End a block; tell whether there was one."""
    same = (blocks.c.owner_id == owner_id) & (blocks.c.name == name)
    _note(connection, owner_id, name)
    return bool(connection.execute(delete(blocks).where(same)).rowcount)


def between(connection: Connection, one: tuple[int, str], other: tuple[int, str]) -> Between:
    """Return which of two accounts, each (id, name), has blocked the other."""

    def has_blocked(owner_id: int, name: str) -> bool:
        same = (blocks.c.owner_id == owner_id) & (blocks.c.name == name)
        return connection.execute(select(blocks.c.name).where(same)).first() is not None

    return Between(has_blocked(one[0], other[1]), has_blocked(other[0], one[1]))


def _note(connection: Connection, owner_id: int, name: str) -> None:
    """Have other servers check messages between the two again."""
    other = select(accounts.c.id).where(accounts.c.name == name)
    first, second = conversations.c.first_id, conversations.c.second_id
    pair = ((first == owner_id) & second.in_(other)) | ((second == owner_id) & first.in_(other))
    # Only then: looking for the conversation costs more than the block.
    if connection.dialect.name == "postgresql":
        changes.note(connection, *connection.scalars(select(conversations.c.id).where(pair)))


def sharing_a_room(connection: Connection, account_id: int, names: set[str]) -> set[str]:
    """Return those of these accounts that are in a room with this one."""
    mine, theirs = members.alias(), members.alias()
    query = (
        select(accounts.c.name)
        .join(theirs, theirs.c.account_id == accounts.c.id)
        .join(mine, mine.c.conversation_id == theirs.c.conversation_id)
        .where(mine.c.account_id == account_id, ~mine.c.banned, ~theirs.c.banned)
        .where(accounts.c.name.in_(names), ~accounts.c.guest)
        .distinct()
    )
    return set(connection.scalars(query))
