"""The profile gets what a program in a pipe has learned, even if that is killed."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from messenger.sdk.profiles import Profile, Profiles
from messenger.sdk.store import Store
from tests.forking import run


@pytest.fixture
def made(tmp_path: Path) -> Profile:
    found = Profiles(tmp_path).of("example.org", 7777, "a/b%41 😀")
    found.set_up("example.org", 7777, "a/b%41 😀")
    return found


@pytest.fixture
def main(made: Profile) -> Iterator[Store]:
    store = made.open_store()
    yield store
    store.close()


def run_and_kill(made: Profile, *lines: str) -> None:
    """Have another program be a pipe of the profile, do something, and be killed."""
    code = [
        "import os, pathlib, signal, sys",
        "from messenger.sdk.profiles import Profile",
        "profile = Profile(pathlib.Path(sys.argv[1]))",
        "pipe = profile.open_pipe()",
        *lines,
        "os.kill(os.getpid(), signal.SIGKILL)",
    ]
    run("-c", "\n".join(code), os.fspath(made.directory))


def test_a_secret_that_a_pipe_has_made_is_there_after_it_was_killed(
    made: Profile, main: Store
) -> None:
    run_and_kill(made, "pipe.put('secret', 'of the account')")

    pipe = Profile(made.directory).open_pipe()

    assert pipe.get("secret") == "of the account"
    assert main.get("secret") == "of the account"
    pipe.close()


def test_what_a_pipe_hands_over_the_profile_knows_at_once(made: Profile, main: Store) -> None:
    run_and_kill(made, "pipe.put('secret', 'of the account')", "profile.hand_over(pipe)")

    assert main.get("secret") == "of the account"


def test_what_a_killed_pipe_was_lent_is_not_restored(made: Profile, main: Store) -> None:
    main.put("secret", "of the account")
    run_and_kill(made)
    main.forget_device()

    pipe = Profile(made.directory).open_pipe()

    assert pipe.get("secret") is None
    assert main.get("secret") is None
    pipe.close()


def test_what_a_killed_pipe_has_learned_replaces_nothing_that_is_newer(
    made: Profile, main: Store
) -> None:
    main.put("server_key", "the old key")
    run_and_kill(made, "pipe.put('server_key', 'the new key')")
    main.put("server_key", "the newest key")

    pipe = Profile(made.directory).open_pipe()

    assert pipe.get("server_key") == main.get("server_key") == "the newest key"
    pipe.close()
