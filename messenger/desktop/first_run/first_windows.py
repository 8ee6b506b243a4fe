"""The windows before the main one: start, accounts, form, failure. One is seen at a time."""

from collections.abc import Callable

from PyQt6.QtCore import QRect
from PyQt6.QtWidgets import QWidget

from messenger.desktop.first_run.attempts import Attempts
from messenger.desktop.first_run.profile_chooser import KnownProfile, ProfileChooser
from messenger.desktop.first_run.read_dialog import ReadDialog
from messenger.desktop.first_run.start_window import StartWindow
from messenger.desktop.first_run.welcome import WelcomeWindow
from messenger.sdk.server_identity import Encryption
from messenger.ui.profile_choice import Suggestions
from messenger.ui.waiting_prompter import Answered
from messenger.windows.gui_thread import GuiThread


class FirstWindows:
    """Shows one after another; for the GUI thread."""

    def __init__(self, gui: GuiThread, start: StartWindow, leave: Callable[[], object]) -> None:
        """`leave` ends the program: the user has closed a window."""
        self._gui = gui
        self._start = start
        self._leave = leave
        self._welcome: WelcomeWindow | None = None
        self._shown: QWidget = start

    def say(self, text: str) -> None:
        """Say what is being done."""
        self._start.say(text)

    def choose(self, profiles: list[KnownProfile], answered: Answered) -> None:
        """Ask which of several profiles to open."""

        def chosen(name: str | None) -> None:
            # Opening takes a moment, in which something has to be seen.
            self._turn_to(self._start)
            answered(name)

        self._turn_to(ProfileChooser(profiles, chosen))

    def ask_newcomer(
        self, attempts: Attempts, suggestions: Suggestions, encryption: Encryption
    ) -> WelcomeWindow:
        """Show the form for a new user; its attempts are made in another thread."""
        self._welcome = WelcomeWindow(self._gui, attempts, suggestions, encryption)
        self._welcome.left.connect(self._leave)
        self._turn_to(self._welcome)
        return self._welcome

    def take_link(self, link: str) -> None:
        """Fill the invitation link of a further start in, if there is a form."""
        if self._welcome is not None and link:
            self._welcome.take_link(link)

    def tell(self, title: str, words: str, answered: Answered) -> None:
        """Say something, and answer when the user has read it."""
        dialog = ReadDialog(title, words)
        dialog.finished.connect(lambda _code: answered(True))
        self._turn_to(dialog)

    def bring_to_front(self) -> None:
        """Show the current one above others."""
        self._shown.raise_()
        self._shown.activateWindow()

    @property
    def parent(self) -> QWidget | None:
        """The window that dialogs belong to: the form, if there is one."""
        return self._welcome if self._welcome is self._shown else None

    @property
    def shown(self) -> QWidget:
        """The one that is seen."""
        return self._shown

    def reopen(self, place: QRect) -> None:
        """Show the window of the start again, in the place of a window that closes."""
        if self._welcome is not None:
            self._welcome.deleteLater()
            self._welcome = None
        self._start.begin_anew()
        self._start.setGeometry(place)
        self._turn_to(self._start)

    def close(self) -> None:
        """Close all: another window takes over, or the program ends."""
        self._start.finish()
        if self._welcome is not None:
            self._welcome.finish()
        if self._shown is not self._start:
            self._shown.close()

    def _turn_to(self, window: QWidget) -> None:
        before, self._shown = self._shown, window
        if before is not window:
            before.hide()
        window.show()
