"""The send window of a conversation: which of its messages are in flight, and what comes next."""

from collections import deque

# After a restart of the server a guest needs a moment to return.
MAX_ATTEMPTS = 8


class Delay:
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


class Lane:
    """The messages `in_flight`, in order; each but the `first` names the one `before` it.

    Once one is refused, it `is_draining`: those behind that are refused, too, and then all are sent
    again, in a new round. While it `is_preparing` (encrypting) messages it sends none; it
    `prepares_again` if one before them has to be sent again meanwhile.

    It `has_more` if the database may have others to send. `queued` counts those from before this
    connection, and `rounds` how often a device list was outdated since a message was stored.
    """

    def __init__(self, queued: int = 0) -> None:
        self.in_flight: deque[str] = deque()
        self.before: str | None = None
        self.first: str | None = None
        self.is_preparing = False
        self.prepares_again = False
        self.is_draining = False
        self.is_filling = False
        self.has_more = queued > 0
        self.queued = queued
        self.attempts_left = MAX_ATTEMPTS
        self.rounds = 0
        self.delay = Delay()

    def may_send(self, window: int) -> bool:
        """Whether more may be sent, with so many messages on their way at once."""
        is_busy = self.is_preparing or self.is_draining or not self.delay.is_over
        # Half a window at once, as each time has a query and a transaction.
        return self.has_more and not is_busy and len(self.in_flight) <= window // 2

    def sent(self, sent_id: str) -> None:
        """Note that a message is sent."""
        self.first = self.first or sent_id
        self.before = sent_id

    def answered(self, sent_id: str, *, is_refused: bool) -> bool:
        """Note that a message is answered; tell whether it is the first one of a refused round."""
        is_first = is_refused and not self.is_draining
        self.in_flight.remove(sent_id)
        self.is_draining = (self.is_draining or is_refused) and bool(self.in_flight)
        if not self.in_flight:
            # Nothing can overtake the next one, which begins anew.
            self.before = self.first = None
        return is_first

    def send_again(self) -> None:
        """Note that a refused message has to be sent again, before those that are prepared."""
        self.has_more = True
        self.prepares_again = self.is_preparing
