"""Opens a profile and its client in a thread, keeps them open, and closes them at the end.

It does so again and again: a backup is restored, for example, while no client is open. The GUI
thread does none of it: decrypting a database, a keyring, a server all take their time.
"""

import logging
import threading
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from messenger.desktop.options import Options
from messenger.desktop.prompting import DialogPrompter
from messenger.desktop.single_instance import bring_to_front
from messenger.desktop.wishes import Ending, Register, Restore, Wish
from messenger.jim.errors import ProtocolError
from messenger.jim.names import EVERYONE
from messenger.language import _
from messenger.local_server import Hosted, hosting
from messenger.sdk.credentials import Credentials
from messenger.sdk.errors import StoreUnusable
from messenger.sdk.events import ConnectionState, StateChanged
from messenger.sdk.profiles import Profile, Profiles, Record
from messenger.sdk.server_identity import Encryption, ServerChanged
from messenger.system_errors import reason_of
from messenger.ui.errors import explain
from messenger.ui.first_run import Newcomer
from messenger.ui.internal_errors import internal_error
from messenger.ui.login import log_in, next_step
from messenger.ui.profile_choice import (
    Chosen,
    Form,
    Start,
    Suggestions,
    add_profile,
    choose_profile,
)
from messenger.ui.prompts import Cancelled, NoLogin
from messenger.ui.start import AlreadyOpen, open_client

if TYPE_CHECKING:
    from messenger.sdk.client import Client

_logger = logging.getLogger("messenger.client")

UNUSABLE = 2
"""The exit code if the user has to correct something before the next try."""

_PATIENCE = 0.3
"""Seconds between looks whether the program ends."""
_OTHER_STARTS = 20
"""Looks for the window of a program that has the profile, and may just be about to show it."""


class Windows(Protocol):
    """The windows, as a session sees them; all methods are called in its thread."""

    def say(self, text: str) -> None:
        """Say what is being done, before there is a window for it."""

    def choose(self, profiles: list[Profile]) -> str:
        """Return the name of the profile to open, empty for a new one; raises Cancelled."""

    def ask_newcomer(
        self,
        introduce: Callable[[Newcomer], StateChanged | None],
        suggestions: Suggestions,
        encryption: Encryption,
    ) -> Newcomer | None:
        """Ask a new user for server and account."""

    def speak(self, language: str) -> None:
        """Use the language of a profile's settings."""

    def listen(self, place: Path | None) -> None:
        """Come to the front when a further start asks for it; None: no longer."""

    def show_main(self, client: "Client", profile: Profile, hosted: Hosted | None, to: str) -> None:
        """Show the main window, and wait until it takes the client's events."""

    def close_main(self) -> None:
        """Close the main window, while the program goes on and the client is still open."""

    def forget_main(self) -> None:
        """Delete the main window, once its client is closed."""

    def restore(self, profile: Profile, file: Path, passphrase: str) -> None:
        """Restore a backup, and wait until that is done or cancelled."""

    def not_logged_in(self, error: NoLogin, said: str) -> None:
        """Say that the user is not logged in, and why; `said` is what was said before."""

    def note(self, text: str) -> None:
        """Show what the user has to know, in the main window."""

    def fail(self, text: str) -> None:
        """Say why the program cannot start, and wait until the user has read it."""

    def tell(self, title: str, text: str) -> None:
        """Say something between two windows, and wait until the user has read it."""

    def trusted_key(self, server: str, error: ServerChanged) -> str | None:
        """Return the key that the user trusts from now on, if he does."""


def guarded(work: Callable[[], object], windows: Windows) -> int:
    """Do the work of the program, and return its exit code, whatever it raises."""
    try:
        work()
    except Cancelled:
        _logger.info("The user has left before anything was open")
    except (NoLogin, StoreUnusable, ValueError, OSError) as error:
        windows.fail(explain_failure(error))
        return UNUSABLE
    except Exception as error:
        windows.fail(internal_error(error))
        return UNUSABLE
    return 0


