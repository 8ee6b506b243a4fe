"""Invitation links in what the user pastes, drops or opens: a text, or a picture of a QR code."""

import re
from collections.abc import Callable
from pathlib import Path

from PyQt6.QtCore import QMimeData, QObject, pyqtSignal
from PyQt6.QtGui import QImage

from messenger.language import _
from messenger.windows.gui_thread import GuiThread

_LINK = re.compile(r"jim://\S.*", re.DOTALL)


def link_in(text: str) -> str:
    """Return the invitation link in a text, empty if there is none.

    A mail program may have broken it into lines: what follows it is taken for a part of it.
    """
    found = _LINK.search(text)
    return "".join(found[0].split()) if found else ""


class InvitationInput(QObject):
    """Finds links, in pictures in a thread.

    Signals: `found`, with a link; `failed`, with the reason for the user.
    """

    found = pyqtSignal(str)
    failed = pyqtSignal(str)

    def __init__(self, gui: GuiThread) -> None:
        super().__init__()
        self._gui = gui

    def takes(self, data: QMimeData | None) -> bool:
        """Tell whether there may be a link in this."""
        if data is None:
            return False
        return bool(data.hasImage() or _files(data) or link_in(data.text()))

    def take(self, data: QMimeData) -> bool:
        """Look for a link; False if there cannot be one."""
        if link := link_in(data.text()):
            self.found.emit(link)
        elif files := _files(data):
            self.open(files[0])
        elif data.hasImage():
            # A copy: the clipboard may change while a thread reads the picture.
            picture = QImage(data.imageData())
            self._look(lambda: picture)
        else:
            return False
        return True

    def open(self, file: Path) -> None:
        """Look for a link in the picture in a file."""
        from messenger.desktop.security.qr import load_picture

        self._look(lambda: load_picture(file))

    def _look(self, load: Callable[[], QImage]) -> None:
        self._gui.run(lambda: _codes_in(load()), self._tell, self._fail, self)

    def _tell(self, codes: list[str]) -> None:
        if link := next(filter(None, map(link_in, codes)), ""):
            self.found.emit(link)
        elif codes:
            self.failed.emit(_("The QR code in this picture is no invitation."))
        else:
            self.failed.emit(_("There is no QR code in this picture, or it is not sharp enough."))

    def _fail(self, _error: Exception) -> None:
        self._tell([])


def _codes_in(picture: QImage) -> list[str]:
    from messenger.desktop.security.qr import read_codes

    return read_codes(picture)


def _files(data: QMimeData) -> list[Path]:
    return [Path(url.toLocalFile()) for url in data.urls() if url.isLocalFile()]
