"""Invitations: tokens for a limited number of registrations."""

import time
from collections.abc import Sequence
from typing import NamedTuple

from sqlalchemy import ColumnElement, Connection, func, insert, select, true, update

from messenger.jim.admin.invitations import ListInvitations
from messenger.jim.errors import NotFound
from messenger.server.store.audit import Change
from messenger.server.store.schema import audit, invitations

_ID_DIGITS = 12  # 48 bits: no two of a server's invitations have the same by accident
MADE = "admin_invite"
"""The action by which the audit log says who has made an invitation."""


def invite(
    connection: Connection, token_hash: bytes, *, uses: int, expires_at: float | None
) -> None:
    """Store an invitation for so many registrations; `expires_at` is unix time."""
    connection.execute(
        insert(invitations).values(
            token_hash=token_hash, uses_left=uses, created_at=time.time(), expires_at=expires_at
        )
    )


def use_invitation(connection: Connection, token_hash: bytes) -> bool:
    """Use up one registration of the invitation; False if none is left or it has expired."""
    row = update(invitations).where(invitations.c.token_hash == token_hash, _is_usable())
    return bool(connection.execute(row.values(uses_left=invitations.c.uses_left - 1)).rowcount)


class InvitationRow(NamedTuple):
    """An invitation, without its token; times are unix time.

    `creator` is who has made it, empty for what the command `messenger invite` once made.
    """

    id: str
    uses_left: int
    created_at: float
    expires_at: float | None
    creator: str = ""

    @property
    def usable(self) -> bool:
        """Whether somebody can register with it now."""
        return self.uses_left > 0 and (self.expires_at is None or self.expires_at > time.time())


def id_of(token_hash: bytes) -> str:
    """Return the id of an invitation: the beginning of its hash, which reveals no token."""
    return token_hash.hex()[:_ID_DIGITS]


def make(
    connection: Connection, token_hash: bytes, *, uses: int, expires_at: float
) -> Change[None]:
    """Store an invitation, as a change by an administrator."""
    invite(connection, token_hash, uses=uses, expires_at=expires_at)
    return Change(None, {"uses": uses, "expires": expires_at}, None)


def page(connection: Connection, asked: ListInvitations) -> tuple[list[InvitationRow], int]:
    """Return a page of invitations, the latest first, and how many all pages have."""
    wanted = true() if asked.all else _is_usable()
    total = connection.scalar(select(func.count()).select_from(invitations).where(wanted)) or 0
    query = (
        select(*invitations.columns)
        .where(wanted)
        .order_by(invitations.c.created_at.desc(), invitations.c.token_hash)
        .offset(asked.rows.start)
        .limit(asked.rows.stop - asked.rows.start)
    )
    rows = [
        InvitationRow(id_of(row.token_hash), row.uses_left, row.created_at, row.expires_at)
        for row in connection.execute(query)
    ]
    made = select(audit.c.target, audit.c.actor).where(audit.c.action == MADE)
    found = connection.execute(made.where(audit.c.target.in_([row.id for row in rows])))
    creators = {row.target: row.actor for row in found}
    return [row._replace(creator=creators.get(row.id, "")) for row in rows], total


def revoke(connection: Connection, wanted: str) -> Change[None]:
    """Let nobody use an invitation any more; raises NotFound, also for one that is not usable."""
    query = select(invitations.c.token_hash, invitations.c.uses_left).where(_is_usable())
    found = {id_of(row.token_hash): row for row in connection.execute(query)}.get(wanted)
    if found is None:
        raise NotFound("There is no usable invitation {invitation}", invitation=wanted)
    _revoke(connection, [found.token_hash])
    return Change({"uses": found.uses_left}, {"uses": 0}, None)


def count_made_by(connection: Connection, administrator: str) -> int:
    """Return how many usable invitations an administrator has made."""
    return len(_made_by(connection, administrator))


def revoke_made_by(connection: Connection, administrator: str) -> int:
    """Let nobody use the invitations of an administrator any more; return how many these were."""
    found = _made_by(connection, administrator)
    _revoke(connection, found)
    return len(found)


def _made_by(connection: Connection, administrator: str) -> Sequence[bytes]:
    made = select(audit.c.target).where(audit.c.actor == administrator, audit.c.action == MADE)
    ids = set(connection.scalars(made))
    if not ids:
        return []
    usable = connection.scalars(select(invitations.c.token_hash).where(_is_usable()))
    return [one for one in usable if id_of(one) in ids]


def _revoke(connection: Connection, token_hashes: Sequence[bytes]) -> None:
    for one in token_hashes:
        same = invitations.c.token_hash == one
        connection.execute(update(invitations).where(same).values(uses_left=0))


def _is_usable() -> ColumnElement[bool]:
    expires = invitations.c.expires_at
    return (invitations.c.uses_left > 0) & (expires.is_(None) | (expires > time.time()))
