"""The keys of end-to-end encryption in the local database: devices, sessions, and messages."""

from collections.abc import Iterable
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, delete, exists, func, insert, select, update
from sqlalchemy.dialects.sqlite import insert as upsert

from messenger.crypto.accounts import AccountIdentity
from messenger.crypto.devices import Device
from messenger.sdk.mentions import is_mentioned
from messenger.sdk.store.account_data import AccountDataStore
from messenger.sdk.store.backed_up import BackedUpStore
from messenger.sdk.store.database import Store
from messenger.sdk.store.inbound_sessions import InboundSessionStore
from messenger.sdk.store.insert import message_of
from messenger.sdk.store.messages import (
    WAITS,
    Contents,
    IdentityTrust,
    MessageSecurity,
    StoredMessage,
)
from messenger.sdk.store.outbound_sessions import OutboundSessionStore
from messenger.sdk.store.proving import mark_proved, mark_signed
from messenger.sdk.store.schema import (
    devices,
    identities,
    messages,
    olm_sessions,
    outbound_sessions,
    waiting,
)
from messenger.sdk.store.trust_records import TrustRecordStore

_MAX_DEVICES = 100  # Of an account: ten times as many as a server allows it to have at once.
_DEVICE = ", ".join(Device._fields)


class Outgoing(NamedTuple):
    """An encrypted message to send, and the version of the device list it is encrypted for."""

    encrypted: str
    devices: str


class Waiting(NamedTuple):
    """A message whose key is missing, as it was received."""

    message: StoredMessage
    encrypted: bytes


class WaitingSession(NamedTuple):
    """A session whose key is missing, a sender of messages of it, and the latest of these."""

    session_id: str
    sender: str
    message_id: int


