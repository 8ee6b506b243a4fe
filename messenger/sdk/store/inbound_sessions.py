"""Inbound Megolm sessions in the local database: whose they are, and what they have decrypted."""

import hashlib
import time
from base64 import urlsafe_b64encode
from collections.abc import Callable
from contextlib import AbstractContextManager
from functools import lru_cache
from typing import Any, NamedTuple

from sqlalchemy import Connection, func, insert, select, text, update

from messenger.crypto.devices import DeviceKey
from messenger.sdk.store.schema import decrypted, inbound_sessions

OWNER_LENGTH = 12
"""The length of the owner's digest in a session's name; it follows the id and a space."""

_MAX_NAMES = 1_000  # in memory: each message that is decrypted needs the name of its session
_MAX_UNUSED = 10_000
# In addition to those that are backed up. A server queues 1,000 of one sender while this device is
# offline, and one member may share the keys of 500 sessions with a new member, in several rooms.
_OLD = "FROM inbound_sessions WHERE kept_at < ?"
_OF_OLD = f"WHERE session_id IN (SELECT session_id {_OLD})"


@lru_cache(_MAX_NAMES)
def session_name(session_id: str, ed25519: str) -> str:
    """Return the name under which a session is stored: its id, and a digest of its owner's key.

    A device that claims another's session, by a certificate of its own, gets another name by that.
    Where the owner's Ed25519 key is unknown, the name is the id alone.
    """
    if not ed25519:
        return session_id
    digest = hashlib.sha256(f"{session_id} {ed25519}".encode()).digest()
    # Short, as the server accepts 64 characters; a second preimage still takes 2^72 attempts.
    return f"{session_id} {urlsafe_b64encode(digest)[:OWNER_LENGTH].decode()}"


class InboundSession(NamedTuple):
    """A Megolm session that decrypts the messages of a device, from `first` on.

    `signed_by` is the self-signing key of the identity that had signed the device when the key
    arrived, empty if none had. The key is `proved` if its owner has sent it or the session has
    signed it.
    """

    session_id: str
    room_id: str
    account: str
    device_id: str
    curve25519: str
    ed25519: str
    first: int
    pickle: str
    certificate: str
    signed_by: str
    shared_history: bool
    proved: bool

    @property
    def owner(self) -> DeviceKey:
        """The device that made the session."""
        return self[2:6]

    @property
    def name(self) -> str:
        """The name under which the session is stored: its id, and a digest of its owner."""
        return session_name(self.session_id, self.ed25519)


_COLUMNS = ", ".join(InboundSession._fields)

_IS_SAME = "(name = ? OR name = ? AND account = ? AND device_id = ?)"
"""Finds a session in the table, with `_same`, even if its owner's keys were unknown."""


