"""Requests missing keys from the devices that encrypted with them.

Anybody can send messages of nonexistent sessions: so keys are requested in rounds, whose rate is
limited, and in each round for a few sessions of each sender.
"""

import math
import time
from collections import Counter, deque
from collections.abc import Callable, Sequence
from typing import Any

from messenger.crypto.devices import MEGOLM, Device
from messenger.crypto.messages import EncryptedMessage, read_encrypted
from messenger.jim.codec import decode_message
from messenger.jim.names import is_room
from messenger.sdk.encryption.context import DeviceContext
from messenger.sdk.encryption.device_lists import DeviceList, DeviceLists
from messenger.sdk.encryption.empty_search import EmptySearch
from messenger.sdk.encryption.guard import costs_only_itself
from messenger.sdk.encryption.olm_sessions import Content, OlmSessions
from messenger.sdk.encryption.retries import Retries
from messenger.sdk.encryption.room_ids import RoomIds
from messenger.sdk.ids import new_id
from messenger.sdk.store.keys import WaitingSession

_ASK_AGAIN_AFTER = 30.0
_LONGEST_PAUSE = 3600.0
# Each round fetches device lists and searches the backup. It covers sessions of many senders, but a
# few of each: one who sends messages of nonexistent sessions does not delay the others' keys.
_MAX_ROUNDS = 5
_ROUNDS_COUNT_FOR = 25.0
_MAX_IN_A_ROUND = 20
_MAX_OF_ALL = 500
_LISTED_ANEW_AFTER = 60.0
_MAX_ASKED = 5  # For a session of this device: any device that was sent its key can answer.
_ASK_ANEW_AFTER = 30.0
_LONGEST_ANEW = 600.0
# A search through the waiting messages is followed by a rest of twenty times its duration. A
# suspend of the whole program may count as a search, so the rest is limited.
_REST = 20
_LONGEST_REST = 30.0


