"""Lays out messages as lines of a screen: days, senders, states; wrapped to a width in cells."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import lru_cache
from types import MappingProxyType
from typing import Any, NamedTuple

from rich.cells import cell_len
from rich.console import Console
from rich.style import Style
from rich.text import Text

from messenger.console.screen.colours import DARK, NameColours, Palette
from messenger.language import _
from messenger.output import visible
from messenger.sdk.store import IdentityTrust, MessageSecurity, MessageState, StoredMessage
from messenger.ui.links import WEB_LINK, address_of
from messenger.ui.timeline import Day, Item, Note, Shown, UnreadBegins
from messenger.ui.wording import (
    clock_time,
    failure_text,
    message_state_mark,
    message_text,
    sender_mark,
)

_CONSOLE = Console(width=80, legacy_windows=False)  # Text.wrap requires one.
_COPIED = "    "
"""The indentation of lines that are to be copied: codes and links."""
_IS_QR = re.compile("[█▀▄ ]{20,}")
_INVITATION = "jim://"
_INDENT = "  "
_TIGHT = 40
"""Cells; at this width or less there is no room for a hint beside a title."""

_MAX_WRAPPED = 20_000
"""Messages whose wrapped lines are cached: a new one must not wrap all the loaded ones again."""


class Line(NamedTuple):
    """A line of the screen; `message` is the message that it belongs to, if any.

    `is_mark`: unread messages follow. `is_output`: it is output of a command.
    """

    text: Text
    message: StoredMessage | None = None
    is_mark: bool = False
    is_output: bool = False


class CommandOutput(NamedTuple):
    """The output of a command, and its line; `refused`: it was not carried out."""

    command: str
    text: str
    refused: bool = False


class Look(NamedTuple):
    """How messages are shown; `width` is in cells.

    In an `encrypted` conversation unencrypted messages are marked.
    """

    width: int
    me: str
    colours: NameColours
    palette: Palette = DARK
    trusts: Mapping[str, IdentityTrust] = MappingProxyType({})
    encrypted: bool = False


def lay_out(items: Iterable[Item], look: Look) -> list[Line]:
    """Return the lines for the items of a timeline."""
    lines: list[Line] = []
    for item in items:
        lines += _LAYOUTS[type(item)](item, look)
    return lines


def lay_out_output(output: CommandOutput, width: int, palette: Palette) -> list[Line]:
    """Return the lines for the output of a command, between two rules."""
    aside = _("Esc: close") if width > _TIGHT else ""
    top = _rule(visible(output.command), width, palette.link, aside=aside)
    lines = [top]
    for line in output.text.split("\n"):
        pieces = _indented(visible(line), width - len(_INDENT) - 1)
        lines += [_linked(Text(_INDENT + piece, no_wrap=True), palette) for piece in pieces]
    lines.append(Text("─" * width, palette.link, no_wrap=True))
    return [Line(text, is_output=True) for text in lines]


def wrap(text: Text, width: int) -> list[Text]:
    """Return a line in pieces of at most `width` cells, broken at spaces if possible."""
    # Of other characters some have two cells, and some none.
    if len(text) <= width and text.plain.isascii():
        return [text]
    pieces = list(text.wrap(_CONSOLE, max(1, width), no_wrap=False))
    for piece in pieces:
        piece.rstrip()
        piece.no_wrap = True
    return pieces or [Text()]


def _indented(line: str, width: int) -> list[str]:
    """Return a line in pieces with the same indentation, so that codes can be copied."""
    indent = " " * min(8, len(line) - len(line.lstrip()))
    pieces = wrap(Text(line.strip(), no_wrap=True), width - len(indent))
    return [indent + piece.plain for piece in pieces]


def links_in(text: str) -> list[str]:
    """Return the links in a text, percent-encoded: they contain no control sequences."""
    return [address_of(match[0]) for match in WEB_LINK.finditer(visible(text))]


def _linked(line: Text, palette: Palette) -> Text:
    """Turn URLs into links, for terminals that open them (OSC 8)."""
    for match in WEB_LINK.finditer(line.plain):
        style = Style(color=palette.link, underline=True, link=address_of(match[0]))
        line.stylize(style, *match.span())
    return line


def _body_of(message: StoredMessage, look: Look) -> tuple[Text, ...]:
    is_plain = look.encrypted and message.security is MessageSecurity.UNENCRYPTED
    is_plain = is_plain and message.state is not MessageState.UNSENT
    aside = ("🔓 " if is_plain else "") + clock_time(message.shown_time)
    return _body(
        message_text(message), message.state, failure_text(message), aside, look.width, look.palette
    )


@lru_cache(_MAX_WRAPPED)
def _body(
    text: str, state: MessageState, reason: str, aside: str, width: int, palette: Palette
) -> tuple[Text, ...]:
    """Return a message's text as lines; cached, for all messages are laid out at each change.

    `aside` is shown at the right end of the last line.
    """
    room = width - len(_INDENT)
    lines: list[Text] = []
    for line in text.split("\n"):
        whole = _linked(Text(visible(line), no_wrap=True), palette)
        # Three cells are left for the mark of the state, a space and two ticks.
        lines += [Text(_INDENT, no_wrap=True).append_text(piece) for piece in wrap(whole, room - 3)]
    style = {
        MessageState.READ: f"bold {palette.read}", MessageState.FAILED: f"bold {palette.failed}",
    }.get(state, "dim")  # fmt: skip
    if state is not MessageState.RECEIVED:
        lines[-1].append(" " + message_state_mark(state), style)
    if lines[-1].cell_len + cell_len(aside) + 2 > width:
        lines.append(Text(no_wrap=True))
    lines[-1].append(" " * max(1, width - lines[-1].cell_len - cell_len(aside)))
    lines[-1].append(aside, palette.open if "🔓" in aside else "dim")
    if state is MessageState.FAILED:
        why = Text(_("not sent: {reason}", reason=visible(reason)), palette.failed, no_wrap=True)
        lines += [Text(_INDENT, no_wrap=True).append_text(piece) for piece in wrap(why, room)]
    return tuple(lines)


def _day_line(day: Day, look: Look) -> list[Line]:
    return [Line(_rule(day.name, look.width, "dim"))]


def _unread_line(_unread: UnreadBegins, look: Look) -> list[Line]:
    return [Line(_rule(_("unread"), look.width, look.palette.unread), is_mark=True)]


def _message_lines(shown: Shown, look: Look) -> list[Line]:
    message = shown.message
    lines = [Line(_header(message, look), message)] if shown.has_header else []
    return lines + [Line(text, message) for text in _body_of(message, look)]


def _note_lines(note: Note, look: Look) -> list[Line]:
    return [Line(text) for text in _note(note.text, look.width)]


def _note(told: str, width: int) -> Iterator[Text]:
    """Yield lines that differ from messages: dim, and after a dot.

    Codes to be copied are bold, and QR codes have full contrast. Nothing precedes the lines of a
    link, for it would be copied with it.
    """
    head = "· "
    for line in told.split("\n"):
        if line.strip().startswith(_INVITATION):
            yield from wrap(Text(visible(line.strip()), "bold", no_wrap=True), width)
            continue
        style = "bold" if line.startswith(_COPIED) else "dim italic"
        for piece in _indented(visible(line), width - 2 * len(_INDENT)):
            shown = "" if _IS_QR.fullmatch(piece) else style
            yield Text(_INDENT + head + piece, shown, no_wrap=True)
            head = "  "


def _header(message: StoredMessage, look: Look) -> Text:
    # The user's name, not a word like "you": somebody else may have that word as a name.
    colour = look.colours.of(message.sender, look.palette)
    text = Text(no_wrap=True).append(visible(message.sender), Style(bold=True, color=colour))
    if message.sender == look.me:
        return text
    if message.guest:
        return text.append(" " + _("(guest)"), "dim")
    return text.append(sender_mark(message, look.trusts.get(message.sender, IdentityTrust.UNKNOWN)))


def _rule(title: str, width: int, style: str, *, aside: str = "") -> Text:
    """Return a line across the screen with a title in the middle, or left if there is `aside`."""
    shown = Text(title, no_wrap=True)
    shown.truncate(max(1, width - 6 - cell_len(aside)), overflow="ellipsis")
    spare = max(2, width - shown.cell_len - 2)
    if not aside:
        left, right = "─" * (spare // 2), "─" * (spare - spare // 2)
        return Text(f"{left} {shown.plain} {right}", style, no_wrap=True)
    line = "─" * max(1, spare - cell_len(aside) - 4)
    return Text(f"─ {shown.plain} {line} {aside} ─", style, no_wrap=True)


_LAYOUTS: dict[type, Callable[[Any, Look], list[Line]]] = {
    Day: _day_line,
    UnreadBegins: _unread_line,
    Shown: _message_lines,
    Note: _note_lines,
}
