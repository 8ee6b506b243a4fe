"""The messages of the open conversation, as their reader sees and uses them."""

from PyQt6.QtCore import QEvent, QPoint, QPointF, Qt, pyqtSignal
from PyQt6.QtGui import (
    QContextMenuEvent,
    QFocusEvent,
    QHelpEvent,
    QKeyEvent,
    QKeySequence,
    QMouseEvent,
    QResizeEvent,
)
from PyQt6.QtWidgets import QAbstractItemView, QToolTip

from messenger.desktop.messages.blocks import NOTHING, Hit
from messenger.desktop.messages.bubble import Bubble
from messenger.desktop.messages.floating import Floating
from messenger.desktop.messages.following import follow
from messenger.desktop.messages.information import MessageInformation
from messenger.desktop.messages.menu import menu_of
from messenger.desktop.messages.model import MessagesModel, text_of
from messenger.desktop.messages.painted_rows import PaintedRows
from messenger.desktop.messages.pointer import Pointer
from messenger.desktop.messages.selection import Place
from messenger.desktop.messages.whole_text import WholeText
from messenger.language import _
from messenger.sdk.store import IdentityTrust, MessageState, StoredMessage
from messenger.windows.widgets.copying import copy_text
from messenger.windows.widgets.dialog import open_dialog

_ABOVE_UNREAD = 64
"""Pixels above the first unread message: what it answers is in sight."""
_PRINTABLE = 0x20