class KeyStore(
    InboundSessionStore, OutboundSessionStore, BackedUpStore, TrustRecordStore, AccountDataStore
):
    """Queries and changes of keys, in the same database and transactions as the messages.

    It has a method for each, so it has more than other classes.
    """

    def __init__(self, store: Store) -> None:
        self._store = store
        self.transaction = store.transaction
        self.ask = store.ask
        self.get = store.get
        self.put = store.put
        self.trusts = store.trusts
        self._identities: dict[str, tuple[AccountIdentity, IdentityTrust] | None] = {}

    @property
    def changes(self) -> int:
        """How many rows of the database were changed."""
        return self._store.changes

    # --- devices -------------------------------------------------------------------------------

    def devices_of(self, account: str) -> dict[str, Device]:
        """Return the known devices of an account, by their ids."""
        rows = self.ask(f"SELECT {_DEVICE} FROM devices WHERE account = ?", account)
        return {row[1]: Device(*row) for row in rows}

    def devices_with(self, curve25519: str, ed25519: str) -> list[Device]:
        """Return the devices with these keys: one, unless somebody uses them for several."""
        query = f"SELECT {_DEVICE} FROM devices WHERE curve25519 = ? AND ed25519 = ?"
        return [Device(*row) for row in self.ask(query, curve25519, ed25519)]

    def remember(self, device: Device, now: float) -> None:
        """Store a device as it was first seen; of an account only the latest ones stay.

        Anybody can send each message from a new device. One that was deleted is new again, which
        gains an attacker no more than a device with another id.
        """
        account, device_id, curve25519, ed25519, keys = device
        with self.transaction() as connection:
            connection.execute(
                upsert(devices)
                .values(
                    account=account,
                    device_id=device_id,
                    curve25519=curve25519,
                    ed25519=ed25519,
                    keys=keys,
                    first_seen=now,
                )
                # As first seen: other keys under the same id must not take its place unnoticed.
                .on_conflict_do_nothing()
            )
            theirs = devices.c.account == account
            last = select(devices.c.device_id).where(theirs).order_by(devices.c.first_seen.desc())
            kept = last.limit(_MAX_DEVICES)
            connection.execute(delete(devices).where(theirs, devices.c.device_id.not_in(kept)))

    def renew(self, device: Device) -> None:
        """Replace the device that is stored under this id."""
        same = (devices.c.account == device.account) & (devices.c.device_id == device.device_id)
        with self.transaction() as connection:
            connection.execute(update(devices).where(same).values(**device._asdict()))

    # --- identities ----------------------------------------------------------------------------

    def identity_of(self, account: str) -> tuple[AccountIdentity, IdentityTrust] | None:
        """Return the identity that signs an account's devices, and the user's trust in it."""
        try:  # Not `suppress`: each message asks twice, and it takes ten times as long.
            return self._identities[account]
        except KeyError:
            pass
        query = select(identities).where(identities.c.account == account)
        with self.transaction() as connection:
            row = connection.execute(query).first()
            found = (AccountIdentity(*row[:3]), IdentityTrust(row[3])) if row else None
            # Cached while the transaction holds the lock: another thread may change the trust, and
            # a value that was read before must not overwrite the newer one.
            self._identities[account] = found
        return found

    def trust(self, identity: AccountIdentity, trust: IdentityTrust) -> None:
        """Store the identity that signs an account's devices, and the user's trust in it."""
        with self.transaction() as connection:
            self.forget_identity(identity.account)
            connection.execute(insert(identities).values(**identity._asdict(), trust=trust))
            if trust is IdentityTrust.VERIFIED:
                mark_proved(connection, identity)
            elif trust is IdentityTrust.UNVERIFIED:
                mark_signed(connection, identity)

    def forget_identity(self, account: str) -> None:
        """Delete an account's identity: its devices are trusted on first use again."""
        with self.transaction() as connection:
            self._identities.pop(account, None)
            connection.execute(delete(identities).where(identities.c.account == account))

    def read_anew(self) -> None:
        """Clear the cache of identities."""
        self._identities.clear()

    # --- Olm sessions --------------------------------------------------------------------------

    def olm_sessions_with(self, peer: str, ed25519: str | None = None) -> list[tuple[str, str]]:
        """Return the sessions with a device, (id, pickle), the most recently used first.

        They are with the holder of the Curve25519 key `peer`; with `ed25519`, only those with the
        device that has that key, too.
        """
        found = "SELECT session_id, pickle FROM olm_sessions WHERE peer = ?"
        if ed25519 is not None:
            found += " AND ed25519 = ?"
        wanted = (peer,) if ed25519 is None else (peer, ed25519)
        return list(self.ask(f"{found} ORDER BY used_at DESC", *wanted))

    def keep_olm_sessions(self, rows: list[tuple[str, str, str, float, str]]) -> None:
        """Store sessions: (id, Curve25519 key, pickle, unix time, Ed25519 key)."""
        if rows:
            with self.transaction() as connection:
                connection.exec_driver_sql(
                    "INSERT OR REPLACE INTO olm_sessions "
                    "(session_id, peer, pickle, used_at, ed25519) VALUES (?, ?, ?, ?, ?)",
                    rows,
                )

    def drop_olm_sessions(self, peer: str, *, keep: int) -> None:
        """Delete the sessions with a device, except for the most recently used."""
        kept = (
            select(olm_sessions.c.session_id)
            .where(olm_sessions.c.peer == peer)
            .order_by(olm_sessions.c.used_at.desc())
            .limit(keep)
        )
        with self.transaction() as connection:
            connection.execute(
                delete(olm_sessions).where(
                    olm_sessions.c.peer == peer, olm_sessions.c.session_id.not_in(kept)
                )
            )

    def drop_olm_sessions_of_strangers(self, *, keep: int) -> None:
        """Delete the sessions with unknown devices, except for the most recently used."""
        same = (devices.c.curve25519 == olm_sessions.c.peer) & (
            devices.c.ed25519 == olm_sessions.c.ed25519
        )
        strangers = select(olm_sessions.c.session_id).where(~exists().where(same))
        # SQLite has no OFFSET without LIMIT; -1 is none.
        gone = strangers.order_by(olm_sessions.c.used_at.desc()).limit(-1).offset(keep)
        with self.transaction() as connection:
            connection.execute(delete(olm_sessions).where(olm_sessions.c.session_id.in_(gone)))

    def drop_sessions(self) -> None:
        """Delete the sessions by which this device encrypts: Olm, and outbound Megolm."""
        with self.transaction() as connection:
            for table in (olm_sessions, outbound_sessions):
                connection.execute(delete(table))

    # --- messages ------------------------------------------------------------------------------

    def is_encrypted(self, conversation: str) -> bool:
        """Return whether the conversation was ever encrypted."""
        rows = self.ask("SELECT encrypted FROM conversations WHERE name = ?", conversation)
        return bool(rows and rows[0][0])

    def outgoing(self, sent_id: str) -> Outgoing | None:
        """Return a message to send, if it is encrypted already."""
        rows = self.ask("SELECT encrypted, devices FROM outgoing WHERE sent_id = ?", sent_id)
        return Outgoing(*rows[0]) if rows else None

    def keep_outgoing(self, rows: list[tuple[str, str, str]]) -> None:
        """Store messages to send, (id, encrypted, version), and mark them as encrypted."""
        with self.transaction() as connection:
            connection.exec_driver_sql("INSERT OR REPLACE INTO outgoing VALUES (?, ?, ?)", rows)
            connection.exec_driver_sql(
                "UPDATE messages SET security = 'encrypted' WHERE sent_id = ?",
                [(row[0],) for row in rows],
            )

    def note_plain(self, sent_id: str) -> None:
        """Mark a message as unencrypted, as it is about to be sent."""
        with self.transaction() as connection:
            row = update(messages).where(messages.c.sent_id == sent_id)
            connection.execute(row.values(security=MessageSecurity.UNENCRYPTED))

    def drop_outgoing(self, sent_ids: Iterable[str]) -> None:
        """Delete encrypted messages to send: they were stored, or must be encrypted again."""
        with self.transaction() as connection:
            rows = [(sent_id,) for sent_id in sent_ids]
            connection.exec_driver_sql("DELETE FROM outgoing WHERE sent_id = ?", rows)

    def drop_outgoing_in(self, conversation: str) -> None:
        """Delete all encrypted messages to send in a conversation."""
        with self.transaction():
            # By the table that stays small, while any number of messages may be unsent.
            self.ask(
                "DELETE FROM outgoing WHERE EXISTS (SELECT 1 FROM messages WHERE sent_id = "
                "outgoing.sent_id AND +state = 'unsent' AND conversation = ?)",
                conversation,
            )

    def has_earlier(self) -> bool:
        """Return whether keys are missing of messages from before this device was added."""
        return bool(self.ask("SELECT 1 FROM messages WHERE security = 'earlier' LIMIT 1"))

    def waiting_sessions(self) -> list[WaitingSession]:
        """Return the sessions whose keys are missing, those of the latest messages first.

        Anybody may name any session: it is listed once for each account that does.
        """
        last = func.max(messages.c.id)
        query = (
            select(waiting.c.session_id, messages.c.sender, last)
            .join(messages, messages.c.id == waiting.c.message_id)
            .where(messages.c.security.in_(WAITS))
            .group_by(waiting.c.session_id, messages.c.sender)
            .order_by(last.desc())
        )
        with self.transaction() as connection:
            return [WaitingSession(*row) for row in connection.execute(query)]

    def waiting_messages(self, message_ids: list[int]) -> list[Waiting]:
        """Return those of the messages whose keys are missing."""
        return self._waiting(waiting.c.message_id.in_(message_ids))

    def waiting_for(
        self, session_id: str, first: int = 0, before: int | None = None
    ) -> list[Waiting]:
        """Return messages that wait for the key of a session, from a position on, before another.

        Always includes those of an earlier version, whose positions are unknown.
        """
        reached = waiting.c.position >= first
        if before is not None:
            reached &= waiting.c.position < before
        unknown = waiting.c.position.is_(None)
        return self._waiting((waiting.c.session_id == session_id) & (reached | unknown))

    def waiting_of(self, sender: str, after: int = 0, limit: int | None = None) -> list[Waiting]:
        """Return the waiting messages of a sender that follow a local id, at most `limit`."""
        theirs = (messages.c.sender == sender) & (waiting.c.message_id > after)
        return self._waiting(theirs, limit)

    def held_back(self) -> list[str]:
        """Return the senders of messages that wait for their devices to be signed."""
        query = (
            select(messages.c.sender)
            .distinct()
            .where(messages.c.security == MessageSecurity.UNSIGNED)
        )
        query = query.join(waiting, messages.c.id == waiting.c.message_id)
        with self.transaction() as connection:
            return list(connection.scalars(query))

    def _waiting(self, wanted: ColumnElement[bool], limit: int | None = None) -> list[Waiting]:
        query = (
            select(waiting.c.encrypted, messages)
            .join(messages, messages.c.id == waiting.c.message_id)
            .where(wanted)
            .order_by(messages.c.id)
            .limit(limit)
        )
        with self.transaction() as connection:
            rows = connection.execute(query).all()
        return [Waiting(message_of(row[1:]), row[0]) for row in rows]

    def settle(self, message: StoredMessage, contents: Contents, me: str) -> StoredMessage:
        """Store the decrypted contents of a message that was waiting for its key.

        `me` is the user's account, which it may mention.
        """
        row = update(messages).where(messages.c.id == message.id)
        values: dict[str, Any] = {
            "text": contents.text,
            "security": contents.security,
            "signed_by": contents.signed_by,
            "guest": contents.is_of_a_guest(message.guest),
            "mentions": message.sender != me and is_mentioned(me, contents.text),
        }
        if contents.time not in (None, message.time):
            said = message.time if message.said_time is None else message.said_time
            values |= {"time": contents.time, "said_time": said}
        row = row.values(values)
        with self.transaction() as connection:
            connection.execute(delete(waiting).where(waiting.c.message_id == message.id))
            return message_of(connection.execute(row.returning(*messages.c)).one())
