"""The place on the right for a panel about the conversation: members, information, results."""

from PyQt6.QtCore import Qt, pyqtSignal
from PyQt6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from messenger.language import _
from messenger.windows.look.tokens import Size, Space
from messenger.windows.widgets.buttons import IconButton
from messenger.windows.widgets.labels import title as title_label

WIDTH = 320


class SidePanel(QWidget):
    """One panel at a time, with its title. Signals: `closed`."""

    closed = pyqtSignal()

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("page")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._shown: QWidget | None = None
        self._title = title_label("")
        self._close = IconButton("x", _("Close the panel"))
        self._close.clicked.connect(self.close_panel)
        head = QWidget()
        head.setObjectName("head")
        head.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        head.setFixedHeight(Size.HEAD)
        row = QHBoxLayout(head)
        row.setContentsMargins(Space.L, 0, Space.M, 0)
        row.addWidget(self._title, 1)
        row.addWidget(self._close)
        self._layout = QVBoxLayout(self)
        self._layout.setContentsMargins(0, 0, 0, 0)
        self._layout.setSpacing(0)
        self._layout.addWidget(head)
        self.hide()

    @property
    def shown(self) -> QWidget | None:
        """The panel that is shown, if any."""
        return self._shown

    def show_panel(self, panel: QWidget, title: str) -> None:
        """Show a panel in the place of the last one, which is deleted."""
        self._drop()
        self._shown = panel
        self._title.setText(title)
        self._layout.addWidget(panel, 1)
        self.show()
        panel.show()
        panel.setFocus(Qt.FocusReason.OtherFocusReason)

    def close_panel(self) -> None:
        """Close the panel that is shown, if any."""
        if self._shown is not None:
            self._drop()
            self.hide()
            self.closed.emit()

    def _drop(self) -> None:
        if self._shown is not None:
            self._layout.removeWidget(self._shown)
            self._shown.deleteLater()
            self._shown = None
