"""Closing the window: it hides where a tray brings it back, elsewhere the program ends."""

from collections.abc import Callable

from PyQt6.QtCore import QEvent, QObject, Qt, QTimer, pyqtSignal
from PyQt6.QtWidgets import QApplication, QWidget


class Background(QObject):
    """Decides what closing the window means, and brings it back.

    Signals: `hidden`, when the window was hidden instead of closed; `closing`, before it closes for
    good.
    """

    hidden = pyqtSignal()
    closing = pyqtSignal()

    def __init__(
        self, window: QWidget, hides: Callable[[], bool], has_tray: Callable[[], bool]
    ) -> None:
        """`hides`: the user wants the window to hide; `has_tray`: something brings it back."""
        super().__init__(window)
        self._window = window
        self._hides = hides
        self._has_tray = has_tray
        self._is_quitting = False
        self._goes_on = False
        window.installEventFilter(self)
        app = QApplication.instance()
        if isinstance(app, QApplication):
            # A dialog that closes while the window is hidden would end the program.
            app.setQuitOnLastWindowClosed(False)
            # The desktop's session ends: it must not wait for a window that only hides.
            app.commitDataRequest.connect(self._session_ends)

    def show_window(self) -> None:
        """Show the window, in front of others if the desktop lets it."""
        window = self._window
        window.setWindowState(window.windowState() & ~Qt.WindowState.WindowMinimized)
        window.show()
        window.raise_()
        window.activateWindow()

    def toggle_window(self) -> None:
        """Hide the window if the user looks at it, show it otherwise."""
        if self._window.isVisible() and self._window.isActiveWindow():
            self._window.close()
        else:
            self.show_window()

    def quit(self) -> None:
        """End the program."""
        self._is_quitting = True
        self._window.close()

    def put_away(self) -> None:
        """Close the window for good, while the program goes on."""
        self._goes_on = True
        self.quit()

    def tray_changed(self, is_available: bool) -> None:
        """Show the window if the tray is gone, which was the only way back to it."""
        if not is_available and not self._window.isVisible() and not self._is_quitting:
            self._window.show()

    def eventFilter(self, watched: QObject | None, event: QEvent | None) -> bool:
        """Hide the window instead of closing it, where that is wanted and there is a way back."""
        if event is None or event.type() != QEvent.Type.Close or watched is not self._window:
            return False
        if self._hides() and self._has_tray() and not self._is_quitting:
            event.ignore()
            self._window.hide()
            self.hidden.emit()
            return True
        self._is_quitting = True
        self.closing.emit()
        if not self._goes_on:
            # Later: first the window closes, and stores what it has to.
            QTimer.singleShot(0, QApplication.quit)
        return False

    def _session_ends(self) -> None:
        self._is_quitting = True
