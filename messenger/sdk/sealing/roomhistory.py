"""Whether who joins a room reads what was written before: by its creator's signed word alone.

The server says it, too; that can only raise protection. The creator's sessions carry the setting,
signed by his device with a number that grows. Each session of anybody's is marked with what held
when it was begun, and stays so (Matrix's MSC3061): a setting opens nothing of the past.
"""

from collections.abc import Callable
from typing import Any

import msgspec

from messenger.crypto.devices import Device
from messenger.crypto.todevice import Certificate
from messenger.jim.names import is_room
from messenger.jim.replies import Rooms
from messenger.jim.requests import ListRooms, Request
from messenger.sdk.link import Answer, OnAnswer
from messenger.sdk.sealing.roomids import RoomIds
from messenger.sdk.store import Store
from messenger.sdk.store.keys import KeyStore

Ask = Callable[[Request[Any], OnAnswer], None]


class _Setting(msgspec.Struct):
    """What is known of a room: who made it, as was heard first, and what he has said last.

    `heard` is what creators of this room would have said, by their accounts: (shown, number). Once
    the room was handed over (`is_over`) nobody's word shows more: the server alone says whose it
    is.
    """

    creator: str = ""
    is_over: bool = False
    heard: dict[str, tuple[bool, int]] = {}


class RoomHistory:
    """Keeps what the creators of rooms have said, in the local database."""

    def __init__(self, store: Store, keys: KeyStore, rooms: RoomIds, me: str, ask: Ask) -> None:
        self._store = store
        self._keys = keys
        self._rooms = rooms
        self._me = me
        self._ask = ask
        self._asking = self._ask_again = False

    def is_shown(self, conversation: str) -> bool:
        """Whether who joins reads what is written now."""
        if not is_room(conversation):
            return False
        setting = self._load(self._rooms.of(conversation))
        if setting.is_over or not setting.heard.get(setting.creator, (False, 0))[0]:
            return False
        row = self._store.conversation(conversation)
        return row is not None and row.history

    def number(self, conversation: str) -> int:
        """Return the number of the setting that this account has made, 0 if it has made none."""
        if not is_room(conversation):
            return 0
        return self._load(self._rooms.of(conversation)).heard.get(self._me, (False, 0))[1]

    def decide(self, conversation: str, *, shown: bool) -> None:
        """The user, who has made the room, says what who joins can read."""
        setting = self._load(self._rooms.of(conversation))
        setting.creator, setting.is_over = self._me, False
        setting.heard[self._me] = (shown, self.number(conversation) + 1)
        self._save(self._rooms.of(conversation), setting)

    def made_by(self, conversation: str, account: str) -> None:
        """The server says whose a room is: the first one that is heard of is believed.

        Where it says later that the room is another's, new members see nothing older.
        """
        setting = self._load(self._rooms.of(conversation))
        if not account or account == setting.creator:
            return
        setting.creator, setting.is_over = setting.creator or account, bool(setting.creator)
        self._save(self._rooms.of(conversation), setting)

    def heard(self, certificate: Certificate, owner: Device) -> None:
        """A device has begun a session: if it is one of the creator's it has his setting."""
        number = certificate.history_setting
        setting = self._load(certificate.room_id)
        if number <= setting.heard.get(owner.account, (False, 0))[1]:
            return
        setting.heard[owner.account] = (certificate.shared_history, number)
        self._save(certificate.room_id, setting)
        if not setting.creator:
            self._ask_whose()

    def forget(self, conversation: str) -> None:
        """The room is closed or left: one of the same name is another room."""
        room = self._rooms.of(conversation)
        with self._keys.transaction():
            self._keys.put(f"history {room}", None)
            self._keys.share_no_history(room)

    def _ask_whose(self) -> None:
        """Ask whose the rooms are, once at a time: anybody may speak of rooms without end."""
        self._ask_again = self._asking
        if not self._asking:
            self._asking = True
            self._ask(ListRooms(joined=True), self._listed)

    def _listed(self, answer: Answer) -> None:
        for room in answer.rooms if isinstance(answer, Rooms) else ():
            self.made_by(room.room, room.creator)
        if isinstance(answer, Rooms) and answer.next is not None:
            self._ask(ListRooms(joined=True, after=answer.next), self._listed)
            return
        self._asking = False
        if self._ask_again:
            self._ask_whose()

    def _load(self, room: str) -> _Setting:
        return msgspec.json.decode(self._keys.get(f"history {room}") or "{}", type=_Setting)

    def _save(self, room: str, setting: _Setting) -> None:
        self._keys.put(f"history {room}", msgspec.json.encode(setting).decode())
