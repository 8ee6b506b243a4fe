"""Group sessions (Megolm) in the local database: whose they are, who has the keys, what is open."""

import hashlib
import time
from base64 import urlsafe_b64encode
from collections.abc import Callable, Collection, Iterable
from contextlib import AbstractContextManager
from functools import cache
from typing import Any, NamedTuple

from sqlalchemy import (
    Connection,
    Select,
    bindparam,
    delete,
    exists,
    func,
    insert,
    select,
    text,
    update,
)

from messenger.crypto.devices import DeviceKey
from messenger.sdk.store.schema import decrypted, inbound_sessions, outbound_sessions

OWNER_LENGTH = 12
"""So many characters of a session's name say whose it is; they stand behind its id and a space."""

_MAX_UNUSED = 10_000
# Beside those that are backed up. A server keeps 1,000 of one sender while this device is away, and
# one member may give those of 500 sessions to who joins a room, in several rooms.
_MAX_BACKED_UP, _MAX_UNUSED_BACKED_UP = 10_000, 1_000
# Of each other account: a server keeps 100,000 keys in all, and a session has up to 100 messages.
_OLD = "FROM inbound_sessions WHERE kept_at < ?"
_OF_OLD = f"WHERE session_id IN (SELECT session_id {_OLD})"


def session_name(session_id: str, ed25519: str) -> str:
    """Return what a session is kept by, and backed up: its id, and a digest of its owner's key.

    Whoever claims another device's session, by a certificate of his own, claims it under another
    name. Where the owner's Ed25519 key is not known, it is the id alone.
    """
    if not ed25519:
        return session_id
    digest = hashlib.sha256(f"{session_id} {ed25519}".encode()).digest()
    # Short, for a server takes 64 characters; who claims a session would have to find 72 bits.
    return f"{session_id} {urlsafe_b64encode(digest)[:OWNER_LENGTH].decode()}"


class OutboundSession(NamedTuple):
    """The group session that seals one's own messages to a conversation."""

    session_id: str
    pickle: str
    made_at: float
    answered: bool


class InboundSession(NamedTuple):
    """A group session that opens the messages of a device, from `first` on.

    `signed_by` is the self-signing key of the identity that had signed the device when the key
    came, empty where none had. The key is `proved` if its owner has given it or the session has
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
        """What the session is kept by: its id, and which device it is of."""
        return session_name(self.session_id, self.ed25519)


_GROUP = ", ".join(InboundSession._fields)

_IS_SAME = "(name = ? OR name = ? AND account = ? AND device_id = ?)"
"""Finds a session in the table, by `_same`, also if its owner's keys were not known."""


