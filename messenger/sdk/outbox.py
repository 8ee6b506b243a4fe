"""Sending queued messages: many at a time, in the order of writing, until they are committed."""

from collections import deque
from collections.abc import Callable, Sequence
from functools import partial

from msgspec import UNSET

from messenger.jim.errors import (
    Offline,
    OutdatedDevices,
    OutOfOrder,
    ProtocolError,
    ServerError,
    TooMany,
)
from messenger.jim.messages import SendMessage, Stored
from messenger.jim.names import EVERYONE, is_room
from messenger.jim.session import ORDER, Welcome
from messenger.sdk.encryption import MessageEncryption, PreparedMessage
from messenger.sdk.errors import NotText, TextOverLimit
from messenger.sdk.events import ConversationChanged, CoreEvent, MessageChanged, MessagesLost
from messenger.sdk.ids import new_id
from messenger.sdk.lanes import Delay, Lane
from messenger.sdk.link import Answer, Ask
from messenger.sdk.store import Store, StoredMessage
from messenger.sdk.store.sent_messages import Committed
from messenger.sdk.stored_errors import stored_error

_WINDOW = 128
"""How many messages of a conversation are on their way at most: a server answers as many at once,
and they fill a few round trips of a fast network."""

_PAUSE_AFTER_FAILURE = 5.0
_PAUSE_FOR_OTHERS = 2.0  # between the attempts to reach a guest who has lost the same server
# Seconds. The server's time has whole seconds: up to this difference the own clock is more exact.
_SAME_TIME = 2.0
# In a busy room a new device may appear just before each of a few attempts.
_MAX_LISTS_AT_ONCE = 10