class InboundSessionStore:
    """Queries and changes of inbound sessions."""

    transaction: Callable[[], AbstractContextManager[Connection]]
    ask: Callable[..., list[Any]]

    def inbound_session(self, name: str) -> InboundSession | None:
        """Return the session that has this name."""
        return next(iter(self._inbound("name = ?", name)), None)

    def inbound_sessions(self, session_id: str, account: str | None = None) -> list[InboundSession]:
        """Return the sessions with this id: those of all that claim it, or of one account."""
        if account is None:
            return self._inbound("session_id = ?", session_id)
        return self._inbound("session_id = ? AND account = ?", session_id, account)

    def kept_as(self, inbound: InboundSession) -> InboundSession | None:
        """Return the stored session of the same device, even if its keys were unknown."""
        return next(iter(self._inbound(_IS_SAME, *_same(inbound))), None)

    def _inbound(self, wanted: str, *values: str) -> list[InboundSession]:
        return list(
            map(
                session_of,
                self.ask(f"SELECT {_COLUMNS} FROM inbound_sessions WHERE {wanted}", *values),
            )
        )

    def inbound_sessions_of(
        self, room_id: str, limit: int, *, shared: bool = False
    ) -> list[InboundSession]:
        """Return the sessions of a conversation, the latest ones of each account.

        With `shared` only those whose keys may be shared with later members. Every account has an
        equal share: the many sessions of one do not displace the few of another.
        """
        wanted = inbound_sessions.c.room_id == room_id
        if shared:
            wanted &= inbound_sessions.c.shared_history
        newest = text("inbound_sessions.rowid DESC")
        share = func.row_number().over(partition_by=inbound_sessions.c.account, order_by=newest)
        query = select(inbound_sessions).where(wanted).order_by(share, newest).limit(limit)
        with self.transaction() as connection:
            return [session_of(row) for row in connection.execute(query)]

    def share_no_history(self, room_id: str) -> None:
        """Share the keys of a conversation with no later member."""
        row = (
            update(inbound_sessions)
            .where(inbound_sessions.c.room_id == room_id)
            .values(shared_history=False)
        )
        with self.transaction() as connection:
            connection.execute(row)

    def keep_inbound_session(self, inbound: InboundSession, *, given_by: str = "") -> None:
        """Store a session, replacing one that decrypts fewer messages.

        A key that is `given_by` an account is unused, unless the replaced one was used. Of each
        account only the latest unused keys stay, `_MAX_UNUSED` of them: anybody can send keys.
        """
        values = {**inbound._asdict(), "kept_at": time.time(), "name": inbound.name}
        with self.transaction() as connection:
            replaced = f"DELETE FROM inbound_sessions WHERE {_IS_SAME} RETURNING name, unused_by"
            rows = connection.exec_driver_sql(replaced, _same(inbound)).all()
            unused_by = given_by if all(row.unused_by for row in rows) else ""
            if unused_by and rows:
                # It counts for its owner or its first sender, not for who forwards it again.
                unused_by = inbound.account if inbound.proved else rows[0].unused_by
            connection.execute(insert(inbound_sessions).values({**values, "unused_by": unused_by}))
            for name, _giver in rows:
                if name != inbound.name:  # Its owner's keys were unknown so far.
                    row = update(decrypted).prefix_with("OR IGNORE")
                    row = row.where(decrypted.c.session_id == name)
                    connection.execute(row.values(session_id=inbound.name))
            if unused_by:
                _forget_unused(connection, unused_by)

    def forget_sessions(self, before: float) -> int:
        """Delete the sessions that arrived before that (unix time); return how many.

        Which of their messages were decrypted is deleted, too. Only their ids and accounts are
        kept: if such a key were accepted again, old messages could be replayed as new ones.
        """
        old = (before,)
        with self.transaction() as connection:
            run = connection.exec_driver_sql
            run(f"INSERT OR IGNORE INTO forgotten SELECT session_id || ' ' || account {_OLD}", old)
            run(f"DELETE FROM decrypted WHERE session_id IN (SELECT name {_OLD})", old)
            for table in ("shared", "outbound_sessions"):
                run(f"DELETE FROM {table} {_OF_OLD}", old)
            return run(f"DELETE {_OLD}", old).rowcount

    def is_forgotten(self, session_id: str, account: str) -> bool:
        """Return whether such a session of an account was deleted."""
        query = "SELECT 1 FROM forgotten WHERE session_id IN (?, ?)"
        names = session_id, f"{session_id} {account}"
        return bool(self.ask(query, *names))

    def note_signer(self, name: str, signed_by: str) -> None:
        """Note the key that has signed a session's device by now; that has to be backed up, too."""
        row = update(inbound_sessions).where(inbound_sessions.c.name == name)
        with self.transaction() as connection:
            connection.execute(row.values(signed_by=signed_by, backed_up=False))

    def sessions_of(self, device: DeviceKey) -> list[str]:
        """Return the ids of the sessions that a device has made."""
        account, device_id, curve25519, ed25519 = device
        query = select(inbound_sessions.c.session_id).where(
            inbound_sessions.c.account == account,
            inbound_sessions.c.device_id == device_id,
            inbound_sessions.c.curve25519 == curve25519,
            inbound_sessions.c.ed25519 == ed25519,
        )
        with self.transaction() as connection:
            return list(connection.scalars(query))

    def decrypted_in(self, name: str) -> dict[int, int]:
        """Return the log number of the message at each position of the session with this name."""
        return dict(self.ask("SELECT position, seq FROM decrypted WHERE session_id = ?", name))

    def note_decrypted(self, rows: list[tuple[str, int, int]]) -> None:
        """Note the log numbers of decrypted messages: (session name, position, number)."""
        if rows:
            names = [(name,) for name in {row[0] for row in rows}]
            with self.transaction() as connection:
                run = connection.exec_driver_sql
                # The first message at a position is the true one: a replay must not take its place.
                run("INSERT OR IGNORE INTO decrypted VALUES (?, ?, ?)", rows)
                run(
                    "UPDATE inbound_sessions SET unused_by = '' WHERE name = ? AND unused_by != ''",
                    names,
                )


def _forget_unused(connection: Connection, giver: str) -> None:
    connection.exec_driver_sql(
        "DELETE FROM inbound_sessions WHERE rowid IN (SELECT rowid FROM inbound_sessions "
        "WHERE unused_by != '' AND unused_by = ? AND NOT backed_up "
        "ORDER BY rowid DESC LIMIT -1 OFFSET ?)",
        (giver, _MAX_UNUSED),
    )


def _same(inbound: InboundSession) -> tuple[str, str, str, str]:
    return inbound.name, inbound.session_id, inbound.account, inbound.device_id


def session_of(row: Any) -> InboundSession:
    """Return the session of a row of the table."""
    found = InboundSession(*row[:12])
    shared, proved = bool(found.shared_history), bool(found.proved)
    # SQLite has no booleans: it returns 0 and 1.
    return found._replace(shared_history=shared, proved=proved)
