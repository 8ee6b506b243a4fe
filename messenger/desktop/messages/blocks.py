"""What a row looks like at a width: all of its geometry is worked out once, painting draws it."""

from collections.abc import Mapping
from enum import Enum, auto
from types import MappingProxyType
from typing import NamedTuple

from PyQt6.QtCore import QPointF, QRectF

from messenger.desktop.messages.text_block import Part, TextBlock
from messenger.sdk.store import IdentityTrust
from messenger.ui.links import Link
from messenger.ui.message_rows import Row
from messenger.windows.look.theme import theme
from messenger.windows.look.tokens import Size

_MARGIN, _NARROW_MARGIN = 20, 12
_NARROW = 520
"""Pixels; in a narrower view there is less space beside bubbles."""
DAY, UNREAD = 34, 32
"""Heights of the lines above a row."""

_MOST_LINES = 2000
"""About the lines of the longest text that is shown at once."""


class Look(NamedTuple):
    """What all rows of a view have in common; `words` are those of a search, to be marked."""

    width: int
    me: str
    is_room: bool = False
    is_encrypted: bool = False
    trusts: Mapping[str, IdentityTrust] = MappingProxyType({})
    words: str = ""

    @property
    def margin(self) -> int:
        """The distance of bubbles from the edge, in pixels."""
        return _NARROW_MARGIN if self.width < _NARROW else _MARGIN

    def widest(self, gutter: int) -> float:
        """Return the greatest width of a bubble beside a gutter, in pixels."""
        spare = 16 if self.width < _NARROW else 60
        room = self.width - 2 * self.margin - gutter - spare
        return max(120.0, min(Size.BUBBLE * max(1.0, theme.scale), room))


class Target(Enum):
    """What a point of a row belongs to."""

    NOTHING = auto()
    TEXT = auto()
    LINK = auto()
    SENDER = auto()
    RESEND = auto()
    WHOLE = auto()


class Hit(NamedTuple):
    """What a point of a row belongs to; `value` is a link's address, or a sender."""

    target: Target
    value: str = ""


NOTHING = Hit(Target.NOTHING)


class Block:
    """A row at a width. `height` counts all of it, `above` the lines above; `box` is the bubble.

    `is_whole`: all of its text is shown, as that of most rows is. `hits` are the places of a
    search's words in the `text`.
    """

    def __init__(self, row: Row, look: Look) -> None:
        self.row = row
        self.look = look
        self.above = above(row)
        self.height = 0
        self.box = QRectF()
        self.text: TextBlock
        self.text_at = QPointF()
        self.links: list[Link] = []
        self.is_whole = True
        self.hits: list[tuple[int, int]] = []

    def place_at(self, point: QPointF) -> int:
        """Return the place in the text that is nearest to a point of the row."""
        if point.y() < self.box.top():
            return 0
        if point.y() > self.box.bottom():
            return self.text.end
        return self.text.place_at(point - self.text_at)

    def hit(self, point: QPointF) -> Hit:
        """Return what a point of the row belongs to."""
        character = self.text.character_at(point - self.text_at)
        if character is None:
            return NOTHING
        for link in self.links:
            if link.start <= character < link.end:
                return Hit(Target.LINK, link.address)
        return Hit(Target.TEXT)

    def found(self, *, is_current: bool) -> list[Part]:
        """Return the marks of what a search has found."""
        colours = theme.colours
        ground = colours.found_now if is_current else colours.found
        return [Part(span, colours.on_found, ground) for span in self.hits]


def above(row: Row) -> float:
    """Return the height of the lines above a row, in pixels."""
    height = (DAY if row.day else 0) + (UNREAD if row.is_unread_start else 0)
    return float(round(height * max(1.0, theme.scale)))


def guess(row: Row, look: Look) -> int:
    """Return about the height of a row that was not measured yet."""
    if row.message is None:
        return 34
    text = row.message.text
    width = look.widest(46 if look.is_room else 0) - 24
    letters = max(10, int(width / (7.2 * theme.scale)))
    lines = min(1 + len(text) // letters + text.count("\n"), _MOST_LINES)
    has_name = look.is_room and row.is_first and row.message.sender != look.me
    height = 15 + (19 * lines + (19 if has_name else 0)) * theme.scale
    return round(height + above(row) + (9 if row.is_first else 2))
