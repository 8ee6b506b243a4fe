"""Numbers, sizes and times as people read them."""

import time

from messenger.language import _, decimal, ngettext
from messenger.ui.wording import local_time

_THOUSANDS = "\N{NARROW NO-BREAK SPACE}"
_MINUTE, _HOUR, _DAY = 60, 3_600, 86_400  # seconds


def number(value: float) -> str:
    """Return a whole number in groups of three digits."""
    return f"{round(value):,}".replace(",", _THOUSANDS)


def size(count: float) -> str:
    """Return a number of bytes in a unit that leaves at most three digits before the point.

    Units are powers of 1000, as those of disks.
    """
    units = (_("B"), _("kB"), _("MB"), _("GB"), _("TB"))
    for unit in units[:-1]:
        # What would be rounded to 1000 is one of the next unit.
        if abs(count) < 999.5:
            return f"{_short(count)} {unit}"
        count /= 1000
    return f"{_short(count)} {units[-1]}"


def milliseconds(seconds: float | None) -> str:
    """Return a time in milliseconds, without the unit; a dash for None."""
    return "–" if seconds is None else _short(seconds * 1000)


def duration(seconds: float) -> str:
    """Return a time in its two largest units, as in `12 days, 4 h`."""
    if seconds < _MINUTE:
        return _("{count} s", count=int(seconds))
    if seconds < _HOUR:
        return _("{count} min", count=int(seconds / _MINUTE))
    if seconds < _DAY:
        minutes = int(seconds % _HOUR / _MINUTE)
        return _("{hours} h, {minutes} min", hours=int(seconds / _HOUR), minutes=minutes)
    days = ngettext("{count} day", "{count} days", int(seconds / _DAY))
    return _("{days}, {hours} h", days=days, hours=int(seconds % _DAY / _HOUR))


def date_and_time(moment: float | None) -> str:
    """Return a time (unix time) to the minute, in an order that sorts; empty for None."""
    if moment is None:
        return ""
    then = local_time(moment)
    return time.strftime("%Y-%m-%d %H:%M", then) if then is not None else "?"


def _short(value: float) -> str:
    """Return a number with a decimal where it would lose much without."""
    if 0 < abs(value) < 9.95:
        rounded = round(value, 1)
        return decimal(rounded, int(rounded != int(rounded)))
    return f"{value:.0f}"
