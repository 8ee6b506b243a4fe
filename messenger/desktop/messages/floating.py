"""Places what floats over the messages: buttons, the day, a mark of loading."""

from typing import TYPE_CHECKING

from PyQt6.QtCore import QObject, QPointF

from messenger.desktop.messages.bubble import Bubble
from messenger.desktop.messages.hover_bar import HoverBar
from messenger.desktop.messages.overlays import FloatingDay, JumpButton, LoadingLine

if TYPE_CHECKING:
    from messenger.desktop.messages.view import MessageView

_DAY = 30
"""Pixels; a line of a day that is less far above the edge is in sight."""


class Floating(QObject):
    """What floats over a view of messages."""

    def __init__(self, view: "MessageView") -> None:
        super().__init__(view)
        self._view = view
        self.jump_button = JumpButton(view)
        self.day = FloatingDay(view)
        self.loading = LoadingLine(view)
        # It moves with the messages, as a child of what scrolls.
        self.hover_bar = HoverBar(view.viewport())
        view.at_end_changed.connect(self._end_changed)

    def opened(self) -> None:
        """Another conversation is shown."""
        self.hover_bar.hide()
        self.day.hide()
        self.jump_button.show_count(0)
        self._end_changed(self._view.is_at_end)

    def place(self) -> None:
        """Place everything after the size of the view has changed."""
        view = self._view
        self.jump_button.place(view.width(), view.height())
        self.day.place(view.view_width)
        self.loading.place(view.width())

    def scrolled(self) -> None:
        """The user has scrolled: show the day of the messages at the top."""
        view = self._view
        self.hover_bar.hide()
        first, _end = view.in_sight()
        rows = view.rows_model.rows
        day = ""
        if first < len(rows) and not view.follows:
            # Where the line of the day itself is in sight, it need not be said twice.
            is_in_sight = bool(rows[first].day) and view.top_of(first) > -_DAY
            if not is_in_sight:
                day = next((rows[at].day for at in range(first, -1, -1) if rows[at].day), "")
        self.day.show_day(day)
        self.day.place(view.view_width)

    def hover(self, point: QPointF) -> None:
        """Show the buttons for the message below the mouse."""
        view = self._view
        row = view.row_at(point.y())
        block = None if row is None else view.block(row)
        if row is None or not isinstance(block, Bubble):
            self.hover_bar.hide()
            return
        top = view.top_of(row)
        if not top <= point.y() <= top + block.height:
            self.hover_bar.hide()
            return
        box = block.box.translated(0, top)
        self.hover_bar.show_for(block.message, box, is_mine=block.is_mine, width=view.view_width)

    def _end_changed(self, is_at_end: bool) -> None:
        self.jump_button.set_shown(is_shown=not is_at_end and bool(self._view.rows_model.rows))
        if is_at_end:
            self.jump_button.show_count(0)
