"""Fetches this device's to-device messages, and handles them in order, each once."""

from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

from messenger.crypto.to_device import DecryptedToDevice
from messenger.jim import devices as wire
from messenger.jim.devices import InboxPage, ReceivedToDevice
from messenger.jim.errors import ProtocolError
from messenger.sdk.encryption.context import DeviceContext
from messenger.sdk.encryption.device_lists import DeviceLists
from messenger.sdk.encryption.guard import costs_only_itself
from messenger.sdk.encryption.internal_events import InboxFetched, OlmSessionBegun
from messenger.sdk.encryption.olm_sessions import OlmSessions
from messenger.sdk.events import MessageDecrypted
from messenger.sdk.link import Answer
from messenger.sdk.store import StoredMessage

_MAX_EARLY = 1000  # A server may send without end while a page is missing.


class Taker(NamedTuple):
    """The handler of a type of to-device messages.

    `take` may return messages of conversations that it made readable. A type that `proves_itself`
    has an effect whoever sends it. Requests are handled `afterwards`, when all that arrived with
    them is committed, as they are answered at once.
    """

    take: Callable[[DecryptedToDevice], Sequence[StoredMessage] | None]
    proves_itself: bool = False
    afterwards: bool = False


class Inbox:
    """Passes each message to the handler of its type, or of its prefix that ends with a dot.

    Their effects are stored in the same transaction as the number of the last one `read`: each
    message takes effect once. While it `is_fetching`, missing keys may be on their way.
    """

    def __init__(
        self,
        context: DeviceContext,
        olm_sessions: OlmSessions,
        device_lists: DeviceLists,
        takers: Mapping[str, Taker],
    ) -> None:
        self._keys = context.keys
        self._ask = context.ask
        self._tell = context.tell
        self._emit = context.emit
        self._olm_sessions = olm_sessions
        self._device_lists = device_lists
        self._takers = takers
        self.read = self._acknowledged = int(self._keys.get("to_device") or 0)
        self.is_fetching = False
        self._early: list[ReceivedToDevice] = []

    @property
    def is_unacknowledged(self) -> bool:
        """Whether the server still stores read messages: the next fetch acknowledges them."""
        return self._acknowledged < self.read

    def stop(self) -> None:
        """Forget what belongs to the connection that was lost."""
        self.is_fetching = False
        self._early.clear()

    def arrived(self, message: ReceivedToDevice) -> None:
        """Handle a message that the server pushed."""
        if self.is_fetching:
            if len(self._early) >= _MAX_EARLY:
                self._early.clear()  # The gap that this makes is fetched.
            self._early.append(message)
        elif message.seq == self.read + 1:
            self._take([message])
        elif message.seq > self.read:
            self.fetch(lambda: None)

    def fetch(self, on_fetched: Callable[[], None]) -> None:
        """Fetch the missing messages, page by page."""
        self.is_fetching = True
        after = self.read

        def fetched(answer: Answer) -> None:
            if not isinstance(answer, InboxPage):
                self.is_fetching = False
                if isinstance(answer, ProtocolError):
                    # A refused request must not keep the client from going online: keys can be
                    # requested later.
                    on_fetched()
                    self._emit(InboxFetched())
                return
            self._acknowledged = after
            if answer.last < after:
                # The server was restored from a backup: its numbers start from there.
                self.read = answer.to_device[0].seq - 1 if answer.to_device else answer.last
            # Until a page has nothing new: only a request that names the last one acknowledges it.
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
            self._emit(InboxFetched())

        self._ask(wire.GetInbox(after=after), fetched)

    def _take_early(self) -> bool:
        """Handle the messages that arrived meanwhile; False if there is a gap before them."""
        early = sorted(self._early, key=lambda message: message.seq)
        self._early.clear()
        new = [message for message in early if message.seq > self.read]
        if [message.seq for message in new] != list(range(self.read + 1, self.read + 1 + len(new))):
            return False
        self._take(new)
        return True

    def _take(self, messages: list[ReceivedToDevice]) -> None:
        """Handle the new messages, and after the commit emit events and answer requests."""
        new = [to_device for to_device in messages if to_device.seq > self.read]
        if not new:
            return
        self.read = new[-1].seq
        requests: list[DecryptedToDevice] = []
        readable: list[StoredMessage] = []
        with self._keys.transaction():
            for received in new:
                with costs_only_itself(f"A to-device message of {received.from_}"):
                    readable += self._take_one(received, requests)
            self._keys.put("to_device", str(self.read))
            begun = self._olm_sessions.took_new()
        for message in readable:
            self._tell(MessageDecrypted(message))
        for account in begun:
            self._emit(OlmSessionBegun(account))
        for request in requests:
            with costs_only_itself(f"A to-device message of {request.sender.account}"):
                self._taker_of(request.type).take(request)

    def _take_one(
        self, received: ReceivedToDevice, requests: list[DecryptedToDevice]
    ) -> Sequence[StoredMessage]:
        """Handle a message; return the messages that it made readable. Raises anything.

        A message without a verified sender has no effect.
        """
        message = self._olm_sessions.decrypt(received)
        if message is None:
            return ()
        taker = self._taker_of(message.type)
        if not taker.proves_itself:
            self._device_lists.remember_sender(message.sender)
        if not taker.afterwards:
            return taker.take(message) or ()
        requests.append(message)
        return ()

    def _taker_of(self, kind: str) -> Taker:
        family = kind[: kind.rfind(".") + 1]
        return self._takers.get(kind) or self._takers.get(family, _NOBODY)


_NOBODY = Taker(lambda _to_device: ())
"""For unknown types, and for m.dummy, which has no content."""
