"""The to-device messages of this device: fetched page by page, each taken once, in order."""

from collections.abc import Callable

from messenger.jim import devices
from messenger.jim.devices import InboxPage, ReceivedToDevice
from messenger.jim.errors import ProtocolError
from messenger.sdk.link import Answer, Ask
from messenger.sdk.store.keys import KeyStore

_MAX_EARLY = 1000


class Inbox:
    """Hands the messages on to `take`, which calls `note_read` in the transaction that keeps them.

    `on_fetched` is called when all that were missing are here.
    """

    def __init__(
        self, keys: KeyStore, ask: Ask, take: Callable[[list[ReceivedToDevice]], None]
    ) -> None:
        self._keys = keys
        self._ask = ask
        self._take_all = take
        self.read = self._acknowledged = int(keys.get("to_device") or 0)
        self.is_fetching = False
        self._early: list[ReceivedToDevice] = []
        self.on_fetched: Callable[[], None] = lambda: None

    @property
    def is_unacknowledged(self) -> bool:
        """Whether the server keeps what has been read: to fetch on tells it."""
        return self._acknowledged < self.read

    def stop(self) -> None:
        """The link is gone."""
        self.is_fetching = False
        self._early.clear()

    def note_read(self) -> None:
        """Keep how far the messages have been read."""
        self._keys.put("to_device", str(self.read))

    def arrived(self, message: ReceivedToDevice) -> None:
        """Take a message that came by itself."""
        if self.is_fetching:
            if len(self._early) >= _MAX_EARLY:
                self._early.clear()  # those that are missing then are fetched
            self._early.append(message)
        elif message.seq == self.read + 1:
            self._take([message])
        elif message.seq > self.read:
            self.fetch(lambda: None)

    def fetch(self, on_fetched: Callable[[], None]) -> None:
        """Fetch the messages that are not here, page by page."""
        self.is_fetching = True
        after = self.read

        def fetched(answer: Answer) -> None:
            if not isinstance(answer, InboxPage):
                self.is_fetching = False
                if isinstance(answer, ProtocolError):
                    on_fetched()
                return
            self._acknowledged = after
            if answer.last < after:
                # The server was brought back from a backup: it counts from there.
                self.read = answer.to_device[0].seq - 1 if answer.to_device else answer.last
            if any(message.seq > self.read for message in answer.to_device):
                self._take(answer.to_device)
                self.fetch(on_fetched)
                return
            self.read = max(self.read, answer.last)
            if not self._take_early():
                self.fetch(on_fetched)
                return
            self.is_fetching = False
            on_fetched()
            self.on_fetched()

        self._ask(devices.Inbox(after=after), fetched)

    def _take_early(self) -> bool:
        """Take the messages that came meanwhile; False if one between is missing."""
        early = sorted(self._early, key=lambda message: message.seq)
        self._early.clear()
        new = [message for message in early if message.seq > self.read]
        if [message.seq for message in new] != list(range(self.read + 1, self.read + 1 + len(new))):
            return False
        self._take(new)
        return True

    def _take(self, messages: list[ReceivedToDevice]) -> None:
        new = [message for message in messages if message.seq > self.read]
        if new:
            self.read = new[-1].seq
            self._take_all(new)
