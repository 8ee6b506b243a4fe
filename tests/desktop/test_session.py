"""What the session's thread does, with windows that answer at once and a real server."""

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, TypeVar

import pytest

from messenger.crypto.certificates import ungrouped
from messenger.desktop.options import Options
from messenger.desktop.session import UNUSABLE, Session, guarded
from messenger.sdk import Client
from messenger.sdk.errors import StoreUnusable
from messenger.sdk.events import ConnectionState
from messenger.sdk.file_errors import KeyLost
from messenger.sdk.profiles import Profile, Profiles
from messenger.sdk.server_identity import SERVER_KEY, KeyReplaced, ServerChanged
from messenger.ui.first_run import Newcomer
from messenger.ui.profile_choice import Start
from messenger.ui.prompts import Cancelled, NoLogin
from messenger.ui.waiting_prompter import Answered, Question, WaitingPrompter
from tests.running import RunningServer, until
from tests.stretching import PASSWORD

_Found = TypeVar("_Found")


class FakeWindows:
    """Windows without Qt: they note what they are told, and answer with what they were given."""

    def __init__(self) -> None:
        self.said: list[str] = []
        self.failed: list[str] = []
        self.offered: list[str] = []
        self.chosen = ""
        self.newcomer: Newcomer | None = None
        self.asked_newcomer = 0
        self.client: Client | None = None
        self.profile: Profile | None = None
        self.refused: list[NoLogin] = []
        self.changed: list[ServerChanged] = []
        self.trusts = True

    def say(self, text: str) -> None:
        self.said.append(text)

    def choose(self, profiles: list[Profile]) -> str:
        self.offered = [profile.name for profile in profiles]
        return self.chosen

    def ask_newcomer(self, introduce: Any, suggestions: Any, encryption: str) -> Newcomer | None:
        self.asked_newcomer += 1
        return self.newcomer

    def speak(self, language: str) -> None:
        pass

    def listen(self, place: Path | None) -> None:
        pass

    def close_main(self) -> None:
        pass

    def forget_main(self) -> None:
        pass

    def restore(self, profile: Profile, file: Path, passphrase: str) -> None:
        pass

    def note(self, text: str) -> None:
        pass

    def tell(self, title: str, text: str) -> None:
        pass

    def show_main(self, client: Client, profile: Profile, hosted: object, to: str) -> None:
        self.client, self.profile = client, profile

    def not_logged_in(self, error: NoLogin, said: str) -> None:
        self.refused.append(error)

    def trusted_key(self, server: str, error: ServerChanged) -> str | None:
        self.changed.append(error)
        return ungrouped(error.found) if self.trusts and isinstance(error, KeyReplaced) else None

    def fail(self, text: str) -> None:
        self.failed.append(text)


class Answering(WaitingPrompter):
    """Answers with these, None for a question that is cancelled."""

    def __init__(self) -> None:
        super().__init__()
        self.answers: list[str | None] = []

    def close(self) -> None:
        """There is no dialog to close."""

    def show(self, question: Question, answered: Answered) -> None:
        answered(self.answers.pop(0) if self.answers else None)


class Running:
    """A session in its thread."""

    def __init__(self, data: Path) -> None:
        self.data = data
        self.windows = FakeWindows()
        self.prompter = Answering()
        self.code: int | None = None
        self._session: Session | None = None
        self._thread: threading.Thread | None = None

    def start(self, *answers: str | None, password: str | None = None, **options: Any) -> None:
        """Start it; it gets these answers, and the password as if it were given by an option."""
        # Another one: the end of a session is the end of its questions.
        self.prompter = Answering()
        self.prompter.answers = list(answers)
        self.prompter.given = password
        start = Start(data=self.data, **options)
        self.windows.client = self.windows.profile = None
        prompter: Any = self.prompter
        self._session = session = Session(Options(start), self.windows, prompter)

        def work() -> None:
            self.code = guarded(session.run, self.windows)

        self._thread = threading.Thread(target=work)
        self._thread.start()

    def is_online(self) -> bool:
        """Wait until the client is online."""
        client = self.windows.client
        if client is None:
            return False
        elsewhere(lambda: until(lambda: client.core.state is ConnectionState.ONLINE, 60))
        return True

    def log_in_again(self) -> None:
        assert self._session is not None
        self._session.log_in_again()

    def is_confirmed(self) -> bool:
        profile = self.windows.profile
        return profile is not None and profile.record is not None and profile.record.confirmed

    def end(self) -> int | None:
        """End it; return the exit code."""
        assert self._session is not None
        assert self._thread is not None
        self._session.end()
        self._thread.join(60)
        return self.code


@pytest.fixture
def running(tmp_path: Path) -> Iterator[Running]:
    found = Running(tmp_path)
    yield found
    if found._thread is not None:
        found.end()


