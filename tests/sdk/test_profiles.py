"""Profiles: an account on a server, one program at a time, and a safely saved password."""

import os
import stat
import time
from collections.abc import Iterator
from pathlib import Path

import keyring
import pytest
from keyring.backend import KeyringBackend
from keyring.backends import fail
from keyring.errors import KeyringLocked, PasswordDeleteError

from messenger.crypto.accounts import Secret
from messenger.sdk.errors import StoreUnusable
from messenger.sdk.file_errors import WrongKey
from messenger.sdk.key_errors import WrongRecoveryCode
from messenger.sdk.password_store import has_keyring
from messenger.sdk.profiles import Preferences, Profile, Profiles


class Ring(KeyringBackend):
    """A keyring like those of desktops, for the time of a test."""

    priority = 1  # type: ignore[assignment]  # keyring wants it as a class attribute

    def __init__(self) -> None:
        super().__init__()
        self.kept: dict[tuple[str, str], str] = {}
        self.locked = False

    def get_password(self, service: str, username: str) -> str | None:
        self._check()
        return self.kept.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        self._check()
        self.kept[service, username] = password

    def delete_password(self, service: str, username: str) -> None:
        self._check()
        if self.kept.pop((service, username), None) is None:
            raise PasswordDeleteError

    def _check(self) -> None:
        if self.locked:
            raise KeyringLocked("the user did not unlock it")


@pytest.fixture
def ring() -> Iterator[Ring]:
    before = keyring.get_keyring()
    ring = Ring()
    keyring.set_keyring(ring)
    yield ring
    keyring.set_keyring(before)


def no_code(_mistake: str) -> str:
    raise AssertionError("no recovery code is to be asked for")


def profile(directory: Path, account: str = "ann", port: int = 7777) -> Profile:
    found = Profiles(directory).of("example.org", port, account)
    found.set_up("example.org", port, account)
    return found


def test_a_profile_is_found_again_by_its_account_and_by_its_name(tmp_path: Path) -> None:
    made = profile(tmp_path)

    assert made.name == "ann@example.org_7777"
    again = Profiles(tmp_path).of("example.org", 7777, "ann")
    assert again.record == made.record
    assert Profiles(tmp_path).named("ann@example.org_7777").record == made.record
    assert Profiles(tmp_path).of("example.org", 7777, "bob").record is None


def test_the_last_is_the_one_that_was_used_last(tmp_path: Path) -> None:
    now = time.time()
    for age, account in enumerate(["ann", "bob", "eve"]):
        made = profile(tmp_path, account)
        os.utime(made.directory / "profile.json", (now - 100 * age, now - 100 * age))
    profiles = Profiles(tmp_path)

    found = profiles.last()
    assert found is not None
    assert found.record is not None
    assert found.record.account == "ann"
    bob = profiles.last(account="bob")
    assert bob is not None
    assert bob.claim()
    bob.release()
    last = profiles.last()
    assert last is not None
    assert last.name == bob.name
    assert profiles.last("elsewhere") is None


@pytest.mark.parametrize("account", ["a/b", "..", "имя", "a:b*?", "CON", "a b", "😀"])
def test_any_name_of_an_account_makes_a_directory_of_its_own(tmp_path: Path, account: str) -> None:
    made = profile(tmp_path, account)

    assert made.directory.parent == tmp_path / "profiles"
    found = Profiles(tmp_path).last()
    assert found is not None
    assert found.name == f"{account}@example.org_7777"


def test_one_program_at_a_time_keeps_a_profile(tmp_path: Path) -> None:
    one, two = profile(tmp_path), profile(tmp_path)

    assert one.claim()
    assert not two.claim()
    one.release()
    assert two.claim()


def test_only_its_user_can_read_a_profile(tmp_path: Path) -> None:
    made = profile(tmp_path)
    made.remember_password("secret", "file")
    made.claim()
    made.open_store().close()

    assert stat.S_IMODE(made.directory.stat().st_mode) == 0o700
    for name in ("profile.json", "password", "messages.db", "lock"):
        assert stat.S_IMODE((made.directory / name).stat().st_mode) == 0o600


def test_a_password_in_a_file_is_remembered_replaced_and_forgotten(tmp_path: Path) -> None:
    profile(tmp_path).remember_password("pass word ", "file")
    again = Profiles(tmp_path).of("example.org", 7777, "ann")
    assert again.password() == "pass word "

    again.replace_password("new")
    assert again.password() == "new"
    again.forget_password()
    assert again.password() is None
    assert not again.password_file.exists()


