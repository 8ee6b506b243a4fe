"""The local database of a profile: contacts, conversations and messages."""

import logging
import secrets
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from sqlalchemy import delete, func, insert, select, update

from messenger.jim.messages import Message
from messenger.jim.names import is_room
from messenger.sdk.errors import StoreUnusable
from messenger.sdk.store import fulltext, statements
from messenger.sdk.store.closing import close_part
from messenger.sdk.store.insert import Decrypter, as_they_are, ensure, extend, insert_received
from messenger.sdk.store.messages import StoredMessage
from messenger.sdk.store.migrating import migrate
from messenger.sdk.store.queue_file import KEY_BYTES, QueueFile
from messenger.sdk.store.reads import Reads
from messenger.sdk.store.schema import (
    OF_THE_DEVICE,
    SET_ASIDE,
    account_data,
    contacts,
    conversations,
    messages,
    metadata,
    olm_sessions,
    outbound_sessions,
    outgoing,
    profile,
    shared,
    waiting,
)

_logger = logging.getLogger("messenger.client")

_BATCH = 1000  # Rows at a time: memory stays bounded, and progress is visible.
_QUEUE_KEY = "queue_key"
"""The profile's value with the key of the queue's file."""


class Store(Reads):
    """Contacts, conversations and messages of one profile; safe to use from any thread.

    Without a `file` it is in memory, for a bot that remembers nothing. A file is always encrypted:
    with `key` (32 bytes), or with one that is generated and stored in a file beside it. A
    `forgetful` store keeps keys, but starts without messages every time. It has a method for each
    query and change, so it has more than other classes. Raises StoreUnusable, and WrongKey.
    """

    def __init__(
        self, file: Path | None = None, key: bytes | None = None, *, forgetful: bool = False
    ) -> None:
        super().__init__(file, key, lasting=file is not None and not forgetful)
        self._queue_key = ""
        self.is_ephemeral = file is None
        with self.transaction() as connection:
            migrate(connection, file)
            self._count_ids(connection)
        if forgetful:
            self._forget_messages()
        if self.lasting and file is not None:
            self._open_queue(file)

    def _forget_messages(self) -> None:
        with self.transaction() as connection:
            # What was shared goes, too: otherwise all of it would look as if the user had reset it.
            for table in (messages, conversations, account_data, waiting, outgoing):
                connection.execute(delete(table))

    def take_over(
        self, other: "Store", progress: Callable[[int, int], None] = lambda _done, _all: None
    ) -> None:
        """Replace the contents of this store with those of another one, in one transaction.

        `progress` is called with the rows copied so far, and the total.
        """
        with self.transaction() as connection, other.transaction() as source:
            tables = metadata.sorted_tables
            total = sum(
                source.scalar(select(func.count()).select_from(table)) or 0 for table in tables
            )
            done = 0
            # In the order of their dependencies, in which SQLAlchemy sorts them.
            for table in tables:
                connection.execute(delete(table))
                rows = source.execute(select(table))
                while batch := [row._asdict() for row in rows.fetchmany(_BATCH)]:
                    connection.execute(insert(table), batch)
                    done += len(batch)
                    progress(done, total)
            fulltext.build(connection)
            self._count_ids(connection)
            self.put(_QUEUE_KEY, self._queue_key or None)  # the other store's is another one

    def _open_queue(self, file: Path) -> None:
        """Store what an earlier program has queued; without a queue each message is committed.

        There is none if another program has it, or if the disk is full: what it has stays there.
        """
        try:
            key = self.get(_QUEUE_KEY) or secrets.token_bytes(KEY_BYTES).hex()
            queue = QueueFile(file.with_name(f"{file.name}-queue"), bytes.fromhex(key))
        except (OSError, ValueError) as error:
            _logger.info("Messages are not queued: %s", error)
            return
        try:
            if self.get(_QUEUE_KEY) is None:
                self.put(_QUEUE_KEY, key)
            self._take_in(list(queue.rows()))
            queue.clear()
        except (OSError, StoreUnusable) as error:
            _logger.warning("Messages are not queued: %s", error)
            queue.close()
            return
        self._queue_file, self._queue_key = queue, key

    # --- profile and contacts ------------------------------------------------------------------

    def get(self, name: str) -> str | None:
        """Return a value of the profile, such as the token of the last login."""
        rows = self.ask("SELECT value FROM profile WHERE name = ?", name)
        return rows[0][0] if rows else None

    def put(self, name: str, value: str | None) -> None:
        """Set a value of the profile; None deletes it."""
        with self.transaction() as connection:
            if value is None:
                connection.exec_driver_sql("DELETE FROM profile WHERE name = ?", (name,))
            else:
                row = "INSERT OR REPLACE INTO profile (name, value) VALUES (?, ?)"
                connection.exec_driver_sql(row, (name, value))

    def forget_device(self) -> None:
        """Delete what makes this a device: its token, its keys, its approval and its sessions.

        Messages stay, and the keys that decrypt them. The account's secret is set aside: this may
        be the only copy, and that the device was removed is only the server's word.
        """
        with self.transaction() as connection:
            # The pending one may be the account's by now, if the reply that said so was lost.
            secrets = filter(None, (self.get("secret"), self.get("pending_secret")))
            if kept := " ".join(secrets):
                self.put(SET_ASIDE, kept)
            connection.execute(delete(profile).where(profile.c.name.in_(OF_THE_DEVICE)))
            for table in (olm_sessions, outbound_sessions, shared, outgoing):
                connection.execute(delete(table))

    def set_contacts(self, names: Sequence[str]) -> None:
        """Replace the list of contacts."""
        with self.transaction() as connection:
            connection.execute(delete(contacts))
            if names:
                connection.execute(insert(contacts), [{"name": name} for name in set(names)])

    # --- received messages ---------------------------------------------------------------------

    def synced(self, conversation: str) -> int:
        """Return the number up to which the conversation is stored without a gap."""
        rows = self.ask("SELECT synced FROM conversations WHERE name = ?", conversation)
        return int(rows[0][0]) if rows else 0

    def numbered(self) -> list[str]:
        """Return the conversations in which messages have numbers."""
        return [row[0] for row in self.ask("SELECT name FROM conversations WHERE synced > 0")]

    def seen(self, conversation: str) -> int:
        """Return the last number that a message written now follows, as its sender has seen it.

        0 with a guest: once a message can be encrypted for that name, its log starts over.
        """
        return 0 if self.is_guests(conversation) else self.synced(conversation)

    def is_guests(self, conversation: str) -> bool | None:
        """Tell whether the other person is a guest; None if the conversation is not stored."""
        rows = self.ask("SELECT guest FROM conversations WHERE name = ?", conversation)
        return bool(rows[0][0]) if rows else None

    def add_received(
        self,
        conversation: str,
        me: str,
        received: Sequence[Message],
        decrypter: Decrypter = as_they_are,
    ) -> list[StoredMessage]:
        """Store numbered messages; return those that are new, in ascending order.

        They must follow the stored ones without a gap, or be older; this advances `synced`.
        `decrypter` decrypts them in the same transaction.
        """
        with self.transaction() as connection:
            ensure(connection, conversation)
            inorder = sorted(received, key=lambda one: one.seq)
            new = insert_received(connection, conversation, me, inorder, decrypter, self._new_ids)
            if received:
                extend(connection, conversation, [message.seq for message in received])
        return new

    def add_unnumbered(
        self, conversation: str, me: str, message: Message, decrypter: Decrypter = as_they_are
    ) -> StoredMessage | None:
        """Store a message of a server without numbers; None if it is stored already."""
        with self.transaction() as connection:
            ensure(connection, conversation)
            new = insert_received(connection, conversation, me, [message], decrypter, self._new_ids)
            return new[0] if new else None

    def begin_at(self, conversation: str, seq: int) -> None:
        """Start a new conversation at a number: older messages are fetched on request."""
        with self.transaction() as connection:
            ensure(connection, conversation)
            connection.execute(
                update(conversations)
                .where(conversations.c.name == conversation)
                .values(synced=seq, first=seq + 1)
            )

    def close_part(self, conversation: str, me: str) -> None:
        """Close the conversation: its messages stay, and a new log of that name follows them."""
        with self.transaction() as connection:
            close_part(connection, conversation, me)

    def close_direct(self, me: str) -> None:
        """Close all direct chats: this user is somebody else from now on, such as a new account."""
        with self.transaction() as connection:
            for name in list(connection.scalars(select(conversations.c.name))):
                if not is_room(name):
                    close_part(connection, name, me)

    # --- conversations -------------------------------------------------------------------------

    def describe(self, conversation: str, **values: Any) -> None:
        """Update a conversation; `values` are named as in ConversationSummary."""
        change, row = statements.describe(*values), (*values.values(), conversation)
        with self.transaction() as connection:
            # Mostly the conversation exists: an INSERT first would be a second statement each time.
            if not connection.exec_driver_sql(change, row).rowcount:
                ensure(connection, conversation)
                connection.exec_driver_sql(change, row)
