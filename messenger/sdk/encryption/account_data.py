"""Account data: drafts, pins and mutes that the account's devices share, encrypted."""

import logging
import time
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import msgspec

from messenger.crypto.accounts import Secret
from messenger.jim.base import Reply
from messenger.jim.devices import BackedUp, BackUpKeys, RestoreKeys
from messenger.jim.errors import ProtocolError
from messenger.sdk.encryption.account_secret import AccountSecret
from messenger.sdk.encryption.backup_batch import MAX_AT_ONCE, next_batch
from messenger.sdk.encryption.context import DeviceContext
from messenger.sdk.encryption.guard import costs_only_itself
from messenger.sdk.encryption.retries import Retries
from messenger.sdk.events import ConversationChanged
from messenger.sdk.link import Answer
from messenger.sdk.store.account_data import FIELDS, AccountData, Register, merged
from messenger.sdk.store.trust_records import MAX_NUMBER

_logger = logging.getLogger("messenger.client")

_PREFIX = "account_data"
"""Names in the backup begin with it and a space: `restore` finds all of them by it."""

_NAME_LENGTH = 48  # Hexadecimal digits, 192 bits: with the prefix at most 64, a server's limit.
_STEP = 512  # Bytes: an entry without a draft and one with a sentence have the same length.
_MAX_BYTES = 11 * _STEP  # Before encryption: base64 makes 7548 of it, and a server takes 8192.
_MAX_NAMES = 100  # A server accepts no more in one request.
_MAX_PAGES = 1000
_AGAIN_AFTER = 5.0
_LONGEST_PAUSE = 3600.0
_FETCH, _SEND = "fetch", "send"


