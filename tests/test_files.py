"""Files that appear whole or not at all, and that nobody else can read."""

import os
import resource
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from messenger.files import private_directory, replacing, write_private

ODD = "ключ 名前 a%41?\U0001f511"


@contextmanager
def umask(mask: int) -> Iterator[None]:
    before = os.umask(mask)
    try:
        yield
    finally:
        os.umask(before)


@contextmanager
def files_of_at_most(size: int) -> Iterator[None]:
    """Limit the size of files, as a full disk does; the limit holds for root, too."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def mode(file: Path) -> int:
    return stat.S_IMODE(file.stat().st_mode)


@pytest.mark.parametrize("mask", [0o000, 0o022, 0o077, 0o777])
def test_a_file_is_private_whatever_the_umask(tmp_path: Path, mask: int) -> None:
    file = tmp_path / ODD
    with umask(mask):
        write_private(file, b"secret")

    assert (mode(file), file.read_bytes()) == (0o600, b"secret")


@pytest.mark.parametrize("mask", [0o000, 0o022, 0o077, 0o777])
def test_a_directory_is_private_whatever_the_umask(tmp_path: Path, mask: int) -> None:
    with umask(mask):
        private_directory(tmp_path / ODD / "log")

    assert (mode(tmp_path / ODD), mode(tmp_path / ODD / "log")) == (0o700, 0o700)


def test_a_directory_that_exists_stays_as_it_is(tmp_path: Path) -> None:
    tmp_path.chmod(0o755)

    private_directory(tmp_path)

    assert mode(tmp_path) == 0o755


def test_a_file_instead_of_a_directory_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")

    for directory in (tmp_path / "file", tmp_path / "file" / "log"):
        with pytest.raises(OSError, match="file"):
            private_directory(directory)


def test_a_new_file_is_private_even_if_the_old_one_was_not(tmp_path: Path) -> None:
    file = tmp_path / ODD
    file.write_bytes(b"old")
    file.chmod(0o644)

    write_private(file, b"new")

    assert (mode(file), file.read_bytes()) == (0o600, b"new")


def test_on_a_full_disk_the_old_file_stays_and_no_other_is_left(tmp_path: Path) -> None:
    file = tmp_path / ODD
    write_private(file, b"old")

    with files_of_at_most(1000), pytest.raises(OSError, match="large"):
        write_private(file, b"new" * 1000)

    assert file.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [file]


def test_a_block_that_fails_leaves_nothing(tmp_path: Path) -> None:
    def fail() -> None:
        with replacing(tmp_path / ODD) as new:
            new.write(b"half")
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        fail()

    assert list(tmp_path.iterdir()) == []


def test_a_directory_instead_of_the_file_is_an_error(tmp_path: Path) -> None:
    (tmp_path / ODD).mkdir()

    with pytest.raises(IsADirectoryError):
        write_private(tmp_path / ODD, b"new")

    assert list(tmp_path.iterdir()) == [tmp_path / ODD]


def test_a_symbolic_link_is_followed(tmp_path: Path) -> None:
    (tmp_path / "target").mkdir()
    (tmp_path / ODD).symlink_to(tmp_path / "target" / "file")

    write_private(tmp_path / ODD, b"secret")

    assert (tmp_path / ODD).is_symlink()
    assert (tmp_path / "target" / "file").read_bytes() == b"secret"
