"""A text laid out in lines: with links, in either direction, and with places that can be selected.

Places are counted as Qt counts them: in units of UTF-16, of which an emoji has two.
"""

import unicodedata
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from PyQt6.QtCore import QPointF, Qt, QTextBoundaryFinder
from PyQt6.QtGui import (
    QColor,
    QFont,
    QPainter,
    QTextCharFormat,
    QTextLayout,
    QTextLine,
    QTextOption,
)

from messenger.ui.text_spans import Span

_LINE_SEPARATOR = "\u2028"
_ON_CHARACTER = QTextLine.CursorPosition.CursorOnCharacter


class Part(NamedTuple):
    """A part of a text, in characters, with its colours, `#RRGGBB` or empty."""

    span: Span
    ink: str = ""
    ground: str = ""
    is_link: bool = False
    is_bold: bool = False


class TextBlock:
    """A text at a greatest width. `used` is the width of its widest line, `last` of the last one.

    `is_right_to_left`: its first letter is of such a script; then lines end at the left.
    """

    def __init__(
        self,
        text: str,
        font: QFont,
        width: float,
        step: float,
        *,
        parts: Sequence[Part] = (),
        is_centred: bool = False,
    ) -> None:
        self.text = text
        self._is_plain = text.isascii() or max(text) < "\U00010000"
        self._layout = QTextLayout(text.replace("\n", _LINE_SEPARATOR), font)
        option = QTextOption()
        option.setWrapMode(QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere)
        option.setTextDirection(Qt.LayoutDirection.LayoutDirectionAuto)
        self._layout.setTextOption(option)
        self._layout.setCacheEnabled(True)
        self._parts = [self._format(part, font) for part in parts]
        if self._parts:
            self._layout.setFormats(self._parts)
        self.is_right_to_left = _is_right_to_left(text)
        self._is_centred = is_centred
        self.height = self.used = self.last = 0.0
        self._lay_out(width, step)

    def _lay_out(self, width: float, step: float) -> None:
        self._layout.beginLayout()
        while (line := self._layout.createLine()).isValid():
            line.setLineWidth(max(1.0, width))
            high = max(step, line.height())
            line.setPosition(QPointF(0, self.height + (high - line.height()) / 2))
            self.height += high
            self.last = line.naturalTextWidth()
            self.used = max(self.used, self.last)
        self._layout.endLayout()

    def spread(self, width: float) -> None:
        """Use this width: lines that are centred, or begin at the right, move there."""
        if not self.is_right_to_left and not self._is_centred:
            return
        for at in range(self._layout.lineCount()):
            line = self._layout.lineAt(at)
            spare = max(0.0, width - line.naturalTextWidth())
            line.setPosition(QPointF(spare / 2 if self._is_centred else spare, line.y()))

    # --- places --------------------------------------------------------------------------------

    @property
    def end(self) -> int:
        """The place behind the text."""
        return self.units(len(self.text))

    def units(self, character: int) -> int:
        """Return the place of a character."""
        if self._is_plain:
            return character
        return len(self.text[:character].encode("utf-16-le")) // 2

    def character(self, place: int) -> int:
        """Return the number of the character at a place."""
        if self._is_plain:
            return place
        return len(self.text.encode("utf-16-le")[: 2 * place].decode("utf-16-le", "ignore"))

    def cut(self, start: int, end: int) -> str:
        """Return the text between two places."""
        return self.text[self.character(start) : self.character(end)]

    def place_at(self, point: QPointF) -> int:
        """Return the place nearest to a point."""
        count = self._layout.lineCount()
        for at in range(count):
            line = self._layout.lineAt(at)
            if point.y() < line.y() + line.height() or at == count - 1:
                return int(line.xToCursor(point.x()))
        return 0

    def character_at(self, point: QPointF) -> int | None:
        """Return the number of the character below a point; None beside the text."""
        for at in range(self._layout.lineCount()):
            line = self._layout.lineAt(at)
            if line.naturalTextRect().contains(point):
                return self.character(int(line.xToCursor(point.x(), _ON_CHARACTER)))
        return None

    def word_at(self, place: int) -> Span:
        """Return where the word at a place begins and ends, as places."""
        finder = QTextBoundaryFinder(QTextBoundaryFinder.BoundaryType.Word, self._layout.text())
        finder.setPosition(min(place, self.end))
        if not finder.isAtBoundary() or place >= self.end:
            finder.toPreviousBoundary()
        start = max(0, finder.position())
        end = finder.toNextBoundary()
        return start, self.end if end < 0 else end

    # --- drawing -------------------------------------------------------------------------------

    def draw(self, painter: QPainter, at: QPointF, ink: str, marked: Iterable[Part] = ()) -> None:
        """Draw the text; the spans of what is `marked` are places."""
        painter.setPen(QColor(ink))
        self._layout.draw(painter, at, [_range(part, *part.span) for part in marked])

    def _format(self, part: Part, font: QFont) -> QTextLayout.FormatRange:
        start, end = (self.units(one) for one in part.span)
        found = _range(part, start, end)
        if part.is_link:
            found.format.setFontUnderline(True)
        if part.is_bold:
            found.format.setFontWeight(max(600, font.weight()))
        return found


def _range(part: Part, start: int, end: int) -> QTextLayout.FormatRange:
    found = QTextLayout.FormatRange()
    found.start, found.length = start, end - start
    looks = QTextCharFormat()
    if part.ink:
        looks.setForeground(QColor(part.ink))
    if part.ground:
        looks.setBackground(QColor(part.ground))
    found.format = looks
    return found


def _is_right_to_left(text: str) -> bool:
    for letter in text:
        direction = unicodedata.bidirectional(letter)
        if direction in ("L", "R", "AL"):
            return direction != "L"
    return False
