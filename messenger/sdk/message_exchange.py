"""What goes both ways on a link: messages, their keys, and what changes; all from the database."""

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
    """Makes the parts that send and receive, and says when each may begin.

    They have in memory what the database has: once that `is_undone` all are to be made anew. Where
    the server `encrypts`, which means that it passes keys on, messages wait for keys on their way.
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
        """Whether something was not written that is here in memory."""
        return self._store.undone != self._undone

    def note_oneself(self, *, guest: bool) -> None:
        """What was said as a guest ends where the name is registered: the account begins anew."""
        before = self._store.get("guest")
        if before is not None and bool(int(before)) != guest:
            self._store.close_direct(self._me)
        self._store.put("guest", str(int(guest)))

    def begin(self, *, has_numbers: bool) -> None:
        """Others can write to this device now: fetch what was missed, send what was written."""
        self._is_online = True
        self._take_early()
        if has_numbers:
            self.resync.start()
        self.outbox.resume()
        self.encryption.ask_for_keys()

    def stop(self) -> None:
        """The link is gone."""
        self._is_online = False
        stops = (self.outbox.pause, self.resync.stop, self.backfill.stop, self.encryption.stop)
        call_each((*stops, self._early.clear))

    def tick(self, now: float) -> None:
        """Do what is due; `now` is monotonic, in seconds."""
        self.encryption.tick(now)
        self.outbox.tick(now)
        self.backfill.tick()

    def take(self, event: Message | ToDeviceArrived | Change) -> None:
        """Take what the server tells by itself."""
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
        """Take the messages that came before their keys could."""
        if self._is_online:
            early, self._early = self._early, []
            for message in early:
                self.resync.arrived(message)

    def _react(self, event: InternalEvent) -> None:
        """Do what follows from what encryption has heard."""
        match event:
            case RoomReplaced(room):
                self.encryption.device_lists.forget(room)
                self.resync.begin_anew(room)
            case HistoryRestored():
                self.backfill.fetch_everything()
            case InboxFetched():
                self._take_early()
