"""Local data are protected as the user wants, and replaced only by the right backup."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from messenger.sdk.backup import Owner, back_up
from messenger.sdk.cancelling import Cancellation
from messenger.sdk.errors import Cancelled
from messenger.sdk.file_errors import WrongPassphrase
from messenger.sdk.profiles import Profile, Profiles
from messenger.ui.local_data import check_owner, protect, restore_profile


@pytest.fixture
def profile(tmp_path: Path) -> Iterator[Profile]:
    made = Profiles(tmp_path).named("ann")
    made.set_up("host", 7777, "ann")
    assert made.claim()
    yield made
    made.release()


@pytest.fixture
def backup(profile: Profile, tmp_path: Path) -> Path:
    file = tmp_path / "backup"
    store = profile.open_store()
    store.put("is", "old")
    back_up(store, file, "пароль", lambda _done, _of: None)
    store.put("is", "new")
    store.close()
    return file


def kept(profile: Profile) -> str | None:
    store = profile.open_store()
    found = store.get("is")
    store.close()
    return found


def test_a_passphrase_is_set_and_removed(profile: Profile) -> None:
    store = profile.open_store()

    assert "this passphrase" in protect(profile, "пароль", store)
    assert profile.record is not None
    assert profile.record.locked_by == "passphrase"
    assert "in a file" in protect(profile, "", store)
    assert profile.record.locked_by == "file"
    store.close()


def test_a_backup_replaces_local_data(profile: Profile, backup: Path) -> None:
    restore_profile(profile, backup, "пароль", lambda _done, _of: None)

    assert kept(profile) == "old"


def test_a_wrong_passphrase_changes_nothing(profile: Profile, backup: Path) -> None:
    with pytest.raises(WrongPassphrase):
        restore_profile(profile, backup, "no", lambda _done, _of: None)

    assert kept(profile) == "new"


def test_a_cancelled_one_changes_nothing(profile: Profile, backup: Path) -> None:
    cancellation = Cancellation()

    with pytest.raises(Cancelled), cancellation:
        restore_profile(profile, backup, "пароль", lambda _done, _of: cancellation.cancel())

    assert kept(profile) == "new"


def test_a_backup_of_somebody_else_is_refused() -> None:
    mine = Owner("ann", "host", 7777)

    check_owner(None, mine)
    check_owner(mine._replace(encryption="plain"), mine)
    for other in (Owner("bob", "host", 7777), Owner("ann", "other", 7777), Owner("ann", "host", 1)):
        with pytest.raises(ValueError, match="not of this account"):
            check_owner(other, mine)
