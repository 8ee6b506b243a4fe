"""A first start that is interrupted at any step can be repeated; and nothing is lost later."""

from collections.abc import Iterable
from pathlib import Path

import pytest

from messenger.sdk.errors import StoreUnusable
from messenger.sdk.profiles import Profile, Profiles
from messenger.sdk.store import Store
from tests.forking import run

STARTS = """
import os, resource, sys
from pathlib import Path

import keyring
from keyring.backends import fail

from messenger.sdk.errors import StoreUnusable
from messenger.sdk.profiles import Profiles

keyring.set_keyring(fail.Keyring())
CHANGES = ("open", "os.rename", "os.mkdir", "os.chmod", "os.remove", "tempfile.mkstemp")
KILLED, REFUSED, STARTED = 9, 2, 0


def start(data, kind, at):
    steps = 0

    def count(event, arguments):
        nonlocal steps
        if event in CHANGES and str(arguments[0]).startswith(str(data)):
            steps += 1
            if steps == at:
                os._exit(KILLED)

    os.umask(0o022 if at % 2 else 0o777)
    if kind == "killed":
        sys.addaudithook(count)
    elif kind == "full":
        resource.setrlimit(resource.RLIMIT_FSIZE, (at, at))
    try:
        profile = Profiles(data).of("example.org", 7777, "Иван")
        if profile.record is None:
            profile.set_up("example.org", 7777, "Иван")
        assert profile.claim()
        profile.lock_new()
        profile.remember_password("пароль", "file")
        store = profile.open_store()
        store.put("word", "kept")
        store.close()
    except StoreUnusable:
        os._exit(REFUSED)
    os._exit(STARTED)


def in_a_process_of_its_own(*arguments):
    child = os.fork()
    if child == 0:
        try:
            start(*arguments)
        finally:
            os._exit(1)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


kind, directory = sys.argv[1], Path(sys.argv[2])
for at in map(int, sys.argv[3:]):
    data = directory / str(at)
    first = in_a_process_of_its_own(data, kind, at)
    print(at, first, in_a_process_of_its_own(data, "", at))
    if kind == "killed" and first == STARTED:
        break  # that was every step
"""
KILLED, REFUSED, STARTED = 9, 2, 0


def starts(kind: str, directory: Path, points: Iterable[int]) -> dict[int, tuple[int, int]]:
    """Start for the first time in processes that end, or find the disk full, at each point.

    Return, by the point, how each ended, and how the start after it did.
    """
    done = run("-c", STARTS, kind, str(directory), *map(str, points))
    assert "Traceback" not in done.stderr, done.stderr
    lines = (map(int, line.split()) for line in done.stdout.splitlines())
    return {at: (first, second) for at, first, second in lines}


def check_whole(data: Path) -> None:
    profile = Profiles(data).last()
    assert profile is not None
    assert profile.password() == "пароль"
    assert profile.open_store().get("word") == "kept"
    for file in profile.directory.iterdir():
        assert file.stat().st_mode & 0o077 == 0, file


def test_a_first_start_that_is_killed_at_any_step_can_be_repeated(tmp_path: Path) -> None:
    ends = starts("killed", tmp_path, range(1, 50))

    assert sum(first == KILLED for first, _second in ends.values()) > 10
    assert {first for first, _second in ends.values()} == {KILLED, STARTED}, "not every step"
    assert {second for _first, second in ends.values()} == {STARTED}
    for step in ends:
        check_whole(tmp_path / str(step))


def test_a_first_start_on_a_full_disk_says_so_and_can_be_repeated(tmp_path: Path) -> None:
    ends = starts("full", tmp_path, [0, 1, 60, 100, 300, 4_000, 5_000, 20_000, 60_000])

    assert {first for first, _second in ends.values()} <= {REFUSED, STARTED}
    assert ends[0][0] == ends[5_000][0] == REFUSED
    assert {second for _first, second in ends.values()} == {STARTED}
    for room in ends:
        check_whole(tmp_path / str(room))


def test_an_empty_key_beside_an_empty_database_is_replaced(tmp_path: Path) -> None:
    for name in ("ann.db", "ann.db.key"):
        (tmp_path / name).touch()

    Store(tmp_path / "ann.db").put("word", "kept")
    assert Store(tmp_path / "ann.db").get("word") == "kept"


@pytest.mark.parametrize("left", ["", "no key", None])
def test_the_key_of_a_database_that_holds_something_is_never_replaced(
    tmp_path: Path, left: str | None
) -> None:
    Store(tmp_path / "ann.db").close()
    beside = tmp_path / "ann.db.key"
    key = beside.read_bytes()
    if left is None:
        beside.unlink()
    else:
        beside.write_text(left)

    with pytest.raises(StoreUnusable, match="put it back"):
        Store(tmp_path / "ann.db")
    beside.write_bytes(key)
    Store(tmp_path / "ann.db").close()


def test_a_password_that_cannot_be_replaced_is_kept(tmp_path: Path) -> None:
    profile = Profiles(tmp_path).of("example.org", 7777, "Иван")
    profile.set_up("example.org", 7777, "Иван")
    profile.remember_password("the old one", "file")
    script = (
        "import resource, sys; from pathlib import Path\n"
        "from messenger.sdk.profiles import Profile\n"
        "profile = Profile(Path(sys.argv[1]))\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))\n"
        "profile.remember_password('the new one', 'file')\n"
    )
    done = run("-c", script, str(profile.directory))

    assert "FileUnwritable" in done.stderr
    assert Profile(profile.directory).password() == "the old one"
