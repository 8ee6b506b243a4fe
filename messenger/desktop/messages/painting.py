"""Paints rows: the lines above them, bubbles, notes. All geometry is in the blocks."""

from functools import lru_cache
from typing import NamedTuple

from PyQt6.QtCore import QPointF, QRectF, Qt
from PyQt6.QtGui import QColor, QPainter, QPen

from messenger.desktop.messages.blocks import DAY, UNREAD, Block
from messenger.desktop.messages.bubble import META_ICON, Bubble
from messenger.desktop.messages.text_block import Part
from messenger.language import _
from messenger.sdk.store import MessageState
from messenger.ui.text_spans import Span
from messenger.windows.look.avatars import avatar, name_colour
from messenger.windows.look.icons import icon_pixmap
from messenger.windows.look.painting import label, plate, write
from messenger.windows.look.theme import theme
from messenger.windows.look.tokens import Size, Type, Weight

FLASH_BELOW = 2
"""How many pixels of the space below its row a highlight covers."""
_DIM = 0.62
"""How much of the ink the ticks of unread messages have: those of read ones are to stand out."""


class Brush(NamedTuple):
    """How a row is painted: `ratio` of device pixels, what is `selected` of its text (places).

    `flash` is how strongly it is highlighted, 0 to 1. `is_found`: it is the current hit of a
    search. `has_ring`: the keyboard is at it.
    """

    ratio: float = 1.0
    selected: Span | None = None
    flash: float = 0.0
    is_found: bool = False
    has_ring: bool = False


def paint(painter: QPainter, block: Block, brush: Brush) -> None:
    """Paint a row at the painter's origin."""
    if brush.flash:
        _paint_flash(painter, block, brush.flash)
    _paint_above(painter, block)
    if isinstance(block, Bubble):
        _paint_bubble(painter, block, brush)
    else:
        marks = [*block.found(is_current=brush.is_found), *_selection(brush, is_mine=False)]
        block.text.draw(painter, block.text_at, theme.colours.soft, marks)
    if brush.has_ring:
        painter.setPen(QPen(QColor(theme.colours.accent), 2))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRoundedRect(block.box.adjusted(-3, -3, 3, 3), 16, 16)


def paint_day(painter: QPainter, box: QRectF, day: str) -> None:
    """Paint the name of a day in the middle of a box."""
    colours = theme.colours
    high = round(22 * theme.scale)
    width = label(day, Type.SMALL, Weight.MEDIUM).width + 22
    pill = QRectF(
        box.left() + (box.width() - width) / 2, box.top() + (box.height() - high) / 2, width, high
    )
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QColor(colours.day))
    painter.drawRoundedRect(pill, high / 2, high / 2)
    write(painter, pill, day, Type.SMALL, Weight.MEDIUM, colours.soft, centre=True)


def _paint_above(painter: QPainter, block: Block) -> None:
    row, top, grow = block.row, 0.0, max(1.0, theme.scale)
    if row.day:
        high = round(DAY * grow)
        paint_day(painter, QRectF(0, top + 2, block.look.width, high), row.day)
        top += high
    if row.is_unread_start:
        box = QRectF(0, top, block.look.width, round(UNREAD * grow))
        _paint_unread(painter, box, block.look.margin)


def _paint_unread(painter: QPainter, box: QRectF, margin: int) -> None:
    colours = theme.colours
    said = _("New messages")
    width = label(said, Type.SMALL, Weight.BOLD).width + 20
    middle, centre = round(box.center().y()) + 0.5, box.center().x()
    painter.setPen(QPen(QColor(colours.accent), 1))
    painter.drawLine(QPointF(margin, middle), QPointF(centre - width / 2, middle))
    painter.drawLine(QPointF(centre + width / 2, middle), QPointF(box.right() - margin, middle))
    write(painter, box, said, Type.SMALL, Weight.BOLD, colours.accent, centre=True)


def _paint_flash(painter: QPainter, block: Block, strength: float) -> None:
    colour = QColor(theme.colours.accent)
    colour.setAlphaF(0.22 * strength)
    top = block.above
    painter.fillRect(QRectF(0, top, block.look.width, block.height - top + FLASH_BELOW), colour)


