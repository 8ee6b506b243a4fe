"""Which figures and plots the overview has, and what they take from the server's statistics."""

from collections.abc import Callable, Sequence
from typing import NamedTuple

from messenger.admin_window.plots.lines import Line, Series
from messenger.language import N_, _, decimal, ngettext
from messenger.sdk.administration.results import ServerStats, StatsSeries
from messenger.ui.csv_text import MARK, csv_lines, utc
from messenger.ui.quantities import milliseconds, number, size

_MB = 1e6
_SLOW = 0.05
"""Seconds of delivery that nobody should wait for: more is marked."""
_FULL = 0.1
"""The share of the disk that should be free: less is marked."""


class Shown(NamedTuple):
    """A figure, a note on it, and whether somebody should look after it."""

    figure: str
    note: str
    is_bad: bool = False


class Figure(NamedTuple):
    """A figure of the page: its words, untranslated, and what makes it of the server's."""

    words: str
    show: Callable[[ServerStats], Shown]


class PlotLine(NamedTuple):
    """A line: its words, untranslated, its colour, the name of its series, and a factor."""

    words: str
    colour: str
    name: str
    factor: float = 1.0


class Plot(NamedTuple):
    """A plot: its words, untranslated, its lines, and how a value is said; `whole` for counts."""

    words: str
    parts: Sequence[PlotLine]
    said: Callable[[float], str] = number
    whole: bool = True

    def lines(self) -> list[Line]:
        """Return its lines in the user's language."""
        return [Line(_(part.words), part.colour, self.said) for part in self.parts]

    def of(self, found: StatsSeries) -> Series:
        """Return its values."""
        return Series(found.times, [_values(found, part) for part in self.parts], found.step)


def _values(found: StatsSeries, part: PlotLine) -> list[float | None]:
    values = getattr(found, part.name)
    return [None if value is None else value * part.factor for value in values]


def _decimal(value: float) -> str:
    return decimal(value, 2).rstrip("0").rstrip(".,") if 0 < value < 10 else number(value)


def _percent(value: float) -> str:
    return f"{_decimal(value)} %"


PLOTS = (
    Plot(N_("Online"), [PlotLine(N_("accounts"), "accent", "online")]),
    Plot(N_("Messages a minute"), [PlotLine(N_("messages"), "accent", "messages")]),
    Plot(
        N_("Delivery, ms"),
        [PlotLine("p50", "good", "p50", 1000), PlotLine("p99", "plot", "p99", 1000)],
        _decimal,
        whole=False,
    ),
    Plot(
        N_("Database, MB"),
        [PlotLine(N_("size"), "accent", "database_size", 1 / _MB)],
        _decimal,
        whole=False,
    ),
    Plot(
        N_("Memory, MB"),
        [PlotLine(N_("resident"), "accent", "memory", 1 / _MB)],
        _decimal,
        whole=False,
    ),
    Plot(
        N_("CPU, share of a core"),
        [PlotLine(N_("server"), "accent", "cores", 100)],
        _percent,
        whole=False,
    ),
)


def csv_text(found: StatsSeries) -> str:
    """Return all series as CSV: a line for each time."""
    names = [name for name in StatsSeries.__struct_fields__ if name not in ("step", "times")]
    columns = (map(utc, found.times), *(getattr(found, name) for name in names))
    return MARK + csv_lines([("time_utc", *names), *zip(*columns, strict=True)])


def _online(found: ServerStats) -> Shown:
    guests = found.now.guests
    said = ngettext("{shown} guest", "{shown} guests", guests, shown=number(guests))
    return Shown(number(found.now.online), _("among them {guests}", guests=said) if guests else "")


def _messages(found: ServerStats) -> Shown:
    sent = found.now.messages
    return Shown(
        number(found.now.messages_per_minute), _("{count} since the start", count=number(sent))
    )


def _delivery(found: ServerStats) -> Shown:
    now = found.now
    if now.p99 is None:
        return Shown("–", _("no messages just now"))
    both = _("{p50} / {p99} ms", p50=milliseconds(now.p50), p99=milliseconds(now.p99))
    target = _("target: {time} ms", time=milliseconds(_SLOW))
    return Shown(both, target, now.p99 > _SLOW)


def _database(found: ServerStats) -> Shown:
    now = found.now
    whole = now.disk_free + now.database_size
    is_full = bool(whole) and now.disk_free < _FULL * whole
    return Shown(size(now.database_size), _("{size} free", size=size(now.disk_free)), is_full)


def _memory(found: ServerStats) -> Shown:
    share = _decimal(round(100 * found.now.cores, 1))
    return Shown(size(found.now.memory), _("CPU: {share} %", share=share))


def _slow(found: ServerStats) -> Shown:
    count = found.now.sessions
    note = ngettext("of {shown} session", "of {shown} sessions", count, shown=number(count))
    return Shown(number(found.now.slow), note, found.now.slow > 0)


FIGURES = (
    Figure(N_("Online now"), _online),
    Figure(N_("Messages a minute"), _messages),
    Figure(N_("Delivery, p50 / p99"), _delivery),
    Figure(N_("Database"), _database),
    Figure(N_("Memory"), _memory),
    Figure(N_("Slow readers"), _slow),
)
