"""The dialog that restores a backup while no client is open, with progress."""

import threading
from pathlib import Path

from PyQt6.QtCore import pyqtSignal
from PyQt6.QtWidgets import QWidget

from messenger.desktop.dialog_pages import PagedDialog, icon_head, sentence
from messenger.language import _
from messenger.sdk.cancelling import Cancellation
from messenger.sdk.errors import Cancelled
from messenger.sdk.profiles import Profile
from messenger.ui.local_data import restore_profile
from messenger.windows.widgets.buttons import PlainButton, acting


class RestoringDialog(PagedDialog):
    """Restores at once; accepted when that has succeeded, rejected when nothing was changed."""

    _progressed = pyqtSignal(int, int)
    _ended = pyqtSignal(object)

    def __init__(
        self, profile: Profile, file: Path, passphrase: str, parent: QWidget | None = None
    ) -> None:
        """The profile is unlocked, and its database is closed."""
        super().__init__(_("Restore a backup"), parent)
        self.setObjectName("restoring")
        self._cancellation = Cancellation()
        self._progressed.connect(self._show_progress)
        self._ended.connect(self._end)
        self._cancel = PlainButton(_("Cancel"))
        self._cancel.setProperty("ends", True)
        said = _("From {file}. This can take a few minutes.", file=file.name)
        self.show_page(
            [icon_head("upload-simple", _("Restoring…"), said)], [acting(self._cancel, self.reject)]
        )
        self.set_busy(True)
        self._thread = threading.Thread(
            target=self._restore, args=(profile, file, passphrase), name="restoring"
        )
        self._thread.start()

    def reject(self) -> None:
        """Cancel; it closes once the data are as they were."""
        if self._thread.is_alive():
            self._cancel.setEnabled(False)
            self._cancellation.cancel()
        else:
            super().reject()

    def _restore(self, profile: Profile, file: Path, passphrase: str) -> None:
        try:
            with self._cancellation:
                restore_profile(profile, file, passphrase, self._progressed.emit)
        except Exception as error:
            self._ended.emit(error)
        else:
            self._ended.emit(None)

    def _show_progress(self, done: int, total: int) -> None:
        # A database may have more rows than an `int` of Qt can count.
        self._progress.show_progress(round(1000 * done / max(1, total)), 1000)

    def _end(self, error: Exception | None) -> None:
        self._thread.join()
        if error is None:
            self.accept()
        elif isinstance(error, Cancelled):
            self.reject()
        else:
            self.set_busy(False)
            self.show_error(sentence(error))
            self._cancel.setText(_("Close"))
            self._cancel.setEnabled(True)
