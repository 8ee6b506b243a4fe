"""Rooms that are closed for good, as the list shows them."""

from collections.abc import Iterable

from PyQt6.QtCore import QObject, pyqtSignal

from messenger.desktop.bridge import Bridge
from messenger.sdk.client import Client
from messenger.sdk.results import RoomChanged
from messenger.ui.closed_rooms import ClosedRooms


class KnownClosedRooms(QObject):
    """Keeps the closed rooms in the local database. Signals: `changed`, their names."""

    changed = pyqtSignal(frozenset)

    def __init__(self, bridge: Bridge, parent: QObject) -> None:
        super().__init__(parent)
        self._bridge = bridge
        self._rooms: ClosedRooms | None = None
        self._early: list[RoomChanged] = []

    @property
    def names(self) -> frozenset[str]:
        """The names of the closed rooms."""
        return self._rooms.names if self._rooms is not None else frozenset()

    def load(self) -> None:
        """Read them from the local database."""
        self._bridge.read(_read, self._loaded, owner=self)

    def take(self, events: Iterable[RoomChanged]) -> None:
        """Note what has happened to rooms."""
        rooms = self._rooms
        if rooms is None:
            self._early += events
            return
        changes = [rooms.take(event, self._bridge.me) for event in events]
        if any(changes):
            self._bridge.write(lambda _client: rooms.save(), owner=self)
            self.changed.emit(rooms.names)

    def _loaded(self, rooms: ClosedRooms) -> None:
        self._rooms = rooms
        self.changed.emit(rooms.names)
        self.take(self._early)


def _read(client: Client) -> ClosedRooms:
    rooms = ClosedRooms(client.store)
    rooms.load()
    return rooms
