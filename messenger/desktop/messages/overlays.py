"""What floats over the messages: the way to the newest one, the day, and a mark of loading."""

from PyQt6.QtCore import QRectF, QSize, Qt, QTimer
from PyQt6.QtGui import QColor, QPainter, QPaintEvent, QPen
from PyQt6.QtWidgets import QWidget

from messenger.desktop.messages.painting import paint_day
from messenger.language import _, ngettext
from messenger.windows.look.painting import label, write
from messenger.windows.look.theme import theme
from messenger.windows.look.tokens import Type, Weight
from messenger.windows.widgets.buttons import IconButton
from messenger.windows.widgets.plain import set_tip
from messenger.windows.widgets.progress import ProgressLine

_SHOWN = 1200
"""Milliseconds for which the day stays after the last step of scrolling."""
_BUTTON = 40
_PILL = 18
_MAX_COUNT = 999


class JumpButton(IconButton):
    """A round button that leads to the newest message; it shows how many are new there."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__("caret-down", _("Go to the newest message"))
        self.setParent(parent)
        self.setObjectName("round")
        # Room for the pill above the button, which is a picture of its own.
        self.setFixedSize(_BUTTON, _BUTTON)
        self._count = _Count(parent)
        self.count = 0
        self.hide()

    def show_count(self, count: int) -> None:
        """Show how many messages are new."""
        self.count = count
        name = _("Go to the newest message")
        if count:
            name += ", " + ngettext("{count} new message", "{count} new messages", count)
        self.setAccessibleName(name)
        set_tip(self, name)
        self._count.show_count(count if self.isVisibleTo(self.parentWidget()) else 0)
        self._place_count()

    def add(self, count: int) -> None:
        """Add to the count of new messages."""
        self.show_count(self.count + count)

    def set_shown(self, *, is_shown: bool) -> None:
        """Show or hide it."""
        self.setVisible(is_shown)
        self.show_count(self.count)

    def place(self, width: int, height: int) -> None:
        """Stand at the lower right corner of a view of this size."""
        self.move(width - _BUTTON - 22, height - _BUTTON - 12)
        self._place_count()

    def _place_count(self) -> None:
        at = self.geometry()
        self._count.move(
            round(at.center().x() - self._count.width() / 2) + 1, at.top() - _PILL // 2
        )
        self._count.raise_()


class _Count(QWidget):
    """The pill with the count of new messages."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self._text = ""
        self.hide()

    def show_count(self, count: int) -> None:
        self._text = str(count) if count <= _MAX_COUNT else f"{_MAX_COUNT}+"
        wide = label(self._text, Type.TINY, Weight.BOLD).width + 10
        self.resize(round(max(_PILL, wide)), _PILL)
        self.setVisible(count > 0)
        self.update()

    def paintEvent(self, _event: QPaintEvent | None) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        box = QRectF(self.rect())
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(theme.colours.pill))
        painter.drawRoundedRect(box, _PILL / 2, _PILL / 2)
        ink = theme.colours.on_pill
        write(painter, box, self._text, Type.TINY, Weight.BOLD, ink, centre=True)
        painter.end()


class FloatingDay(QWidget):
    """The day of the messages at the top, for as long as the user scrolls."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self._day = ""
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(_SHOWN)
        self._timer.timeout.connect(self.hide)
        self.hide()

    def show_day(self, day: str) -> None:
        """Show a day for a moment."""
        if not day:
            self.hide()
            return
        if day != self._day:
            self._day = day
            self.resize(self.sizeHint())
            self.update()
        self.show()
        self._timer.start()

    def sizeHint(self) -> QSize:
        """Return the size of the pill."""
        wide = label(self._day, Type.SMALL, Weight.MEDIUM).width + 24
        return QSize(round(wide), round(24 * theme.scale))

    def place(self, width: int) -> None:
        """Stand at the top in the middle of a view of this width."""
        self.move((width - self.width()) // 2, 7)

    def paintEvent(self, _event: QPaintEvent | None) -> None:
        """Paint it."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        paint_day(painter, QRectF(self.rect()), self._day)
        # Over bubbles it needs an edge.
        painter.setPen(QPen(QColor(theme.colours.thumb), 1))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        high = round(22 * theme.scale)
        box = QRectF(self.rect()).adjusted(1.5, 0, -1.5, 0)
        box.setTop((self.height() - high) / 2 + 0.5)
        box.setHeight(high - 1)
        painter.drawRoundedRect(box, high / 2, high / 2)
        painter.end()


class LoadingLine(ProgressLine):
    """A thin line at the top while messages are being loaded."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__()
        self.setParent(parent)
        self.setAccessibleName(_("Loading messages"))
        self.hide()

    def place(self, width: int) -> None:
        """Stand across the top of a view of this width."""
        self.setGeometry(0, 0, width, 3)
