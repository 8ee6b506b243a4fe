"""The window that is shown at once, while the client library is loaded."""

from PyQt6.QtCore import Qt, pyqtSignal
from PyQt6.QtGui import QCloseEvent
from PyQt6.QtWidgets import QVBoxLayout, QWidget

from messenger.windows.look.tokens import Space
from messenger.windows.widgets.icon_label import IconLabel
from messenger.windows.widgets.labels import text
from messenger.windows.widgets.progress import ProgressLine

_MARK = 64
_LINE = 180
_OF_FORM, _OF_MAIN_WINDOW = (420, 560), (1080, 720)


class StartWindow(QWidget):
    """A quiet page with a line that moves. It imports nothing but the look.

    Signals: `left`, when the user closes it.
    """

    left = pyqtSignal()

    def __init__(self, *, is_small: bool = False) -> None:
        """`is_small`: a form follows, and not the main window."""
        super().__init__()
        self.setObjectName("page")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setWindowTitle("Messenger")
        self._is_over = False
        self._words = text("", soft=True)
        self._words.setAlignment(Qt.AlignmentFlag.AlignCenter)
        progress = ProgressLine()
        progress.setFixedWidth(_LINE)
        layout = QVBoxLayout(self)
        layout.setSpacing(Space.M)
        layout.addStretch(1)
        layout.addWidget(IconLabel("chats-circle", size=_MARK))
        layout.addWidget(progress, 0, Qt.AlignmentFlag.AlignHCenter)
        layout.addWidget(self._words)
        layout.addStretch(1)
        self.resize(*(_OF_FORM if is_small else _OF_MAIN_WINDOW))

    def say(self, words: str) -> None:
        """Say what is being done."""
        self._words.setText(words)

    def closeEvent(self, event: QCloseEvent | None) -> None:
        """Leave before anything is open."""
        if not self._is_over:
            self.left.emit()
        super().closeEvent(event)

    def begin_anew(self) -> None:
        """Be the window that the program waits for again."""
        self._is_over = False
        self.say("")

    def finish(self) -> None:
        """Close it: another window takes over."""
        self._is_over = True
        self.close()
