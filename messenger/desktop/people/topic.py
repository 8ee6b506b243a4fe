"""The topic of a room: shown, and edited in its place."""

from PyQt6.QtCore import Qt, pyqtSignal
from PyQt6.QtGui import QKeyEvent
from PyQt6.QtWidgets import QHBoxLayout, QLineEdit, QWidget

from messenger.desktop.bridge import Bridge
from messenger.jim.names import MAX_LINE
from messenger.language import _
from messenger.output import visible
from messenger.ui.errors import explain
from messenger.windows.look.tokens import Space
from messenger.windows.widgets.buttons import IconButton
from messenger.windows.widgets.labels import text


class TopicEditor(QWidget):
    """Shows the topic with a pencil; a field in its place while it is edited.

    Signals: `failed`, why the topic could not be set; empty when it is tried again.
    """

    failed = pyqtSignal(str)

    def __init__(self, bridge: Bridge, room: str) -> None:
        super().__init__()
        self._bridge = bridge
        self._room = room
        self._topic = ""
        self._may_edit = False
        self.words = text("")
        self.edit = QLineEdit()
        self.edit.setMaxLength(MAX_LINE)
        self.edit.setAccessibleName(_("Topic"))
        self.edit.setPlaceholderText(_("What the room is about"))
        self.pencil = IconButton("pencil-simple", _("Change the topic"))
        self.save = IconButton("check", _("Save the topic"), colour="accent")
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(Space.XS)
        layout.addWidget(self.words, 1)
        layout.addWidget(self.edit, 1)
        layout.addWidget(self.pencil, 0, Qt.AlignmentFlag.AlignTop)
        layout.addWidget(self.save)
        self.pencil.clicked.connect(self._begin)
        self.save.clicked.connect(self._save)
        self.edit.returnPressed.connect(self._save)
        self._show(is_editing=False)

    def show_topic(self, topic: str, *, may_edit: bool) -> None:
        """Show a topic; what the user is typing stays."""
        self._topic = topic
        self._may_edit = may_edit
        self.words.setText(visible(topic) or (_("No topic") if may_edit else ""))
        self._show(is_editing=self.edit.isVisibleTo(self))

    def keyPressEvent(self, event: QKeyEvent | None) -> None:
        """Give up editing by Esc."""
        if event is not None and event.key() == Qt.Key.Key_Escape and self.edit.isVisible():
            self._show(is_editing=False)
        else:
            super().keyPressEvent(event)

    def _show(self, *, is_editing: bool) -> None:
        self.words.setVisible(not is_editing)
        self.pencil.setVisible(self._may_edit and not is_editing)
        self.edit.setVisible(is_editing)
        self.save.setVisible(is_editing)

    def _begin(self) -> None:
        self.edit.setText(self._topic)
        self._show(is_editing=True)
        self.edit.setFocus()
        self.edit.selectAll()

    def _save(self) -> None:
        self.failed.emit("")
        topic = self.edit.text().strip()
        self.edit.setEnabled(False)
        self._bridge.request(
            lambda client: client.set_topic(self._room, topic),
            lambda _none: self._saved(topic),
            owner=self,
            failed=self._refused,
        )

    def _saved(self, topic: str) -> None:
        self.edit.setEnabled(True)
        self._show(is_editing=False)
        self.show_topic(topic, may_edit=self._may_edit)

    def _refused(self, error: Exception) -> None:
        self.edit.setEnabled(True)
        self.edit.setFocus()
        self.failed.emit(explain(error))