def test_a_password_that_was_made_up_gives_way_to_the_users_own(tmp_path: Path) -> None:
    made = profile(tmp_path)
    made.remember_password("made up", "made")

    made.replace_password("the user's own")

    assert made.password() is None
    assert not made.password_file.exists()


def test_a_password_in_the_keyring_is_nowhere_else(tmp_path: Path, ring: Ring) -> None:
    assert has_keyring()
    made = profile(tmp_path)
    made.remember_password("secret", "keyring")

    assert ring.kept == {("messenger", "ann@example.org:7777"): "secret"}
    assert not made.password_file.exists()
    assert b"secret" not in (made.directory / "profile.json").read_bytes()
    assert Profiles(tmp_path).of("example.org", 7777, "ann").password() == "secret"
    made.forget_password()
    assert not ring.kept


def test_a_keyring_that_is_locked_or_gone_locks_nobody_out(tmp_path: Path, ring: Ring) -> None:
    made = profile(tmp_path)
    made.remember_password("secret", "keyring")

    ring.locked = True
    assert made.password() is None  # it is asked for
    with pytest.raises(StoreUnusable, match="unlock"):
        made.remember_password("other", "keyring")
    keyring.set_keyring(fail.Keyring())
    assert made.password() is None
    assert not has_keyring()


def test_the_database_opens_with_the_passphrase_only(tmp_path: Path) -> None:
    made = profile(tmp_path)
    made.lock_new("open sesame")
    made.open_store().put("word", "kept")

    again = Profiles(tmp_path).last()
    assert again is not None
    asked: list[str] = ["wrong", "open sesame"]
    again.unlock(lambda: asked.pop(0), no_code)
    assert again.open_store().get("word") == "kept"
    assert asked == []
    with pytest.raises(WrongKey):
        Profile(made.directory).unlock(lambda: "wrong", no_code)
    assert not list(made.directory.glob("*.key"))


def test_the_lock_can_be_changed_while_the_database_is_open(tmp_path: Path) -> None:
    made = profile(tmp_path)
    made.lock_new()
    store = made.open_store()
    pipe = made.open_pipe()
    pipe.put("word", "pipe")
    made.close_pipe(pipe)
    store.put("word", "kept")

    made.lock("passphrase", "open sesame", store)
    store.put("more", "kept as well")

    again = Profile(made.directory)
    again.unlock(lambda: "open sesame", no_code)
    for name in ("word", "more"):
        assert (again.open_store().get(name) or "").startswith("kept")
    made.release()
    pipe = again.open_pipe()
    assert pipe.get("word") == "pipe"
    again.close_pipe(pipe)
    again.release()
    made.lock("file", "", store)
    Profile(made.directory).unlock(lambda: pytest.fail("nothing is to be asked"), no_code)
    assert Profile(made.directory).open_store().get("word") == "kept"


def test_a_keyring_keeps_the_key_of_the_database(tmp_path: Path, ring: Ring) -> None:
    made = profile(tmp_path)
    made.lock_new()
    made.open_store().put("word", "kept")
    assert len(ring.kept) == 1
    key = next(iter(ring.kept.values()))
    assert not any(
        key.encode() in file.read_bytes() for file in made.directory.iterdir() if file.is_file()
    )

    again = Profile(made.directory)
    again.unlock(lambda: pytest.fail("nothing is to be asked"), no_code)
    assert again.open_store().get("word") == "kept"
    again.keep_spare(again.open_store())
    assert again.record is not None
    assert again.record.spare == ""
    secret = Secret("ann")
    store = again.open_store()
    store.put("secret", secret.secret.hex())
    again.keep_spare(store)
    ring.locked = True
    lost = Profile(made.directory)
    lost.unlock(lambda: "", lambda _mistake: secret.code())
    assert lost.open_store().get("word") == "kept"
    for wrong in ("nonsense", Secret("ann").code()):
        with pytest.raises(StoreUnusable, match="keyring"):
            Profile(made.directory).unlock(lambda: "", lambda _: wrong)  # noqa: B023  at once


