"""Invitations: tokens for a limited number of registrations."""

import time
from typing import NamedTuple

from sqlalchemy import Connection, insert, select, update

from messenger.jim.errors import NotFound
from messenger.server.store.audit import Change
from messenger.server.store.schema import invitations

_ID_DIGITS = 12  # 48 bits: no two of a server's invitations have the same by accident


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
    now = time.time()
    row = update(invitations).where(
        invitations.c.token_hash == token_hash,
        invitations.c.uses_left > 0,
        (invitations.c.expires_at.is_(None)) | (invitations.c.expires_at > now),
    )
    return bool(connection.execute(row.values(uses_left=invitations.c.uses_left - 1)).rowcount)


class InvitationRow(NamedTuple):
    """An invitation, without its token; times are unix time."""

    id: str
    uses_left: int
    created_at: float
    expires_at: float | None

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


def list_invitations(connection: Connection) -> list[InvitationRow]:
    """Return all invitations, the latest first."""
    query = select(*invitations.columns).order_by(invitations.c.created_at.desc())
    return [
        InvitationRow(id_of(row.token_hash), row.uses_left, row.created_at, row.expires_at)
        for row in connection.execute(query)
    ]


def revoke(connection: Connection, wanted: str) -> Change[None]:
    """Let nobody use an invitation any more; raises NotFound, also for one that is not usable."""
    query = select(invitations.c.token_hash)
    known = {id_of(token_hash): token_hash for token_hash in connection.scalars(query)}
    rows = {row.id: row for row in list_invitations(connection)}
    if wanted not in rows or not rows[wanted].usable:
        raise NotFound("There is no usable invitation {invitation}", invitation=wanted)
    same = invitations.c.token_hash == known[wanted]
    connection.execute(update(invitations).where(same).values(uses_left=0))
    return Change({"uses": rows[wanted].uses_left}, {"uses": 0}, None)
