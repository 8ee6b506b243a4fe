"""A calm notice above what it is about, with buttons for what can be done."""

from collections.abc import Callable

from PyQt6.QtCore import QSize, Qt, pyqtSignal
from PyQt6.QtWidgets import QFrame, QHBoxLayout, QVBoxLayout

from messenger.language import _
from messenger.windows.look.fonts import metrics
from messenger.windows.look.theme import theme
from messenger.windows.look.tokens import Size, Space
from messenger.windows.widgets.buttons import IconButton, LinkButton
from messenger.windows.widgets.icon_label import IconLabel
from messenger.windows.widgets.labels import text as text_label


class Banner(QFrame):
    """A text with actions. Signals: `closed`, when the user or an action has closed it."""

    closed = pyqtSignal()

    def __init__(self, text: str, *, icon_name: str = "info") -> None:
        super().__init__()
        self.setObjectName("banner")
        self.setAccessibleName(text)
        self._mark = IconLabel(icon_name)
        self._mark.setFixedSize(Size.ICON, Size.BUTTON)
        self._words = text_label(text)
        self._words.setAlignment(Qt.AlignmentFlag.AlignTop)
        self._words.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        close = IconButton("x", _("Close"))
        close.setIconSize(QSize(Size.ICON - 4, Size.ICON - 4))
        close.clicked.connect(self.close_banner)
        self._actions = QHBoxLayout()
        self._actions.setSpacing(Space.XS)
        self._actions.addStretch(1)
        middle = QVBoxLayout()
        middle.setSpacing(Space.XS)
        middle.addWidget(self._words)
        middle.addLayout(self._actions)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(Space.M, Space.XS, Space.XS, Space.XS)
        layout.setSpacing(Space.M - Size.LINK)
        top = Qt.AlignmentFlag.AlignTop
        layout.addWidget(self._mark, 0, top)
        layout.addLayout(middle, 1)
        layout.addWidget(close, 0, top)
        self._align()
        theme.changed.connect(self._align)

    @property
    def text(self) -> str:
        """The notice."""
        return self._words.text()

    def add_action(self, text: str, do: Callable[[], object], *, closes: bool = True) -> None:
        """Add a button; after its action the banner closes unless it is to stay."""
        button = LinkButton(text)

        def clicked() -> None:
            do()
            if closes:
                self.close_banner()

        button.clicked.connect(clicked)
        self._actions.insertWidget(self._actions.count() - 1, button)
        self._align()

    def close_banner(self) -> None:
        """Close it."""
        self.hide()
        self.closed.emit()
        self.deleteLater()

    def _align(self) -> None:
        """Have the icon, the first line of the notice and the closing button in one row."""
        above = max(0, round((Size.BUTTON - metrics().height()) / 2))
        is_last = self._actions.count() == 1  # nothing but the stretch
        # The notice begins where the words of its first button do.
        self._words.setContentsMargins(Size.LINK, above, 0, above if is_last else 0)