class KeyRequests:
    """Requests the keys of waiting messages."""

    def __init__(
        self,
        context: DeviceContext,
        device_lists: DeviceLists,
        olm_sessions: OlmSessions,
        rooms: RoomIds,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._keys = context.keys
        self._me = context.identity.device
        self._device_lists = device_lists
        self._rooms = rooms
        self._clock = clock
        self._olm_sessions = olm_sessions
        self._asked = Retries(_ASK_AGAIN_AFTER, _LONGEST_PAUSE)
        self._anew = Retries(_ASK_ANEW_AFTER, _LONGEST_ANEW)
        self._looked = Retries(_LISTED_ANEW_AFTER, _LISTED_ANEW_AFTER)
        self._rounds: deque[float] = deque(maxlen=_MAX_ROUNDS)
        self._rests_until = 0.0
        self._search = EmptySearch(context.keys)

    def ask(self) -> list[str]:
        """Request the keys that messages wait for, each again after longer and longer pauses.

        Return the sessions whose keys are requested.
        """
        now = self._clock()
        due = self._due() if self._may_ask else []
        if due:
            self._rounds.append(now)
        for waiting in due:
            self._asked.note(_name_of(waiting), now)
        wanted: dict[tuple[str, str], list[EncryptedMessage]] = {}
        for message, encrypted in self._keys.waiting_messages([one.message_id for one in due]):
            with costs_only_itself(f"A message of {message.sender} that waits for its key"):
                found = read_encrypted(decode_message(encrypted).message)
                wanted.setdefault((message.conversation, message.sender), []).append(found)
        for (conversation, sender), sessions in wanted.items():
            self._look_in(conversation, conversation, sender, sessions)
        return list(dict.fromkeys(one.session_id for one in due))

    def are_due(self) -> bool:
        """Tell whether there is something to request now; it takes a small part of the time.

        If there is much junk among the waiting messages, a search through them takes long.
        """
        now = self._clock()
        # An unapproved device is sent no keys.
        if now < self._rests_until or not (self._device_lists.trust.is_approved and self._may_ask):
            return False
        if not self._search.begins(now):
            return False
        are_due = bool(self._due())
        looked = self._clock()
        self._rests_until = looked + min(_REST * (looked - now), _LONGEST_REST)
        return are_due

    @property
    def _may_ask(self) -> bool:
        """Whether the rate of rounds allows another one: anybody can cause them."""
        is_free = len(self._rounds) < _MAX_ROUNDS
        return is_free or self._clock() - self._rounds[0] >= _ROUNDS_COUNT_FOR

    def _due(self) -> list[WaitingSession]:
        """Return the sessions to request in a round: a few of each sender."""
        now = self._clock()
        counts: Counter[str] = Counter()
        due = []
        again = math.inf
        for waiting in self._keys.waiting_sessions():
            again = min(again, self._asked.due_at(_name_of(waiting)))
            is_one_of_few = counts[waiting.sender] < _MAX_IN_A_ROUND
            if is_one_of_few and self._asked.is_due(_name_of(waiting), now):
                counts[waiting.sender] += 1
                due.append(waiting)
        if not due:
            self._search.found_nothing(again)
        return due[:_MAX_OF_ALL]

    def ask_again(self, account: str) -> None:
        """Repeat requests to an account: in a new Olm session it may decrypt them at last.

        Anybody can begin a session with each message, so this is rate-limited.
        """
        if self._anew.is_due(account, self._clock()):
            self._anew.note(account, self._clock())
            self.forget_of(account)
            if self.are_due():
                self.ask()

    def forget(self) -> None:
        """Allow all requests again: the connection is lost, or more devices may answer."""
        self._asked.forget()
        self._search.forget()
        self._rests_until = 0.0

    def forget_of(self, account: str) -> None:
        """Allow the requests for keys of this account again."""
        self._asked.forget(lambda name: name.partition(" ")[2] == account)
        self._search.forget()

    def _look_in(
        self, where: str, conversation: str, sender: str, sessions: Sequence[EncryptedMessage]
    ) -> None:
        """Request keys of a sender's sessions from the devices in a list that may have them."""

        def found(device_list: DeviceList | Exception) -> None:
            contents: list[Content] = []
            missing = []
            for encrypted in sessions:
                devices = self._who_may_know(sender, encrypted, device_list)
                request = self._request(conversation, encrypted)
                contents += [Content(one, "m.room_key_request", request) for one in devices]
                if not devices:
                    missing.append(encrypted)
            if contents:
                self._olm_sessions.send(contents, lambda _: None)
            if missing:
                self._look_elsewhere(where, conversation, sender, missing)

        self._device_lists.of(where, found)

    def _look_elsewhere(
        self, where: str, conversation: str, sender: str, missing: Sequence[EncryptedMessage]
    ) -> None:
        # Its device may be signed by now: the list is fetched again, once a minute at most.
        if self._looked.is_due(where, self._clock()):
            self._looked.note(where, self._clock())
            self._device_lists.forget(where)
        if is_room(where):
            # The user or the sender has left it: the account's own list has the device still.
            self._look_in(sender, conversation, sender, missing)

    def _request(self, conversation: str, encrypted: EncryptedMessage) -> dict[str, Any]:
        body = {
            "algorithm": MEGOLM,
            "room_id": self._rooms.of(conversation),
            "session_id": encrypted.session_id,
            "sender_key": encrypted.sender_key,
        }
        return {
            "action": "request",
            "body": body,
            "request_id": new_id(),
            "requesting_device_id": self._me.device_id,
        }

    def _who_may_know(
        self, sender: str, encrypted: EncryptedMessage, device_list: DeviceList | Exception
    ) -> list[Device]:
        """Return the device that encrypted it; if it was this one, others that have its key."""
        if isinstance(device_list, Exception):
            return []
        me = self._me
        others = [device for device in device_list.devices.values() if device.key != me.key]
        if (sender, encrypted.device_id, encrypted.sender_key) == me.key[:3]:
            return others[:_MAX_ASKED]
        # By its id: the key in the message is not authenticated (Matrix's MSC3700).
        return [device for device in others if device.key[:2] == (sender, encrypted.device_id)]


def _name_of(waiting: WaitingSession) -> str:
    """Return the name for `Retries`: with the sender, as nobody may use up another's attempts.

    A session's id has no space.
    """
    return f"{waiting.session_id} {waiting.sender}"
