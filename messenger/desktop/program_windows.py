"""The windows of one run of the program, as the thread of its session asks for them."""

import gc
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PyQt6 import sip
from PyQt6.QtWidgets import QWidget

from messenger.desktop.first_run.attempts import Attempts
from messenger.desktop.first_run.first_windows import FirstWindows
from messenger.desktop.first_run.profile_chooser import KnownProfile
from messenger.desktop.further_start import start_further
from messenger.desktop.prompting import DialogPrompter
from messenger.desktop.security.server_changed import ServerChangedDialog
from messenger.desktop.single_instance import SingleInstance
from messenger.desktop.wishes import Register, Wish
from messenger.language import _, use_language
from messenger.local_server import GUESTS, Hosted
from messenger.output import write_error
from messenger.sdk.events import RecoveryChanged, StateChanged
from messenger.sdk.key_states import RecoveryState
from messenger.sdk.profiles import Profile
from messenger.sdk.server_identity import Encryption, ServerChanged
from messenger.ui.errors import explain
from messenger.ui.first_run import Newcomer
from messenger.ui.profile_choice import Suggestions
from messenger.ui.prompts import Cancelled, NoLogin
from messenger.ui.waiting_prompter import Answered
from messenger.ui.wording import server_name
from messenger.windows.gui_thread import GuiThread
from messenger.windows.qt_texts import translate_qt
from messenger.windows.widgets.banner import Banner
from messenger.windows.widgets.dialog import Dialog, open_dialog

if TYPE_CHECKING:
    from messenger.desktop.main_window import MainWindow
    from messenger.sdk.client import Client


