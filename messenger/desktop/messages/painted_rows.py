"""Paints the rows in sight, with what is selected, found, or has the keyboard."""

from PyQt6.QtCore import QRectF, QVariantAnimation
from PyQt6.QtGui import QColor, QPainter, QPaintEvent

from messenger.desktop.messages.model import MessagesModel
from messenger.desktop.messages.painting import FLASH_BELOW, Brush, paint
from messenger.desktop.messages.rows_view import RowsView
from messenger.desktop.messages.selection import TextSelection
from messenger.language import _
from messenger.windows.look.painting import write
from messenger.windows.look.theme import theme
from messenger.windows.look.tokens import Type

_FLASH = 1600
"""Milliseconds for which a message that was looked for is highlighted."""
_START = 44
"""Pixels of the line above the first message of a conversation."""
_RING = 4
"""Pixels around a row that the ring of the keyboard needs."""


class PaintedRows(RowsView):
    """Rows of a MessagesModel on the screen; the `selection` is painted, too."""

    # Qt paints while constructors still run.
    _empty = ""

    def __init__(self, model: MessagesModel) -> None:
        super().__init__(model)
        self.selection = TextSelection(model.place_of, lambda row: self.block(row).text)
        self._shows_ring = False
        self._found: int | None = None
        self._flash = QVariantAnimation(self)
        self._flash.setDuration(_FLASH)
        self._flash.setStartValue(1.0)
        self._flash.setEndValue(0.0)
        self._flash.valueChanged.connect(self._repaint_found)

    # --- what is marked --------------------------------------------------------------------------

    def mark(self, words: str, current: int | None = None) -> None:
        """Mark the words of a search, and one message as the hit in question; empty ends that."""
        self._found = current
        if words != self._words:
            self._words = words
            self.relayout()
        self.update_rows()

    def flash(self, key: int) -> None:
        """Highlight a row for a moment."""
        self._found = key
        self._flash.stop()
        self._flash.start()
        self.update_rows()

    def show_empty(self, text: str) -> None:
        """Show a text while there are no messages."""
        self._empty = text
        self.setAccessibleDescription(text)
        self.update_rows()

    def _repaint_found(self) -> None:
        row = None if self._found is None else self._rows.place_of(self._found)
        if row is None or (port := self.viewport()) is None:
            self._flash.stop()
        else:
            # The highlight reaches into the space below the row.
            place = self.visualRect(self._rows.index(row))
            port.update(place.adjusted(0, 0, 0, FLASH_BELOW))

    # --- painting --------------------------------------------------------------------------------

    @property
    def head_height(self) -> int:
        """The height of what is shown above the first row, in pixels."""
        rows = self._rows
        is_start = rows.timeline.is_whole and rows.messages
        return round(_START * max(1.0, theme.scale)) if is_start else super().head_height

    def paintEvent(self, event: QPaintEvent | None) -> None:
        """Paint what is in sight."""
        if event is None:
            return
        painter = QPainter(self.viewport())
        painter.setRenderHints(
            QPainter.RenderHint.Antialiasing
            | QPainter.RenderHint.TextAntialiasing
            | QPainter.RenderHint.SmoothPixmapTransform
        )
        clip = event.rect()
        painter.fillRect(clip, QColor(theme.colours.chat))
        if len(self._heights):
            self._paint_rows(painter, clip.top(), clip.bottom())
        elif self._empty:
            box = QRectF(0, 0, self.view_width, self.view_height)
            write(painter, box, self._empty, Type.TEXT, colour=theme.colours.soft, centre=True)
        painter.end()

    def _paint_rows(self, painter: QPainter, top: int, bottom: int) -> None:
        self._measure_in_sight()  # Mostly nothing: all that leads here has done it.
        ratio = self.devicePixelRatioF()
        current = self.currentIndex().row() if self._shows_ring and self.hasFocus() else -1
        flash = float(self._flash.currentValue() or 0) if self._is_flashing else 0.0
        first, end = self.in_sight()
        if first == 0:
            self._paint_start(painter)
        selected = self.selection.rows
        for row in range(first, end):
            y = self.top_of(row)
            block = self.block(row)
            if y > bottom or y + block.height + 4 < top:
                continue
            is_found = block.row.key == self._found
            is_selected = selected is not None and selected[0] <= row <= selected[1]
            brush = Brush(
                ratio,
                self.selection.span(row) if is_selected else None,
                flash if is_found else 0.0,
                is_found,
                row == current,
            )
            painter.save()
            painter.translate(0, y)
            # Marks that are stacked on a letter must not cover what others have written.
            painter.setClipRect(0, -_RING, self.view_width, block.height + 2 * _RING)
            paint(painter, block, brush)
            painter.restore()

    @property
    def _is_flashing(self) -> bool:
        return self._flash.state() is QVariantAnimation.State.Running

    def _paint_start(self, painter: QPainter) -> None:
        if not self._rows.timeline.is_whole or not self._rows.messages:
            return
        high = self.head_height
        box = QRectF(0, self.top_of(0) - high + 6, self.view_width, high - 6)
        said = _("This is the start of the conversation.")
        write(painter, box, said, Type.SMALL, colour=theme.colours.soft, centre=True)
