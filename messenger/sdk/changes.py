"""Applying the server's events about rooms and receipts to the local database."""

from collections import Counter
from collections.abc import Callable

from messenger.jim.contacts import ContactChanged
from messenger.jim.messages import ReceiptChanged
from messenger.jim.rooms import RoomChanged
from messenger.jim.session import EPHEMERAL
from messenger.sdk.encryption import Encryption
from messenger.sdk.events import ConversationChanged, CoreEvent, DeviceAppeared, MessageChanged
from messenger.sdk.store import IdentityTrust, Store

Change = ContactChanged | ReceiptChanged | RoomChanged

_MAX_ANNOUNCED = 20
"""How many new devices of one account are reported while a program runs.

Without a limit an account could fill the screen with made-up devices.
"""


class Changes:
    """Applies events that are not messages; `look` asks for the state of all conversations."""

    def __init__(
        self,
        store: Store,
        encryption: Encryption,
        look: Callable[[], None],
        tell: Callable[[CoreEvent], None],
        me: str,
    ) -> None:
        self._store = store
        self._encryption = encryption
        self._look = look
        self._tell = tell
        self._me = me

    def take(self, event: Change) -> None:
        """Store the change, and pass the event on."""
        if isinstance(event, ReceiptChanged):
            self._on_receipt(event)
            return
        if isinstance(event, RoomChanged):
            self._note_members(event)
            self._on_room_changed(event)
        self._tell(event)

    def _note_members(self, event: RoomChanged) -> None:
        if event.change == "joined":
            self._encryption.members.joined(event.room, event.account_name)
        elif event.change in ("left", "removed"):
            self._encryption.members.left(event.room, event.account_name)

    def _on_room_changed(self, event: RoomChanged) -> None:
        if event.change == "topic":
            self._store.describe(event.room, topic=event.topic)
            self._tell(ConversationChanged(event.room))
        elif event.change == "encrypted":
            self._encryption.plain.note_encrypted(event.room)
            # From now on the list names no members without devices: its version is another one.
            self._encryption.device_lists.forget(event.room)
            self._tell(ConversationChanged(event.room))
        elif event.change == "history":
            self._store.describe(event.room, history=event.shown)
            self._encryption.history.made_by(event.room, event.account_name)
            self._look()  # A summary that is on its way may have the old setting.
        elif event.change == "closed" or (
            event.change in ("left", "removed") and event.account_name == self._me
        ):
            self._encryption.history.forget(event.room)
        elif event.change == "creator":
            self._encryption.history.made_by(event.room, event.account_name)
        elif event.change == "joined" and event.account_name == self._me:
            self._encryption.rooms.learn(event.room, event.unique_id)
            # Messages from before this moment were encrypted for others only.
            self._store.describe(event.room, joined=event.time)
            self._look()
            # The device list is needed to tell whose device a Megolm session comes from.
            self._encryption.device_lists.forget(event.room)
            self._encryption.device_lists.of(event.room, lambda _: None)

    def _on_receipt(self, event: ReceiptChanged) -> None:
        # From another device of the user: it moves the user's receipts, not those of the others.
        if event.from_ == self._me:
            self._store.describe(event.conversation, delivered=event.delivered, read=event.read)
            self._tell(ConversationChanged(event.conversation))
            return
        for message in self._store.set_receipts(event.conversation, event.delivered, event.read):
            self._tell(MessageChanged(message))
        self._tell(event)


class DevicesSeen:
    """Passes events on, but not every new device.

    Of an account's ephemeral devices only the first is reported: bots and scripts without a store
    are a new device at each start, and nobody can approve it if the account has no identity. No
    account gets more than `_MAX_ANNOUNCED` reports.
    """

    def __init__(self, store: Store, tell: Callable[[CoreEvent], None]) -> None:
        self._store = store
        self._tell = tell
        self._accounts: set[str] = set()
        self._counts: Counter[str] = Counter()

    def tell(self, event: CoreEvent) -> None:
        """Pass an event on, unless it is one more device of that kind."""
        if isinstance(event, DeviceAppeared) and event.device_id.startswith(EPHEMERAL):
            if event.account in self._accounts and not self._has_identity(event.account):
                return
            self._accounts.add(event.account)
        if isinstance(event, DeviceAppeared):
            self._counts[event.account] += 1
            if self._counts[event.account] > _MAX_ANNOUNCED:
                return
        self._tell(event)

    def _has_identity(self, account: str) -> bool:
        return self._store.trusts().get(account, IdentityTrust.UNKNOWN) is not IdentityTrust.UNKNOWN