class SharedAccountData:
    """Sets drafts, pins and mutes, and shares them with the account's other devices.

    They are entries of the key backup, one for each conversation, encrypted with the account's
    `secret`; without one they stay on this device. The other devices are not sent to-device
    messages: those for a device that is offline would take the place of session keys.

    A device fetches all entries before it shares its own changes (`begin`), so that these are the
    later ones. Whatever a server withholds or presents again, the later value of a field counts.

    It has more methods and attributes than other classes: the verbs, and one set for each state
    that a change goes through until it is shared.
    """

    def __init__(self, context: DeviceContext, secret: AccountSecret) -> None:
        self._context = context
        self._keys = context.keys
        self._device = context.identity.device_id
        self._secret = secret
        self._drafts = set(context.store.drafts())
        # Conversations: the user has changed something, or types; the server has not all of it.
        self._changed: set[str] = set()
        self._typed: set[str] = set()
        self._paused: set[str] = set()
        self._unshared: set[str] = set()
        # Names to fetch, and what is on its way.
        self._outdated: set[str] = set()
        self._sent: list[AccountData] | None = None
        self._is_fetching = False
        self._is_begun = False
        self._retries = Retries(_AGAIN_AFTER, _LONGEST_PAUSE)

    # --- what the user does --------------------------------------------------------------------

    def set_draft(self, conversation: str, text: str) -> None:
        """Store a draft; it is shared once the user pauses, and at once if it is empty."""
        if text or conversation in self._drafts:
            self._set(conversation, draft=text)
            (self._typed if text else self._changed).add(conversation)
            self.share()

    def share_drafts(self) -> None:
        """Share drafts at once, without waiting for a pause."""
        self._changed |= self._typed | self._paused
        self._typed, self._paused = set(), set()
        self.share()

    def pin(self, conversation: str, *, pinned: bool) -> None:
        """Pin a conversation, or unpin it."""
        self._set(conversation, pinned=pinned)
        self._changed.add(conversation)
        self.share()

    def mute(self, conversation: str, until: float) -> None:
        """Mute a conversation until then (unix time); for good (inf), or no longer (0)."""
        self._set(conversation, muted_until=until if until > 0 else 0.0)
        self._changed.add(conversation)
        self.share()

    def _set(self, conversation: str, **values: object) -> None:
        self._context.store.describe(conversation, **values)
        if "draft" in values:
            (self._drafts.add if values["draft"] else self._drafts.discard)(conversation)
        self._context.tell(ConversationChanged(conversation))

    # --- the connection ------------------------------------------------------------------------

    def begin(self) -> None:
        """Fetch what the other devices have shared, and then share what they lack.

        Call it on each connection, and when the account's secret is another one.
        """
        self.stop()
        self._changed |= {*self._keys.with_settings(), *self._keys.with_account_data()}
        self._outdated = {_PREFIX}
        self._retries.forget()
        self._fetch()

    def stop(self) -> None:
        """Forget what belongs to the connection that was lost, or to a former secret."""
        self._is_begun = self._is_fetching = False
        self._sent = None

    def changed(self, names: Iterable[str]) -> None:
        """Fetch entries that another device has announced."""
        self._outdated |= {name for name in names if is_account_data(name)}
        if len(self._outdated) > _MAX_NAMES:
            self._outdated = {_PREFIX}
        self._fetch()

    def tick(self) -> None:
        """Share the drafts at which the user has paused, and repeat what has failed."""
        # From one tick to the next: a draft is shared after five to ten seconds.
        self._changed |= self._paused - self._typed
        self._paused, self._typed = self._typed, set()
        self._fetch()
        self.share()

    def renumber(self, *, is_made_here: bool) -> None:
        """Restart the numbers for a new secret; the device that has made it is the later one."""
        self._keys.renumber_account_data(1 if is_made_here else 0)

    # --- receiving -----------------------------------------------------------------------------

    def _fetch(self) -> None:
        secret, now = self._secret.current, time.monotonic()
        is_due = not self._is_fetching and self._retries.is_due(_FETCH, now)
        if secret is not None and self._outdated and is_due:
            self._is_fetching = True
            names, self._outdated = sorted(self._outdated), set()
            self._fetch_page(secret, names, "", set(), _MAX_PAGES)

    def _fetch_page(
        self, secret: Secret, names: Sequence[str], after: str, found: set[str], pages: int
    ) -> None:
        """Fetch a page of entries and merge them; note in `found` what they are about."""

        def fetched(answer: Answer) -> None:
            if self._secret.current is not secret:
                return
            if not isinstance(answer, BackedUp):
                self._is_fetching = False
                self._outdated |= set(names)
                self._retries.note(_FETCH, time.monotonic())
                return
            with self._keys.transaction():
                for name, encrypted in answer.keys.items():
                    with costs_only_itself("Account data"):
                        found.add(self._take(secret.decrypt(name, encrypted)))
            # A server whose cursor goes back, or on for ever, would keep this going.
            if answer.next is not None and answer.next > after and pages:
                self._fetch_page(secret, names, answer.next, found, pages - 1)
            else:
                self._fetched(names, found)

        self._context.ask(RestoreKeys(after=after, names=list(names)), fetched)

    def _fetched(self, names: Sequence[str], found: set[str]) -> None:
        self._is_fetching = False
        self._retries.forget(lambda name: name == _FETCH)
        if _PREFIX in names:
            self._is_begun = True
            self._unshared |= set(self._keys.with_account_data()) - found
        self._fetch()
        self.share()

    def _take(self, decrypted: bytes) -> str:
        """Merge what is known with an entry; return the conversation that it is about."""
        found = msgspec.json.decode(decrypted, type=AccountData)
        name = found.conversation
        known = self._keys.account_data(name)
        latest = merged(known, found)
        if latest != known:
            self._keys.keep_account_data(latest)
            self._follow(known, latest)
        # The server has presented an old entry, or two devices have written at once.
        (self._unshared.discard if latest == found else self._unshared.add)(name)
        return name

    def _follow(self, known: AccountData, latest: AccountData) -> None:
        """Apply the values of other devices, unless the user has set others here meanwhile."""
        name, before, after = latest.conversation, _values(known), _values(latest)
        here = self._keys.set_by_user(name)
        change = {
            field: after[field]
            for field in FIELDS
            if here[field] == before[field] and here[field] != after[field]
        }
        if change:
            self._set(name, **change)

    # --- sharing -------------------------------------------------------------------------------

    def share(self) -> None:
        """Back up what the server lacks, one request after the other, and announce it."""
        secret = self._secret.current
        if secret is None or not self._is_begun or self._sent is not None:
            return
        if self._changed:
            self._number_changes()
        if not (self._unshared and self._retries.is_due(_SEND, time.monotonic())):
            return
        batch, encrypted = next_batch(self._entries(secret))
        self._sent = batch
        request = BackUpKeys(keys=encrypted, announce=True)
        self._context.ask(request, lambda answer: self._shared(batch, answer))

    def _shared(self, batch: list[AccountData], answer: Answer) -> None:
        if self._sent is not batch:
            return  # It belongs to an earlier secret: its entries are gone.
        self._sent = None
        if isinstance(answer, Reply):
            self._retries.forget(lambda name: name == _SEND)
            # What has changed meanwhile still has to be shared.
            for data in batch:
                if self._keys.account_data(data.conversation) == data:
                    self._unshared.discard(data.conversation)
            self.share()
        elif isinstance(answer, ProtocolError):
            _logger.info("Drafts, pins and mutes are not shared yet: %s", answer)
            self._retries.note(_SEND, time.monotonic())

    def _number_changes(self) -> None:
        """Number what the user has changed, as later than all that is known."""
        with self._keys.transaction():
            for name in self._changed:
                known = self._keys.account_data(name)
                latest = self._as_set_here(known)
                if latest != known:
                    self._keys.keep_account_data(latest)
                    self._unshared.add(name)
        self._changed = set()

    def _as_set_here(self, known: AccountData) -> AccountData:
        """Return it with the user's changes; without those of a draft that is too long."""
        latest = known
        before = _values(known)
        for field, value in self._keys.set_by_user(known.conversation).items():
            if value != before[field]:
                # A stolen device may have left the largest number: there is none after that.
                number = min(getattr(known, field).number + 1, MAX_NUMBER)
                register = Register(_on_wire(value), number, self._device)
                latest = msgspec.structs.replace(latest, **{field: register})
        if len(msgspec.json.encode(latest)) > _MAX_BYTES:
            latest = msgspec.structs.replace(latest, draft=known.draft)
        return latest

    def _entries(self, secret: Secret) -> Iterator[tuple[AccountData, str, str]]:
        """Yield what to share, its names in the backup, and it encrypted."""
        for conversation in sorted(self._unshared)[:MAX_AT_ONCE]:
            data, name = self._keys.account_data(conversation), _name_of(conversation, secret)
            yield data, name, secret.encrypt(name, _padded(data))


def is_account_data(name: str) -> bool:
    """Tell whether an entry of the backup with this name is account data."""
    return name.startswith(f"{_PREFIX} ")


def _name_of(conversation: str, secret: Secret) -> str:
    """Return the name of an entry; it reveals to nobody else which conversation it is about."""
    return f"{_PREFIX} {secret.name_of(f'{_PREFIX} {conversation}')[:_NAME_LENGTH]}"


def _padded(data: AccountData) -> bytes:
    """Return it as JSON with white space at the end, which hides the length of the draft."""
    encoded = msgspec.json.encode(data)
    return encoded + b" " * (-len(encoded) % _STEP)


def _values(data: AccountData) -> dict[str, Any]:
    """Return the values as the columns of a conversation have them."""
    muted_until = data.muted_until.value
    until = muted_until if muted_until >= 0 else float("inf")
    return {"draft": data.draft.value, "pinned": data.pinned.value, "muted_until": until}


def _on_wire(value: Any) -> Any:
    """Return a column's value as it is shared: JSON has no infinity."""
    return -1.0 if value == float("inf") else value
