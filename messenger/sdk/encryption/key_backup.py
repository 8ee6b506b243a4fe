"""The key backup at the server: session keys and trust records, encrypted with the secret."""

import logging
import time
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import msgspec

from messenger.crypto.accounts import Secret
from messenger.crypto.signed import SignatureError
from messenger.jim.devices import BackedUp, BackUpKeys, RestoreKeys
from messenger.sdk.encryption.account_data import is_account_data
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
from messenger.sdk.events import BackupOutdated, KeysRestored, RecoveryChanged
from messenger.sdk.key_states import Recovery, RecoveryState
from messenger.sdk.link import Answer
from messenger.sdk.store.trust_records import TrustRecord, TrustRecordKey

_logger = logging.getLogger("messenger.client")

_LOOKED_AT_ONCE = 100  # A server accepts no more names in one request.
_LOOKED_FOR_AGAIN_AFTER = 25.0  # Less than the 30 s after which `KeyRequests` asks here again.
_LONGEST_PAUSE = 3600.0
_LOOKED_AGAIN = (10.0, 30.0, 120.0, 600.0)  # The other devices upload at their own pace.
_NEW_FOR = 24 * 3600.0
_MAX_PAGES = 10_000
_COMPARED_EVERY = 24 * 3600.0
_FAILED_AGAIN_AFTER = 60.0  # Doubled to `_LONGEST_PAUSE`: a comparison fetches the whole backup.
_FORGOTTEN_AT_ONCE = 100  # A server accepts no more names in one request.
_COMPARED_AT = "backup_compared_at"


