"""The user's own messages: queued, stored, and what becomes of them."""

import threading
from collections.abc import Collection, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, NamedTuple

from sqlalchemy import Connection, func, select

from messenger.sdk.store import fulltext, statements
from messenger.sdk.store.engine import unusable_now
from messenger.sdk.store.insert import ensure, make_room, message_of
from messenger.sdk.store.messages import MessageState, StoredMessage
from messenger.sdk.store.queue_file import QueueFile
from messenger.sdk.store.schema import messages
from messenger.sdk.store.sqlite import Database

_SENT_ID = StoredMessage._fields.index("sent_id")


class Committed(NamedTuple):
    """A message that the server has committed under a number, and when, if that is to be noted."""

    sent_id: str
    seq: int | None
    stored: float | None = None


class SentMessages(Database):
    """Queries and changes of messages that the user writes; they wait in a queue for a commit.

    The queue is in memory, and for a store that is `lasting` in a file, too: without one, each
    message is committed by itself.
    """

    def __init__(self, file: Path | None, key: bytes | None, *, lasting: bool) -> None:
        super().__init__(file, key)
        self.lasting = lasting
        self._queueing = threading.RLock()  # Of ids and queue: nobody waits for the database.
        self._queue_file: QueueFile | None = None
        self._is_closed = False
        self._next_id = 1

    def close(self) -> None:
        """Close the database."""
        with self._queueing:
            self._is_closed = True
        super().close()
        with self._queueing:
            if self._queue_file is not None:
                self._queue_file.close()
                self._queue_file = None

    def _count_ids(self, connection: Connection) -> None:
        """Continue after the ids that are in the table."""
        last = connection.scalar(select(func.max(messages.c.id))) or 0
        with self._queueing:
            self._next_id = max(self._next_id, last + 1)  # Never back: some may be queued.

    def add_unsent(
        self, conversation: str, sender: str, text: str, sent_id: str, time: float
    ) -> StoredMessage:
        """Store a message before it is sent, and return it."""
        message, row = self._unsent(conversation, sender, text, sent_id, time)
        with self.transaction() as connection:
            ensure(connection, conversation)
            connection.exec_driver_sql(statements.ADD_MESSAGE, row)
            fulltext.add(connection, [(message.id, conversation, text)])
        return message

    def queue_unsent(
        self, conversation: str, sender: str, text: str, sent_id: str, time: float
    ) -> StoredMessage:
        """Return a message that is stored with the next transaction, or before the next query.

        So many messages are stored at once: a commit costs more than ten of them. Until then it is
        in a file, so that it survives the end of the program. Raises StoreUnusable.
        """
        with self._queueing:
            is_in_memory = not self.lasting and not self._is_closed
            if self._queue_file is not None or is_in_memory:
                message, row = self._unsent(conversation, sender, text, sent_id, time)
                self._append_to_file(row)
                self._queued.append(row)
                return message
        return self.add_unsent(conversation, sender, text, sent_id, time)

    def _append_to_file(self, row: tuple[Any, ...]) -> None:
        if self._queue_file is not None:
            try:
                self._queue_file.append(row)
            except OSError as error:
                raise unusable_now(error) from error

    def _unsent(
        self, conversation: str, sender: str, text: str, sent_id: str, time: float
    ) -> tuple[StoredMessage, tuple[Any, ...]]:
        """Return a new message, and its row."""
        row_id = self._new_ids(1)
        message = StoredMessage(
            row_id, conversation, None, sent_id, sender, text, "utf-8", time,
            MessageState.UNSENT, "", guest=False, stored=time,
        )  # fmt: skip
        return message, (row_id, conversation, sender, text, sent_id, time, time)

    def _write_rows(self, connection: Connection, rows: Sequence[tuple[Any, ...]]) -> None:
        for conversation in {row[1] for row in rows}:
            ensure(connection, conversation)
        connection.exec_driver_sql(statements.ADD_QUEUED, list(rows))
        fulltext.add(connection, ((row[0], row[1], row[3]) for row in rows))

    def _note_written(self, count: int) -> None:
        if count:
            with self._queueing:
                del self._queued[:count]
                if not self._queued and self._queue_file is not None:
                    with suppress(OSError):  # They are committed: at the next start they are known.
                        self._queue_file.clear()

    def _new_ids(self, count: int) -> int:
        """Reserve so many ids of messages; return the first."""
        # Not from the table, which lacks those that are queued.
        with self._queueing:
            first = self._next_id
            self._next_id += count
        return first

    def _take_in(self, rows: Sequence[tuple[Any, ...]]) -> None:
        """Store rows of the queue that are not in the table yet."""
        if not rows:
            return
        with self.transaction():
            for _id, conversation, sender, text, sent_id, time, _stored in rows:
                if not self.ask("SELECT 1 FROM messages WHERE sent_id = ?", sent_id):
                    self.add_unsent(conversation, sender, text, sent_id, time)

    def unsent(
        self, conversation: str, limit: int, but: Collection[str] = ()
    ) -> list[StoredMessage]:
        """Return the oldest unsent messages of a conversation, in the order of writing.

        At most `limit`, less those of them that have one of these `sent_id`s.
        """
        rows = self.ask(statements.UNSENT_IN, conversation, limit)
        return [message_of(row) for row in rows if row[_SENT_ID] not in but]

    def count_unsent_in(self) -> dict[str, int]:
        """Return the number of unsent messages of each conversation that has some."""
        return dict(self.ask(statements.COUNT_UNSENT_IN))

    def count_unsent(self) -> int:
        """Return the number of unsent messages."""
        return int(self.ask(statements.COUNT_UNSENT)[0][0])

    def set_sent(
        self, conversation: str, committed: Sequence[Committed]
    ) -> tuple[list[StoredMessage], bool]:
        """Note that the server has committed messages, in the order of their numbers.

        Return them, and whether other messages lost their numbers because the server has lost them.
        """
        numbers = [one.seq or 0 for one in committed]
        first, last = numbers[0], numbers[-1]
        with self.transaction() as connection:
            is_run = first > 0 and numbers == list(range(first, last + 1))
            # Mostly nothing has these numbers: then a few statements are enough for all.
            if not is_run or self.ask(statements.BETWEEN, conversation, first, last):
                found = [self._set_sent(connection, one) for one in committed]
                return [one for one, _ in found if one], any(has_lost for _, has_lost in found)
            connection.exec_driver_sql(
                statements.SET_SENT, [(one.seq, one.stored, one.sent_id) for one in committed]
            )
            self.ask(statements.FOLLOW, last, conversation, first - 1)
            rows = self.ask(statements.BETWEEN, conversation, first, last)
            return list(map(message_of, rows)), False

    def _set_sent(
        self, connection: Connection, committed: Committed
    ) -> tuple[StoredMessage | None, bool]:
        """Note that a message is committed; free its number if another message has it."""
        sent_id, seq, stored = committed
        has_lost = False
        if seq is not None and self.ask(statements.FIND_AT_NUMBER, seq, sent_id):
            has_lost = make_room(connection, sent_id, seq)
        when = {"stored": stored} if stored else {}
        changed = self._change(sent_id, state=MessageState.SENT, seq=seq, **when)
        if changed is not None and changed.seq is not None:
            self.ask(statements.FOLLOW, changed.seq, changed.conversation, changed.seq - 1)
        return changed, has_lost

    def set_failed(self, sent_id: str, reason: str) -> StoredMessage | None:
        """Note that the server refuses a message permanently."""
        return self._change(sent_id, state=MessageState.FAILED, reason=reason)

    def set_unsent(self, sent_id: str) -> StoredMessage | None:
        """Queue a failed message again."""
        return self._change(sent_id, state=MessageState.UNSENT, reason="")

    def _change(self, sent_id: str, **values: Any) -> StoredMessage | None:
        with self.transaction():
            rows = self.ask(statements.change_message(*values), *values.values(), sent_id)
            return message_of(rows[0]) if rows else None

    def set_receipts(self, conversation: str, delivered: int, read: int) -> list[StoredMessage]:
        """Apply the recipient's receipts; return the sent messages whose state this changes."""
        with self.transaction() as connection:
            changed = [
                row
                for reach, up_to in (
                    # Read first, so that no message is reported as delivered and then as read.
                    (statements.REACH_READ, read),
                    (statements.REACH_DELIVERED, delivered),
                )
                if up_to
                for statement in reach
                for row in connection.exec_driver_sql(statement, (conversation, up_to))
            ]
        return list(map(message_of, changed))