class MessageView(PaintedRows):
    """The messages of a conversation.

    Signals: `at_end_changed` (whether the newest message is in sight), `older_wanted` and
    `newer_wanted` (pages to load), `newest_wanted` (load the end: it is not loaded),
    `resend_wanted` (message id), `link_opened` (address, after a question if it may mislead),
    `sender_clicked` (name), `report_wanted` (message id), `typed` (text for the input field).

    It has a method for each thing that users do here, and virtual ones of Qt's.
    """

    newest_wanted = pyqtSignal()
    resend_wanted = pyqtSignal(int)
    link_opened = pyqtSignal(str)
    sender_clicked = pyqtSignal(str)
    report_wanted = pyqtSignal(int)
    typed = pyqtSignal(str)

    def __init__(self, model: MessagesModel) -> None:
        super().__init__(model)
        self.setObjectName("messages")
        self.setAccessibleName(_("Messages"))
        self.rows_model = model
        self.floating = Floating(self)
        self.loading = self.floating.loading
        self._pointer = Pointer(self)
        self.floating.jump_button.clicked.connect(self.to_newest)
        bar = self.floating.hover_bar
        bar.copy_wanted.connect(self.copy_row)
        bar.resend_wanted.connect(self.resend_wanted)
        bar.menu_wanted.connect(self._menu_by_button)
        self._bar.valueChanged.connect(self._scrolled_by)
        model.modelReset.connect(self._opened)
        if (port := self.viewport()) is not None:
            port.setMouseTracking(True)

    # --- places ----------------------------------------------------------------------------------

    def show_message(self, key: int) -> bool:
        """Scroll to a message and highlight it; False if it is not loaded."""
        row = self.rows_model.place_of(key)
        if row is None:
            return False
        self.show_row(row, QAbstractItemView.ScrollHint.PositionAtCenter)
        self.setCurrentIndex(self.rows_model.index(row))
        self.flash(key)
        return True

    def show_unread(self) -> bool:
        """Scroll to the first unread message, if there is one that is not in sight anyway."""
        row = self.rows_model.first_unread()
        if row is None:
            return False
        self.show_row(row, QAbstractItemView.ScrollHint.PositionAtTop)
        if not self.is_at_end:
            self._to(self._bar.value() - _ABOVE_UNREAD)
            self._measure_in_sight()
            self._to(self._heights.top(row) - _ABOVE_UNREAD)
            self.update_rows()
            self._scrolled()
        return True

    def to_newest(self) -> None:
        """Go to the newest message."""
        if self.rows_model.has_newer:
            self.newest_wanted.emit()
        else:
            self.to_end()

    def count_new(self, count: int) -> None:
        """Add to the count of new messages at the button that leads there."""
        if not self.follows:
            self.floating.jump_button.add(count)

    def hit(self, point: QPointF) -> Hit:
        """Return what a point of the viewport belongs to."""
        row = self.row_at(point.y())
        if row is None:
            return NOTHING
        return self.block(row).hit(point - QPointF(0, self.top_of(row)))

    def text_place(self, point: QPointF) -> Place | None:
        """Return the place in a text that is nearest to a point of the viewport."""
        row = self.row_at(point.y())
        if row is None:
            return None
        block = self.block(row)
        return Place(block.row.key, block.place_at(point - QPointF(0, self.top_of(row))))

    # --- actions ---------------------------------------------------------------------------------

    def copy(self) -> None:
        """Copy what is selected, or the message at which the keyboard is."""
        text = self.selection.copied(self.rows_model.rows)
        if not text and self.currentIndex().isValid():
            text = text_of(self.rows_model.rows[self.currentIndex().row()])
        self.copy_text(text)

    def copy_row(self, key: int) -> None:
        """Copy a message."""
        if (row := self.rows_model.place_of(key)) is not None:
            self.copy_text(text_of(self.rows_model.rows[row]))

    def copy_text(self, text: str) -> None:
        """Copy a text."""
        if text:
            copy_text(text)

    def select_everything(self) -> None:
        """Select all loaded messages."""
        if rows := self.rows_model.rows:
            self.selection.select_rows(rows[0], rows[-1])
            self.update_rows()

    def follow(self, address: str) -> None:
        """Follow a link, after a question if it may mislead."""
        follow(address, self, self.link_opened.emit)

    def resend_at(self, point: QPointF) -> None:
        """Send the message at a point again."""
        if (row := self.row_at(point.y())) is not None:
            self._resend(row)

    def show_information(self, message: StoredMessage) -> None:
        """Show what is known of a message."""
        trust = self.rows_model.trusts.get(message.sender, IdentityTrust.UNKNOWN)
        open_dialog(MessageInformation(message, trust, self))

    def show_whole(self, key: int) -> None:
        """Show a text that is too long for a bubble."""
        if (row := self.rows_model.place_of(key)) is not None:
            WholeText(text_of(self.rows_model.rows[row]), self).open()

    def _show_whole_or_resend(self, row: int) -> None:
        block = self.block(row)
        self._resend(row) if block.is_whole else self.show_whole(block.row.key)

    def _resend(self, row: int) -> None:
        message = self.rows_model.rows[row].message
        if message is not None and message.state is MessageState.FAILED:
            self.resend_wanted.emit(message.id)

    # --- what floats -----------------------------------------------------------------------------

    def _opened(self) -> None:
        self.selection.clear()
        self.floating.opened()

    def _scrolled_by(self) -> None:
        if not self._is_quiet:
            self.floating.scrolled()

    def _menu_by_button(self, key: int) -> None:
        row = self.rows_model.place_of(key)
        if row is not None:
            bar = self.floating.hover_bar
            self._show_menu(row, NOTHING, bar.mapToGlobal(bar.rect().bottomLeft()))

    def _show_menu(self, row: int | None, hit: Hit, at: QPoint) -> None:
        one = None if row is None else self.rows_model.rows[row]
        menu = menu_of(self, one, hit)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.popup(at)

    def set_cursor(self, shape: Qt.CursorShape) -> None:
        """Show a cursor."""
        port = self.viewport()
        if port is not None and port.cursor().shape() != shape:
            port.setCursor(shape)

    # --- Qt's events -----------------------------------------------------------------------------

    def mousePressEvent(self, event: QMouseEvent | None) -> None:
        """Begin a selection, or a click."""
        if event is None:
            return
        self._shows_ring = False
        if event.button() is Qt.MouseButton.LeftButton:
            if (row := self.row_at(event.position().y())) is not None:
                with self._quiet():
                    self._set_current(row)
            self._pointer.press(event)
        event.accept()

    def _set_current(self, row: int) -> None:
        """Make a row the current one, without scrolling to it."""
        was = self.hasAutoScroll()
        self.setAutoScroll(False)
        self.setCurrentIndex(self.rows_model.index(row))
        self.setAutoScroll(was)

    def mouseDoubleClickEvent(self, event: QMouseEvent | None) -> None:
        """Select a word."""
        if event is not None and event.button() is Qt.MouseButton.LeftButton:
            self._pointer.double_click(event)

    def mouseMoveEvent(self, event: QMouseEvent | None) -> None:
        """Draw the selection, or show what can be done."""
        if event is not None:
            self._pointer.move(event)
            if not event.buttons():
                self.floating.hover(event.position())

    def mouseReleaseEvent(self, event: QMouseEvent | None) -> None:
        """End a selection or a click."""
        if event is not None and event.button() is Qt.MouseButton.LeftButton:
            self._pointer.release(event)

    def leaveEvent(self, event: QEvent | None) -> None:
        """The mouse has gone."""
        self.floating.hover_bar.hide()
        super().leaveEvent(event)

    def contextMenuEvent(self, event: QContextMenuEvent | None) -> None:
        """Show the menu of the row below the mouse, or of the one at which the keyboard is."""
        port = self.viewport()
        if event is None or port is None:
            return
        if event.reason() is QContextMenuEvent.Reason.Keyboard:
            row = self.currentIndex().row()
            at = self.visualRect(self.currentIndex()).center()
            known = row if row >= 0 else None
            self._show_menu(known, NOTHING, port.mapToGlobal(at))
        else:
            point = QPointF(event.pos())
            self._show_menu(self.row_at(point.y()), self.hit(point), event.globalPos())

    def keyPressEvent(self, event: QKeyEvent | None) -> None:
        """Move the current message, copy, send again; letters belong to the input field."""
        if event is None:
            return
        if event.matches(QKeySequence.StandardKey.Copy):
            self.copy()
        elif event.matches(QKeySequence.StandardKey.SelectAll):
            self.select_everything()
        elif _is_text(event):
            self.typed.emit(event.text())
        elif not self._act_on_key(Qt.Key(event.key())):
            self._shows_ring = True
            super().keyPressEvent(event)
            self.update_rows()

    def _act_on_key(self, key: Qt.Key) -> bool:
        """Do what a key is for here; False if it is for the list."""
        row = self.currentIndex().row()
        if key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            if row >= 0:
                self._show_whole_or_resend(row)
        elif key == Qt.Key.Key_Escape and not self.selection.is_empty:
            self.selection.clear()
            self.update_rows()
        elif key == Qt.Key.Key_End:
            self.to_newest()
            self._set_current(len(self.rows_model.rows) - 1)
        elif key in (Qt.Key.Key_PageUp, Qt.Key.Key_PageDown):
            self._turn_page(-1 if key == Qt.Key.Key_PageUp else 1)
        elif key in (Qt.Key.Key_Up, Qt.Key.Key_Down) and self._scrolls_within(row, key):
            self.scroll_page(-1 if key == Qt.Key.Key_Up else 1)
        else:
            return False
        return True

    def _turn_page(self, step: int) -> None:
        """Scroll by a page; the message at which the keyboard is, is in sight."""
        self._shows_ring = True
        self.scroll_page(step)
        first, end = self.in_sight()
        if first < end:
            self._set_current(first if step < 0 else end - 1)
        self.update_rows()

    def _scrolls_within(self, row: int, key: int) -> bool:
        """Tell whether a key shows the rest of a message that is higher than the view."""
        if row < 0:
            return False
        box = self.visualRect(self.rows_model.index(row))
        if box.height() <= self.view_height:
            return False
        is_up = key == Qt.Key.Key_Up
        return -self.view_height < box.top() < 0 if is_up else box.bottom() > self.view_height

    def focusInEvent(self, event: QFocusEvent | None) -> None:
        """Show where the keyboard is."""
        if event is not None and event.reason() is not Qt.FocusReason.MouseFocusReason:
            self._shows_ring = True
        super().focusInEvent(event)
        self.update_rows()

    def viewportEvent(self, event: QEvent | None) -> bool:
        """Show what marks mean."""
        if isinstance(event, QHelpEvent) and event.type() is QEvent.Type.ToolTip:
            row = self.row_at(event.pos().y())
            block = None if row is None else self.block(row)
            said = ""
            if row is not None and isinstance(block, Bubble):
                said = block.meaning_at(QPointF(event.pos()) - QPointF(0, self.top_of(row)))
            QToolTip.showText(event.globalPos(), said, self)
            return True
        return super().viewportEvent(event)

    def resizeEvent(self, event: QResizeEvent | None) -> None:
        """Lay out anew."""
        super().resizeEvent(event)
        # Qt resizes while the constructors still run.
        if hasattr(self, "floating"):
            self.floating.place()


def _is_text(event: QKeyEvent) -> bool:
    held = event.modifiers() & ~Qt.KeyboardModifier.ShiftModifier
    text = event.text()
    return bool(text) and ord(text[0]) > _PRINTABLE and not held and text.isprintable()
