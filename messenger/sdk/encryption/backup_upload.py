"""Uploads session keys to the key backup, in batches; keys of a refused batch one by one."""

import logging
from collections.abc import Iterator, Sequence

from messenger.crypto.accounts import Secret
from messenger.jim.base import Reply
from messenger.jim.devices import BackUpKeys
from messenger.jim.errors import BackupFull, BadRequest, ProtocolError, TextTooLong, TooLarge
from messenger.sdk.encryption.backup_batch import MAX_AT_ONCE, next_batch
from messenger.sdk.encryption.backup_names import backup_name
from messenger.sdk.encryption.context import DeviceContext
from messenger.sdk.encryption.empty_search import EmptySearch
from messenger.sdk.encryption.session_keys import SessionKeys
from messenger.sdk.link import Answer
from messenger.sdk.store.inbound_sessions import InboundSession

_logger = logging.getLogger("messenger.client")

_MAX_REFUSED = 1_000  # Each query excludes their names: a server that refuses all must not grow it.

_REFUSALS = BadRequest, TextTooLong, TooLarge


class Uploads:
    """Uploads the keys that the backup lacks.

    The keys of a refused batch are uploaded one by one, and one that is refused alone is skipped
    until the next connection: a key that somebody has crafted does not block the others. If many
    are refused, or the backup is full, uploading stops until then. A key that decrypts more of its
    session replaces the earlier one: sharing a key again and again, each time from one message
    earlier, does not fill the backup.
    """

    def __init__(self, context: DeviceContext, sessions: SessionKeys) -> None:
        self._keys = context.keys
        self._ask = context.ask
        self._me = context.account
        self._sessions = sessions
        self._is_waiting = False
        self._stopped = False
        self.is_full = False
        self._warned = False
        self._to_try_alone = 0
        self._refused: set[str] = set()
        self._parts: dict[str, str] = {}
        self._search = EmptySearch(context.keys)

    def stop(self) -> None:
        """The connection is lost: on the next one the server may accept more."""
        self._is_waiting = self._stopped = self._warned = self.is_full = False
        self._to_try_alone = 0
        self._refused.clear()
        self._search.forget()

    def send(self, secret: Secret) -> None:
        """Upload what is not backed up, one request after the other; call it periodically."""
        if self._is_waiting or self._stopped or not self._search.begins():
            return
        batch, encrypted = next_batch(self._entries(secret))
        if not encrypted:
            self._search.found_nothing()
            return
        # One request at a time: another one would upload the same keys again.
        self._is_waiting = True

        def answered(answer: Answer) -> None:
            self._is_waiting = False
            if isinstance(answer, Reply):
                self.is_full = False
                self._to_try_alone = max(0, self._to_try_alone - 1)
                self._keys.note_backed_up(batch)
                self._note_parts(batch)
                self.send(secret)
            elif isinstance(answer, ProtocolError):
                self._warn(answer)
                self.is_full = isinstance(answer, BackupFull)
                if self.is_full or len(self._refused) >= _MAX_REFUSED:
                    self._stopped = True
                elif isinstance(answer, _REFUSALS):
                    self._note_refused([inbound.name for inbound in batch])

        replaced = {self._parts[one.name] for one in batch if one.name in self._parts}
        self._ask(BackUpKeys(keys=encrypted, forget=sorted(replaced - encrypted.keys())), answered)

    def resume(self) -> None:
        """Continue after the backup was full: entries were deleted from it."""
        self._stopped = self._stopped and not self.is_full
        self.is_full = False

    def _entries(self, secret: Secret) -> Iterator[tuple[InboundSession, str, str]]:
        """Yield sessions, their names in the backup, and their encrypted keys."""
        limit = 1 if self._to_try_alone else MAX_AT_ONCE
        for inbound in self._keys.not_backed_up(limit, me=self._me, without=self._refused):
            name = backup_name(inbound)
            yield inbound, name, self._sessions.encrypt_for_backup(name, inbound, secret)

    def _note_parts(self, batch: Sequence[InboundSession]) -> None:
        """Note the names of keys of a part of their session: a key of all of it replaces them."""
        for inbound in batch:
            if inbound.first:
                self._parts[inbound.name] = backup_name(inbound)
            else:
                self._parts.pop(inbound.name, None)

    def _warn(self, error: ProtocolError) -> None:
        """Log once per connection: refused keys are uploaded again every few seconds."""
        if not self._warned:
            _logger.warning("Keys are not backed up: %s", error)
        self._warned = True

    def _note_refused(self, names: list[str]) -> None:
        if len(names) > 1:
            # So many single uploads find the key because of which the server refused the batch.
            self._to_try_alone = len(names)
        else:
            self._to_try_alone = max(0, self._to_try_alone - 1)
            self._refused.update(names)
