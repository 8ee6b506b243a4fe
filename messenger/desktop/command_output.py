"""What a command has answered: below the messages, until it is closed."""

from PyQt6.QtCore import Qt, pyqtSignal
from PyQt6.QtGui import QResizeEvent
from PyQt6.QtWidgets import QFrame, QHBoxLayout, QLabel, QScrollArea, QVBoxLayout

from messenger.language import _
from messenger.windows.look.restyling import restyle
from messenger.windows.look.tokens import Space
from messenger.windows.widgets.buttons import IconButton
from messenger.windows.widgets.labels import section
from messenger.windows.widgets.labels import text as text_label

_HIGHEST = 220


class CommandOutput(QFrame):
    """The output of the last command. Signals: `closed`.

    `is_refused`: it says why the command was refused, so it stays when the user goes on writing.
    """

    closed = pyqtSignal()

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("card")
        self.is_refused = False
        self.command = ""
        self._number = 0
        self._head = section("")
        self._words: QLabel = text_label("")
        self._words.setTextInteractionFlags(
            Qt.TextInteractionFlag.TextSelectableByMouse
            | Qt.TextInteractionFlag.TextSelectableByKeyboard
        )
        close = IconButton("x", _("Close the output"))
        close.clicked.connect(self.close_output)
        head = QHBoxLayout()
        head.addWidget(self._head, 1)
        head.addWidget(close)
        scroll = QScrollArea()
        scroll.setWidgetResizable(True)
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        scroll.setStyleSheet("background: transparent;")
        scroll.setWidget(self._words)
        scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._scroll = scroll
        layout = QVBoxLayout(self)
        layout.setContentsMargins(Space.M, Space.XS, Space.XS, Space.S)
        layout.setSpacing(0)
        layout.addLayout(head)
        layout.addWidget(scroll, 1)
        self.hide()

    @property
    def text(self) -> str:
        """What is shown."""
        return self._words.text() if self.isVisibleTo(self.parentWidget()) else ""

    def show_output(self, number: int, command: str, text: str, *, refused: bool = False) -> None:
        """Show output of a command; that of the same run is appended."""
        is_same = number == self._number and not self.isHidden()
        self._number, self.command = number, command
        self.is_refused = refused or (is_same and self.is_refused)
        self._head.setText(command)
        self._words.setText(f"{self._words.text()}\n{text}" if is_same else text)
        self._words.setObjectName("error" if self.is_refused else "text")
        restyle(self._words)
        self._words.setAccessibleName(self._words.text())
        self.show()
        self._fit()

    def close_output(self) -> None:
        """Close it."""
        if not self.isHidden():
            self.is_refused = False
            self.hide()
            self.closed.emit()

    def resizeEvent(self, event: QResizeEvent | None) -> None:
        """Fit the height to the lines at another width."""
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        self._words.ensurePolished()  # Its font is that of the style sheet.
        high = self._words.heightForWidth(max(200, self.width() - 2 * Space.M - Space.L))
        self._scroll.setFixedHeight(min(_HIGHEST, max(24, high + Space.XS)))
        bar = self._scroll.verticalScrollBar()
        if bar is not None:
            bar.setValue(0)
