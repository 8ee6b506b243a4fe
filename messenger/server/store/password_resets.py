"""One-time codes that set new passwords: administrators make them, each is used once."""

import time
from typing import NamedTuple

from sqlalchemy import Connection, delete, insert, select, update

from messenger.server.store import accounts as account_store
from messenger.server.store.schema import accounts, audit, password_resets


class ResetRow(NamedTuple):
    """The code of an account, by its hash; times are unix time."""

    account_id: int
    code_hash: bytes
    expires_at: float
    used_at: float | None

    @property
    def usable(self) -> bool:
        """Whether a password can be set with it now."""
        return self.used_at is None and self.expires_at > time.time()


class ResetUnusable(Exception):
    """The code was used, replaced or withdrawn since it was looked at."""


_COLUMNS = (
    password_resets.c.account_id,
    password_resets.c.code_hash,
    password_resets.c.expires_at,
    password_resets.c.used_at,
)


def find(connection: Connection, name: str) -> ResetRow | None:
    """Return the code of a registered account, used or not."""
    query = (
        select(*_COLUMNS)
        .join(accounts, accounts.c.id == password_resets.c.account_id)
        .where(accounts.c.name == name, ~accounts.c.guest)
    )
    row = connection.execute(query).first()
    return ResetRow(*row) if row else None


def replace(connection: Connection, account_id: int, code_hash: bytes, expires_at: float) -> None:
    """Store the code of an account, in place of an earlier one."""
    forget(connection, account_id)
    connection.execute(
        insert(password_resets).values(
            account_id=account_id,
            code_hash=code_hash,
            created_at=time.time(),
            expires_at=expires_at,
        )
    )


def use(connection: Connection, account_id: int, code_hash: bytes, verifier: str) -> None:
    """Set the password, for the only time that the code allows; every device has to log in again.

    Keys, key backup and identity stay as they are. Raises ResetUnusable.
    """
    now = time.time()
    same = (
        (password_resets.c.account_id == account_id)
        & (password_resets.c.code_hash == code_hash)
        & password_resets.c.used_at.is_(None)
        & (password_resets.c.expires_at > now)
    )
    # Not by the row that was read before: of two requests with one code, one finds it used.
    if not connection.execute(update(password_resets).where(same).values(used_at=now)).rowcount:
        raise ResetUnusable
    account_store.set_verifier(connection, account_id, verifier)
    account_store.forget_tokens(connection, account_id, but=None)


def forget(connection: Connection, account_id: int) -> None:
    """Withdraw the code of an account, if there is one."""
    same = password_resets.c.account_id == account_id
    connection.execute(delete(password_resets).where(same))


def forget_made_by(connection: Connection, administrator: str) -> None:
    """Withdraw the codes of all accounts for which this administrator has ever made one.

    Who is no administrator any more could become another one by them.
    """
    targets = select(audit.c.target).where(
        audit.c.actor == administrator, audit.c.action == "admin_reset"
    )
    theirs = select(accounts.c.id).where(accounts.c.name.in_(targets))
    connection.execute(delete(password_resets).where(password_resets.c.account_id.in_(theirs)))