class Outbox:
    """Sends queued messages; those of a conversation keep the order in which they were written.

    So they do whatever is refused or interrupted, and none waits for another conversation. A server
    that does not keep the order (`is_ordered`) gets one at a time. A message keeps its id however
    often it is sent: the server stores it once. `on_begun` is called when a message has started a
    direct chat. It has more attributes than other classes: the parts that it calls, and what it
    knows of the server and of its lanes.
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
        self.is_ordered = False
        stored = store.get("longest_text")
        # In memory, too: each text is compared with it, and must not wait for the database.
        self.longest_text = int(stored) if stored else None
        self._lanes: dict[str, Lane] = {}
        self._written: deque[str] = deque()  # Appended to in any thread.
        self._stored: dict[Lane, list[tuple[StoredMessage, Answer]]] = {}
        self._delay = Delay()

    def adapt_to(self, server: Welcome | None) -> None:
        """Follow the server's limit and features; None for a plain server, which tells none."""
        limit = server.limits.text if server is not None and server.limits is not None else 0
        self.longest_text = limit or None
        self._store.put("longest_text", str(limit) if limit else None)
        self.is_ordered = server is not None and ORDER in server.features

    def check_text(self, text: str) -> None:
        """Raise TextTooLong or BadRequest for a text that the server would refuse."""
        _check_encodes(text)
        limit = self.longest_text
        if limit is not None and len(text) > limit:
            raise TextOverLimit(len(text), limit)

    def add(self, conversation: str, text: str, time: float) -> StoredMessage:
        """Store a message, to be sent with the next call of `send_written`, or once online again.

        May be called in any thread: it waits for no part of the core. `time` is Unix time. Raises
        TextTooLong, if the server's limit is known, and BadRequest for invalid Unicode.
        """
        self.check_text(text)
        _check_encodes(conversation)  # What is none would stop the queue.
        name = EVERYONE if conversation == "#" else conversation
        # Online it is stored once the shell asks what to send, with all that is written until then.
        add = self._store.queue_unsent if self._running else self._store.add_unsent
        try:
            return add(name, self._me, text, new_id(), time)
        finally:  # Also after Ctrl+C; not before, or another thread would look for it too early.
            self._written.append(name)

    def add_again(self, message: StoredMessage) -> StoredMessage:
        """Send a failed message again, under its old id: the server stores it at most once."""
        again = self._store.set_unsent(message.sent_id or "")
        if again is None:
            return message
        self._written.append(message.conversation)
        self._tell(MessageChanged(again))
        return again

    def resume(self) -> None:
        """The client is online: send what is queued."""
        self._running = True
        self._delay.end()
        self._lanes = {name: Lane(count) for name, count in self._store.count_unsent_in().items()}
        self.go()

    def pause(self) -> None:
        """The connection is gone."""
        self._running = False
        self._lanes.clear()
        self._stored.clear()

    def tick(self, now: float) -> None:
        """Continue if a pause is over."""
        self._delay.tick(now)
        for lane in self._lanes.values():
            lane.delay.tick(now)
        self.go()

    def go(self) -> None:
        """Send what may be sent."""
        self._take_written()
        for name in list(self._lanes):
            self._fill(name)

    def send_written(self) -> None:
        """Send what was written since the last call, together: it is encrypted and stored so."""
        for name in self._take_written():
            self._fill(name)

    def _take_written(self) -> list[str]:
        """Note in which conversations something was written since the last call; return them."""
        written = dict.fromkeys(self._written.popleft() for _ in range(len(self._written)))
        if self._running:  # Otherwise the next connection looks for all that is unsent.
            for name in written:
                self._lanes.setdefault(name, Lane()).has_more = True
        return list(written)

    def _fill(self, name: str) -> None:
        """Send the next messages of a conversation, if many of those on their way are answered."""
        lane = self._lanes.get(name)
        # Answers may come at once and call this again: the calls would nest at each refused
        # message.
        if lane is None or lane.is_filling:
            return
        window = _WINDOW if self.is_ordered else 1
        lane.is_filling = True
        try:
            # A loop, as any number of messages may be refused before they leave.
            while self._running and self._delay.is_over and lane.may_send(window):
                # What is queued is stored by it, too: a commit is most of the time on the way.
                with self._store.transaction():
                    self._prepare(lane, name, window)
        finally:
            lane.is_filling = False

    def _prepare(self, lane: Lane, name: str, window: int) -> None:
        # All in flight are unsent, too, and mostly the first ones.
        messages = self._store.unsent(name, window, but=lane.in_flight)
        lane.has_more = len(messages) + len(lane.in_flight) >= window
        if not messages:
            return
        lane.is_preparing = True
        try:
            self._encryption.prepare(messages, partial(self._send, lane, messages))
        # After Ctrl+C, too: a lane that stays `is_preparing` never sends again.
        except BaseException:
            lane.is_preparing, lane.has_more = False, True
            raise

    def _send(
        self,
        lane: Lane,
        messages: Sequence[StoredMessage],
        prepared: Sequence[PreparedMessage | Exception],
    ) -> None:
        """Send messages of one conversation, in their order."""
        name = messages[0].conversation
        if self._lanes.get(name) is not lane:
            return  # The connection has ended meanwhile.
        lane.is_preparing = False
        if lane.prepares_again:
            lane.prepares_again, lane.has_more = False, True
            self._fill(name)
            return
        lane.in_flight.extend(one.sent_id or "" for one in messages)
        for message, one in zip(messages, prepared, strict=True):
            if isinstance(one, Exception):
                self._answered(lane, message, one)
                continue
            request = SendMessage(
                to=name,
                message=one.message,
                from_=message.sender,
                encoding=one.encoding,
                time=message.time,
                id=message.sent_id,
                devices=UNSET if one.devices is None else one.devices,
                after=UNSET if lane.before is None or not self.is_ordered else lane.before,
            )
            lane.sent(message.sent_id or "")
            self._ask(request, partial(self._answered, lane, message))

    def _answered(self, lane: Lane, message: StoredMessage, answer: Answer | Exception) -> None:
        """Take the answer to a message; that it was stored is noted by `settle`."""
        if self._lanes.get(message.conversation) is not lane:
            return
        if isinstance(answer, Exception):
            self.settle()  # What was answered before it.
            self._refused(lane, message, answer)
        else:
            self._stored.setdefault(lane, []).append((message, answer))

    def settle(self) -> None:
        """Note which messages the server has stored since the last call, and send others.

        Together: one message costs as many statements as all that one read confirms.
        """
        stored, self._stored = self._stored, {}
        for lane, answered in stored.items():
            for message, _answer in answered:
                lane.answered(message.sent_id or "", is_refused=False)
            lane.rounds = 0
            lane.queued = max(0, lane.queued - len(answered))
            self._sent(answered)
            self._fill(answered[0][0].conversation)

    def _refused(self, lane: Lane, message: StoredMessage, answer: Exception) -> None:
        name, sent_id = message.conversation, message.sent_id or ""
        follows_none = sent_id == lane.first
        is_first = lane.answered(sent_id, is_refused=True)
        if isinstance(answer, OutOfOrder) and follows_none:
            # A server that says so, which makes no sense, would be asked again and again.
            lane.delay.begin(_PAUSE_AFTER_FAILURE)
            self._send_again(lane, message)
        elif self._is_tried_again(lane, message, answer, is_first=is_first):
            self._send_again(lane, message)
        elif isinstance(answer, ProtocolError):
            lane.queued = max(0, lane.queued - 1)
            self._encryption.failed(message)
            changed = self._store.set_failed(sent_id, stored_error(answer))
            if changed is not None:
                self._tell(MessageChanged(changed, answer))
        self._fill(name)

    def _send_again(self, lane: Lane, message: StoredMessage) -> None:
        # Encrypted anew, so that the order of its session stays that of the log.
        self._encryption.failed(message)
        lane.send_again()

    def _is_tried_again(
        self, lane: Lane, message: StoredMessage, error: Exception, *, is_first: bool
    ) -> bool:
        """Whether a refused message stays queued; pauses are those of the `is_first` of a round."""
        if isinstance(error, OutdatedDevices):
            if is_first:
                self._encryption.outdated(message, error)
                lane.rounds += 1
                if not lane.rounds % _MAX_LISTS_AT_ONCE:
                    # Devices change all the time, or the server lies: not without a pause.
                    lane.delay.begin(_PAUSE_AFTER_FAILURE)
            return True
        if isinstance(error, TooMany):
            # For all conversations: the server's rate limit is the account's.
            self._delay.begin(error.retry_after or _PAUSE_AFTER_FAILURE)
            return True
        if isinstance(error, ServerError):
            lane.delay.begin(error.retry_after or _PAUSE_AFTER_FAILURE)
            return True
        if isinstance(error, Offline) and lane.queued and is_first and lane.attempts_left:
            # A guest who has lost the same server may need longer to reconnect.
            lane.attempts_left -= 1
            lane.delay.begin(_PAUSE_FOR_OTHERS)
            return True
        if isinstance(error, Offline) and not is_first:
            return not lane.delay.is_over
        return isinstance(error, OutOfOrder)

    def _sent(self, answered: Sequence[tuple[StoredMessage, Answer]]) -> None:
        """Note that messages of one conversation are stored at the server."""
        name = answered[0][0].conversation
        committed = [_committed(message, answer) for message, answer in answered]
        with self._store.transaction():
            changed, has_lost = self._store.set_sent(name, committed)
            self._encryption.sent(name, changed)
        if has_lost:
            self._tell(MessagesLost(name))
            self._tell(ConversationChanged(name))
        if committed[0].seq == 1 and not is_room(name):
            self._on_begun()
        for message in changed:
            self._tell(MessageChanged(message))


def _committed(message: StoredMessage, answer: Answer) -> Committed:
    seq = answer.seq if isinstance(answer, Stored) else 0
    stored = getattr(answer, "time", 0)
    differs = stored and abs(stored - message.stored) > _SAME_TIME
    return Committed(message.sent_id or "", seq or None, stored if differs else None)


def _check_encodes(text: str) -> None:
    try:
        text.encode()
    except UnicodeEncodeError as error:
        raise NotText from error
