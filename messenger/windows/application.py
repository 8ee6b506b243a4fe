"""The application of Qt in this process, with the program's look and language."""

import sys

from PyQt6.QtWidgets import QApplication

from messenger.windows.look.icons import icon
from messenger.windows.look.theme import theme
from messenger.windows.look.tokens import LIGHT
from messenger.windows.qt_texts import translate_qt


def make_application() -> QApplication:
    """Return the application of this process, with the program's look and language."""
    app = QApplication.instance()
    if not isinstance(app, QApplication):
        app = QApplication(sys.argv[:1])
    app.setApplicationName("messenger")
    # No display name: Qt would write it behind the title of each window.
    app.setDesktopFileName("messenger")
    # The window of the start closes before the next one is shown.
    app.setQuitOnLastWindowClosed(False)
    translate_qt()
    theme.apply("auto")
    app.setWindowIcon(icon("chats-circle", LIGHT.accent))
    return app
