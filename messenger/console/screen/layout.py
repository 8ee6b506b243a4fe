"""Messages as lines of a screen: days, senders, states; wrapped to a width in cells."""

import re
import time
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from itertools import groupby
from types import MappingProxyType
from typing import NamedTuple

from rich.cells import cell_len
from rich.console import Console
from rich.style import Style
from rich.text import Text

from messenger.console.lines import said, trust_mark, visible
from messenger.console.screen.colours import DARK, Palette, colour_of
from messenger.language import N_, _
from messenger.sdk.store import MessageState, StoredMessage, Trust

_CONSOLE = Console(width=80, legacy_windows=False)  # wrapping wants one
_TOGETHER = 5 * 60
_INDENT = "  "

LINK = re.compile(r"https?://[^\s<>\"]+")
"""A link in a text."""
_MOST_WRAPPED = 20_000

_STATES = {
    MessageState.UNSENT: "…",
    MessageState.SENT: "✓",
    MessageState.DELIVERED: "✓✓",
    MessageState.READ: "✓✓",
    MessageState.FAILED: "✗",
    MessageState.RECEIVED: "",
}

_DAYS = (
    N_("Monday"), N_("Tuesday"), N_("Wednesday"), N_("Thursday"), N_("Friday"), N_("Saturday"),
    N_("Sunday"),
)  # fmt: skip


class Line(NamedTuple):
    """A line of the screen; `message` is what it shows, if it is of one.

    `is_mark` tells that what follows is unread.
    """

    text: Text
    message: StoredMessage | None = None
    is_mark: bool = False


def lay_out(
    messages: Iterable[StoredMessage],
    width: int,
    me: str,
    unread_after: int | None = None,
    palette: Palette = DARK,
    trusts: Mapping[str, Trust] = MappingProxyType({}),
) -> list[Line]:
    """Return the lines that show messages; a line parts what is unread from what is not.

    `width` is in cells; `unread_after` is the number of the last message that was read.
    """
    lines: list[Line] = []
    last: StoredMessage | None = None
    marked = unread_after is None
    for day, of_day in groupby(messages, key=lambda message: _day(message.stored)):
        lines.append(Line(_rule(day, width, "dim")))
        last = None
        for message in of_day:
            if not marked and message.sender != me and (message.seq or 0) > (unread_after or 0):
                lines.append(
                    Line(_rule(_("unread"), width, f"bold {palette.failed}"), is_mark=True)
                )
                marked = True
                last = None
            if last is None or not _belongs(message, last):
                lines.append(Line(_header(message, me, palette, trusts), message))
            body = _body(said(message), message.state, message.reason, width, palette)
            lines += [Line(text, message) for text in body]
            last = message
    return lines


def wrap(text: str, width: int) -> Iterator[str]:
    """Yield the text in pieces of at most `width` cells, parted at spaces where it can be."""
    for line in text.split("\n"):
        if len(line) <= width and line.isascii():
            yield line
            continue
        wrapped = Text(line).wrap(_CONSOLE, max(1, width))
        yield from (piece.plain.rstrip() for piece in wrapped) if wrapped else iter(("",))


@lru_cache(_MOST_WRAPPED)
def _body(
    text: str, state: MessageState, reason: str, width: int, palette: Palette
) -> tuple[Text, ...]:
    """Return a message's text as lines; it is asked for anew whenever anything else changes."""
    shown = "\n".join(visible(line) for line in text.split("\n"))
    lines = [Text(_INDENT + piece, no_wrap=True) for piece in wrap(shown, width - len(_INDENT) - 3)]
    for line in lines:
        line.highlight_regex(LINK, f"underline {palette.link}")
    style = {
        MessageState.READ: f"bold {palette.read}", MessageState.FAILED: f"bold {palette.failed}",
    }.get(state, "dim")  # fmt: skip
    if state is not MessageState.RECEIVED:
        lines[-1].append(" " + _STATES[state], style)
    if state is MessageState.FAILED:
        why = _("not sent: {reason}", reason=visible(reason))
        lines += [
            Text(_INDENT + piece, palette.failed) for piece in wrap(why, width - len(_INDENT))
        ]
    return tuple(lines)


def _header(message: StoredMessage, me: str, palette: Palette, trusts: Mapping[str, Trust]) -> Text:
    text = Text(no_wrap=True)
    name = _("you") if message.sender == me else visible(message.sender)
    text.append(name, Style(bold=True, color=colour_of(message.sender, palette)))
    if message.guest and message.sender != me:
        text.append(" " + _("(guest)"), "dim")
    elif message.sender != me:
        text.append(trust_mark(trusts.get(message.sender, Trust.UNKNOWN)))
    text.append(" " + _clock(message.shown_time), "dim")
    return text


def _belongs(message: StoredMessage, to: StoredMessage) -> bool:
    return message.sender == to.sender and abs(message.stored - to.stored) < _TOGETHER


def _rule(title: str, width: int, style: str) -> Text:
    left = max(1, (width - cell_len(title) - 2) // 2)
    right = max(1, width - cell_len(title) - 2 - left)
    return Text(f"{'─' * left} {title} {'─' * right}", style, no_wrap=True)


def _day(moment: float) -> str:
    try:
        then = time.localtime(moment)
    except (OverflowError, ValueError, OSError):
        return "?"
    return f"{_(_DAYS[then.tm_wday])} {time.strftime('%Y-%m-%d', then)}"


def _clock(moment: float) -> str:
    try:
        return time.strftime("%H:%M", time.localtime(moment))
    except (OverflowError, ValueError, OSError):
        return "--:--"
