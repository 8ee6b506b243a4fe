"""Which keys of inbound sessions the key backup has, and which it should have."""

from collections.abc import Callable, Collection, Iterable
from contextlib import AbstractContextManager
from functools import cache
from typing import Any

from sqlalchemy import Connection, Select, bindparam, exists, func, select

from messenger.sdk.store.inbound_sessions import InboundSession, session_of
from messenger.sdk.store.schema import inbound_sessions

_MAX_BACKED_UP, _MAX_UNUSED_BACKED_UP = 10_000, 1_000
# Of each other account: a server keeps 100,000 keys in all, and a session has up to 100 messages.


class BackedUpStore:
    """Every query and change of what is backed up."""

    transaction: Callable[[], AbstractContextManager[Connection]]

    def not_backed_up(
        self, limit: int, *, me: str = "", without: Collection[str] = ()
    ) -> list[InboundSession]:
        """Return sessions whose keys the account's other devices could not have.

        Those are left out that have these names, and those of accounts that have their share of the
        backup, other than `me`: nobody fills it alone.
        """
        query = _to_back_up()
        if without:
            query = query.where(inbound_sessions.c.name.not_in(without))
        with self.transaction() as connection:
            shares = {"share": _MAX_BACKED_UP, "unused": _MAX_UNUSED_BACKED_UP}
            rows = connection.execute(query, {"me": me, "most": limit, **shares})
            return [session_of(row) for row in rows]

    def backed_up(self) -> dict[str, int]:
        """Return from which message on keys are backed up, by the names of their sessions."""
        query = select(inbound_sessions.c.name, inbound_sessions.c.first).where(
            inbound_sessions.c.backed_up
        )
        with self.transaction() as connection:
            return {row.name: row.first for row in connection.execute(query)}

    def note_backed_up(self, found: Iterable[InboundSession]) -> None:
        """Note that the keys of sessions are backed up as they are in these.

        Where one opens more by now, or more is known of it, the backup does not have that yet.
        """
        rows = [(one.name, one.first, one.signed_by, one.proved) for one in found]
        if rows:
            with self.transaction() as connection:
                connection.exec_driver_sql(
                    "UPDATE inbound_sessions SET backed_up = 1 "
                    "WHERE name = ? AND first = ? AND signed_by = ? AND proved = ?",
                    rows,
                )

    def note_not_backed_up(self, names: Iterable[str]) -> None:
        """Note that the keys of sessions are to be backed up again."""
        rows = [(name,) for name in names]
        if rows:
            with self.transaction() as connection:
                connection.exec_driver_sql(
                    "UPDATE inbound_sessions SET backed_up = 0 WHERE name = ?", rows
                )

    def back_up_anew(self) -> None:
        """Note that no keys are backed up: there is another backup."""
        with self.transaction() as connection:
            connection.exec_driver_sql("UPDATE inbound_sessions SET backed_up = 0")


@cache
def _to_back_up() -> Select[Any]:
    """Return what finds the sessions whose keys the key backup should have, `most` at once.

    Those that have opened nothing only if others of the conversation have, or if they are of the
    past that a room shows: one may never look so far back on this device. Not those of accounts
    that have their `share` of it, or so many `unused` ones there, other than `me`.
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
    return found.limit(bindparam("most"))
