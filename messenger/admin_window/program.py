"""Runs the administration window from its options to its exit code."""

import sys
from pathlib import Path
from typing import NamedTuple, NoReturn

from PyQt6.QtCore import QTimer
from PyQt6.QtWidgets import QApplication, QDialog

from messenger.admin_window.login import LoginDialog
from messenger.admin_window.main_window import AdminWindow
from messenger.admin_window.opening import Away, Beside, Here, continuing
from messenger.admin_window.places import page_makers
from messenger.admin_window.plots.loading import PlotLoader
from messenger.admin_window.requests import Open, Requests
from messenger.language import _
from messenger.sdk.administration import Administration
from messenger.window_login import WindowLogin
from messenger.windows.application import make_application
from messenger.windows.ending import Signals, end_process, ending_within, errors_told
from messenger.windows.garbage import GarbageCollector
from messenger.windows.gui_thread import GuiThread

_LOADED = 5_000
"""Milliseconds after which the client library and that of the plots are loaded."""
_ENDING = 8.0
"""Seconds from the end of the window to a hard exit."""
SWITCH_INTERVAL = 0.001
"""Seconds: with Python's 5 ms a busy thread keeps the GUI thread waiting for too long."""


class Options(NamedTuple):
    """Which server: the one on this machine unless there is an `address`.

    `password` may be known already; `fingerprint` is that of the server's key. The server that has
    started this process has given it a `login`.
    """

    address: str = ""
    name: str = ""
    password: str = ""
    fingerprint: str | None = None
    data: Path | None = None
    config: Path | None = None
    login: WindowLogin | None = None


def run(options: Options) -> NoReturn:
    """Run the window, and end the process: with exit code 0, or 128 + n if signal n ended it."""
    program = _Program(make_application(), options)
    end_process(program.run())


class _Program:
    """The login, and then the window."""

    def __init__(self, app: QApplication, options: Options) -> None:
        self._app = app
        self._options = options
        self._gui = GuiThread()
        self._garbage = GarbageCollector()
        self._loader = PlotLoader()
        self._requests: Requests | None = None
        self._window: AdminWindow | None = None
        self._login: LoginDialog | None = None

    def run(self) -> int:
        """Run it until the window is closed, or a signal arrives."""
        interval = sys.getswitchinterval()
        sys.setswitchinterval(SWITCH_INTERVAL)
        signals = Signals(self._app.quit)
        try:
            with errors_told(self._tell):
                # While its user types a password, or the server is connected to.
                self._loader.begin()
                self._begin()
                self._app.exec()
                with ending_within(_ENDING, signals.code):
                    self._end()
        finally:
            signals.restore()
            self._garbage.stop()
            sys.setswitchinterval(interval)
        return signals.code

    def _begin(self) -> None:
        options = self._options
        if not options.address:
            here = Here(options.data, options.config)
            first = Beside(options.login, here).open if options.login else here.open
            connect = continuing(first, here.open_again)
            self._show(_("This machine"), _("operator"), connect)
            return
        given = Away(options.address, options.name, options.password, options.fingerprint)
        self._login = LoginDialog(self._gui, given)
        self._login.connected.connect(self._logged_in)
        self._login.finished.connect(self._login_closed)
        self._login.show()
        if given.name and given.password:
            self._login.submit()

    def _logged_in(self, given: Away, administration: Administration) -> None:
        self._show(given.address, given.name, continuing(lambda: administration, given.open))
        if self._login is not None:
            self._login.accept()

    def _login_closed(self, result: int) -> None:
        if result != QDialog.DialogCode.Accepted:
            self._app.quit()

    def _show(self, server: str, who: str, open: Open) -> None:
        self._requests = Requests(open, is_local=not self._options.address, address=server)
        self._window = AdminWindow(server, who, page_makers(self._requests, self._loader))
        self._window.on_close(self._app.quit)
        self._garbage.settle()
        QTimer.singleShot(_LOADED, self._garbage.leave_out)
        # First: a list that gets the keyboard chooses its first row.
        self._window.show_first_page()
        self._window.show()

    def _tell(self, said: str) -> None:
        """Tell of an error that nobody has handled, in any thread."""
        self._gui.call(lambda: self._show_note(said))

    def _show_note(self, said: str) -> None:
        if self._window is not None:
            self._window.tell(said)

    def _end(self) -> None:
        # A signal may come while a window is being shown: Qt complains of one that is half there.
        self._app.processEvents()
        for window in self._app.topLevelWidgets():
            window.close()
        if self._requests is not None:
            self._requests.close()
        self._loader.join()
