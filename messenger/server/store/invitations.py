"""Invitations: tokens for a limited number of registrations."""

import time

from sqlalchemy import Connection, insert, update

from messenger.server.store.schema import invitations


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
