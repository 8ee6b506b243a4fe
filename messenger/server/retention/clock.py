"""Whether the clock can be believed: by one that is a year ahead, everything is old."""

import logging

_logger = logging.getLogger("messenger.server")

_HOUR = 3600.0  # seconds
_DAY = 24 * _HOUR

# A clock that is not set runs in step with monotonic time, which is compared every hour; of days,
# nobody misses so much.
_NO_JUMP = 2 * _HOUR
# After a restart, or when a suspended machine wakes up: until then it has asked for the time.
_SHORT_WAIT = _HOUR
# No server is off for longer without somebody who knows: then people are to notice the wrong date.
_FAR = 30 * _DAY
_LONG_WAIT = _DAY


class ConfirmedClock:
    """Compares the clock with what it was, and with monotonic time.

    It was right at the unix time `confirmed`, None for a server that has stored nothing yet. After
    a jump, also while the server did not run, it is believed once it has run steadily for a while.
    """

    def __init__(self, confirmed: float | None) -> None:
        self._wall = confirmed
        self._monotonic: float | None = None
        self._believed_from = 0.0

    def confirm(self, wall: float, monotonic: float) -> bool:
        """Tell whether the clock, which shows the unix time `wall`, can be believed.

        Call it at the start, and then every hour.
        """
        if self._wall is not None:
            passed = 0.0 if self._monotonic is None else monotonic - self._monotonic
            self._note_jump(wall - self._wall - passed, monotonic)
        self._wall, self._monotonic = wall, monotonic
        return monotonic >= self._believed_from

    def _note_jump(self, jump: float, monotonic: float) -> None:
        if abs(jump) <= _NO_JUMP:
            return
        wait = _SHORT_WAIT
        if abs(jump) > _FAR:
            wait = _LONG_WAIT
            _logger.warning(
                "The clock is %d days from where it was: no old messages and logins are removed "
                "until it has run steadily for a day",
                round(jump / _DAY),
            )
        # A later jump does not shorten the wait for an earlier one.
        self._believed_from = max(self._believed_from, monotonic + wait)
