"""The field that messages are written in: it grows, and knows the keys that send and recall."""

from collections.abc import Callable

from PyQt6.QtCore import QEvent, QMimeData, Qt, pyqtSignal
from PyQt6.QtGui import QInputMethodEvent, QKeyEvent, QResizeEvent, QTextCursor, QTextDocument
from PyQt6.QtWidgets import QFrame, QPlainTextEdit

from messenger.language import _
from messenger.ui.long_texts import can_be_edited
from messenger.ui.texts import cleaned
from messenger.windows.look.theme import theme
from messenger.windows.look.tokens import Size

_MAX_LINES = 8
_TIMES = 3
"""Attempts to find the height of a text at the width that this height leads to."""
_EDGE = 8
"""Pixels above and below the text: the style sheet's padding and border."""

_ENTER = (Qt.Key.Key_Return, Qt.Key.Key_Enter)
_MODIFIERS = (
    Qt.KeyboardModifier.ShiftModifier
    | Qt.KeyboardModifier.ControlModifier
    | Qt.KeyboardModifier.AltModifier
    | Qt.KeyboardModifier.MetaModifier
)
_NONE = Qt.KeyboardModifier.NoModifier
_CONTROL = Qt.KeyboardModifier.ControlModifier


class MessageInput(QPlainTextEdit):
    """A plain text of up to eight lines, then it scrolls.

    Signals: `submitted`, when the key that sends was pressed; `recall_wanted` with True for an
    older text, False for a newer one; `touched` with what was typed, after each key of the user.
    `too_long`, with the characters of a pasted text that was refused.

    `sends_with` is `enter` or `ctrl+enter`; `takes_key` may take a key before the field does,
    `takes_tab` says whether it will take Tab, which else leaves the field, and `takes_escape` the
    same of Esc, which else is a shortcut of the window.
    """

    submitted = pyqtSignal()
    recall_wanted = pyqtSignal(bool)
    touched = pyqtSignal(str)
    too_long = pyqtSignal(int)

    def __init__(self) -> None:
        # First: Qt calls virtual functions while the base class is made.
        self._is_composing = self._is_growing = False
        self.sends_with = "enter"
        self.takes_key: Callable[[QKeyEvent], bool] = lambda _event: False
        self.takes_tab: Callable[[], bool] = lambda: False
        self.takes_escape: Callable[[], bool] = lambda: False
        super().__init__()
        self.setObjectName("writing")
        self.setPlaceholderText(_("Write a message"))
        self.setAccessibleName(_("Message"))
        self.setTabChangesFocus(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._document().setDocumentMargin(0)
        layout = self._document().documentLayout()
        if layout is not None:
            layout.documentSizeChanged.connect(self.grow)
        theme.changed.connect(self.grow)
        self.grow()

    # --- the text --------------------------------------------------------------------------------

    def text(self) -> str:
        """Return what is written."""
        return self.toPlainText()

    def text_before_cursor(self) -> str:
        """Return what is written before the cursor."""
        cursor = self.textCursor()
        cursor.setPosition(cursor.position())
        cursor.movePosition(QTextCursor.MoveOperation.Start, QTextCursor.MoveMode.KeepAnchor)
        return cursor.selectedText().replace("\u2029", "\n")

    def load(self, text: str) -> None:
        """Show another text, which cannot be undone: it is that of another conversation."""
        self.setPlainText(text)
        self.moveCursor(QTextCursor.MoveOperation.End)

    def put(self, text: str) -> None:
        """Replace the text; this can be undone."""
        cursor = self.textCursor()
        cursor.select(QTextCursor.SelectionType.Document)
        cursor.insertText(text)
        self.setTextCursor(cursor)

    def replace_before_cursor(self, old: str, new: str) -> None:
        """Replace what stands before the cursor; this can be undone."""
        cursor = self.textCursor()
        end = cursor.position()
        # Qt counts in UTF-16: an emoji has two units.
        cursor.setPosition(end - len(old.encode("utf-16-le")) // 2)
        cursor.setPosition(end, QTextCursor.MoveMode.KeepAnchor)
        cursor.insertText(new)
        self.setTextCursor(cursor)

    def is_at_first_line(self) -> bool:
        """Return whether the cursor is in the first line, as it is wrapped."""
        return not self._moves(QTextCursor.MoveOperation.Up)

    def is_at_last_line(self) -> bool:
        """Return whether the cursor is in the last line, as it is wrapped."""
        return not self._moves(QTextCursor.MoveOperation.Down)

    def _moves(self, operation: QTextCursor.MoveOperation) -> bool:
        return self.textCursor().movePosition(operation)

    # --- keys, input methods, the clipboard ------------------------------------------------------

    def keyPressEvent(self, event: QKeyEvent | None) -> None:
        """Send, recall, or edit."""
        if event is None:
            return
        if self._is_composing:  # Enter ends a composition, and does not send half of a word.
            super().keyPressEvent(event)
        elif not self.takes_key(event) and not self._take(event):
            super().keyPressEvent(event)
            self.touched.emit(event.text())

    def event(self, event: QEvent | None) -> bool:
        """Claim Esc before the window's shortcuts get it, if it is to be taken as a key."""
        if (
            isinstance(event, QKeyEvent)
            and event.type() == QEvent.Type.ShortcutOverride
            and event.key() == Qt.Key.Key_Escape
            and self.takes_escape()
        ):
            event.accept()
            return True
        return super().event(event)

    def focusNextPrevChild(self, next: bool) -> bool:
        """Leave the field by Tab, unless it is to be taken as a key."""
        return not (next and self.takes_tab()) and super().focusNextPrevChild(next)

    def inputMethodEvent(self, event: QInputMethodEvent | None) -> None:
        """Note whether a word is being composed."""
        super().inputMethodEvent(event)
        if event is not None:
            self._is_composing = bool(event.preeditString())
            self.touched.emit(event.commitString())

    def canInsertFromMimeData(self, source: QMimeData | None) -> bool:
        """Take texts, but no files: these are not texts."""
        return source is not None and source.hasText() and not _has_files(source)

    def insertFromMimeData(self, source: QMimeData | None) -> None:
        """Insert what is pasted or dropped, as a plain text."""
        if source is None or not self.canInsertFromMimeData(source):
            return
        text = source.text()
        if not can_be_edited(self.text() + text):
            self.too_long.emit(len(text))
            return
        self.insertPlainText(cleaned(text))
        self.ensureCursorVisible()
        self.touched.emit("")

    def _take(self, event: QKeyEvent) -> bool:
        modifiers = event.modifiers() & _MODIFIERS
        key = event.key()
        if key in _ENTER:
            self._enter(modifiers)
            return True
        if key not in (Qt.Key.Key_Up, Qt.Key.Key_Down) or modifiers != _NONE:
            return False
        is_up = key == Qt.Key.Key_Up
        if not (self.is_at_first_line() if is_up else self.is_at_last_line()):
            return False
        before = self.text()
        self.recall_wanted.emit(is_up)
        return self.text() != before

    def _enter(self, modifiers: Qt.KeyboardModifier) -> None:
        keys = (_NONE, _CONTROL) if self.sends_with == "enter" else (_CONTROL,)
        if modifiers in keys:
            self.submitted.emit()
            return
        self.insertPlainText("\n")  # Qt would insert U+2028 for Shift+Enter.
        self.ensureCursorVisible()
        self.touched.emit("\n")

    # --- its height ------------------------------------------------------------------------------

    def grow(self) -> None:
        """Be as high as the text, from one line to eight."""
        # Each step below may resize the field, with or without a scroll bar: the text may have
        # eight lines then, or nine, without end.
        if self._is_growing:
            return
        self._is_growing = True
        try:
            for _time in range(_TIMES):
                lines = self._lines()
                self._fit(lines)
                if self._lines() == lines:
                    break
        finally:
            self._is_growing = False

    def _lines(self) -> int:
        return max(1, round(self._document().size().height()))  # A plain text's size is in lines.

    def _fit(self, lines: int) -> None:
        step = self.fontMetrics().lineSpacing()
        height = min(lines, _MAX_LINES) * step + 2 * _EDGE
        spare = max(0, Size.COMPOSER - height)
        self.setViewportMargins(0, spare // 2, 0, 0)
        self.setFixedHeight(height + spare)
        needed, off = (Qt.ScrollBarPolicy.ScrollBarAsNeeded, Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollBarPolicy(needed if lines > _MAX_LINES else off)

    def changeEvent(self, event: QEvent | None) -> None:
        """Measure anew with another font."""
        super().changeEvent(event)
        if event is not None and event.type() == QEvent.Type.FontChange:
            self.grow()

    def resizeEvent(self, event: QResizeEvent | None) -> None:
        """Wrap anew."""
        super().resizeEvent(event)
        self.grow()

    def _document(self) -> QTextDocument:
        found = self.document()
        assert found is not None  # it always has one
        return found


def _has_files(source: QMimeData) -> bool:
    return source.hasUrls() and all(url.isLocalFile() for url in source.urls())