def make_profile(data: Path, server: RunningServer, account: str) -> Profile:
    """Make a confirmed profile, whose account is registered at its first start."""
    profile = Profiles(data).of("127.0.0.1", server.port, account)
    profile.set_up("127.0.0.1", server.port, account).confirmed = True
    profile.save()
    return profile


def put(profile: Profile, name: str, value: str | None) -> None:
    """Put a value into the database of a profile that no program has open."""
    profile.unlock(lambda: "", lambda _mistake: "")
    store = profile.open_store()
    store.put(name, value)
    store.close()


def elsewhere(work: Callable[[], _Found]) -> _Found:
    """Do something in a thread: the client refuses in this one, which is that of windows."""
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(work).result()


def registered(running: Running, server: RunningServer, account: str) -> None:
    """Register the account by a first start, whose login the next one has no token of."""
    running.start(
        password=PASSWORD, address="127.0.0.1", port=server.port, name=account, register=True
    )
    until(running.is_confirmed, 60)
    assert running.end() == 0


def test_it_goes_online_and_closes_everything_at_the_end(
    running: Running, server: RunningServer, name: Callable[[str], str]
) -> None:
    registered(running, server, name("anna"))

    profile = running.windows.profile
    assert profile is not None
    assert profile.claim()
    profile.release()


def test_who_has_several_profiles_is_asked_which(
    running: Running, server: RunningServer, name: Callable[[str], str]
) -> None:
    anna, eva = name("anna"), name("eva")
    for account in (anna, eva):
        registered(running, server, account)
    running.windows.chosen = f"{anna}@127.0.0.1_{server.port}"
    running.start()
    until(lambda: running.windows.offered, 30)

    assert running.windows.offered[0].startswith(eva), "the last one is first"
    until(running.is_confirmed, 60)
    profile = running.windows.profile
    assert profile is not None
    assert profile.record is not None
    assert profile.record.account == anna


def test_an_account_can_be_added(
    running: Running, server: RunningServer, name: Callable[[str], str]
) -> None:
    for account in ("anna", "eva"):
        make_profile(running.data, server, name(account))
    running.start()
    until(lambda: running.code is not None, 60)

    assert running.windows.asked_newcomer == 1
    assert running.code == 0, "the user has closed the form"


def test_a_cancelled_password_is_asked_for_again_when_the_user_wants_it(
    running: Running, server: RunningServer, name: Callable[[str], str]
) -> None:
    anna = name("anna")
    registered(running, server, anna)
    profile = Profiles(running.data).of("127.0.0.1", server.port, anna)
    elsewhere(lambda: put(profile, "token", None))
    running.start(None, name=anna)
    until(lambda: running.windows.refused, 60)
    assert isinstance(running.windows.refused[0], Cancelled)

    running.prompter.answers = [PASSWORD]
    running.log_in_again()

    assert running.is_online()
    assert running.end() == 0
    assert len(running.windows.refused) == 1, "it is told once"


@pytest.mark.parametrize("trusts", [True, False])
def test_a_changed_key_of_the_server_is_for_the_user_to_decide(
    running: Running, server: RunningServer, name: Callable[[str], str], trusts: bool
) -> None:
    anna = name("anna")
    registered(running, server, anna)
    profile = Profiles(running.data).of("127.0.0.1", server.port, anna)
    elsewhere(lambda: put(profile, SERVER_KEY, "ab" * 32))
    running.windows.trusts = trusts
    # A saved login is for the server that has given it: the password is asked for.
    running.start(PASSWORD, name=anna, encryption="tls")
    until(lambda: running.windows.changed, 60)

    assert isinstance(running.windows.changed[0], KeyReplaced)
    if trusts:
        until(lambda: running.windows.client is not None, 60)
        assert running.is_online()
    else:
        running.log_in_again()
        until(lambda: len(running.windows.changed) == 2, 60)
        assert not running.windows.refused, "the window's notice about the key tells it"


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (NoLogin("No."), "No."),
        (KeyLost(), "keyring"),
        (OSError(28, "No space left on device", "/data"), "/data: No space left"),
        (ValueError("--to: wrong"), "--to: wrong"),
        (RuntimeError("a bug"), "Internal error"),
    ],
)
def test_what_keeps_the_program_from_starting_is_a_sentence(error: Exception, said: str) -> None:
    windows = FakeWindows()

    def work() -> None:
        raise error

    assert guarded(work, windows) == UNUSABLE
    assert said in windows.failed[0]


def test_who_leaves_has_done_nothing_wrong() -> None:
    def work() -> None:
        raise Cancelled("Cancelled.")

    assert guarded(work, FakeWindows()) == 0
    assert issubclass(KeyLost, StoreUnusable)
