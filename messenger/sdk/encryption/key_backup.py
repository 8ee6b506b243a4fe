"""Keys and trust decisions at the server, for the account's other devices: sealed by its secret."""

import logging
import time
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import msgspec

from messenger.crypto.accounts import Secret
from messenger.crypto.signed import SignatureError
from messenger.jim.devices import BackedUp, BackUpKeys, RestoreKeys
from messenger.sdk.encryption.account_secret import AccountSecret
from messenger.sdk.encryption.backup_names import session_of_backup
from messenger.sdk.encryption.backup_state import ExpectedBackup, Restored
from messenger.sdk.encryption.backup_upload import Uploads
from messenger.sdk.encryption.context import DeviceContext
from messenger.sdk.encryption.guard import costs_only_itself
from messenger.sdk.encryption.internal_events import HistoryRestored
from messenger.sdk.encryption.redecryption import Redecryption
from messenger.sdk.encryption.retries import Retries
from messenger.sdk.encryption.session_keys import SessionKeys
from messenger.sdk.encryption.trust_records import TrustRecords
from messenger.sdk.events import BackupOutdated, KeysRestored
from messenger.sdk.link import Answer
from messenger.sdk.store.trust_records import TrustRecord, TrustRecordKey

_logger = logging.getLogger("messenger.client")

_LOOKED_AT_ONCE = 100
_LOOKED_FOR_AGAIN_AFTER = 25.0
_LONGEST_PAUSE = 3600.0
_LOOKED_AGAIN = (10.0, 30.0, 120.0, 600.0)
_NEW_FOR = 24 * 3600.0
_MAX_PAGES = 10_000
_COMPARED_EVERY = 24 * 3600.0
_FAILED_AGAIN_AFTER = 60.0
_FORGOTTEN_AT_ONCE = 100
_COMPARED_AT = "backup_compared_at"


