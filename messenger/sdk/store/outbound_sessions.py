"""Outbound Megolm sessions in the local database, and which devices have their keys."""

from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager
from typing import Any, NamedTuple

from sqlalchemy import Connection, delete, insert

from messenger.crypto.devices import DeviceKey
from messenger.sdk.store.schema import outbound_sessions


class OutboundSession(NamedTuple):
    """The Megolm session that encrypts this device's messages to a conversation."""

    session_id: str
    pickle: str
    made_at: float
    answered: bool


class OutboundSessionStore:
    """Queries and changes of outbound sessions."""

    transaction: Callable[[], AbstractContextManager[Connection]]
    ask: Callable[..., list[Any]]

    def outbound_session(self, room_id: str) -> OutboundSession | None:
        """Return the session that encrypts this device's messages to a conversation."""
        rows = self.ask(
            "SELECT session_id, pickle, made_at, answered FROM outbound_sessions WHERE room_id = ?",
            room_id,
        )
        if not rows:
            return None
        session_id, pickle, made_at, answered = rows[0]
        return OutboundSession(session_id, pickle, made_at, bool(answered))

    def begin_outbound_session(self, room_id: str, new: OutboundSession) -> None:
        """Replace the session that encrypts this device's messages to a conversation."""
        with self.transaction() as connection:
            connection.execute(
                delete(outbound_sessions).where(outbound_sessions.c.room_id == room_id)
            )
            connection.execute(insert(outbound_sessions).values(room_id=room_id, **new._asdict()))

    def keep_outbound_session(self, room_id: str, pickle: str) -> None:
        """Store the advanced state of that session."""
        with self.transaction() as connection:
            connection.exec_driver_sql(
                "UPDATE outbound_sessions SET pickle = ? WHERE room_id = ?", (pickle, room_id)
            )

    def note_answer(self, room_id: str) -> None:
        """Note that somebody else has written to the conversation."""
        with self.transaction() as connection:
            connection.exec_driver_sql(
                "UPDATE outbound_sessions SET answered = 1 WHERE room_id = ? AND NOT answered",
                (room_id,),
            )

    def shared_with(self, session_id: str) -> dict[DeviceKey, int]:
        """Return which devices have the key of an outbound session, and from which message on."""
        rows = self.ask(
            "SELECT account, device_id, curve25519, ed25519, position FROM shared "
            "WHERE session_id = ?",
            session_id,
        )
        return {row[:4]: row[4] for row in rows}

    def share(self, session_id: str, given: Iterable[DeviceKey], position: int) -> None:
        """Note that devices have the key of an outbound session, from a message on."""
        rows = [(session_id, *device, position) for device in given]
        if rows:
            with self.transaction() as connection:
                connection.exec_driver_sql(
                    # A key that is sent again, from a later message on, takes nothing away.
                    "INSERT OR IGNORE INTO shared "
                    "(session_id, account, device_id, curve25519, ed25519, position) "
                    "VALUES (?, ?, ?, ?, ?, ?)",
                    rows,
                )