def test_a_keyring_that_has_lost_the_key_gets_it_again(tmp_path: Path, ring: Ring) -> None:
    made = profile(tmp_path)
    made.lock_new()
    store = made.open_store()
    secret = Secret("ann")
    store.put("secret", secret.secret.hex())
    made.keep_spare(store)
    kept = dict(ring.kept)
    ring.kept.clear()
    mistakes: list[Exception | None] = []
    codes = iter(["nonsense", Secret("ann").code(), secret.code()])

    def ask(mistake: Exception | None) -> str:
        mistakes.append(mistake)
        return next(codes)

    Profile(made.directory).unlock(lambda: "", ask)

    assert ring.kept == kept
    assert [type(mistake) for mistake in mistakes] == [type(None), ValueError, WrongRecoveryCode]


def test_a_new_recovery_code_opens_what_the_old_one_has_opened(tmp_path: Path, ring: Ring) -> None:
    made = profile(tmp_path)
    made.lock_new()
    store = made.open_store()
    for secret in (Secret("ann"), new := Secret("ann")):
        store.put("secret", secret.secret.hex())
        made.keep_spare(store)
    ring.kept.clear()

    lost = Profile(made.directory)
    lost.unlock(lambda: "", lambda _mistake: new.code())

    assert lost.open_store().get("secret") == new.secret.hex()


def test_a_keyring_without_a_spare_key_has_to_be_unlocked(tmp_path: Path, ring: Ring) -> None:
    made = profile(tmp_path)
    made.lock_new()
    made.open_store().close()
    ring.locked = True
    with pytest.raises(StoreUnusable, match="keyring"):
        Profile(made.directory).unlock(lambda: "", no_code)


def test_preferences_are_kept(tmp_path: Path) -> None:
    made = profile(tmp_path)
    assert made.record is not None
    made.record.preferences = Preferences(theme="light", bell=False)
    made.save()

    again = Profiles(tmp_path).last()
    assert again is not None
    assert again.record == made.record


@pytest.mark.parametrize("text", ["", "{", '{"address": 1}', "\x00"])
def test_a_damaged_profile_is_said_to_be_and_left_as_it_is(tmp_path: Path, text: str) -> None:
    made = profile(tmp_path)
    file = made.directory / "profile.json"
    file.write_text(text, "utf-8")

    with pytest.raises(StoreUnusable, match=r"profile\.json"):
        Profiles(tmp_path).last()
    assert file.read_text("utf-8") == text


def test_profiles_of_the_same_name_do_not_share_a_key_in_the_keyring(
    tmp_path: Path, ring: Ring
) -> None:
    for folder in ("one", "other"):
        made = profile(tmp_path / folder, "Иван")
        made.lock_new()
        made.open_store().put("word", folder)

    for folder in ("one", "other"):
        again = Profile(made.directory.parents[2] / folder / "profiles" / made.directory.name)
        again.unlock(lambda: "", no_code)
        assert again.open_store().get("word") == folder


def test_what_is_wrong_with_a_profile_is_said_in_its_own_words(tmp_path: Path) -> None:
    (tmp_path / "Иван").mkdir()
    (tmp_path / "Иван" / "profile.json").write_text('{"port": "a", "address": "x"}', "utf-8")

    with pytest.raises(StoreUnusable, match=r"port: .*correct it, or move it away") as raised:
        Profile(tmp_path / "Иван")

    assert "$" not in str(raised.value)


def test_a_profile_that_is_set_up_anew_still_opens_what_it_keeps(tmp_path: Path) -> None:
    """As in the form of the first run, if a user fills in the same account again."""
    made = profile(tmp_path)
    made.lock_new("open sesame")
    made.open_store().put("word", "kept")
    made.set_up("localhost", 7777, "名前")

    again = Profile(made.directory)
    again.unlock(lambda: "open sesame", no_code)

    assert again.open_store().get("word") == "kept"


def test_deleting_local_data_leaves_nothing(tmp_path: Path, ring: Ring) -> None:
    profile = Profile(tmp_path / "мой профиль")
    profile.set_up("127.0.0.1", 7777, "мария")
    assert profile.claim()
    profile.lock("keyring")
    profile.remember_password("correct horse battery", "keyring")
    profile.open_store().close()
    (profile.directory / "log").mkdir()
    (profile.directory / "log" / "client.log").touch()
    assert ring.kept

    profile.delete_local_data()

    assert not profile.directory.exists()
    assert not ring.kept


def test_local_data_that_another_program_uses_are_not_deleted(tmp_path: Path) -> None:
    profile = Profile(tmp_path / "мой профиль")
    profile.set_up("127.0.0.1", 7777, "мария")
    other = Profile(profile.directory)
    assert other.claim()

    with pytest.raises(StoreUnusable):
        profile.delete_local_data()

    assert profile.directory.exists()
    other.release()
