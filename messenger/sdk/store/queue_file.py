"""Messages that are written but not in the database yet, in a file beside it: a kill loses none."""

import errno
import os
import secrets
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import msgspec
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

try:
    import fcntl
except ImportError:  # Windows: there each message waits for its commit.
    fcntl = None  # type: ignore[assignment]  # mypy takes a module for its type

KEY_BYTES = 32  # AES-256-GCM
_NONCE_BYTES = 12  # as NIST SP 800-38D (5.2.1.1) recommends for AES-GCM
_LENGTH_BYTES = 4


class QueueFile:
    """Rows, each encrypted and appended in one write, which takes a hundredth of a commit.

    What was appended survives the end of the program. It is not synced: the commit that follows
    some milliseconds later protects it from the end of power. Only one program at a time has it
    open: others, such as one in a pipe, open the same database. Raises OSError.
    """

    def __init__(self, file: Path, key: bytes) -> None:
        self._file = file
        self._cipher = AESGCM(key)
        flags = os.O_RDWR | os.O_CREAT | os.O_APPEND | getattr(os, "O_BINARY", 0)
        if fcntl is None:
            raise OSError(errno.ENOTSUP, os.strerror(errno.ENOTSUP))
        self._descriptor = os.open(file, flags, 0o600)
        try:
            # Not `lockf`: POSIX locks end once any descriptor of the file is closed, as in `rows`.
            fcntl.flock(self._descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            os.close(self._descriptor)
            raise
        self._end = os.fstat(self._descriptor).st_size

    def append(self, row: tuple[Any, ...]) -> None:
        """Append a row; after an error the file is as it was before."""
        nonce = secrets.token_bytes(_NONCE_BYTES)
        record = nonce + self._cipher.encrypt(nonce, msgspec.msgpack.encode(row), None)
        record = len(record).to_bytes(_LENGTH_BYTES, "big") + record
        if os.fstat(self._descriptor).st_size != self._end:
            # A write was interrupted: nothing after it could be read.
            os.ftruncate(self._descriptor, self._end)
        if os.write(self._descriptor, record) < len(record):
            os.ftruncate(self._descriptor, self._end)
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        self._end += len(record)

    def rows(self) -> Iterator[tuple[Any, ...]]:
        """Yield the rows; none that is incomplete, or encrypted with another key."""
        content = self._file.read_bytes()
        start = 0
        while start + _LENGTH_BYTES <= len(content):
            end = start + _LENGTH_BYTES
            length = int.from_bytes(content[start:end], "big")
            record, start = content[end : end + length], end + length
            try:
                decrypted = self._cipher.decrypt(record[:_NONCE_BYTES], record[_NONCE_BYTES:], None)
            except (InvalidTag, ValueError):
                continue
            yield tuple(msgspec.msgpack.decode(decrypted))

    def clear(self) -> None:
        """Remove all rows."""
        os.ftruncate(self._descriptor, 0)
        self._end = 0

    def close(self) -> None:
        """Close the file, and remove it if it has no rows."""
        with suppress(OSError):
            if not os.fstat(self._descriptor).st_size:
                self._file.unlink()
        os.close(self._descriptor)
