"""The keys of end-to-end encryption in the local database: devices, sessions, what waits."""

from contextlib import suppress
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, delete, exists, func, insert, select, update
from sqlalchemy.dialects.sqlite import insert as upsert

from messenger.crypto.accounts import AccountIdentity
from messenger.crypto.devices import Device
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

_MAX_DEVICES = 100
_DEVICE = ", ".join(Device._fields)


class Outgoing(NamedTuple):
    """A message of one's own as it goes out, and the version of the devices it was sealed for."""

    encrypted: str
    devices: str


class Waiting(NamedTuple):
    """A message that waits for its key, as it came."""

    message: StoredMessage
    encrypted: bytes


class WaitingSession(NamedTuple):
    """A session whose key is waited for: who has sent by it, and the last message of that."""

    session_id: str
    sender: str
    message_id: int


class KeyStore(InboundSessionStore, OutboundSessionStore, BackedUpStore, TrustRecordStore):
    """Every query and change of keys, in the same database and transactions as the messages."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self.transaction = store.transaction
        self.ask = store.ask
        self.get = store.get
        self.put = store.put
        self.trusts = store.trusts
        self._identities: dict[str, tuple[AccountIdentity, IdentityTrust] | None] = {}

    # --- devices -------------------------------------------------------------------------------

    def devices_of(self, account: str) -> dict[str, Device]:
        """Return the devices of an account that have ever been seen, by their ids."""
        rows = self.ask(f"SELECT {_DEVICE} FROM devices WHERE account = ?", account)
        return {row[1]: Device(*row) for row in rows}

    def devices_with(self, curve25519: str, ed25519: str) -> list[Device]:
        """Return the devices that have these keys: one, unless somebody uses several names."""
        query = f"SELECT {_DEVICE} FROM devices WHERE curve25519 = ? AND ed25519 = ?"
        return [Device(*row) for row in self.ask(query, curve25519, ed25519)]

    def remember(self, device: Device, now: float) -> None:
        """Keep a device as it was seen first; of an account so many, those that came last.

        Anybody can have a new device in each message. One that is forgotten is new again: more than
        by a device with another id nobody gains by that.
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
                .on_conflict_do_nothing()
            )
            theirs = devices.c.account == account
            last = select(devices.c.device_id).where(theirs).order_by(devices.c.first_seen.desc())
            kept = last.limit(_MAX_DEVICES)
            connection.execute(delete(devices).where(theirs, devices.c.device_id.not_in(kept)))

    def renew(self, device: Device) -> None:
        """Keep a device in the place of what was kept under its id."""
        same = (devices.c.account == device.account) & (devices.c.device_id == device.device_id)
        with self.transaction() as connection:
            connection.execute(update(devices).where(same).values(**device._asdict()))

    # --- identities ----------------------------------------------------------------------------

    def identity_of(self, account: str) -> tuple[AccountIdentity, IdentityTrust] | None:
        """Return who vouches for an account's devices, and how far the user trusts that."""
        with suppress(KeyError):
            return self._identities[account]
        query = select(identities).where(identities.c.account == account)
        with self.transaction() as connection:
            row = connection.execute(query).first()
            found = (AccountIdentity(*row[:3]), IdentityTrust(row[3])) if row else None
            # In the transaction, which has the lock: users' threads read, too, and what was read
            # before must not cover what another one decides meanwhile.
            self._identities[account] = found
        return found

    def trust(self, identity: AccountIdentity, trust: IdentityTrust) -> None:
        """Keep who vouches for an account's devices, and how far the user trusts that."""
        with self.transaction() as connection:
            self.forget_identity(identity.account)
            connection.execute(insert(identities).values(**identity._asdict(), trust=trust))
            if trust is IdentityTrust.VERIFIED:
                mark_proved(connection, identity)
            elif trust is IdentityTrust.UNVERIFIED:
                mark_signed(connection, identity)

    def forget_identity(self, account: str) -> None:
        """Begin anew with an account: its devices are trusted on first use."""
        with self.transaction() as connection:
            self._identities.pop(account, None)
            connection.execute(delete(identities).where(identities.c.account == account))

    def read_anew(self) -> None:
        """Read what is remembered from the database again."""
        self._identities.clear()

    # --- sessions with single devices ----------------------------------------------------------

    def olm_sessions_with(self, peer: str, ed25519: str | None = None) -> list[tuple[str, str]]:
        """Return the sessions with a device, (id, pickle), the one used last first.

        Those with the holder of the Curve25519 key `peer`; with `ed25519` those of the device that
        has that key, too.
        """
        found = "SELECT session_id, pickle FROM olm_sessions WHERE peer = ?"
        if ed25519 is not None:
            found += " AND ed25519 = ?"
        wanted = (peer,) if ed25519 is None else (peer, ed25519)
        return list(self.ask(f"{found} ORDER BY used_at DESC", *wanted))

    def keep_olm_sessions(self, rows: list[tuple[str, str, str, float, str]]) -> None:
        """Keep sessions with devices: (id, Curve25519 key, pickle, unix time, Ed25519 key)."""
        if rows:
            with self.transaction() as connection:
                connection.exec_driver_sql(
                    "INSERT OR REPLACE INTO olm_sessions "
                    "(session_id, peer, pickle, used_at, ed25519) VALUES (?, ?, ?, ?, ?)",
                    rows,
                )

    def drop_olm_sessions(self, peer: str, *, keep: int) -> None:
        """Forget the sessions with a device but those used last."""
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
        """Forget the sessions with devices that are not remembered but those used last."""
        same = (devices.c.curve25519 == olm_sessions.c.peer) & (
            devices.c.ed25519 == olm_sessions.c.ed25519
        )
        strangers = select(olm_sessions.c.session_id).where(~exists().where(same))
        gone = strangers.order_by(olm_sessions.c.used_at.desc()).limit(-1).offset(keep)
        with self.transaction() as connection:
            connection.execute(delete(olm_sessions).where(olm_sessions.c.session_id.in_(gone)))

    def drop_sessions(self) -> None:
        """Forget the sessions that this device writes by: with devices, and its own groups."""
        with self.transaction() as connection:
            for table in (olm_sessions, outbound_sessions):
                connection.execute(delete(table))

    # --- messages ------------------------------------------------------------------------------

    def is_encrypted(self, conversation: str) -> bool:
        """Return whether the conversation was ever encrypted."""
        rows = self.ask("SELECT encrypted FROM conversations WHERE name = ?", conversation)
        return bool(rows and rows[0][0])

    def outgoing(self, sent_id: str) -> Outgoing | None:
        """Return a message of one's own as it goes out, if it is sealed already."""
        rows = self.ask("SELECT encrypted, devices FROM outgoing WHERE sent_id = ?", sent_id)
        return Outgoing(*rows[0]) if rows else None

    def keep_outgoing(self, rows: list[tuple[str, str, str]]) -> None:
        """Keep messages as they go out, (id, sealed, version), and mark them as sealed."""
        with self.transaction() as connection:
            connection.exec_driver_sql("INSERT OR REPLACE INTO outgoing VALUES (?, ?, ?)", rows)
            connection.exec_driver_sql(
                "UPDATE messages SET security = 'encrypted' WHERE sent_id = ?",
                [(row[0],) for row in rows],
            )

    def note_plain(self, sent_id: str) -> None:
        """Mark a message of one's own as not encrypted: so it goes out."""
        with self.transaction() as connection:
            row = update(messages).where(messages.c.sent_id == sent_id)
            connection.execute(row.values(security=MessageSecurity.UNENCRYPTED))

    def drop_outgoing(self, sent_id: str) -> None:
        """Forget how a message went out: it has arrived, or has to be sealed anew."""
        with self.transaction() as connection:
            connection.exec_driver_sql("DELETE FROM outgoing WHERE sent_id = ?", (sent_id,))

    def has_earlier(self) -> bool:
        """Return whether there are messages from before this device was there without a key."""
        return bool(self.ask("SELECT 1 FROM messages WHERE security = 'earlier' LIMIT 1"))

    def waiting_sessions(self) -> list[WaitingSession]:
        """Return the sessions whose keys are waited for, those of the latest messages first.

        Anybody may name any session: each is listed once for each account that does.
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
        """Return those of the messages that wait for their keys."""
        return self._waiting(waiting.c.message_id.in_(message_ids))

    def waiting_for(
        self, session_id: str, first: int = 0, before: int | None = None
    ) -> list[Waiting]:
        """Return the messages that wait for the key of a session, from one on and before another.

        Of those that waited in an earlier version nobody has noted which they are.
        """
        reached = waiting.c.position >= first
        if before is not None:
            reached &= waiting.c.position < before
        unknown = waiting.c.position.is_(None)
        return self._waiting((waiting.c.session_id == session_id) & (reached | unknown))

    def waiting_of(self, sender: str, after: int = 0, limit: int | None = None) -> list[Waiting]:
        """Return the messages of a sender that wait, those behind a local id, at most so many."""
        theirs = (messages.c.sender == sender) & (waiting.c.message_id > after)
        return self._waiting(theirs, limit)

    def held_back(self) -> list[str]:
        """Return the senders of messages that wait for their devices to count."""
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

    def settle(self, message: StoredMessage, contents: Contents) -> StoredMessage:
        """Put in what a message says for which the key has come."""
        row = update(messages).where(messages.c.id == message.id)
        values: dict[str, Any] = {
            "text": contents.text,
            "security": contents.security,
            "signed_by": contents.signed_by,
            "guest": contents.is_of_a_guest(message.guest),
        }
        if contents.time not in (None, message.time):
            said = message.time if message.said_time is None else message.said_time
            values |= {"time": contents.time, "said_time": said}
        row = row.values(values)
        with self.transaction() as connection:
            connection.execute(delete(waiting).where(waiting.c.message_id == message.id))
            return message_of(connection.execute(row.returning(*messages.c)).one())
