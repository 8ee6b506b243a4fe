"""What the server tells of rooms and of readers, noted in the local database."""

from collections import Counter
from collections.abc import Callable

from messenger.jim.contacts import ContactChanged
from messenger.jim.messages import ReceiptChanged, TypingNotice
from messenger.jim.rooms import RoomChanged
from messenger.jim.session import EPHEMERAL
from messenger.sdk.encryption import Encryption
from messenger.sdk.events import ConversationChanged, CoreEvent, DeviceAppeared, MessageChanged
from messenger.sdk.store import IdentityTrust, Store

Change = ContactChanged | ReceiptChanged | RoomChanged | TypingNotice

_MAX_ANNOUNCED = 20
"""How many new devices of an account are announced while a program runs."""


class Changes:
    """Takes the events of the wire that are no messages; `look` asks where conversations stand."""

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
        """Note what an event changes, and tell it."""
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
            self._encryption.device_lists.forget(event.room)
            self._tell(ConversationChanged(event.room))
        elif event.change == "history":
            self._store.describe(event.room, history=event.shown)
            self._encryption.history.made_by(event.room, event.account_name)
            self._look()  # An answer that is on its way may tell how it was before.
        elif event.change == "closed" or (
            event.change in ("left", "removed") and event.account_name == self._me
        ):
            self._encryption.history.forget(event.room)
        elif event.change == "creator":
            self._encryption.history.made_by(event.room, event.account_name)
        elif event.change == "joined" and event.account_name == self._me:
            self._encryption.rooms.learn(event.room, event.unique_id)
            self._store.describe(event.room, joined=event.time)
            self._look()
            # So that keys of the members' devices are known for whose they are.
            self._encryption.device_lists.forget(event.room)
            self._encryption.device_lists.of(event.room, lambda _: None)

    def _on_receipt(self, event: ReceiptChanged) -> None:
        if event.from_ == self._me:
            self._store.describe(event.conversation, delivered=event.delivered, read=event.read)
            self._tell(ConversationChanged(event.conversation))
            return
        for message in self._store.set_receipts(event.conversation, event.delivered, event.read):
            self._tell(MessageChanged(message))
        self._tell(event)


class DevicesSeen:
    """Tells events of encryption; of the devices that bots and scripts are for once, the first.

    Such a device is new at each start, and nobody could approve it: the account has no identity.
    Nor does an account that makes up devices fill the screen with them.
    """

    def __init__(self, store: Store, tell: Callable[[CoreEvent], None]) -> None:
        self._store = store
        self._tell = tell
        self._accounts: set[str] = set()
        self._counts: Counter[str] = Counter()

    def tell(self, event: CoreEvent) -> None:
        """Tell an event, unless it is of one more such device."""
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
