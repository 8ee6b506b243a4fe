"""Sending queued messages: one at a time, in order, until the server has committed them."""

from collections.abc import Callable

from msgspec import UNSET

from messenger.jim.errors import (
    BadRequest,
    Offline,
    OutdatedDevices,
    ProtocolError,
    ServerError,
    TextTooLong,
    TooMany,
)
from messenger.jim.messages import SendMessage, Stored
from messenger.jim.names import EVERYONE, is_room
from messenger.sdk.encryption import MessageEncryption, PreparedMessage
from messenger.sdk.events import ConversationChanged, CoreEvent, MessageChanged, MessagesLost
from messenger.sdk.ids import new_id
from messenger.sdk.link import Answer, Ask
from messenger.sdk.store import Store, StoredMessage

_PAUSE_AFTER_FAILURE = 5.0
# After a restart of the server a guest needs a moment to return: 8 attempts, 2 seconds apart.
_PAUSE_FOR_OTHERS = 2.0
_MAX_ATTEMPTS = 8
# Seconds. The server's time has whole seconds: up to this difference the own clock is more exact.
_SAME_TIME = 2.0
# In a busy room a new device may appear just before each of a few attempts.
_MAX_LISTS_AT_ONCE = 10


class _Delay:
    """A pause in sending; its clock is the time of the last tick."""

    def __init__(self) -> None:
        self._wait = 0.0
        self._until = 0.0
        self._now = 0.0

    @property
    def is_over(self) -> bool:
        """Whether messages may be sent."""
        return not self._wait and self._until <= self._now

    def begin(self, seconds: float) -> None:
        """Wait for so many seconds from the next tick on."""
        self._wait = seconds

    def end(self) -> None:
        """End a delay that has begun."""
        self._until = 0.0

    def tick(self, now: float) -> None:
        """Set the time, in seconds of a monotonic clock."""
        self._now = now
        if self._wait:
            self._until, self._wait = now + self._wait, 0.0


class Outbox:
    """Sends queued messages; each waits for the reply to the one before.

    So they keep the order in which they were written, whatever is refused or interrupted.
    A message keeps its id however often it is sent: the server stores it once. `on_begun` is
    called when a message has started a direct chat.
    """

    def __init__(
        self,
        store: Store,
        me: str,
        encryption: MessageEncryption,
        ask: Ask,
        tell: Callable[[CoreEvent], None],
        on_begun: Callable[[], None],
    ) -> None:
        self._on_begun = on_begun
        self._store = store
        self._me = me
        self._encryption = encryption
        self._ask = ask
        self._tell = tell
        self._running = False
        self._waiting_for: str | None = None
        self._delay = _Delay()
        self._queued_before = 0
        self._attempts_left = 0
        self._outdated = 0

    @property
    def longest_text(self) -> int | None:
        """The server's limit in characters, if it is known, also from an earlier connection."""
        stored = self._store.get("longest_text")
        return int(stored) if stored else None

    @longest_text.setter
    def longest_text(self, limit: int | None) -> None:
        self._store.put("longest_text", str(limit) if limit else None)

    def check_text(self, text: str) -> None:
        """Raise TextTooLong or BadRequest for a text that the server would refuse."""
        try:
            text.encode()
        except UnicodeEncodeError as error:
            raise BadRequest("This is not text: it has bytes that are not UTF-8") from error
        limit = self.longest_text
        if limit is not None and len(text) > limit:
            raise TextTooLong(
                "This text is {length} characters long; the server takes at most {most}",
                length=len(text),
                most=limit,
            )

    def add(self, conversation: str, text: str, time: float) -> StoredMessage:
        """Store a message and send it, now or when the client is online again.

        `time` is Unix time. Raises TextTooLong, if the server's limit is known, and BadRequest for
        invalid Unicode.
        """
        self.check_text(text)
        name = EVERYONE if conversation == "#" else conversation
        message = self._store.add_unsent(name, self._me, text, new_id(), time)
        self.go()
        return message

    def add_again(self, message: StoredMessage) -> StoredMessage:
        """Send a failed message again, under its old id: the server stores it at most once."""
        again = self._store.set_unsent(message.sent_id or "")
        if again is None:
            return message
        self._tell(MessageChanged(again))
        self.go()
        return again

    def resume(self) -> None:
        """The client is online: send what is queued."""
        self._running = True
        self._delay.end()
        self._queued_before = self._store.count_unsent()
        self._attempts_left = _MAX_ATTEMPTS
        self.go()

    def pause(self) -> None:
        """The connection is gone."""
        self._running = False
        self._waiting_for = None

    def tick(self, now: float) -> None:
        """Continue if a pause is over."""
        self._delay.tick(now)
        self.go()

    def go(self) -> None:
        """Send the next message, unless one waits for its reply."""
        if not self._running or self._waiting_for is not None or not self._delay.is_over:
            return
        message = self._store.next_unsent()
        if message is None or message.sent_id is None:
            return
        self._waiting_for = message.sent_id
        self._encryption.prepare(message, lambda prepared: self._send(message, prepared))

    def _send(self, message: StoredMessage, prepared: PreparedMessage | Exception) -> None:
        if isinstance(prepared, Exception):
            self._answered(message, prepared)
            return
        request = SendMessage(
            to=message.conversation,
            message=prepared.message,
            from_=message.sender,
            encoding=prepared.encoding,
            time=message.time,
            id=message.sent_id,
            devices=UNSET if prepared.devices is None else prepared.devices,
        )
        self._ask(request, lambda answer: self._answered(message, answer))

    def _answered(self, message: StoredMessage, answer: Answer | Exception) -> None:
        sent_id = message.sent_id or ""
        if self._waiting_for != sent_id:
            return
        self._waiting_for = None
        if isinstance(answer, OutdatedDevices):
            self._encryption.outdated(message, answer)
            self._outdated += 1
            if self._outdated % _MAX_LISTS_AT_ONCE:
                self.go()
            else:
                # Devices change all the time, or the server lies: no endless loop without a pause.
                self._delay.begin(_PAUSE_AFTER_FAILURE)
            return
        self._outdated = 0
        if isinstance(answer, TooMany | ServerError):
            self._delay.begin(answer.retry_after or _PAUSE_AFTER_FAILURE)
            return
        if isinstance(answer, Offline) and self._queued_before and self._attempts_left:
            # A guest who has lost the same server may need longer to reconnect.
            self._attempts_left -= 1
            self._delay.begin(_PAUSE_FOR_OTHERS)
            return
        error = answer if isinstance(answer, ProtocolError) else None
        if error is not None:
            changed = self._store.set_failed(sent_id, str(error))
            self._encryption.failed(message)
        elif isinstance(answer, Exception):
            return
        else:
            changed = self._sent(message, answer)
        self._queued_before = max(0, self._queued_before - 1)
        if changed is not None:
            self._tell(MessageChanged(changed, error))
        self.go()

    def _sent(self, message: StoredMessage, answer: Answer) -> StoredMessage | None:
        seq = answer.seq if isinstance(answer, Stored) else 0
        stored = getattr(answer, "time", 0)
        differs = stored and abs(stored - message.stored) > _SAME_TIME
        with self._store.transaction():
            changed, has_lost = self._store.set_sent(
                message.sent_id or "", seq or None, stored if differs else None
            )
            self._encryption.sent(changed or message)
        if has_lost:
            self._tell(MessagesLost(message.conversation))
            self._tell(ConversationChanged(message.conversation))
        if seq == 1 and not is_room(message.conversation):
            self._on_begun()
        return changed
