"""Whether new members of a room can read its history: only its creator's signature decides.

The server has the setting, too, but can only restrict it. The creator's sessions carry the setting,
signed by the device, with an increasing number. Each session keeps the setting of the time when it
was begun (Matrix's MSC3061), so that a change reveals nothing of the past.
"""

from collections import OrderedDict

import msgspec

from messenger.crypto.devices import Device
from messenger.crypto.names import room_id
from messenger.crypto.to_device_content import Certificate
from messenger.jim.names import is_room
from messenger.jim.rooms import ListRooms, Rooms
from messenger.sdk.encryption.context import DeviceContext
from messenger.sdk.encryption.room_ids import RoomIds
from messenger.sdk.link import Answer

_ASKED_EVERY = 5.0  # Each time all rooms of the account are listed.
_MAX_UNCLEAR = 1000  # Anybody can send settings of any number of rooms.
_MAX_PAGES = 1_000

Said = tuple[bool, int]
"""Whether somebody shows the history of a room, and the number of that setting."""


class _Setting(msgspec.Struct):
    """The known creator of a room, as first reported, and the latest settings.

    `heard` has the settings of the creator and of this account, by name. Once the room was handed
    over (`is_over`) its history stays hidden: only the server says who owns it.
    """

    creator: str = ""
    is_over: bool = False
    heard: dict[str, Said] = {}


class RoomHistory:
    """Stores the settings that the creators of rooms have signed, in the local database.

    Anybody can send a setting for any room: it is stored only after the server has reported that
    this account is a member, and who created the room. A dropped setting is repeated by the
    creator's next session.
    """

    def __init__(self, context: DeviceContext, rooms: RoomIds) -> None:
        self._store = context.store
        self._keys = context.keys
        self._rooms = rooms
        self._me = context.account
        self._ask = context.ask
        self._clock = context.clock
        self._asked_at = 0.0
        self._unclear: OrderedDict[tuple[str, str], Said] = OrderedDict()
        self._asked: dict[tuple[str, str], Said] | None = None

    def is_shown(self, conversation: str) -> bool:
        """Whether later members can read what is sent now."""
        if not is_room(conversation):
            return False
        setting = self._load(self._rooms.of(conversation))
        if setting.is_over or not setting.heard.get(setting.creator, (False, 0))[0]:
            return False
        row = self._store.summary(conversation)
        return row is not None and row.history

    def number(self, conversation: str) -> int:
        """Return the number of this account's own setting, 0 if it has none."""
        if not is_room(conversation):
            return 0
        return self._load(self._rooms.of(conversation)).heard.get(self._me, (False, 0))[1]

    def decide(self, conversation: str, *, shown: bool) -> None:
        """Store the setting that the user, who has created the room, has chosen."""
        setting = self._load(self._rooms.of(conversation))
        setting.creator, setting.is_over = self._me, False
        setting.heard[self._me] = (shown, self.number(conversation) + 1)
        self._save(self._rooms.of(conversation), setting)

    def made_by(self, conversation: str, account: str) -> None:
        """Store the creator of a room as the server reports it: the first one is trusted.

        If it reports another one later, the history is not shown any more.
        """
        self._made_by(self._rooms.of(conversation), account)

    def heard(self, certificate: Certificate, owner: Device) -> None:
        """Take the setting from the certificate of a new session, if its owner is the creator."""
        if not certificate.history_setting:
            return
        room, said = certificate.room_id, (certificate.shared_history, certificate.history_setting)
        if self._load(room).creator:
            self._note(room, owner.account, said)
            return
        self._wait_for_creator((room, owner.account), said)
        self.ask_whose()

    def ask_whose(self) -> None:
        """Ask the server for the unknown creators of rooms. Call it periodically."""
        is_too_early = 0 <= self._clock() - self._asked_at < _ASKED_EVERY
        if not self._unclear or self._asked is not None or is_too_early:
            return
        self._asked_at = self._clock()
        self._asked, self._unclear = self._unclear, OrderedDict()
        self._list_after("")

    def forget(self, conversation: str) -> None:
        """Forget a room that was closed or left: another of the same name is another room."""
        room = self._rooms.of(conversation)
        with self._keys.transaction():
            self._keys.put(f"history {room}", None)
            self._keys.share_no_history(room)

    def _wait_for_creator(self, whose: tuple[str, str], said: Said) -> None:
        """Remember an account's setting of a room until the creator is known."""
        self._unclear[whose] = max(said, self._unclear.pop(whose, said), key=_order)
        if len(self._unclear) > _MAX_UNCLEAR:
            self._unclear.popitem(last=False)

    def _list_after(self, after: str, pages: int = 0) -> None:
        def listed(answer: Answer) -> None:
            if not isinstance(answer, Rooms):
                self._listed(all_are_known=False)
                return
            for room in answer.rooms:
                # Its id may be new: to-device messages arrive before the list of conversations.
                self._made_by(room_id(room.room, self._me, room.unique_id), room.creator)
            # A server whose cursor goes back, or on for ever, would keep this loop running.
            if answer.next is None:
                self._listed(all_are_known=True)
            elif answer.next > after and pages < _MAX_PAGES:
                self._list_after(answer.next, pages + 1)
            else:
                self._listed(all_are_known=False)

        self._ask(ListRooms(joined=True, after=after), listed)

    def _listed(self, *, all_are_known: bool) -> None:
        """Store the creators' settings and drop the others, if all creators are known now."""
        asked, self._asked = self._asked or {}, None
        for (room, account), said in asked.items():
            if all_are_known:
                self._note(room, account, said)
            else:
                self._wait_for_creator((room, account), said)

    def _made_by(self, room: str, account: str) -> None:
        setting = self._load(room)
        if not account or account == setting.creator:
            return
        setting.creator, setting.is_over = setting.creator or account, bool(setting.creator)
        self._save(room, setting)

    def _note(self, room: str, account: str, said: Said) -> None:
        """Store a newer setting of the room's creator, or of this account on another device."""
        setting = self._load(room)
        if not setting.creator or account not in (setting.creator, self._me):
            return
        if _order(said) > _order(setting.heard.get(account, (False, 0))):
            setting.heard[account] = said
            self._save(room, setting)

    def _load(self, room: str) -> _Setting:
        return msgspec.json.decode(self._keys.get(f"history {room}") or "{}", type=_Setting)

    def _save(self, room: str, setting: _Setting) -> None:
        self._keys.put(f"history {room}", msgspec.json.encode(setting).decode())


def _order(said: Said) -> tuple[int, bool]:
    """Of concurrent settings, made on two devices, the one that shows less counts as later."""
    shown, number = said
    return number, not shown