class ProgramWindows:
    """Shows windows, and waits in the session's thread for what the user answers.

    `first`, `show_note` and `close` are for the GUI thread, all other public methods for the thread
    of the session.
    """

    def __init__(
        self,
        gui: GuiThread,
        first: FirstWindows,
        settle: Callable[[], object],
        leave: Callable[[], object],
        data: Path | None = None,
    ) -> None:
        """`settle` and `leave` are called in the GUI thread.

        `settle` does what takes a moment before the main window is shown; `leave` ends the program.
        `data` is for a further one.
        """
        self.first = first
        self.prompter = DialogPrompter(gui, self._front)
        self.log_in_again: Callable[[], object] = lambda: None
        self.wish: Callable[[Wish], object] = lambda _wish: None
        self._gui = gui
        self._settle = settle
        self._leave = leave
        self._data = data
        self._main: MainWindow | None = None
        self._closed: MainWindow | None = None
        self._instance: SingleInstance | None = None
        self._dialog: Dialog | None = None
        self._is_new = False

    # --- before the main window ------------------------------------------------------------------

    def say(self, text: str) -> None:
        """Say what is being done, before there is a window for it."""
        self._gui.call(lambda: self.first.say(text))

    def choose(self, profiles: list[Profile]) -> str:
        """Return the name of the profile to open, empty for a new one; raises Cancelled."""
        known = [
            KnownProfile(
                profile.name,
                profile.record.account,
                server_name(profile.record.address, profile.record.port, briefly=True),
            )
            for profile in profiles
            if profile.record is not None
        ]
        return str(self._ask(lambda answered: self.first.choose(known, answered)))

    def ask_newcomer(
        self,
        introduce: Callable[[Newcomer], StateChanged | None],
        suggestions: Suggestions,
        encryption: Encryption,
    ) -> Newcomer | None:
        """Ask a new user for server and account, and try them in this thread."""
        attempts = Attempts()
        form = self._ask(
            lambda answered: answered(self.first.ask_newcomer(attempts, suggestions, encryption))
        )
        newcomer = attempts.make(introduce, form)
        self._is_new = newcomer is not None and newcomer.credentials.register
        return newcomer

    def speak(self, language: str) -> None:
        """Use the language of a profile's settings."""

        def speak(answered: Answered) -> None:
            use_language(language)
            translate_qt()
            answered(True)

        self._ask(speak)

    def fail(self, text: str) -> None:
        """Say why the program cannot start, and wait until the user has read it."""
        write_error(text)
        with suppress(Cancelled):
            self.tell(_("Messenger cannot start"), text)

    def tell(self, title: str, text: str) -> None:
        """Say something between two windows, and wait until the user has read it."""

        def show(answered: Answered) -> None:
            self.prompter.close()
            self.first.tell(title, text, answered)

        self._ask(show)

    def listen(self, place: Path | None) -> None:
        """Come to the front when a further start asks for it; None: no longer."""

        def listen(answered: Answered) -> None:
            if self._instance is not None:
                self._instance.close()
                self._instance = None
            if place is not None:
                self._instance = SingleInstance(place)
                self._instance.asked.connect(self._come_to_front)
            answered(True)

        self._ask(listen)

    # --- the main window -------------------------------------------------------------------------

    def show_main(self, client: "Client", profile: Profile, hosted: Hosted | None, to: str) -> None:
        """Show the main window, and wait until it takes the client's events."""
        # In this thread: it imports all that the window can show.
        from messenger.desktop import bridge, main_window

        def show(answered: Answered) -> None:
            self._settle()
            made = bridge.Bridge(client)
            made.happened.connect(self._happened)
            self._main = main_window.MainWindow(
                made,
                profile,
                self.prompter,
                to=to,
                invite=self._inviting(hosted),
                add_account=partial(start_further, self._data),
            )
            self._main.closing.connect(self._leave)
            self._main.leaving.connect(self._wished)
            self._main.show()
            self.first.close()
            self.prompter.close()
            if self._main.invite is not None:
                self._tell_of_server(self._main.invite)
            answered(True)

        self._ask(show)

    def close_main(self) -> None:
        """Close the main window, while the program goes on and the client is still open."""

        def close(answered: Answered) -> None:
            self._closed, self._main = self._main, None
            if self._closed is not None:
                self.first.reopen(self._closed.geometry())
                self._closed.closing.disconnect(self._leave)
                self._closed.put_away()
                self._closed.bridge.close()
            answered(True)

        self._ask(close)

    def forget_main(self) -> None:
        """Delete the main window, once its client is closed."""

        def forget(answered: Answered) -> None:
            closed, self._closed = self._closed, None
            if closed is not None:
                bridge = closed.bridge
                for one in (closed, bridge):
                    sip.delete(one)
                del closed, bridge
                # Here: another thread must not be the one that destroys what belongs to Qt.
                gc.collect()
            answered(True)

        self._ask(forget)

    def restore(self, profile: Profile, file: Path, passphrase: str) -> None:
        """Restore a backup, and wait until that is done or cancelled."""

        def show(answered: Answered) -> None:
            from messenger.desktop.data.restoring import RestoringDialog

            self._dialog = RestoringDialog(profile, file, passphrase, self.first.shown)
            self._dialog.finished.connect(lambda _code: answered(True))
            self._dialog.open()

        self._ask(show)

    def not_logged_in(self, error: NoLogin, said: str) -> None:
        """Say that the user is not logged in, and why; `said` is what was said before."""
        reason = _("Not logged in.") if isinstance(error, Cancelled) else explain(error)

        def show() -> None:
            banner = Banner("\n".join(filter(None, (said, reason))), icon_name="sign-in")
            banner.add_action(_("Log in"), self.log_in_again)
            self._show_banner(banner)

        self._gui.call(show)

    def note(self, text: str) -> None:
        """Show what the user has to know, in the main window."""
        self._gui.call(lambda: self.show_note(text))

    def trusted_key(self, server: str, error: ServerChanged) -> str | None:
        """Return the key that the user trusts from now on, if he does."""

        def show(answered: Answered) -> None:
            dialog = self._dialog = ServerChangedDialog(error, self._front(), server)
            dialog.finished.connect(lambda _code: answered(dialog.trusted))
            dialog.open()

        with suppress(Cancelled):  # The window is closing.
            return str(self._ask(show)) or None
        return None

    def _ask(self, ask: Callable[[Answered], object]) -> Any:
        """Call a function in the GUI thread; return what is answered. Raises Cancelled."""
        return self.prompter.wait_for(lambda answered: self._gui.call(lambda: ask(answered)))

    # --- in the GUI thread -----------------------------------------------------------------------

    def show_note(self, text: str) -> None:
        """Show what the user has to know, such as an error that nobody has handled."""
        if self._main is not None:
            self._show_banner(Banner(text, icon_name="warning"))
        else:
            write_error(text)

    def close(self) -> None:
        """Close all windows; what is being written is stored."""
        self.prompter.close()
        if self._dialog is not None:
            self._dialog.close()
        self.first.close()
        if self._main is not None:
            self._main.quit()
            self._main.bridge.close()
        if self._instance is not None:
            self._instance.close()

    def _front(self) -> QWidget | None:
        return self._main if self._main is not None else self.first.parent

    def _come_to_front(self, link: str) -> None:
        if self._main is not None:
            self._main.notifications.background.show_window()
        else:
            self.first.bring_to_front()
            self.first.take_link(link)

    def _show_banner(self, banner: Banner) -> None:
        if self._main is not None:
            self._main.chat.add_banner(banner)

    def _wished(self, wish: Wish) -> None:
        # A new account has a recovery code, which is shown at once.
        self._is_new = isinstance(wish, Register)
        if self._main is not None:
            self._main.setEnabled(False)
        self.wish(wish)

    def _inviting(self, hosted: Hosted | None) -> Callable[[], object] | None:
        """Return what shows how others can join the server on this computer, if it has one."""
        link = hosted.invitation if hosted is not None else ""
        return (lambda: self._invite(link)) if link else None

    def _tell_of_server(self, invite: Callable[[], object]) -> None:
        """Say how to invite others to the server on this computer."""
        said = _("Your server runs as long as this window. Others on this network can join it.")
        banner = Banner(said, icon_name="user-plus")
        banner.add_action(_("Invite others"), invite, closes=False)
        self._show_banner(banner)

    def _invite(self, link: str) -> None:
        # It draws a QR code: hardly any start needs it.
        from messenger.desktop.first_run.inviting import InvitationDialog

        open_dialog(InvitationDialog(link, GUESTS, self._main))

    def _happened(self, events: list[Any]) -> None:
        """Ask a user who has just registered to note the recovery code."""
        made = any(
            isinstance(event, RecoveryChanged)
            and event.recovery.state is RecoveryState.CODE_UNCONFIRMED
            for event in events
        )
        if made and self._is_new and self._main is not None:
            from messenger.desktop.security.recovery import RecoveryCodeDialog

            self._is_new = False
            open_dialog(RecoveryCodeDialog(self._main.bridge, self._main))
