"""`/lock` that is killed at any point leaves databases that open with the old or the new key."""

import shutil
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from messenger.sdk.errors import StoreUnusable
from messenger.sdk.profiles import LockedBy, Profile, Profiles
from messenger.sdk.store.engine import key_beside, opens
from tests.forking import run

LOCKS = """
import hashlib, json, os, resource, shutil, signal, sys
from pathlib import Path

import keyring
from keyring.backend import KeyringBackend

from messenger.sdk import locking
from messenger.sdk.errors import StoreUnusable
from messenger.sdk.file_errors import WrongKey
from messenger.sdk.profiles import Profile, Profiles

OLD, NEW = "старая фраза", "новая фраза"
KILLED = 9
CHANGES = ("open", "os.rename", "os.remove", "tempfile.mkstemp")


class Ring(KeyringBackend):
    "A keyring in a file, which outlives the process."

    priority = 1

    def __init__(self, file):
        super().__init__()
        self.file = file

    def _kept(self):
        return json.loads(self.file.read_text()) if self.file.exists() else {}

    def get_password(self, service, username):
        return self._kept().get(username)

    def set_password(self, service, username, password):
        self.file.write_text(json.dumps({**self._kept(), username: password}))

    def delete_password(self, service, username):
        kept = self._kept()
        kept.pop(username)
        self.file.write_text(json.dumps(kept))


# Which passphrase is right is the subject here, not how long guessing one takes.
locking.derive_key = lambda passphrase, salt: hashlib.sha256(passphrase.encode() + salt).digest()


def with_ring(directory):
    keyring.set_keyring(Ring(directory / "ring.json"))
    return next((directory / "profiles").iterdir())


def in_a_process_of_its_own(work, *arguments):
    child = os.fork()
    if child == 0:
        try:
            work(*arguments)
            os._exit(0)
        finally:
            os._exit(1)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def make(directory, way):
    profile = Profiles(directory).of("example.org", 7777, "Иван 名前")
    profile.set_up("example.org", 7777, "Иван 名前")
    keyring.set_keyring(Ring(directory / "ring.json"))
    if way != "file":
        profile.lock(way, OLD)
    store = profile.open_store()
    for number in range(200):
        store.put(f"{number}", "x" * 100)
    store.put("word", "сказано")
    store.close()
    pipe = profile.open_pipe()
    pipe.put("word", "в трубе")
    profile.close_pipe(pipe)
    profile.release()


def kill_at(step):
    "Kill this process before one of its changes of a file, or statements of SQL."
    steps = 0

    def count():
        nonlocal steps
        steps += 1
        if steps == step:
            os._exit(KILLED)

    sys.addaudithook(lambda event, _arguments: count() if event in CHANGES else None)

    def called(_frame, event, function):
        if event == "c_call" and getattr(function, "__name__", "") == "execute":
            count()

    sys.setprofile(called)


def kill_where_a_file_grows_to(size):
    signal.signal(signal.SIGXFSZ, signal.SIG_DFL)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def unlocked(directory, words, at=0):
    "Return the profile, opened by one of the words."
    for word in words:
        profile = Profile(with_ring(directory))
        def none_left(_mistake):
            raise AssertionError("a recovery code is asked for")
        if at:
            kill_at(at)
        try:
            profile.unlock(lambda: word, none_left)
        except WrongKey:
            continue
        return profile
    raise AssertionError("it does not open")


def lock(directory, way, killing, point, is_open):
    profile = unlocked(directory, [OLD])
    store = profile.open_store() if is_open else None
    killing(point)
    profile.lock(way, NEW, store)


def check(directory, words):
    "What was kept is there."
    profile = unlocked(directory, words)
    store = profile.open_store()
    assert store.get("word") == "сказано"
    store.close()
    assert Profile(profile.directory).record.relocking is None
    pipe = profile.open_pipe()
    assert pipe.get("word") == "в трубе"
    profile.close_pipe(pipe)


def main(directory, old, new, kind, first, stride):
    directory = Path(directory)
    assert in_a_process_of_its_own(make, directory / "made", old) == 0
    killing, points = {
        "step": (kill_at, range(int(first), 300, int(stride))),
        "size": (kill_where_a_file_grows_to, range(1000, 300_000, 4000 * int(stride))),
        "again": (kill_at, range(int(first), 300, 5 * int(stride))),
    }[kind]
    for point in points:
        place = directory / str(point)
        shutil.copytree(directory / "made", place)
        ended = in_a_process_of_its_own(lock, place, new, killing, point, point % 2 == 0)
        if kind == "again":
            for step in range(1, 300, int(stride)):
                if in_a_process_of_its_own(unlocked, place, [NEW, OLD], step) == 0:
                    break
        opened = in_a_process_of_its_own(check, place, [OLD, NEW])
        print(point, ended, opened, flush=True)
        shutil.rmtree(place)
        if ended == 0:
            break


main(*sys.argv[1:])
"""
PAIRS: list[tuple[LockedBy, LockedBy]] = [
    ("file", "passphrase"),
    ("file", "keyring"),
    ("passphrase", "file"),
    ("passphrase", "keyring"),
    ("passphrase", "passphrase"),
    ("keyring", "file"),
    ("keyring", "passphrase"),
    ("keyring", "keyring"),
]


