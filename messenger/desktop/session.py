"""Opens a profile and its client in a thread, keeps them open, and closes them at the end.

The GUI thread does none of it: decrypting a database, a keyring, a server all take their time.
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
from messenger.jim.names import EVERYONE
from messenger.language import _, use_language
from messenger.local_server import Hosted, hosting
from messenger.sdk.errors import StoreUnusable
from messenger.sdk.events import ConnectionState, StateChanged
from messenger.sdk.profiles import Profile, Profiles, Record
from messenger.sdk.server_identity import Encryption, ServerChanged
from messenger.ui.errors import explain
from messenger.ui.first_run import Newcomer
from messenger.ui.internal_errors import internal_error
from messenger.ui.login import log_in
from messenger.ui.profile_choice import Chosen, Start, Suggestions, add_profile, choose_profile
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

    def listen(self, place: Path) -> None:
        """Come to the front when a further start asks for it."""

    def show_main(self, client: "Client", profile: Profile, hosted: Hosted | None, to: str) -> None:
        """Show the main window, and wait until it takes the client's events."""

    def not_logged_in(self, error: NoLogin, said: str) -> None:
        """Say that the user is not logged in, and why; `said` is what was said before."""

    def fail(self, text: str) -> None:
        """Say why the program cannot start, and wait until the user has read it."""

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
        reason = error.strerror or str(error)
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

    def end(self) -> None:
        """Close everything; questions are cancelled."""
        self._is_over = True
        self._prompter.give_up()
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
            if chosen is not None and self._is_first(start, chosen[0]):
                opened.callback(chosen[0].release)
                self._open(start, *chosen, hosted, opened)

    def _choose(self, start: Start) -> Chosen | None:
        """Return the profile; a user with several is asked which, a new one for an account."""

        def form(
            introduce: Callable[[Newcomer], StateChanged | None], suggestions: Suggestions
        ) -> Newcomer | None:
            encryption = start.encryption or "auto"
            return self._windows.ask_newcomer(introduce, suggestions, encryption)

        is_open = start._replace(data=None, log_level="INFO") == Start()
        profiles = Profiles(start.data).confirmed() if is_open else []
        if len(profiles) > 1:
            name = self._windows.choose(profiles)
            if not name:
                return add_profile(start, self._prompter, form)
            start = start._replace(profile=name)
        return choose_profile(start, self._prompter, form)

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

    def _open(
        self,
        start: Start,
        profile: Profile,
        record: Record,
        hosted: Hosted | None,
        opened: ExitStack,
    ) -> None:
        use_language(record.preferences.language)
        self._windows.say(_("Opening your messages…"))
        client = opened.enter_context(open_client(start, profile, record, self._prompter))
        if self._is_over:
            return
        self._windows.show_main(client, profile, hosted, self._options.to or EVERYONE)
        client.on(StateChanged)(self._look)
        client.start()
        while True:
            self._wanted.clear()
            if self._is_over:
                break
            self._log_in(client)
            self._wanted.wait()

    def _look(self, event: StateChanged) -> None:
        """Ask for a login again if the server refuses a device that it has let in before."""
        if event.state is ConnectionState.REFUSED and self._was_online:
            self._was_online = False
            self._wanted.set()

    def _log_in(self, client: "Client") -> None:
        """Bring the client online; while the server cannot be reached, until the user leaves."""
        while not self._is_over:
            try:
                if log_in(client, self._prompter, self._prompter.say, _PATIENCE):
                    self._was_online = True
                    return
            except NoLogin as error:
                key = self._key_to_trust(client, error)
                if key is None:
                    self._windows.not_logged_in(error, self._prompter.left_to_say())
                    return
                client.trust.accept(key)
                client.log_in(client.core.credentials)

    def _key_to_trust(self, client: "Client", error: NoLogin) -> str | None:
        changed = error.__cause__
        if not isinstance(changed, ServerChanged):
            return None
        return self._windows.trusted_key(client.address, changed)
