"""Files that are written atomically and that only their owner can read."""

import errno
import os
import stat
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

# Some file systems cannot sync directories, and need not.
_NO_SYNC = {errno.EINVAL, errno.ENOTSUP, errno.EBADF}


def write_private(file: Path, content: bytes) -> None:
    """Write a file (mode 0600) atomically, even if the power fails.

    Raises OSError; an existing file is then unchanged.
    """
    with replacing(file) as new:
        new.write(content)


@contextmanager
def replacing(file: Path) -> Iterator[BinaryIO]:
    """Open a temporary file (mode 0600) that replaces `file` at the end of the block.

    If the block raises, the temporary file is removed. Raises OSError.
    """
    # A symbolic link stays a link: the file that it leads to is replaced.
    target = Path(os.path.realpath(file))
    number, name = tempfile.mkstemp(prefix=".new-", dir=target.parent)
    try:
        with os.fdopen(number, "wb") as new:
            make_private(Path(name))
            yield new
            new.flush()
            # Before the renaming: a power cut could otherwise leave an empty file under the name.
            os.fsync(number)
        Path(name).replace(target)
    except BaseException:
        with suppress(OSError):
            Path(name).unlink(missing_ok=True)
        raise
    sync_directory(target.parent)


def private_directory(directory: Path) -> None:
    """Create a directory and its parents with mode 0700; an existing one stays as it is.

    Raises OSError.
    """
    if directory.is_dir():
        return
    if directory.parent != directory:
        private_directory(directory.parent)
    try:
        directory.mkdir(mode=0o700)
    except FileExistsError as error:  # another process was faster, or it is a file
        if not directory.is_dir():
            reason = os.strerror(errno.ENOTDIR)
            raise NotADirectoryError(errno.ENOTDIR, reason, str(directory)) from error
    else:
        directory.chmod(0o700)  # the umask may have removed rights of the owner


def private_opener(name: str, flags: int) -> int:
    """Open a file for `open(..., opener=private_opener)`; a new one gets mode 0600."""
    return os.open(name, flags, 0o600)


def give_to_owner(file: Path) -> None:
    """Give a file to the owner of its directory, if this process may do that.

    The administrator of the machine may make it for a server of another user. Raises OSError.
    """
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        owner = file.parent.stat()
        os.chown(file, owner.st_uid, owner.st_gid)


def make_private(file: Path) -> None:
    """Let only the owner read or write a file.

    Anything but a regular file stays as it is: the path may be a link to /dev/null. Raises OSError.
    """
    if stat.S_ISREG(file.stat().st_mode):
        file.chmod(0o600)


def sync_directory(directory: Path) -> None:
    """Make the directory's new entry survive a power cut."""
    if os.name == "nt":  # which cannot open directories
        return
    number = os.open(directory, os.O_RDONLY)
    try:
        os.fsync(number)
    except OSError as error:
        if error.errno not in _NO_SYNC:
            raise
    finally:
        os.close(number)
