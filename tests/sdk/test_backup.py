"""Backups: everything in one file that is encrypted with a passphrase."""

from pathlib import Path

import pytest

from messenger.sdk import Store
from messenger.sdk.backup import Owner, back_up, open_backup, restore
from messenger.sdk.errors import StoreUnusable
from messenger.sdk.file_errors import BackupUnusable
from messenger.sdk.profiles import Profiles
from tests.names import DIRECTORY


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Store:
    """A database to be backed up, which nobody changes."""
    made = Store(tmp_path_factory.mktemp("store") / DIRECTORY / "ann.db")
    made.put("identity", "keys")
    with made.transaction():
        for number in range(2500):
            made.add_unsent("bob", "ann", f"word {number} слово", str(number), 1.0)
    return made


def nothing(_done: int, _all: int) -> None:
    """Show no progress."""


def test_everything_comes_back_with_the_passphrase(store: Store, tmp_path: Path) -> None:
    progress: list[tuple[int, int]] = []
    back_up(store, tmp_path / "backup", "open sesame", lambda *done: progress.append(done))

    other = Store(tmp_path / "other.db")
    other.put("identity", "others")
    restore(tmp_path / "backup", "open sesame", other, nothing)

    assert other.get("identity") == "keys"
    assert other.count_unsent() == 2500
    assert len(other.search("СЛОВО", limit=5000)) == 2500
    assert progress[-1] == (progress[-1][1],) * 2
    assert len(progress) > 3
    assert b"word" not in (tmp_path / "backup").read_bytes()
    assert (tmp_path / "backup").stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("spoil", ["passphrase", "cut", "flipped", "empty", "other", "missing"])
def test_what_does_not_open_changes_nothing(store: Store, tmp_path: Path, spoil: str) -> None:
    file = tmp_path / "backup"
    back_up(store, file, "open sesame", nothing)
    raw = bytearray(file.read_bytes())
    passphrase = "wrong" if spoil == "passphrase" else "open sesame"
    if spoil == "cut":
        file.write_bytes(raw[: len(raw) // 2])
    elif spoil == "flipped":
        raw[len(raw) // 2] ^= 1
        file.write_bytes(raw)
    elif spoil == "empty":
        file.write_bytes(b"")
    elif spoil == "other":
        file.write_bytes(b"this is a letter to my aunt " * 1000)
    elif spoil == "missing":
        file.unlink()
    other = Store(tmp_path / "other.db")
    other.put("identity", "others")

    with pytest.raises(StoreUnusable) as refused:
        restore(file, passphrase, other, nothing)

    assert str(file) in str(refused.value)
    assert other.get("identity") == "others"
    assert other.count_unsent() == 0


def test_nothing_is_overwritten(store: Store, tmp_path: Path) -> None:
    (tmp_path / "backup").write_text("precious")

    with pytest.raises(BackupUnusable, match="choose another name"):
        back_up(store, tmp_path / "backup", "open sesame", nothing)

    assert (tmp_path / "backup").read_text() == "precious"


def test_a_backup_says_whose_it_is_to_who_has_the_passphrase(tmp_path: Path) -> None:
    made = Profiles(tmp_path / "one").of("münchen.example", 7000, "Иван")
    record = made.set_up("münchen.example", 7000, "Иван")
    record.encryption = "tls"
    store = made.open_store()
    store.add_unsent("名前", "Иван", "hello", "1", 1.0)
    file = tmp_path / "копия 1"
    back_up(store, file, "open sesame", nothing)
    for secret in ("Иван", "xn--", "münchen"):
        assert secret.encode() not in file.read_bytes()

    profiles = Profiles(tmp_path / "other")
    with open_backup(file, "open sesame") as backup:
        assert backup.owner == Owner("Иван", "münchen.example", 7000, "tls")
        restored = profiles.of_owner(backup.owner)
        new = restored.open_store()
        backup.restore(new, nothing)
    assert new.count_unsent() == 1
    assert restored.record is not None
    assert restored.record.encryption == "tls"
    with pytest.raises(BackupUnusable, match="wrong"), open_backup(file, "wrong"):
        pass


def test_a_backup_of_an_earlier_version_says_nothing_of_its_owner(
    store: Store, tmp_path: Path
) -> None:
    back_up(store, tmp_path / "backup", "open sesame", nothing)

    with open_backup(tmp_path / "backup", "open sesame") as backup:
        assert backup.owner is None


def test_a_backup_that_cannot_be_written_is_a_sentence(store: Store, tmp_path: Path) -> None:
    (tmp_path / "backup.unfinished").mkdir()
    with pytest.raises(StoreUnusable, match="cannot be written"):
        back_up(store, tmp_path / "backup", "open sesame", nothing)


@pytest.mark.parametrize("missing", ["нет", "нет/такого", "file"])
def test_a_backup_makes_no_directory(store: Store, tmp_path: Path, missing: str) -> None:
    """With a typing mistake the backup would be where nobody looks for it."""
    (tmp_path / "file").write_text("")
    with pytest.raises(StoreUnusable, match="There is no directory"):
        back_up(store, tmp_path / missing / "backup", "open sesame", nothing)
    assert not (tmp_path / "нет").exists()
