"""Keys that are missing: asked for from the device that sealed with them, and given again."""

from collections.abc import Callable
from typing import Any

from messenger.crypto.devices import MEGOLM, Device
from messenger.crypto.identity import Identity
from messenger.crypto.letters import Letter
from messenger.crypto.messages import Sealed, read_sealed
from messenger.crypto.todevice import KeyRequest, read_content
from messenger.jim.messages import decode_message
from messenger.jim.names import is_room
from messenger.sdk.ids import new_id
from messenger.sdk.sealing.channels import Channels, Content
from messenger.sdk.sealing.directory import Directory, Readers
from messenger.sdk.sealing.groups import Groups
from messenger.sdk.sealing.roomids import RoomIds
from messenger.sdk.store import StoredMessage
from messenger.sdk.store.keys import KeyStore

_ASK_AGAIN_AFTER = 30.0
_LONGEST_PAUSE = 3600.0
_MOST_ASKED = 5


class KeyRequests:
    """Asks for keys of messages that wait, and answers those who ask."""

    def __init__(
        self,
        keys: KeyStore,
        identity: Identity,
        directory: Directory,
        channels: Channels,
        groups: Groups,
        rooms: RoomIds,
        clock: Callable[[], float],
    ) -> None:
        self._keys = keys
        self._identity = identity
        self._directory = directory
        self._groups = groups
        self._rooms = rooms
        self._clock = clock
        self._channels = channels
        self._asked: dict[str, tuple[float, float]] = {}

    def ask(self) -> None:
        """Ask for the keys that messages wait for, each again after longer and longer pauses."""
        for session_id, message, sealed in self._due():
            _again, pause = self._asked.get(session_id, (0.0, _ASK_AGAIN_AFTER / 2))
            pause = min(2 * pause, _LONGEST_PAUSE)
            self._asked[session_id] = (self._clock() + pause, pause)
            self._ask_for(session_id, message, sealed)

    def are_due(self) -> bool:
        """Tell whether there is something to ask for now."""
        # Nobody gives a key to a device that is not approved.
        return self._directory.trust.is_approved and bool(self._due())

    def _due(self) -> list[tuple[str, StoredMessage, bytes]]:
        now = self._clock()
        return [
            waiting
            for waiting in self._keys.waiting_sessions()
            if now >= self._asked.get(waiting[0], (0.0, 0.0))[0]
        ]

    def ask_again(self) -> None:
        """A session with a device is new: what was asked before may not have been understood."""
        self.forget()
        self.ask()

    def forget(self) -> None:
        """The link is gone: everything may be asked anew."""
        self._asked.clear()

    def _ask_for(self, session_id: str, message: StoredMessage, sealed: bytes) -> None:
        found = read_sealed(decode_message(sealed).message)

        def ask(where: str, readers: Readers | Exception) -> None:
            asked = []
            if not isinstance(readers, Exception):
                asked = self._who_may_know(message.sender, found, readers)
            if asked:
                content = self._request(session_id, message.conversation, found)
                letters = [Content(device, "m.room_key_request", content) for device in asked]
                self._channels.send(letters, lambda _: None)
                return
            # Its device may be signed by now: the list is asked for anew the next time.
            self._directory.forget(where)
            if is_room(where):
                # One of both has left it.
                look_in(message.sender)

        def look_in(where: str) -> None:
            self._directory.of(where, lambda readers: ask(where, readers))

        look_in(message.conversation)

    def _request(self, session_id: str, conversation: str, sealed: Sealed) -> dict[str, Any]:
        body = {
            "algorithm": MEGOLM,
            "room_id": self._rooms.of(conversation),
            "session_id": session_id,
            "sender_key": sealed.sender_key,
        }
        return {
            "action": "request",
            "body": body,
            "request_id": new_id(),
            "requesting_device_id": self._identity.ident,
        }

    def _who_may_know(self, sender: str, sealed: Sealed, readers: Readers) -> list[Device]:
        """Return the device that has sealed it; if that was this one, whom it had given the key."""
        me = self._identity.device
        others = [device for device in readers.devices.values() if device.key != me.key]
        if (sender, sealed.device_id, sealed.sender_key) == me.key[:3]:
            return others[:_MOST_ASKED]
        return [device for device in others if device.key[:2] == (sender, sealed.device_id)]

    def answer(self, letter: Letter) -> None:
        """Give a key again to a device that has had it; raises Forged if it asks for none."""
        request = read_content(letter.content, KeyRequest)
        if request.action != "request" or request.body is None:
            return
        key = self._groups.key_for(request.body.session_id, letter.sender)
        if key is not None:
            content = Content(letter.sender, "m.forwarded_room_key", key)
            self._channels.send([content], lambda _: None)