class KeyBackup:
    """Uploads keys and fetches them; entries that the server has lost are uploaded again.

    The account's `secret` encrypts it; without one nothing is done. `redecryption` decrypts the
    messages whose keys have arrived. It has more methods and attributes than other classes, as both
    directions use the same state: what is uploaded is compared with what was fetched.
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
        self._is_outdated = self._is_restoring = self._has_restored = False
        self._restored = 0
        self._compared_at: float | None = None
        self._compare_again = Retries(_FAILED_AGAIN_AFTER, _LONGEST_PAUSE)
        self.expected = ExpectedBackup(context.keys)

    def stop(self) -> None:
        """Forget what belongs to the connection that was lost."""
        self._compared_at = None
        self._uploads.stop()
        self._looked.forget()
        if self._is_restoring:
            self._is_restoring = False
            self.tell_recovery()

    @property
    def recovery(self) -> Recovery:
        """What the recovery code can do, and how far a restore is."""
        secret = self._secret.current
        if secret is None:
            return Recovery(RecoveryState.NONE)
        state = RecoveryState.RESTORED if self._has_restored else RecoveryState.READY
        if not self._secret.is_code_confirmed:
            state = RecoveryState.CODE_UNCONFIRMED
        if self._is_restoring:
            state = RecoveryState.RESTORING
        return Recovery(state, secret.code(), self._restored)

    def tell_recovery(self) -> None:
        """Tell the user what has changed about the recovery."""
        self._context.tell(RecoveryChanged(self.recovery))

    def fetch_history(self) -> None:
        """Fetch the keys of messages from before this device was added, and look again for a day.

        Other devices may back up later what this one lacks now.
        """
        self.restore(history=True)
        self._context.keys.put("approved_at", repr(time.time()))
        self._plan()

    def look_for_earlier(self) -> None:
        """Look for keys again if this device is new, and cannot decrypt everything.

        Call it on a new connection, or if messages from before this device have arrived.
        """
        since = float(self._context.keys.get("approved_at") or 0)
        is_new = 0 <= time.time() - since < _NEW_FOR
        if is_new and not self._look_again and self._context.keys.has_earlier():
            self._plan()

    def compare_daily(self) -> None:
        """Fetch all of it once a day: the server may have lost entries, or rolled back.

        Also if it is full, as it may contain junk.
        """
        if self._compared_at is None:
            self._compared_at = float(self._context.keys.get(_COMPARED_AT) or 0)
        now = time.monotonic()
        # `abs`: a clock that was ahead and is set back must not put the comparison off.
        is_over = abs(time.time() - self._compared_at) >= _COMPARED_EVERY
        if (is_over or self._is_full) and self._compare_again.is_due("", now):
            # Noted before the request: no second one meanwhile, and a pause if it fails.
            self._compare_again.note("", now)
            self.restore()

    def compare_soon(self) -> None:
        """Compare it with what this device knows on the next tick."""
        self._compared_at = None
        self._context.keys.put(_COMPARED_AT, None)

    def note_compared(self) -> None:
        """Note that the backup was compared with what this device knows of it."""
        self._compared_at = time.time()
        if not self._is_full:
            self._compare_again.forget()
        self._context.keys.put(_COMPARED_AT, repr(self._compared_at))

    def _plan(self) -> None:
        now = time.monotonic()
        self._look_again = [now + pause for pause in _LOOKED_AGAIN]

    def tick(self) -> None:
        """Run what is due: look again, compare, and back up. Call it periodically."""
        if self._secret.current is None:
            return
        if self._look_again and time.monotonic() >= self._look_again[0]:
            self._look_again.pop(0)
            self.restore()
        self.compare_daily()
        self.back_up()

    def back_up(self) -> None:
        """Upload trust records and keys that are not backed up yet, encrypted with the secret."""
        if self._secret.current is not None:
            self._trust_records.share(self._secret.current)
            self._uploads.send(self._secret.current)

    def look_for_keys(self, session_ids: Sequence[str]) -> None:
        """Fetch the keys of these sessions, if other devices of the user have backed them up.

        Anybody can send messages that name a nonexistent session: one that is not found is looked
        for again after longer and longer pauses.
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
        """Fetch keys by name, in batches that the server accepts."""
        batch, rest = wanted[:_LOOKED_AT_ONCE], wanted[_LOOKED_AT_ONCE:]
        if batch:
            self._fetch(secret, Restored(), "", lambda _: self._look_for(secret, rest), batch)

    def restore(self, *, history: bool = False) -> None:
        """Fetch the whole backup, page by page, and compare it with its expected contents.

        With `history` it emits `HistoryRestored`, as it always does for a newly approved device.
        """
        secret = self._secret.current
        if secret is None:
            return
        is_first = self.expected.is_unchecked
        if history:
            self._is_restoring, self._restored = True, 0
            self.tell_recovery()
        # As of now: what is uploaded during the fetch may be missing in its earlier pages.
        sessions, trust_records = (
            self._context.keys.backed_up(),
            self._trust_records.backed_up.numbers(),
        )

        def done(restored: Restored) -> None:
            if history or is_first:
                self._context.emit(HistoryRestored())
            if history:
                self._is_restoring, self._has_restored = False, True
                self.tell_recovery()
            self._secret.ask_whether_current(secret, partial(compare, restored))

        def compare(restored: Restored, is_ours: bool) -> None:
            # Under another secret all entries would look lost.
            if is_ours:
                is_less = self._back_up_again(sessions, trust_records, restored)
                if is_first:
                    # This device's own notes may be about the backup of an older secret.
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
        """Fetch pages, only of `named` entries if there are any, and add them to `restored`."""

        def fetched(answer: Answer) -> None:
            # A part of the backup is not compared: what was not fetched would look lost.
            if not isinstance(answer, BackedUp):
                if not named:
                    self._note_restored(0, is_over=True)
                return
            new: list[str] = []
            with self._context.keys.transaction():
                for name, encrypted in answer.keys.items():
                    with costs_only_itself("A key that was backed up"):
                        new += self._take(name, encrypted, secret, restored)
            self._redecryption.restored(new)
            restored.new += len(new)
            if not named:
                self._note_restored(len(new))
            restored.pages += 1
            # A server whose cursor goes back, or on for ever, would keep this loop running.
            is_endless = restored.pages >= _MAX_PAGES
            if answer.next is not None and answer.next > after and not is_endless:
                self._fetch(secret, restored, answer.next, done, named)
            else:
                done(restored)

        self._context.ask(RestoreKeys(after=after, names=list(named)), fetched)

    def _back_up_again(
        self, sessions: dict[str, int], trust_records: dict[TrustRecordKey, int], restored: Restored
    ) -> bool:
        """Mark entries to upload again that the server has omitted, or lost in a rollback.

        An entry that cannot be decrypted counts as missing: anybody who can log in may have written
        it. Tells whether something is missing, or older.
        """
        lost = restored.lacks(sessions)
        if lost:
            _logger.warning("The server has lost %d keys that were backed up", len(lost))
            self._context.keys.note_not_backed_up(lost)
        return self._trust_records.backed_up.compare(trust_records, restored.trust_records) or bool(
            lost
        )

    def _note_restored(self, keys: int, *, is_over: bool = False) -> None:
        """Tell the user how far a restore is, or that the server has refused the rest."""
        if self._is_restoring:
            self._restored += keys
            self._is_restoring = not is_over
            self.tell_recovery()

    @property
    def _is_full(self) -> bool:
        return self._uploads.is_full or self._trust_records.is_full

    def _forget(self, names: Sequence[str]) -> None:
        """Delete useless entries from the backup, and then resume uploading."""
        for start in range(0, len(names), _FORGOTTEN_AT_ONCE):
            batch = list(names[start : start + _FORGOTTEN_AT_ONCE])
            self._context.ask(BackUpKeys(keys={}, forget=batch), lambda _: self._uploads.resume())

    def _note_outdated(self, is_outdated: bool) -> None:
        """Report an outdated backup, once until it is complete again."""
        if is_outdated and not self._is_outdated:
            self._context.tell(BackupOutdated())
        self._is_outdated = is_outdated

    def _take(self, name: str, encrypted: str, secret: Secret, restored: Restored) -> list[str]:
        """Store a key or trust record; return the session if it decrypts more by that."""
        try:
            decrypted = secret.decrypt(name, encrypted)
        except SignatureError:
            # Anybody who has the password can write such entries, and fill the backup.
            restored.junk.append(name)
            raise
        if is_account_data(name):
            return []  # It is fetched by itself, and that some of it is missing harms nobody.
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
