"""A server that lies to one client: it tells the planned lies, and otherwise the truth."""

import copy
import json
import random
from collections import defaultdict, deque
from collections.abc import Callable, Iterable, Iterator

from messenger.jim.names import is_room
from tests.sdk.proxy import Frame

Name = tuple[str, str]
Place = tuple[frozenset[str], int]
"""A conversation, and a number in it."""
Lie = Callable[["Liar", Frame], list[Frame]]


class Liar:
    """Tells one client lies, each once, about the next object of its kind; otherwise the truth.

    `touched` has the ids of the messages that it has lied about. A message that was encrypted for a
    false device list did not reach the devices in `left_out`, and also reached the accounts in
    `let_in`: a room's members are the server's word. `said_guest` says whether it has called an
    account a guest. In the conversations `mixed` it has swapped messages of two sessions, whose
    order nothing else shows. Its many attributes are the effects of its lies.
    """

    def __init__(self, people: list[str], room: str) -> None:
        self.people, self.room = people, room
        self.due: dict[str, deque[Lie]] = defaultdict(deque)
        self.before: dict[str, list[Frame]] = defaultdict(list)
        self.held: list[Frame] = []
        self.touched: set[str] = set()
        self.said_guest = False
        self.mixed: set[str] = set()
        self._taken: set[Place] = set()
        self._lost: dict[Place, str] = {}
        self.left_out: dict[str, frozenset[Name]] = {}
        self.let_in: dict[str, frozenset[str]] = {}
        self._versions: dict[str, tuple[str, frozenset[Name], frozenset[str]]] = {}

    def plan(self, lies: Iterable[tuple[str, Lie]]) -> None:
        """Plan these lies, each for the next object of its kind."""
        for kind, tell in lies:
            self.due[kind].append(tell)

    def stop(self) -> None:
        """Tell the truth from now on, about versions, too."""
        self.due.clear()
        self.held.clear()
        self._versions.clear()

    def tell(self, frame: Frame) -> list[Frame]:
        """Return the object that the client gets in place of the server's."""
        kind = _kind_of(frame)
        truth = copy.deepcopy(frame)
        told = self.due[kind].popleft()(self, frame) if self.due[kind] else [frame]
        self.before[kind].append(truth)
        if kind != "message" or truth not in self.held:
            told, self.held = [*told, *self.held], []
        self.said_guest |= any(_says_guest(one) for one in told)
        return told

    def takes_a_number(self, message: Frame) -> None:
        """Note that a message is delivered under the number of one that may follow."""
        place = _place(message)
        self._taken.add(place)
        self.touched |= {self._lost[place]} if place in self._lost else set()

    def loses(self, message: Frame) -> None:
        """Note that a message is not delivered; there is no gap if another one has its number."""
        place = _place(message)
        self._lost[place] = message.get("id", "")
        self.touched |= {self._lost[place]} if place in self._taken else set()

    def note_list(self, truth: Frame, listed: Frame, told: Frame) -> None:
        """Note which devices of a list (`truth`) are left out for a client, and which are added.

        The server knows that list under another version, that of the real list (`listed`).
        """
        masters = _masters(told)
        fooled = {
            account
            for account, master in _masters(truth).items()
            if masters.get(account, master) != master
        }
        kept = {name for name in names_of(told) if name[0] not in fooled}
        missing = frozenset(set(names_of(truth)) - kept)
        others = frozenset(_accounts(told) - _accounts(truth))
        self._versions[told["version"]] = (listed["version"], missing, others)

    def hear(self, message: Frame) -> Frame:
        """Return a client's message with the version that the server knows."""
        if message.get("devices") not in self._versions:
            return message
        sent_id = message["id"]
        version, self.left_out[sent_id], self.let_in[sent_id] = self._versions[message["devices"]]
        return {**message, "devices": version}

    def earlier(self, *kinds: str) -> Frame | None:
        """Return an earlier object of these kinds."""
        found = [frame for kind in kinds for frame in self.before[kind]]
        return copy.deepcopy(random.choice(found)) if found else None


def session_of(message: Frame) -> str | None:
    """Return the id of the session that has encrypted a message; None if it has none."""
    try:
        return str(json.loads(message["message"])["session_id"])
    except (ValueError, KeyError, TypeError):
        return None


def _kind_of(frame: Frame) -> str:
    if frame.get("action") == "msg":
        return "message" if "seq" in frame else "other"
    if frame.get("action") == "to_device":
        return "to_device"
    if isinstance(frame.get("keys"), list):
        return "claimed"
    if isinstance(frame.get("keys"), dict):
        return "backup"
    if "version" in frame:
        return "list" if "devices" in frame else "changes"
    return next((_KINDS[key] for key in frame if key in _KINDS), "other")


_KINDS = {
    "messages": "page",
    "to_device": "inbox",
    "conversations": "summaries",
    "jim": "welcome",
    "one_time_keys": "published",
}
"""Kinds of replies, by a key that only these have."""


def _place(message: Frame) -> Place:
    to = message["to"]
    return frozenset({to} if is_room(to) else {to, message["from"]}), message["seq"]


def _says_guest(frame: Frame) -> bool:
    parts = [frame, *frame.get("messages", ()), *frame.get("conversations", ())]
    return any(part.get("guest") for part in parts if isinstance(part, dict))


def names_of(listed: Frame) -> Iterator[Name]:
    """Yield the devices of a list."""
    return ((one["account_name"], one["device"]) for one in listed["devices"])


def _accounts(listed: Frame) -> set[str]:
    return {account for account, _device_id in names_of(listed)}


def _masters(listed: Frame) -> dict[str, str]:
    return {
        one["account_name"]: json.dumps(one["identity"]["master_key"])
        for one in listed.get("identities", ())
    }


def garbled(text: str) -> str:
    """Return a text with one character changed, or a value that is no such text."""
    where = random.randrange(len(text) + 1)
    changed = text[:where] + random.choice('AAAaa0+/"}') + text[where + 1 :]
    return random.choice((changed, changed, changed, "lost", "{}", "[5]"))
