"""The line below the name of the open conversation: presence, members, who is typing."""

from typing import Any

from PyQt6.QtCore import QObject, QTimer, pyqtSignal

from messenger.desktop.bridge import Bridge, Task
from messenger.jim.names import EVERYONE, is_room
from messenger.language import ngettext
from messenger.sdk.events import ConnectionState, MembersChanged, StateChanged
from messenger.sdk.results import ContactChanged, Person, TypingNotice
from messenger.ui.conversation_lines import presence_text, typing_text
from messenger.ui.people import count_online, seconds_until_old

_UNWATCHED = 5000
"""Milliseconds until a window that was hidden is looked at again."""


class About(QObject):
    """Knows the people in the open conversation. Signals: `changed`, the line or the people.

    Presence is asked for again and again, since events report that of contacts only, but only while
    the client is online and `is_watched`: nobody looks at a hidden window.
    """

    changed = pyqtSignal()

    def __init__(self, bridge: Bridge, parent: QObject) -> None:
        super().__init__(parent)
        self._bridge = bridge
        self._name = EVERYONE
        self._is_online = False
        self.is_watched = True
        self.people: list[Person] = []
        self._typing: dict[str, set[str]] = {}
        self._task: Task | None = None
        self._again = QTimer(self)
        self._again.setSingleShot(True)
        self._again.timeout.connect(self._ask)
        bridge.happened.connect(self._take)

    @property
    def text(self) -> str:
        """The line; empty if nothing is known."""
        if writers := sorted(self._typing.get(self._name, ())):
            return typing_text(self._name, writers)
        if not is_room(self._name):
            other = next((one for one in self.people if one.account_name == self._name), None)
            return presence_text(other) if other is not None and self._is_online else ""
        if not self.people:
            return ""
        count = len(self.people)
        members = ngettext("{count} member", "{count} members", count)
        if not self._is_online:
            return members
        online = ngettext("{count} online", "{count} online", count_online(self.people))
        return f"{members}, {online}"

    def open(self, name: str) -> None:
        """Follow another conversation."""
        self._name = name
        self.people = []
        self._ask()

    def _ask(self) -> None:
        if self._task is not None:
            self._task.cancel()
        self._again.stop()
        if not self._is_online:
            return  # Whoever comes online asks.
        if not self.is_watched:
            self._again.start(_UNWATCHED)
            return
        name = self._name
        if is_room(name):
            self._task = self._bridge.request(
                lambda client: client.members(name), self._answered, owner=self, failed=self._failed
            )
        else:
            self._task = self._bridge.request(
                lambda client: [client.whois(name)], self._answered, owner=self, failed=self._failed
            )

    def _answered(self, people: list[Person]) -> None:
        self.people = people
        self._ask_later()
        self.changed.emit()

    def _failed(self, _error: Exception) -> None:
        """Show what is known: a room that is closed or a person who is unknown has no presence."""
        self._ask_later()
        self.changed.emit()

    def _ask_later(self) -> None:
        self._again.start(int(seconds_until_old(len(self.people)) * 1000))

    def _take(self, events: list[Any]) -> None:
        # Each kind once, however many there are of it: in a storm the head is painted once.
        for event in events:
            if isinstance(event, StateChanged):
                self._take_state(event)
        if notices := [one for one in events if isinstance(one, TypingNotice)]:
            self._take_typing(notices)
        if any(isinstance(one, MembersChanged) and one.room == self._name for one in events):
            self._read_members()
        if people := [one.person for one in events if isinstance(one, ContactChanged)]:
            self._take_people(people)

    def _take_state(self, event: StateChanged) -> None:
        is_online = event.state is ConnectionState.ONLINE
        if is_online != self._is_online:
            self._is_online = is_online
            self._typing = {}
            if is_online:
                self._ask()
            self.changed.emit()

    def _take_typing(self, notices: list[TypingNotice]) -> None:
        for notice in notices:
            writers = self._typing.setdefault(notice.conversation, set())
            (writers.discard if notice.stopped else writers.add)(notice.from_)
        if any(notice.conversation == self._name for notice in notices):
            self.changed.emit()

    def _take_people(self, people: list[Person]) -> None:
        by_name = {person.account_name: person for person in people}
        if any(known.account_name in by_name for known in self.people):
            self.people = [by_name.get(known.account_name, known) for known in self.people]
            self.changed.emit()

    def _read_members(self) -> None:
        name = self._name

        def show(people: list[Person] | None) -> None:
            if people is not None and name == self._name:
                self.people = people
                self.changed.emit()

        self._bridge.read(lambda client: client.people.members(name), show, owner=self)
