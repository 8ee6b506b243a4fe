"""Storms of events, as a busy or a hostile server sends them, and how long they stop the window."""

import itertools
import random
import threading
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

from PyQt6.QtCore import QObject, QTimer

from messenger.desktop.bridge import Bridge
from messenger.sdk.events import MembersChanged, MessageReceived, SummariesChanged
from messenger.sdk.results import ContactChanged, Person, RoomChanged, TypingNotice
from messenger.sdk.store import StoredMessage
from tests.ui.samples import message, row

_TURN = 0.02
"""Seconds between two lots of events."""


class Blocks(QObject):
    """Measures the own time of the GUI thread, in seconds, between two turns of its event loop."""

    def __init__(self) -> None:
        super().__init__()
        self.longest = 0.0
        self.turns = 0
        self._last = time.thread_time()
        self._timer = QTimer(self)
        self._timer.setInterval(1)
        self._timer.timeout.connect(self._turn)
        self._timer.start()

    def _turn(self) -> None:
        now = time.thread_time()
        self.longest = max(self.longest, now - self._last)
        self._last = now
        self.turns += 1


class Storm:
    """Events of many people in a room and in direct chats; each is made up, none is stored."""

    def __init__(self, room: str, people: Sequence[str], seed: int) -> None:
        self._room = room
        self._people = people
        self._random = random.Random(seed)
        self._numbers = itertools.count(1_000_000)

    def messages(self) -> list[Any]:
        """Return a message with the changed row of its conversation."""
        found = self._message()
        changed = row(found.conversation, last=found, unread=1, topic="storm")
        return [MessageReceived(found), SummariesChanged((changed,))]

    def anything(self) -> list[Any]:
        """Return an event of any kind, and sometimes a message."""
        who = self._random.choice(self._people)
        person = Person(who, state=self._random.choice(("online", "away", "offline")))
        return self._random.choice(
            (
                lambda: [ContactChanged(person=person)],
                lambda: [MembersChanged(self._room)],
                lambda: [TypingNotice(conversation=self._room, from_=who)],
                lambda: [TypingNotice(conversation=self._room, from_=who, stopped=True)],
                lambda: [RoomChanged(room=self._room, change="joined", account_name=who)],
                lambda: [RoomChanged(room=self._room, change="topic", account_name=who, topic=who)],
                self.messages,
            )
        )()

    def _message(self) -> StoredMessage:
        number, sender = next(self._numbers), self._random.choice(self._people)
        is_here = self._random.random() < 0.7
        return message(
            "слово " * self._random.randrange(1, 40),
            id=number,
            seq=number,
            sender=sender,
            conversation=self._room if is_here else sender,
            time=time.time(),
            stored=time.time(),
        )


@contextmanager
def raging(bridge: Bridge, make: Any, rate: int) -> Iterator[None]:
    """Have so many lots of events come each second, in a thread like the client's."""
    is_over = threading.Event()

    def rage() -> None:
        begun, sent = time.monotonic(), 0
        while not is_over.wait(_TURN):
            wanted = int((time.monotonic() - begun) * rate)
            bridge._take([one for _lot in range(sent, wanted) for one in make()])
            sent = wanted

    with ThreadPoolExecutor(1) as pool:
        storm = pool.submit(rage)
        try:
            yield
        finally:
            is_over.set()
        storm.result()
