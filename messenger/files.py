"""Files that appear whole or not at all, and that nobody but their owner can read."""

import errno
import os
import stat
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

# Some file systems do not sync directories, and need not.
_NO_SYNC = {errno.EINVAL, errno.ENOTSUP, errno.EBADF}


def write_private(file: Path, content: bytes) -> None:
    """Write a file (mode 0600): its content appears whole or not at all, even at a power cut.

    Raises OSError; what was there before is then as it was.
    """
    with replacing(file) as new:
        new.write(content)


@contextmanager
def replacing(file: Path) -> Iterator[BinaryIO]:
    """Open a file beside, mode 0600, that takes the other's place once the block is done.

    Where the block fails, nothing is left of it. Raises OSError.
    """
    target = Path(os.path.realpath(file))
    number, name = tempfile.mkstemp(prefix=".new-", dir=target.parent)
    try:
        with os.fdopen(number, "wb") as new:
            make_private(Path(name))
            yield new
            new.flush()
            os.fsync(number)
        Path(name).replace(target)
    except BaseException:
        with suppress(OSError):
            Path(name).unlink(missing_ok=True)
        raise
    _sync_directory(target.parent)


def private_directory(directory: Path) -> None:
    """Make a directory, and what it lies in, with mode 0700; one that exists stays as it is.

    Raises OSError.
    """
    if directory.is_dir():
        return
    if directory.parent != directory:
        private_directory(directory.parent)
    try:
        directory.mkdir(mode=0o700)
    except FileExistsError as error:
        if not directory.is_dir():
            reason = os.strerror(errno.ENOTDIR)
            raise NotADirectoryError(errno.ENOTDIR, reason, str(directory)) from error
    else:
        directory.chmod(0o700)


def private_opener(name: str, flags: int) -> int:
    """Open a file for `open(..., opener=private_opener)`: one that it makes has mode 0600."""
    return os.open(name, flags, 0o600)


def make_private(file: Path) -> None:
    """Let nobody but the owner read or write a file.

    What is no file stays as it is: the path may be a link to /dev/null. Raises OSError.
    """
    if stat.S_ISREG(file.stat().st_mode):
        file.chmod(0o600)


def _sync_directory(directory: Path) -> None:
    """Have the directory's new entry survive a power cut."""
    if os.name == "nt":
        return
    number = os.open(directory, os.O_RDONLY)
    try:
        os.fsync(number)
    except OSError as error:
        if error.errno not in _NO_SYNC:
            raise
    finally:
        os.close(number)