def explain_failure(error: Exception) -> str:
    """Return why the program cannot start, as a sentence."""
    if isinstance(error, OSError):
        _logger.error("The client ends", exc_info=error)
        reason = _(reason_of(error))
        return f"{error.filename}: {reason}" if error.filename else reason
    return explain(error)


class Session:
    """One user's profile and client, from the choice of the profile to the end.

    `run` is the body of the thread; the other methods are for the GUI thread.
    """

    def __init__(self, options: Options, windows: Windows, prompter: DialogPrompter) -> None:
        self._options = options
        self._windows = windows
        self._prompter = prompter
        self._is_over = False
        self._was_online = False
        self._wanted = threading.Event()
        self._wish: Wish | None = None

    def end(self) -> None:
        """Close everything; questions are cancelled."""
        self._is_over = True
        self._prompter.give_up()
        self._wanted.set()

    def wish(self, wish: Wish) -> None:
        """Close the window and the client, and do what the user wants."""
        # Also what is just about to be asked: logging out makes the server refuse the login.
        self._prompter.give_up()
        self._prompter.close()
        self._wish = wish
        self._wanted.set()

    def log_in_again(self) -> None:
        """Log in once more, after that has failed or was cancelled."""
        self._wanted.set()

    def run(self) -> None:
        """Open it, log in, and stay until the end; raises NoLogin, Cancelled, StoreUnusable."""
        with ExitStack() as opened:
            start, hosted = self._options.start, None
            if self._options.is_host:
                said = self._windows.say
                said(_("Starting the server…"))
                hosted = opened.enter_context(hosting(start, self._prompter.given, said, said))
                start = hosted.start
            chosen = self._choose(start)
            while chosen is not None and self._is_first(start, chosen[0]):
                profile, record = chosen
                try:
                    goes_on = self._use(start, profile, record, hosted)
                finally:
                    profile.release()
                if not goes_on:
                    return
                self._windows.listen(None)
                self._options = self._options._replace(to=None)
                start = Start(data=start.data, log_level=start.log_level)
                chosen = self._choose_anew(start, record)

    def _use(self, start: Start, profile: Profile, record: Record, hosted: Hosted | None) -> bool:
        """Open the profile as often as the user's wishes need it; he has claimed it.

        Return whether he wants to go on with another account.
        """
        while True:
            self._wish = None
            self._windows.speak(record.preferences.language)
            self._open(start, profile, record, hosted)
            wish = self._wish
            if self._is_over or wish is None:
                return False
            self._wanted.clear()
            # What the program was started for is done.
            start = start._replace(
                restore=None, register=False, guest=False, invite=None, reset_code=None
            )
            self._prompter.entered = None
            if isinstance(wish, Restore):
                self._windows.restore(profile, wish.file, wish.passphrase)
            elif isinstance(wish, Register):
                self._prompter.entered = Credentials(
                    record.account, wish.password, register=True, invite=wish.invite
                )
            elif wish is not Ending.RESTART:
                self._leave(profile, wish)
                return True

    def _leave(self, profile: Profile, ending: Ending) -> None:
        if ending is Ending.DELETE:
            self._windows.say(_("Deleting…"))
            profile.delete_local_data()
        elif ending is Ending.LOGGED_OUT_OFFLINE:
            said = _(
                "You are offline: the login is removed from this computer, but not from the server."
            )
            self._windows.tell(_("Logged out"), said)

    def _choose(self, start: Start) -> Chosen | None:
        """Return the profile; a user with several is asked which, a new one for an account."""
        chooses = self._options.chooses
        if chooses and start.invite is not None:
            return add_profile(start, self._prompter, self._form(start))
        is_open = chooses or start._replace(data=None, log_level="INFO") == Start()
        profiles = Profiles(start.data).confirmed() if is_open else []
        if len(profiles) > (0 if chooses else 1):
            return self._choose_of(profiles, start, start)
        return choose_profile(start, self._prompter, self._form(start))

    def _choose_anew(self, start: Start, left: Record) -> Chosen | None:
        """Return the profile to go on with, after the user has left an account."""
        self._prompter.begin_anew()
        profiles = Profiles(start.data).confirmed()
        same = start._replace(address=left.address, port=left.port, name=left.account)
        if all(one.record is not None and _is_same(one.record, left) for one in profiles):
            profiles = []  # Whoever has just left wants to see the form.
        if left.encryption != "auto":
            same = same._replace(encryption=left.encryption)
        return self._choose_of(profiles, start, same)

    def _choose_of(self, profiles: list[Profile], start: Start, suggested: Start) -> Chosen | None:
        """Ask for one of these profiles or another account, with suggestions for the form."""
        name = self._windows.choose(profiles) if profiles else ""
        if name:
            # Whatever else the program was started with is about another account.
            named = Start(profile=name, data=start.data, log_level=start.log_level)
            return choose_profile(named, self._prompter, self._form(named))
        return add_profile(suggested, self._prompter, self._form(suggested))

    def _form(self, start: Start) -> Form:
        def form(
            introduce: Callable[[Newcomer], StateChanged | None], suggestions: Suggestions
        ) -> Newcomer | None:
            encryption = start.encryption or "auto"
            return self._windows.ask_newcomer(introduce, suggestions, encryption)

        return form

    def _is_first(self, start: Start, profile: Profile) -> bool:
        """Claim the profile; if another program has it, bring that one to the front.

        Raises AlreadyOpen if that one shows no window.
        """
        link = start.invite or ""
        if bring_to_front(profile.directory, link):
            return False
        for _look in range(_OTHER_STARTS):
            if profile.claim():
                self._windows.listen(profile.directory)
                return True
            if self._wanted.wait(_PATIENCE / 2) or bring_to_front(profile.directory, link):
                return False
        said = _("{name} is open in another window already: close it", name=profile.name)
        raise AlreadyOpen(said)

    def _open(self, start: Start, profile: Profile, record: Record, hosted: Hosted | None) -> None:
        self._windows.say(_("Opening your messages…"))
        with open_client(start, profile, record, self._prompter) as client:
            if self._is_over:
                return
            self._windows.show_main(client, profile, hosted, self._options.to or EVERYONE)
            client.on(StateChanged)(self._look)
            client.start()
            self._wanted.clear()
            while self._goes_on:
                self._log_in(client)
                self._wanted.wait()
                self._wanted.clear()
            self._prompter.resume()
            if self._is_over:  # Perhaps just now, before `resume`.
                self._prompter.give_up()
            else:
                self._windows.close_main()
        if not self._is_over:
            self._windows.forget_main()

    @property
    def _goes_on(self) -> bool:
        return not self._is_over and self._wish is None

    def _look(self, event: StateChanged) -> None:
        """Ask for a login again if the server refuses a device that it has let in before."""
        if event.state is ConnectionState.REFUSED and self._was_online:
            self._was_online = False
            self._wanted.set()

    def _log_in(self, client: "Client") -> None:
        """Bring the client online; while the server cannot be reached, until the user leaves."""
        while self._goes_on:
            try:
                if self._is_online(client):
                    self._was_online = True
                    return
            except NoLogin as error:
                if not isinstance(error.__cause__, ServerChanged):
                    if self._goes_on:
                        self._windows.not_logged_in(error, self._prompter.left_to_say())
                    return
                key = self._windows.trusted_key(client.address, error.__cause__)
                if key is None:
                    return  # The window has a notice about it.
                client.trust.accept(key)
                client.log_in(client.core.credentials)

    def _is_online(self, client: "Client") -> bool:
        """Wait for the login for a moment, or ask for what the server demands; raises NoLogin."""
        if self._prompter.entered is None or not self._prompter.entered.register:
            return log_in(client, self._prompter, self._prompter.say, _PATIENCE)
        try:
            is_online = client.wait_until_online(_PATIENCE)
        except ProtocolError as error:
            # The name was a guest's until now, and stays one's.
            name = self._prompter.entered.name
            self._windows.note(next_step(error, self._prompter.entered).reason)
            client.log_in(Credentials(name))
            is_online = False
        if is_online or client.core.credentials != self._prompter.entered:
            self._prompter.entered = None
        return is_online


def _is_same(one: Record, other: Record) -> bool:
    return (one.account, one.address, one.port) == (other.account, other.address, other.port)
