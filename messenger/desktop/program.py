"""Runs the desktop client from its options to its exit code; wires its objects.

Only what the first window needs is imported at the top: the client library takes half a second, and
is loaded in a thread while that window is shown. Qt's own modules are no part of that: while a
thread imports one, the process crashes if Qt calls Python (seen with PyQt 6.11, in sip's
`convertSubClass`, which walks the list of modules).
"""

import gc
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from PyQt6 import QtDBus, QtNetwork  # noqa: F401  before any thread imports them
from PyQt6.QtCore import QEvent
from PyQt6.QtWidgets import QApplication

from messenger.desktop.first_run.start_window import StartWindow
from messenger.sdk.directories import profile_files, profiles_directory
from messenger.windows.application import make_application
from messenger.windows.ending import Signals, ending_within, errors_told
from messenger.windows.garbage import GarbageCollector
from messenger.windows.gui_thread import GuiThread

if TYPE_CHECKING:
    from messenger.desktop.options import Options
    from messenger.desktop.program_windows import ProgramWindows
    from messenger.desktop.session import Session

_ENDING = 8.0  # seconds from the end of the last window to a hard exit: time to store and close
_SWITCH_INTERVAL = 0.001
"""Seconds: with Python's 5 ms a busy thread keeps the GUI thread waiting for too long."""


def run(make_options: "Callable[[], Options]", data: Path | None = None) -> int:
    """Run the desktop client; return the exit code.

    0: success; 2: the user has to correct something first; 128 + n: signal n ended it.
    `make_options` is called in a thread, because it needs the client library; `data` is the user's
    data directory.
    """
    app = make_application()
    start = StartWindow(is_small=len(profile_files(profiles_directory(data))) != 1)
    start.show()
    return _Program(app, start, data).run(make_options)


class _Program:
    """The thread that works, and the event loop that shows its windows."""

    def __init__(self, app: QApplication, start: StartWindow, data: Path | None) -> None:
        self._app = app
        self._data = data
        self._gui = GuiThread()
        self._garbage = GarbageCollector()
        self._start = start
        self._session: Session | None = None
        self._windows: ProgramWindows | None = None
        self._is_over = False
        self._code = 0
        start.left.connect(self._end)

    def run(self, make_options: "Callable[[], Options]") -> int:
        """Run it until the last window is closed, or a signal arrives."""
        interval = sys.getswitchinterval()
        sys.setswitchinterval(_SWITCH_INTERVAL)
        signals = Signals(self._end)
        thread = threading.Thread(
            target=self._work, args=(make_options,), name="session", daemon=True
        )
        try:
            with errors_told(self._tell):
                thread.start()
                self._app.exec()
                with ending_within(_ENDING, signals.code or self._code):
                    self._put_away()
                    thread.join()
                    self._destroy()
        finally:
            signals.restore()
            self._garbage.stop()
            sys.setswitchinterval(interval)
        return signals.code or self._code

    def _end(self) -> None:
        """End the program: the windows are put away once the event loop has ended."""
        self._is_over = True
        self._app.quit()

    def _put_away(self) -> None:
        self._start.finish()
        if self._windows is not None:
            self._windows.close()
        if self._session is not None:
            self._session.end()

    def _destroy(self) -> None:
        """Destroy all windows: of those that are left at its exit PyQt destroys some twice."""
        self._windows = self._session = None
        for window in self._app.topLevelWidgets():
            window.deleteLater()
        self._app.sendPostedEvents(None, QEvent.Type.DeferredDelete)
        gc.unfreeze()
        gc.collect()

    def _tell(self, said: str) -> None:
        """Tell of an error that nobody has handled, in any thread."""
        self._gui.call(lambda: None if self._windows is None else self._windows.show_note(said))

    # --- in the thread ---------------------------------------------------------------------------

    def _work(self, make_options: "Callable[[], Options]") -> None:
        try:
            self._code = self._worked(make_options)
        finally:
            self._gui.call(self._app.quit)

    def _worked(self, make_options: "Callable[[], Options]") -> int:
        # The client library, which nothing before has imported.
        from messenger.desktop.first_run.first_windows import FirstWindows
        from messenger.desktop.program_windows import ProgramWindows
        from messenger.desktop.session import Session, guarded
        from messenger.given_secrets import given_password

        first = FirstWindows(self._gui, self._start, self._end)
        windows = ProgramWindows(self._gui, first, self._garbage.settle, self._end, self._data)

        def work() -> None:
            options = make_options()
            windows.prompter.given = given_password(options.password_file)
            session = Session(options, windows, windows.prompter)
            windows.log_in_again, windows.wish = session.log_in_again, session.wish
            self._windows, self._session = windows, session
            if not self._is_over:  # Closed while the library was loaded.
                session.run()

        return guarded(work, windows)