class KeyBackup:
    """Backs keys up, and fetches them; what was backed up and is not there is backed up again.

    It is of the account's `secret`, and nothing is done without one. `redecryption` decrypts the
    messages whose keys have arrived.
    """

    def __init__(
        self,
        context: DeviceContext,
        sessions: SessionKeys,
        trust_records: TrustRecords,
        redecryption: Redecryption,
        secret: AccountSecret,
    ) -> None:
        self._context = context
        self._sessions = sessions
        self._trust_records = trust_records
        self._redecryption = redecryption
        self._secret = secret
        self._uploads = Uploads(context, sessions)
        self._looked = Retries(_LOOKED_FOR_AGAIN_AFTER, _LONGEST_PAUSE)
        self._look_again: list[float] = []
        self._is_outdated = False
        self._compared_at: float | None = None
        self._compare_again = Retries(_FAILED_AGAIN_AFTER, _LONGEST_PAUSE)
        self.expected = ExpectedBackup(context.keys)

    def stop(self) -> None:
        """The link is gone."""
        self._compared_at = None
        self._uploads.stop()
        self._looked.forget()

    def fetch_history(self) -> None:
        """Fetch what was written before this device was there, and look again for a day.

        Others may back up later what this device wants now.
        """
        self.restore(history=True)
        self._context.keys.put("approved_at", repr(time.time()))
        self._plan()

    def look_for_earlier(self) -> None:
        """Look for keys again if this device is new, and cannot read everything.

        Call it where the link is new, or messages have come that were written before this device.
        """
        since = float(self._context.keys.get("approved_at") or 0)
        is_new = 0 <= time.time() - since < _NEW_FOR
        if is_new and not self._look_again and self._context.keys.has_earlier():
            self._plan()

    def compare_daily(self) -> None:
        """Fetch all of it where a day has passed: the server may have lost some, or gone back.

        Also where it is full: there may be junk in it.
        """
        if self._compared_at is None:
            self._compared_at = float(self._context.keys.get(_COMPARED_AT) or 0)
        now = time.monotonic()
        is_over = abs(time.time() - self._compared_at) >= _COMPARED_EVERY
        if (is_over or self._is_full) and self._compare_again.is_due("", now):
            # Not twice at once; and it may fail.
            self._compare_again.note("", now)
            self.restore()

    def note_compared(self) -> None:
        """What the server has is what is known here."""
        self._compared_at = time.time()
        if not self._is_full:
            self._compare_again.forget()
        self._context.keys.put(_COMPARED_AT, repr(self._compared_at))

    def _plan(self) -> None:
        now = time.monotonic()
        self._look_again = [now + pause for pause in _LOOKED_AGAIN]

    def tick(self) -> None:
        """Do what is due: look again, compare, and back up. Call it now and then."""
        if self._secret.current is None:
            return
        if self._look_again and time.monotonic() >= self._look_again[0]:
            self._look_again.pop(0)
            self.restore()
        self.compare_daily()
        self.back_up()

    def back_up(self) -> None:
        """Have the server keep keys that one's other devices may want, sealed by the secret."""
        if self._secret.current is not None:
            self._trust_records.share(self._secret.current)
            self._uploads.send(self._secret.current)

    def look_for_keys(self, session_ids: Sequence[str]) -> None:
        """Fetch the keys of these sessions, as far as one's other devices have backed them up.

        Anybody can send what names a session that nobody has: one that is not found is looked for
        again after longer and longer pauses.
        """
        secret = self._secret.current
        if secret is None:
            return
        now = time.monotonic()
        wanted = [one for one in session_ids if self._looked.is_due(one, now)]
        for session_id in wanted:
            self._looked.note(session_id, now)
        self._look_for(secret, wanted)

    def _look_for(self, secret: Secret, wanted: Sequence[str]) -> None:
        """Fetch keys by name, so many at once as the server takes."""
        batch, rest = wanted[:_LOOKED_AT_ONCE], wanted[_LOOKED_AT_ONCE:]
        if batch:
            self._fetch(secret, Restored(), "", lambda _: self._look_for(secret, rest), batch)

    def restore(self, *, history: bool = False) -> None:
        """Fetch what was backed up, page by page, and compare it with what has to be there.

        With `history`, what was written before is wanted, too: always by a device that was approved
        just now.
        """
        secret = self._secret.current
        if secret is None:
            return
        is_first = self.expected.is_unchecked
        sessions, trust_records = self._context.keys.backed_up(), self._trust_records.backed_up()

        def done(restored: Restored) -> None:
            if history or is_first:
                self._context.emit(HistoryRestored())
            self._secret.ask_whether_current(secret, partial(compare, restored))

        def compare(restored: Restored, is_ours: bool) -> None:
            if is_ours:
                is_less = self._back_up_again(sessions, trust_records, restored)
                if is_first:
                    # What this device has noted may be of the backup of an older secret.
                    is_less = not self.expected.is_met_by(restored)
                    self.expected.settle()
                self._note_outdated(is_less)
                if self._is_full:
                    self._forget(restored.superfluous())
                self.note_compared()
                self.back_up()
            self._context.tell(KeysRestored(restored.new))

        self._fetch(secret, Restored(), "", done)

    def _fetch(
        self,
        secret: Secret,
        restored: Restored,
        after: str,
        done: Callable[[Restored], None],
        named: Sequence[str] = (),
    ) -> None:
        """Fetch pages, only of what is `named` if that is given; add what they have."""

        def fetched(answer: Answer) -> None:
            if not isinstance(answer, BackedUp):
                return
            new: list[str] = []
            with self._context.keys.transaction():
                for name, encrypted in answer.keys.items():
                    with costs_only_itself("A key that was backed up"):
                        new += self._take(name, encrypted, secret, restored)
            self._redecryption.restored(new)
            restored.new += len(new)
            restored.pages += 1
            # A server that goes back, or on for ever, would never end.
            is_endless = restored.pages >= _MAX_PAGES
            if answer.next is not None and answer.next > after and not is_endless:
                self._fetch(secret, restored, answer.next, done, named)
            else:
                done(restored)

        self._context.ask(RestoreKeys(after=after, names=list(named)), fetched)

    def _back_up_again(
        self, sessions: dict[str, int], trust_records: dict[TrustRecordKey, int], restored: Restored
    ) -> bool:
        """What was backed up once the server has to have: it leaves it out, or went back itself.

        What cannot be opened is as good as left out: anybody who logs in may have written it.
        Tells whether something is missing, or older.
        """
        lost = restored.lacks(sessions)
        if lost:
            _logger.warning("The server has lost %d keys that were backed up", len(lost))
            self._context.keys.note_not_backed_up(lost)
        return self._trust_records.share_again(trust_records, restored.trust_records) or bool(lost)

    @property
    def _is_full(self) -> bool:
        return self._uploads.is_full or self._trust_records.is_full

    def _forget(self, names: Sequence[str]) -> None:
        """Have the server forget entries that are of no use, and send again what had no room."""
        for start in range(0, len(names), _FORGOTTEN_AT_ONCE):
            batch = list(names[start : start + _FORGOTTEN_AT_ONCE])
            self._context.ask(BackUpKeys(keys={}, forget=batch), lambda _: self._uploads.resume())

    def _note_outdated(self, is_outdated: bool) -> None:
        """Tell that the backup is an older one, once until it is right again."""
        if is_outdated and not self._is_outdated:
            self._context.tell(BackupOutdated())
        self._is_outdated = is_outdated

    def _take(self, name: str, encrypted: str, secret: Secret, restored: Restored) -> list[str]:
        """Take a key or a decision; return the sessions that open more than before."""
        try:
            decrypted = secret.decrypt(name, encrypted)
        except SignatureError:
            # Whoever has the password can write such, and fill the backup with it.
            restored.junk.append(name)
            raise
        content = msgspec.json.decode(decrypted, type=dict[str, Any])
        if "trust" in content:
            trust_record = msgspec.convert(content, TrustRecord)
            restored.trust_records[trust_record.key] = trust_record.number
            self._trust_records.take(trust_record)
            return []
        session = session_of_backup(name)
        found = self._sessions.read_backed_up(session, content)
        restored.add(found, name)
        return [found.session_id] if self._sessions.take_backed_up(found, session) else []