def killed_while_locking(
    directory: Path, pair: tuple[LockedBy, LockedBy], kind: str, stride: int, seed: int
) -> int:
    """Kill `/lock` at many points, check that the database opens, and return their number."""
    first = 1 + (PAIRS.index(pair) + seed) % stride
    done = run("-c", LOCKS, str(directory), *pair, kind, str(first), str(stride))
    ends = [tuple(map(int, line.split())) for line in done.stdout.splitlines()]
    assert {opened for _point, _ended, opened in ends} == {0}, done.stdout + done.stderr
    assert ends[-1][1] == 0, "not every step"
    return len(ends)


@pytest.mark.soak
@pytest.mark.parametrize("pair", PAIRS, ids="-".join)
def test_a_lock_that_is_killed_at_any_step_leaves_what_opens(
    tmp_path: Path, pair: tuple[LockedBy, LockedBy], size: Callable[[int, int], int], seed: int
) -> None:
    stride = max(1, 16 // size(1, 16))
    assert killed_while_locking(tmp_path, pair, "step", stride, seed) * stride > 20


@pytest.mark.soak
def test_a_lock_that_is_killed_while_a_database_is_written_leaves_what_opens(
    tmp_path: Path, size: Callable[[int, int], int], seed: int
) -> None:
    assert killed_while_locking(tmp_path, PAIRS[4], "size", max(1, 4 // size(1, 4)), seed) > 3


@pytest.mark.soak
def test_the_start_after_it_may_be_killed_too(
    tmp_path: Path, size: Callable[[int, int], int], seed: int
) -> None:
    assert killed_while_locking(tmp_path, PAIRS[5], "again", max(1, 4 // size(1, 4)), seed) > 2


@pytest.fixture
def made(tmp_path: Path) -> Profile:
    profile = Profiles(tmp_path).of("example.org", 7777, "a/b%41")
    profile.set_up("example.org", 7777, "a/b%41")
    profile.open_store().close()
    return profile


def test_what_has_opened_the_database_before_does_not_open_what_it_is_now(made: Profile) -> None:
    database = made.directory / "messages.db"
    copied = key_beside(database)
    made.lock("passphrase", "чужими глазами")
    key = made._key
    made.lock("file")

    assert key is not None
    assert not opens(database, copied)
    assert not opens(database, key)
    assert opens(database, key_beside(database))


def test_no_lock_while_another_program_uses_the_profile(made: Profile) -> None:
    """Its database would change under it."""
    other = Profile(made.directory)
    pipe = other.open_pipe()
    with pytest.raises(StoreUnusable, match="Another program"):
        made.lock("passphrase", "a long passphrase")
    other.close_pipe(pipe)
    other.release()
    made.lock("passphrase", "a long passphrase")


def test_another_thread_than_that_which_has_opened_the_profile_may_lock_it(made: Profile) -> None:
    """A user's commands run in one of their own."""
    store = made.open_store()
    with ThreadPoolExecutor(1) as pool:
        pool.submit(made.lock, "passphrase", "a long passphrase", store).result()
    store.close()

    assert made.record is not None
    assert made.record.locked_by == "passphrase"


def test_a_lock_that_fails_leaves_the_old_one(made: Profile) -> None:
    pipe = made.open_pipe()
    made.release()
    with pipe.transaction() as connection:
        connection.exec_driver_sql("INSERT INTO contacts VALUES ('name')")
        with pytest.raises(StoreUnusable, match="locked"):
            made.lock("passphrase", "a long passphrase")
    pipe.close()

    again = Profile(made.directory)
    assert again.record is not None
    assert (again.record.locked_by, again.record.relocking) == ("file", None)
    again.open_store().close()
    again.close_pipe(again.open_pipe())


def test_a_damaged_database_of_a_pipe_does_not_stop_a_lock(made: Profile) -> None:
    broken = made.directory / "pipe-1.db"
    broken.write_bytes(b"no database at all" * 1000)
    shutil.copy(made.directory / "messages.db.key", made.directory / "pipe-1.db.key")
    made.lock("passphrase", "a long passphrase")

    made.open_store().close()
    assert broken.read_bytes().startswith(b"no database")
