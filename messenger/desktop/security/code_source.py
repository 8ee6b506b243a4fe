"""Where a code comes from: a picture that is chosen, pasted or dropped, or text."""

from pathlib import Path

from PyQt6.QtCore import QMimeData, Qt, pyqtSignal
from PyQt6.QtGui import (
    QDragEnterEvent,
    QDragLeaveEvent,
    QDropEvent,
    QGuiApplication,
    QImage,
    QKeyEvent,
    QKeySequence,
)
from PyQt6.QtWidgets import QFrame, QHBoxLayout, QVBoxLayout

from messenger.desktop.bridge import Bridge
from messenger.desktop.security.qr import load_picture, read_codes
from messenger.language import _
from messenger.windows.file_questions import picture_to_open
from messenger.windows.look.tokens import Space
from messenger.windows.widgets.buttons import LinkButton
from messenger.windows.widgets.labels import text


class CodeSource(QFrame):
    """Takes a QR code from a picture; a camera is never used.

    Signals: `found`, the text of a code; `failed`, why there is none.
    """

    found = pyqtSignal(str)
    failed = pyqtSignal(str)

    def __init__(self, bridge: Bridge) -> None:
        super().__init__()
        self.setObjectName("card")
        self.setAcceptDrops(True)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self._bridge = bridge
        self._words = text(_("Drop a picture of the other code here, such as a screenshot."))
        self._words.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.setAccessibleName(self._words.text())
        choose = LinkButton(_("Choose a picture…"))
        choose.clicked.connect(self._choose)
        paste = LinkButton(_("Paste"))
        paste.clicked.connect(self.paste)
        buttons = QHBoxLayout()
        buttons.addStretch(1)
        buttons.addWidget(choose)
        buttons.addWidget(paste)
        buttons.addStretch(1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(Space.M, Space.M, Space.M, Space.S)
        layout.setSpacing(Space.XS)
        layout.addWidget(self._words)
        layout.addLayout(buttons)

    def paste(self) -> None:
        """Take what is in the clipboard: a picture, a picture's file, or the code as text."""
        clipboard = QGuiApplication.clipboard()
        data = clipboard.mimeData() if clipboard is not None else None
        if data is None or not self.take(data):
            self.failed.emit(_("There is no picture in the clipboard."))

    def take(self, data: QMimeData) -> bool:
        """Take what was pasted or dropped; return whether it can have a code."""
        if data.hasImage():
            self._look_at(QImage(data.imageData()))
        elif data.hasUrls() and data.urls()[0].isLocalFile():
            self.open(Path(data.urls()[0].toLocalFile()))
        elif data.text().strip():
            self.found.emit(data.text().strip())
        else:
            return False
        return True

    def open(self, file: Path) -> None:
        """Take the picture in a file."""
        self._bridge.read(lambda _client: read_codes(load_picture(file)), self._decoded, owner=self)

    def _choose(self) -> None:
        if (file := picture_to_open(self, _("Picture of a code"))) is not None:
            self.open(file)

    def _look_at(self, picture: QImage) -> None:
        # Decoding a large picture takes a tenth of a second.
        self._bridge.read(lambda _client: read_codes(picture), self._decoded, owner=self)

    def _decoded(self, codes: list[str]) -> None:
        if len(codes) == 1:
            self.found.emit(codes[0])
        elif codes:
            self.failed.emit(_("There are several QR codes in this picture: cut out one."))
        else:
            self.failed.emit(_("No QR code was found in this picture."))

    # --- dropping and pasting ------------------------------------------------------------------

    def keyPressEvent(self, event: QKeyEvent | None) -> None:
        """Paste by the system's key."""
        if event is not None and event.matches(QKeySequence.StandardKey.Paste):
            self.paste()
        else:
            super().keyPressEvent(event)

    def dragEnterEvent(self, event: QDragEnterEvent | None) -> None:
        """Accept pictures, files and text."""
        data = event.mimeData() if event is not None else None
        if event is not None and data is not None and _may_have_a_code(data):
            event.acceptProposedAction()
            self._words.setText(_("Drop it here."))

    def dragLeaveEvent(self, event: QDragLeaveEvent | None) -> None:
        """Invite again."""
        self._invite()
        super().dragLeaveEvent(event)

    def dropEvent(self, event: QDropEvent | None) -> None:
        """Take what was dropped."""
        self._invite()
        data = event.mimeData() if event is not None else None
        if event is not None and data is not None and self.take(data):
            event.acceptProposedAction()

    def _invite(self) -> None:
        self._words.setText(self.accessibleName())


def _may_have_a_code(data: QMimeData) -> bool:
    return data.hasImage() or data.hasUrls() or data.hasText()
