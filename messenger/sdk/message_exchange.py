"""Everything that works on the database: messages in both directions, their keys, and changes."""

from messenger.jim.devices import ToDeviceArrived
from messenger.jim.messages import Message
from messenger.sdk.backfill import Backfill
from messenger.sdk.changes import Change, Changes, DevicesSeen
from messenger.sdk.encryption import Encryption
from messenger.sdk.encryption.internal_events import (
    HistoryRestored,
    InboxFetched,
    InternalEvent,
    RoomReplaced,
)
from messenger.sdk.failures import call_each
from messenger.sdk.incoming import Incoming
from messenger.sdk.link import Ask
from messenger.sdk.outbox import Outbox
from messenger.sdk.resync import Resync
from messenger.sdk.store import Store


class MessageExchange:
    """Creates the parts that send and receive, and decides when each may begin.

    Their state in memory mirrors the database: once that `is_undone`, all must be created again. If
    the server `encrypts`, that is, delivers to-device messages, messages wait for keys on their
    way.
    """

    def __init__(self, store: Store, me: str, device: str, ask: Ask, seen: DevicesSeen) -> None:
        self._store = store
        self._me = me
        self._undone = store.undone
        self.encrypts = False
        self._is_online = False
        self._early: list[Message] = []
        self.encryption = Encryption(store, me, device, ask, seen.tell, emit=self._react)
        incoming = Incoming(store, self.encryption, me)
        self.backfill = Backfill(store, incoming, ask, seen.tell)
        self.resync = Resync(store, self.encryption, incoming, ask, seen.tell, me)
        self.outbox = Outbox(store, self.encryption, ask, seen.tell, self.resync.look)
        self._changes = Changes(store, self.encryption, self.resync.look, seen.tell, me)

    @property
    def is_undone(self) -> bool:
        """Whether a transaction was rolled back, so that the state in memory may be ahead."""
        return self._store.undone != self._undone

    def note_oneself(self, *, guest: bool) -> None:
        """Close all direct chats if a guest's name is an account now, or the reverse."""
        before = self._store.get("guest")
        if before is not None and bool(int(before)) != guest:
            self._store.close_direct(self._me)
        self._store.put("guest", str(int(guest)))

    def begin(self, *, has_numbers: bool) -> None:
        """Others can encrypt for this device now: fetch missed messages, send queued ones."""
        self._is_online = True
        self._take_early()
        if has_numbers:
            self.resync.start()
        self.outbox.resume()
        self.encryption.ask_for_keys()

    def stop(self) -> None:
        """The connection is gone."""
        self._is_online = False
        stops = (self.outbox.pause, self.resync.stop, self.backfill.stop, self.encryption.stop)
        call_each((*stops, self._early.clear))

    def tick(self, now: float) -> None:
        """Do what is due; `now` is monotonic, in seconds."""
        self.encryption.tick(now)
        self.outbox.tick(now)
        self.backfill.tick()

    def take(self, event: Message | ToDeviceArrived | Change) -> None:
        """Process an event of the server."""
        if isinstance(event, Message):
            self._take_message(event)
        elif isinstance(event, ToDeviceArrived):
            self.encryption.inbox.arrived(event.message)
        else:
            self._changes.take(event)

    def _take_message(self, message: Message) -> None:
        # Its key may be in a to-device message that is being fetched.
        is_early = self.encryption.inbox.is_fetching or not self._is_online
        if self.encrypts and is_early:
            self._early.append(message)
        else:
            self.resync.arrived(message)

    def _take_early(self) -> None:
        """Process the messages that have arrived before their keys."""
        if self._is_online:
            early, self._early = self._early, []
            for message in early:
                self.resync.arrived(message)

    def _react(self, event: InternalEvent) -> None:
        """React to an event of the encryption."""
        match event:
            case RoomReplaced(room):
                self.encryption.device_lists.forget(room)
                self.resync.begin_anew(room)
            case HistoryRestored():
                self.backfill.fetch_everything()
            case InboxFetched():
                self._take_early()
