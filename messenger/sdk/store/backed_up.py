"""Which inbound session keys the key backup has, and which it should have."""

from collections.abc import Callable, Collection, Iterable
from contextlib import AbstractContextManager
from functools import cache
from typing import Any

from sqlalchemy import Connection, Select, bindparam, exists, func, select

from messenger.sdk.store.inbound_sessions import InboundSession, session_of
from messenger.sdk.store.schema import inbound_sessions

_MAX_BACKED_UP, _MAX_UNUSED_BACKED_UP = 10_000, 1_000
# For each other account: a server stores 100,000 keys in all (`key_backups`), so nobody's sessions
# may fill the backup. A session has up to 100 messages, so these are a million messages.


class BackedUpStore:
    """Queries and changes of what is backed up."""

    transaction: Callable[[], AbstractContextManager[Connection]]

    def not_backed_up(
        self, limit: int, *, me: str = "", without: Collection[str] = ()
    ) -> list[InboundSession]:
        """Return sessions whose keys are not in the backup yet.

        It excludes sessions that are named in `without`, and those of accounts other than `me` that
        have used up their share of the backup: nobody fills it alone.
        """
        query = _to_back_up()
        if without:
            query = query.where(inbound_sessions.c.name.not_in(without))
        with self.transaction() as connection:
            shares = {"share": _MAX_BACKED_UP, "unused": _MAX_UNUSED_BACKED_UP}
            rows = connection.execute(query, {"me": me, "max": limit, **shares})
            return [session_of(row) for row in rows]

    def backed_up(self) -> dict[str, int]:
        """Return the first message that each backed-up key decrypts, by session name."""
        query = select(inbound_sessions.c.name, inbound_sessions.c.first).where(
            inbound_sessions.c.backed_up
        )
        with self.transaction() as connection:
            return {row.name: row.first for row in connection.execute(query)}

    def note_backed_up(self, found: Iterable[InboundSession]) -> None:
        """Note that the keys of these sessions are backed up in exactly this state.

        A session that decrypts more by now, or of which more is known, stays to be backed up.
        """
        rows = [(one.name, one.first, one.signed_by, one.proved) for one in found]
        if rows:
            with self.transaction() as connection:
                connection.exec_driver_sql(
                    "UPDATE inbound_sessions SET backed_up = 1 "
                    # Another key may have replaced it during the upload.
                    "WHERE name = ? AND first = ? AND signed_by = ? AND proved = ?",
                    rows,
                )

    def note_not_backed_up(self, names: Iterable[str]) -> None:
        """Note that the keys of these sessions must be backed up again."""
        rows = [(name,) for name in names]
        if rows:
            with self.transaction() as connection:
                connection.exec_driver_sql(
                    "UPDATE inbound_sessions SET backed_up = 0 WHERE name = ?", rows
                )

    def back_up_anew(self) -> None:
        """Note that no keys are backed up: the account has a new backup."""
        with self.transaction() as connection:
            connection.exec_driver_sql("UPDATE inbound_sessions SET backed_up = 0")


@cache
def _to_back_up() -> Select[Any]:
    """Return the query for sessions whose keys should be backed up, at most `max` of them.

    A session that has decrypted nothing is backed up only if others of its conversation have, or if
    it belongs to a room's shared history, which the user may never scroll back to on this device.
    Accounts other than `me` with `share` sessions in the backup, or `unused` unused ones, get no
    more.
    """
    others = inbound_sessions.alias()
    is_used = exists().where(
        others.c.room_id == inbound_sessions.c.room_id, others.c.unused_by == ""
    )
    is_wanted = (inbound_sessions.c.unused_by == "") | inbound_sessions.c.shared_history | is_used
    theirs = select(inbound_sessions.c.account).where(
        inbound_sessions.c.backed_up, inbound_sessions.c.account != bindparam("me")
    )
    theirs = theirs.group_by(inbound_sessions.c.account)
    is_unused = inbound_sessions.c.unused_by != ""
    share = theirs.having(func.count() >= bindparam("share"))
    unused = theirs.where(is_unused).having(func.count() >= bindparam("unused"))
    is_left_out = inbound_sessions.c.account.in_(
        share
    ) | is_unused & inbound_sessions.c.account.in_(unused)
    found = select(inbound_sessions).where(~inbound_sessions.c.backed_up & is_wanted, ~is_left_out)
    return found.limit(bindparam("max"))