class SessionStore:
    """Every query and change of group sessions."""

    transaction: Callable[[], AbstractContextManager[Connection]]
    ask: Callable[..., list[Any]]

    def outbound_session(self, room_id: str) -> OutboundSession | None:
        """Return the session that seals one's own messages to a conversation."""
        rows = self.ask(
            "SELECT session_id, pickle, made_at, answered FROM outbound_sessions WHERE room_id = ?",
            room_id,
        )
        if not rows:
            return None
        session_id, pickle, made_at, answered = rows[0]
        return OutboundSession(session_id, pickle, made_at, bool(answered))

    def begin_outbound_session(self, room_id: str, inbound: OutboundSession) -> None:
        """Replace the session that seals one's own messages to a conversation."""
        with self.transaction() as connection:
            connection.execute(
                delete(outbound_sessions).where(outbound_sessions.c.room_id == room_id)
            )
            connection.execute(
                insert(outbound_sessions).values(room_id=room_id, **inbound._asdict())
            )

    def keep_outbound_session(self, room_id: str, pickle: str) -> None:
        """Keep that session as it is now."""
        with self.transaction() as connection:
            connection.exec_driver_sql(
                "UPDATE outbound_sessions SET pickle = ? WHERE room_id = ?", (pickle, room_id)
            )

    def note_answer(self, room_id: str) -> None:
        """Somebody else has written to the conversation."""
        with self.transaction() as connection:
            connection.exec_driver_sql(
                "UPDATE outbound_sessions SET answered = 1 WHERE room_id = ? AND NOT answered",
                (room_id,),
            )

    def shared_with(self, session_id: str) -> dict[DeviceKey, int]:
        """Return which devices have the key of one's own session, from which message on."""
        rows = self.ask(
            "SELECT account, device_id, curve25519, ed25519, position FROM shared "
            "WHERE session_id = ?",
            session_id,
        )
        return {row[:4]: row[4] for row in rows}

    def share(self, session_id: str, given: Iterable[DeviceKey], position: int) -> None:
        """Note that devices have the key of one's own session, from a message on."""
        rows = [(session_id, *device, position) for device in given]
        if rows:
            with self.transaction() as connection:
                connection.exec_driver_sql(
                    "INSERT OR IGNORE INTO shared "
                    "(session_id, account, device_id, curve25519, ed25519, position) "
                    "VALUES (?, ?, ?, ?, ?, ?)",
                    rows,
                )

    def inbound_session(self, name: str) -> InboundSession | None:
        """Return the session that has this name."""
        return next(iter(self._inbound("name = ?", name)), None)

    def inbound_sessions(self, session_id: str, account: str | None = None) -> list[InboundSession]:
        """Return the sessions that have this id: of all who claim it, or an account's devices."""
        if account is None:
            return self._inbound("session_id = ?", session_id)
        return self._inbound("session_id = ? AND account = ?", session_id, account)

    def kept_as(self, inbound: InboundSession) -> InboundSession | None:
        """Return what is kept of the same device's session, also if its keys were not known."""
        return next(iter(self._inbound(_IS_SAME, *_same(inbound))), None)

    def _inbound(self, wanted: str, *values: str) -> list[InboundSession]:
        return list(
            map(
                _inbound_session,
                self.ask(f"SELECT {_GROUP} FROM inbound_sessions WHERE {wanted}", *values),
            )
        )

    def inbound_sessions_of(
        self, room_id: str, limit: int, *, shared: bool = False
    ) -> list[InboundSession]:
        """Return the sessions of a conversation, the last ones of each account.

        With `shared` only those whose keys may be given to who joins later. Everyone has an equal
        share: nobody's many sessions take the place of another's few.
        """
        wanted = inbound_sessions.c.room_id == room_id
        if shared:
            wanted &= inbound_sessions.c.shared_history
        newest = text("inbound_sessions.rowid DESC")
        share = func.row_number().over(partition_by=inbound_sessions.c.account, order_by=newest)
        query = select(inbound_sessions).where(wanted).order_by(share, newest).limit(limit)
        with self.transaction() as connection:
            return [_inbound_session(row) for row in connection.execute(query)]

    def share_no_history(self, room_id: str) -> None:
        """Give the keys of a conversation to nobody who joins later."""
        row = (
            update(inbound_sessions)
            .where(inbound_sessions.c.room_id == room_id)
            .values(shared_history=False)
        )
        with self.transaction() as connection:
            connection.execute(row)

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
            return [_inbound_session(row) for row in rows]

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

    def keep_inbound_session(self, inbound: InboundSession, *, given_by: str = "") -> None:
        """Keep a session that opens messages, in the place of one that opens fewer.

        It may be `given_by` an account, and is unused then, unless that other one was used: of each
        account so many such keys stay, those that came last.
        """
        values = {**inbound._asdict(), "kept_at": time.time(), "name": inbound.name}
        with self.transaction() as connection:
            replaced = f"DELETE FROM inbound_sessions WHERE {_IS_SAME} RETURNING name, unused_by"
            rows = connection.exec_driver_sql(replaced, _same(inbound)).all()
            unused_by = given_by if all(row.unused_by for row in rows) else ""
            if unused_by and rows:
                # Who passes it on as well does not take it over.
                unused_by = inbound.account if inbound.proved else rows[0].unused_by
            connection.execute(insert(inbound_sessions).values({**values, "unused_by": unused_by}))
            for name, _giver in rows:
                if name != inbound.name:  # Its owner's keys were not known.
                    row = update(decrypted).prefix_with("OR IGNORE")
                    row = row.where(decrypted.c.session_id == name)
                    connection.execute(row.values(session_id=inbound.name))
            if unused_by:
                _forget_unused(connection, unused_by)

    def forget_sessions(self, before: float) -> int:
        """Forget the sessions that came before that (unix time); return how many.

        Which of their messages are read already is forgotten, too, so only their ids are kept, and
        whose they were: whoever gives such a key again would have old messages shown as new ones.
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
        """Return whether there was such a session of an account, which was forgotten."""
        query = "SELECT 1 FROM forgotten WHERE session_id IN (?, ?)"
        names = session_id, f"{session_id} {account}"
        return bool(self.ask(query, *names))

    def note_signer(self, name: str, signed_by: str) -> None:
        """Note whose key has signed the device of a session by now; it is to be backed up anew."""
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
        """Return the numbers of the messages at the positions of the session of this name."""
        return dict(self.ask("SELECT position, seq FROM decrypted WHERE session_id = ?", name))

    def note_decrypted(self, rows: list[tuple[str, int, int]]) -> None:
        """Note which messages were at positions of sessions: (name, position, number)."""
        if rows:
            names = [(name,) for name in {row[0] for row in rows}]
            with self.transaction() as connection:
                run = connection.exec_driver_sql
                run("INSERT OR IGNORE INTO decrypted VALUES (?, ?, ?)", rows)
                run(
                    "UPDATE inbound_sessions SET unused_by = '' WHERE name = ? AND unused_by != ''",
                    names,
                )


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


def _forget_unused(connection: Connection, giver: str) -> None:
    connection.exec_driver_sql(
        "DELETE FROM inbound_sessions WHERE rowid IN (SELECT rowid FROM inbound_sessions "
        "WHERE unused_by != '' AND unused_by = ? AND NOT backed_up "
        "ORDER BY rowid DESC LIMIT -1 OFFSET ?)",
        (giver, _MAX_UNUSED),
    )


def _same(inbound: InboundSession) -> tuple[str, str, str, str]:
    return inbound.name, inbound.session_id, inbound.account, inbound.device_id


def _inbound_session(row: Any) -> InboundSession:
    found = InboundSession(*row[:12])
    shared, proved = bool(found.shared_history), bool(found.proved)
    return found._replace(shared_history=shared, proved=proved)
