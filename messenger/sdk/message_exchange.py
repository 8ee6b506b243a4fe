"""Everything that works on the database: messages in both directions, their keys, and changes."""

from collections.abc import Callable
from typing import Any, get_args

from messenger.jim.blocks import BlockChanged
from messenger.jim.codec import AnyEvent
from messenger.jim.devices import BackupChanged, ToDeviceArrived
from messenger.jim.messages import SendReceipt, TypingNotice
from messenger.sdk.backfill import Backfill
from messenger.sdk.changes import Change, Changes, DevicesSeen
from messenger.sdk.encryption import Encryption
from messenger.sdk.encryption.internal_events import (
    HistoryRestored,
    InboxFetched,
    InternalEvent,
    RoomReplaced,
)
from messenger.sdk.events import ConversationChanged
from messenger.sdk.failures import call_each
from messenger.sdk.link import Ask
from messenger.sdk.outbox import Outbox
from messenger.sdk.resync import Resync
from messenger.sdk.store import Store


class MessageExchange:
    """Creates the parts that send and receive, and decides when each may begin.

    Their state in memory mirrors the database: once that `is_undone`, all must be created again. If
    the server `encrypts`, that is, delivers to-device messages, messages wait for keys on their
    way. `takers` are the parts that take the
    events of the server which are no messages.
    """

    def __init__(self, store: Store, me: str, device: str, ask: Ask, seen: DevicesSeen) -> None:
        self._store = store
        self._me = me
        self._ask = ask
        self._tell = seen.tell
        self._undone = store.undone
        self.encrypts = False
        self.encryption = Encryption(store, me, device, ask, seen.tell, emit=self._react)
        self.backfill = Backfill(store, self.encryption.incoming, ask, seen.tell)
        self.resync = Resync(store, self.encryption, ask, seen.tell, me)
        self.outbox = Outbox(store, me, self.encryption.outgoing, ask, seen.tell, self.resync.look)
        changes = Changes(store, self.encryption, self.resync.look, seen.tell, me)
        self.takers: dict[type[AnyEvent], Callable[[Any], None]] = {
            ToDeviceArrived: lambda event: self.encryption.inbox.arrived(event.message),
            BackupChanged: lambda event: self.encryption.account_data.changed(event.names),
            # `KnownPeople` passes these on, and ends notices.
            **dict.fromkeys((TypingNotice, BlockChanged), lambda _: None),
            **dict.fromkeys(get_args(Change), changes.take),
        }

    @property
    def is_undone(self) -> bool:
        """Whether a transaction was rolled back, so that the state in memory may be ahead."""
        return self._store.undone != self._undone

    def logged_in(self, *, guest: bool, encrypts: bool, log: str) -> None:
        """Prepare for what the server sends from now on; `log` is the id of its log.

        All direct chats are closed if a guest's name is an account now, or the reverse.
        """
        self.encrypts = self.resync.holds_back = encrypts
        if self.resync.expect(log):
            self.encryption.begin_anew()
        before = self._store.get("guest")
        if before is not None and bool(int(before)) != guest:
            self._store.close_direct(self._me)
        self._store.put("guest", str(int(guest)))

    def begin(self, *, has_numbers: bool) -> None:
        """Others can encrypt for this device now: fetch missed messages, send queued ones."""
        if has_numbers:
            self.resync.start()
        self.outbox.resume()
        self.encryption.ask_for_keys()

    def mark_read(self, conversation: str, *, is_told: bool) -> None:
        """Mark the whole conversation as read; the server `is_told`."""
        synced = self._store.synced(conversation)
        row = self._store.summary(conversation)
        if row is None or row.read >= synced:
            return
        self._store.describe(conversation, read=synced, delivered=synced)
        self._tell(ConversationChanged(conversation))
        if is_told:
            self._ask(SendReceipt(conversation=conversation, read=synced), lambda _: None)

    def stop(self) -> None:
        """The connection is gone."""
        # Each, whatever another raises: a part that is not stopped would wait for lost replies.
        call_each((self.outbox.pause, self.resync.stop, self.backfill.stop, self.encryption.stop))

    def tick(self, now: float) -> None:
        """Do what is due; `now` is monotonic, in seconds."""
        self.encryption.tick(now)
        self.resync.tick()
        self.outbox.tick(now)
        self.backfill.tick()

    def _react(self, event: InternalEvent) -> None:
        """React to an event of the encryption."""
        match event:
            case RoomReplaced(room):
                self.encryption.device_lists.forget(room)
                self.resync.begin_anew(room)
            case HistoryRestored():
                self.backfill.fetch_everything()
            case InboxFetched():
                self.resync.take_early()
