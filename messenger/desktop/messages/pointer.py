"""The mouse over the messages: selecting text, following links, pressing what can be pressed."""

from typing import TYPE_CHECKING

from PyQt6.QtCore import QElapsedTimer, QObject, QPointF, Qt, QTimer
from PyQt6.QtGui import QGuiApplication, QMouseEvent

from messenger.desktop.messages.blocks import NOTHING, Hit, Target
from messenger.desktop.messages.selection import By, Place

if TYPE_CHECKING:
    from messenger.desktop.messages.view import MessageView

_NEAR = 6
"""Pixels that the hand may tremble between the clicks of a triple click, or within a click."""
_STEP = 30
"""Milliseconds between steps of scrolling while the mouse is drawn beyond an edge."""
_CURSORS = {
    Target.TEXT: Qt.CursorShape.IBeamCursor,
    Target.LINK: Qt.CursorShape.PointingHandCursor,
    Target.SENDER: Qt.CursorShape.PointingHandCursor,
    Target.WHOLE: Qt.CursorShape.PointingHandCursor,
    Target.RESEND: Qt.CursorShape.PointingHandCursor,
    Target.NOTHING: Qt.CursorShape.ArrowCursor,
}


class Pointer(QObject):
    """Takes the mouse events of a view."""

    def __init__(self, view: "MessageView") -> None:
        super().__init__(view)
        self._view = view
        self._pressed: QPointF | None = None
        self._pressed_on = NOTHING
        self._at = QPointF()
        self._since_double = QElapsedTimer()
        self._double_at = QPointF()
        self._beyond = QTimer(self)
        self._beyond.setInterval(_STEP)
        self._beyond.timeout.connect(self._scroll_on)

    def press(self, event: QMouseEvent) -> None:
        """The left button is pressed: a selection begins, or is drawn up to here (Shift)."""
        view, at = self._view, event.position()
        place = view.text_place(at)
        self._pressed, self._pressed_on, self._at = at, view.hit(at), at
        if place is None:
            return
        if self._is_third(at):
            view.selection.begin(place, By.MESSAGE)
        elif event.modifiers() & Qt.KeyboardModifier.ShiftModifier and view.selection.is_begun:
            view.selection.draw(place)
        else:
            view.selection.begin(place)
        view.update_rows()

    def double_click(self, event: QMouseEvent) -> None:
        """Select the word."""
        self._pressed, self._pressed_on = event.position(), NOTHING
        self._since_double.start()
        self._double_at = event.position()
        if (place := self._view.text_place(event.position())) is not None:
            self._view.selection.begin(place, By.WORD)
            self._view.update_rows()

    def move(self, event: QMouseEvent) -> None:
        """Draw the selection, or show what is below the mouse."""
        self._at = event.position()
        if self._pressed is None or not event.buttons() & Qt.MouseButton.LeftButton:
            self._view.set_cursor(_CURSORS[self._view.hit(self._at).target])
            return
        if self._has_moved:
            self._draw()
        if 0 <= self._at.y() < self._view.view_height:
            self._beyond.stop()
        elif not self._beyond.isActive():
            self._beyond.start()

    def release(self, event: QMouseEvent) -> None:
        """A click on a link or a button counts where it is released."""
        self._beyond.stop()
        is_click = self._pressed is not None and not self._has_moved
        self._pressed = None
        hit = self._view.hit(event.position())
        if is_click and hit == self._pressed_on and hit.target is not Target.TEXT:
            self._click(hit)

    def _click(self, hit: Hit) -> None:
        if hit.target is Target.LINK:
            self._view.follow(hit.value)
        elif hit.target is Target.SENDER:
            self._view.sender_clicked.emit(hit.value)
        elif hit.target is Target.WHOLE:
            self._view.show_whole(int(hit.value))
        elif hit.target is Target.RESEND:
            self._view.resend_at(self._at)

    @property
    def _has_moved(self) -> bool:
        if self._pressed is None:
            return False
        return (self._at - self._pressed).manhattanLength() > _NEAR

    def _is_third(self, at: QPointF) -> bool:
        hints = QGuiApplication.styleHints()
        interval = hints.mouseDoubleClickInterval() if hints is not None else 400
        is_soon = self._since_double.isValid() and self._since_double.elapsed() < interval
        return is_soon and (at - self._double_at).manhattanLength() <= _NEAR

    def _draw(self) -> None:
        # Beyond an edge the nearest row counts.
        high = self._view.view_height - 1
        at = QPointF(self._at.x(), max(0.0, min(float(high), self._at.y())))
        place: Place | None = self._view.text_place(at)
        if place is not None:
            self._view.selection.draw(place)
            self._view.update_rows()

    def _scroll_on(self) -> None:
        beyond = self._at.y() if self._at.y() < 0 else self._at.y() - self._view.view_height
        bar = self._view.verticalScrollBar()
        if bar is not None and self._pressed is not None:
            # The further beyond, the faster.
            bar.setValue(bar.value() + round(max(-60.0, min(60.0, beyond))))
            self._draw()