def _paint_bubble(painter: QPainter, block: Bubble, brush: Brush) -> None:
    colours = theme.colours
    face = block.avatar_box
    if face is not None:
        picture = avatar(block.message.sender, Size.CHAT_AVATAR, brush.ratio)
        painter.drawPixmap(face.topLeft(), picture)
    if not block.is_bare:
        ground = colours.mine if block.is_mine else colours.theirs
        plate(painter, block.box, ground, block.radii, brush.ratio)
        if not block.is_mine and not colours.is_dark:
            edge = QRectF(block.box.left() + 12, block.box.bottom(), block.box.width() - 24, 1)
            painter.fillRect(edge, QColor(colours.shadow))
    if block.head is not None:
        _paint_head(painter, block, brush.ratio)
    ink = colours.on_mine if block.is_mine and not block.is_bare else colours.text
    if block.is_unreadable:
        ink = colours.mine_soft if block.is_mine else colours.soft
    is_on_mine = block.is_mine and not block.is_bare
    marks = [*block.found(is_current=brush.is_found), *_selection(brush, is_mine=is_on_mine)]
    block.text.draw(painter, block.text_at, ink, marks)
    _paint_meta(painter, block, brush.ratio)
    if block.failure is not None:
        block.failure.draw(painter, block.failure_at, colours.bad)


def _paint_head(painter: QPainter, block: Bubble, ratio: float) -> None:
    head = block.head
    assert head is not None
    box = QRectF(head.box)
    spare = (META_ICON + 4 if head.mark else 0) + (
        label(f" {head.aside}", Type.SMALL).width if head.aside else 0
    )
    box.setWidth(box.width() - spare)
    colour = name_colour(block.message.sender)
    wide = write(painter, box, head.name, Type.PREVIEW, Weight.BOLD, colour, elide=True)
    left = box.left() + wide
    if head.mark is not None:
        ink = getattr(theme.colours, head.mark.colour)
        top = box.center().y() - META_ICON / 2
        picture = icon_pixmap(head.mark.icon, ink, META_ICON, ratio)
        painter.drawPixmap(QPointF(round(left + 4), round(top)), picture)
    if head.aside:
        beside = QRectF(left, box.top(), spare, box.height())
        write(painter, beside, f" {head.aside}", Type.SMALL, colour=theme.colours.soft)


def _paint_meta(painter: QPainter, block: Bubble, ratio: float) -> None:
    colours = theme.colours
    meta = block.meta
    is_on_mine = block.is_mine and not block.is_bare
    ink = colours.mine_soft if is_on_mine else colours.soft
    left = meta.box.left()
    top = round(meta.box.center().y() - META_ICON / 2)
    for mark in meta.marks:
        # The theme's colours of warnings are made for the grounds of others' bubbles.
        colour = colours.on_mine if is_on_mine else getattr(colours, mark.colour)
        painter.drawPixmap(QPointF(left, top), icon_pixmap(mark.icon, colour, META_ICON, ratio))
        left += META_ICON + 3
    box = QRectF(left, meta.box.top(), meta.box.width(), meta.box.height())
    left += write(painter, box, meta.time, Type.TINY, colour=ink) + 3
    if meta.state:
        colour = _state_colour(block.message.state, is_on_mine=is_on_mine)
        picture = icon_pixmap(meta.state, colour, META_ICON, ratio)
        painter.drawPixmap(QPointF(round(left), top), picture)


def _state_colour(state: MessageState, *, is_on_mine: bool) -> str:
    colours = theme.colours
    if is_on_mine:
        is_clear = state in (MessageState.READ, MessageState.FAILED)
        return colours.on_mine if is_clear else mixed(colours.on_mine, colours.mine, _DIM)
    if state is MessageState.FAILED:
        return colours.bad
    return colours.accent if state is MessageState.READ else colours.soft


def _selection(brush: Brush, *, is_mine: bool) -> list[Part]:
    if brush.selected is None:
        return []
    colours = theme.colours
    if is_mine:
        return [Part(brush.selected, colours.on_select_mine, colours.select_mine)]
    return [Part(brush.selected, colours.on_select, colours.select)]


@lru_cache(64)
def mixed(ink: str, ground: str, share: float) -> str:
    """Return the colour of an ink that covers its ground by a share of 0 to 1."""
    one, other = QColor(ink), QColor(ground)
    return QColor(
        *(
            round(a * share + b * (1 - share))
            for a, b in zip(one.getRgb()[:3], other.getRgb()[:3], strict=True)
        )
    ).name()
