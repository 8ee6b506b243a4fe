"""The desktop client without its own event loop: its session's thread, and all of its windows."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, TypeVar

from PyQt6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from messenger.desktop.first_run.first_windows import FirstWindows
from messenger.desktop.first_run.start_window import StartWindow
from messenger.desktop.main_window import MainWindow
from messenger.desktop.options import Options
from messenger.desktop.program_windows import ProgramWindows
from messenger.desktop.session import Session, guarded
from messenger.sdk.profiles import Profile, Profiles
from messenger.sdk.store import Store
from messenger.ui.profile_choice import Start
from messenger.windows.gui_thread import GuiThread
from tests.desktop.hands import Hands
from tests.stretching import PASSWORD

_PATIENCE = 90_000  # milliseconds; what takes so long hangs
_Widget = TypeVar("_Widget", bound=QWidget)


class Program:
    """A program that is started, used, and at last ended by `close`; `code` is its exit code."""

    def __init__(
        self, qtbot: QtBot, start: Start, *, password: str | None = PASSWORD, chooses: bool = False
    ) -> None:
        self.code: int | None = None
        self.start = start
        self._qtbot = qtbot
        gui = GuiThread()
        first = StartWindow()
        qtbot.addWidget(first)
        first.show()
        windows = FirstWindows(gui, first, self.close)
        self.windows = ProgramWindows(gui, windows, lambda: None, self.close, start.data)
        self.windows.prompter.given = password
        self._session = Session(
            Options(start, chooses=chooses), self.windows, self.windows.prompter
        )
        self.windows.log_in_again = self._session.log_in_again
        self.windows.wish = self._session.wish
        self._thread = threading.Thread(target=self._run, name="session")
        self._thread.start()

    def _run(self) -> None:
        self.code = guarded(self._session.run, self.windows)

    def close(self) -> None:
        """End it as the program does at its end; may be called again."""
        self.windows.close()
        self._session.end()
        self._qtbot.waitUntil(lambda: not self._thread.is_alive(), timeout=_PATIENCE)

    def shown(self, kind: type[_Widget]) -> _Widget:
        """Return the window of this kind, as soon as it is seen."""
        self._qtbot.waitUntil(lambda: bool(self._seen(kind)), timeout=_PATIENCE)
        found: _Widget = self._seen(kind)[0]
        return found

    def main(self) -> Hands:
        """Return the hands at the main window, as soon as it is seen and has the keyboard."""
        found = self.shown(MainWindow)
        found.activateWindow()
        self._qtbot.waitUntil(found.isActiveWindow, timeout=_PATIENCE)
        return Hands(found, self._qtbot)

    @property
    def profile(self) -> Profile:
        """The profile of the account, as it is on the disk."""
        start = self.start
        assert start.address is not None
        assert start.port is not None
        assert start.name is not None
        # By its account: there may be others, and each was the last one at some time.
        return Profiles(start.data).of(start.address, start.port, start.name)

    def stored(self, read: Callable[[Store], Any]) -> Any:
        """Return something of the database, which no client may have open."""

        def look() -> Any:
            store = self.profile.open_store()
            try:
                return read(store)
            finally:
                store.close()

        return in_thread(look)

    @staticmethod
    def _seen(kind: type[_Widget]) -> list[_Widget]:
        widgets = QApplication.topLevelWidgets()
        return [one for one in widgets if isinstance(one, kind) and one.isVisible()]


def in_thread(work: Callable[[], Any]) -> Any:
    """Do something with a client or a database, which refuse the GUI thread."""
    with ThreadPoolExecutor(1, "looking") as executor:
        return executor.submit(work).result(60)


def back_up_to(file: Path, profile: Profile, passphrase: str) -> None:
    """Make a backup of a profile that no client has open."""
    from messenger.sdk.backup import back_up

    def work() -> None:
        store = profile.open_store()
        back_up(store, file, passphrase, lambda _done, _of: None)
        store.close()

    in_thread(work)
