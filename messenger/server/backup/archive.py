"""The file of a backup: a compressed tar archive, whose first member is the manifest."""

import gzip
import hashlib
import io
import os
import shutil
import tarfile
import zlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import IO, BinaryIO, Self

from messenger.files import private_opener
from messenger.language import _
from messenger.server.backup import manifest as manifests
from messenger.server.backup.errors import BackupFailed
from messenger.server.backup.manifest import MANIFEST, FileContent, Manifest
from messenger.server.backup.progress import Counter, OnProgress
from messenger.system_errors import reason_of

_PART = 1 << 20  # bytes: what is read, and reported, at a time
_LEVEL = 1  # of gzip: ciphertexts get as small as with 9, in a third of the time
_MAX_MANIFEST = 1 << 20  # bytes: a thousand times what it has
_MAX_HEADER = 1 << 16  # bytes of a further header, which is read at once; `pack` makes some hundred
_MEMBERS = (manifests.DATABASE, manifests.KEY, manifests.CERTIFICATE, manifests.CONFIGURATION)

# `tarfile` lets the ValueError of a number in a header through.
_UNREADABLE = (tarfile.TarError, OSError, EOFError, zlib.error, ValueError)


def describe(file: Path, on_bytes: Callable[[int], None]) -> FileContent:
    """Return the size and the hash of a file; raises OSError."""
    found = hashlib.sha256()
    size = 0
    with file.open("rb") as opened:
        while part := opened.read(_PART):
            found.update(part)
            size += len(part)
            on_bytes(len(part))
    return FileContent(size, found.hexdigest())


def pack(
    target: Path, manifest: Manifest, files: Mapping[str, Path], on_bytes: Callable[[int], None]
) -> None:
    """Write a new archive (mode 0600) to the disk, with files by their names in it.

    Raises OSError.
    """
    with open(target, "xb", opener=private_opener) as opened:
        with (
            gzip.GzipFile("", "wb", _LEVEL, opened, mtime=manifest.made_at) as compressed,
            tarfile.open(fileobj=compressed, mode="w|", format=tarfile.PAX_FORMAT) as archive,
        ):
            encoded = manifests.encode(manifest)
            _add(archive, MANIFEST, len(encoded), manifest.made_at, io.BytesIO(encoded))
            for name, file in files.items():
                with file.open("rb") as content:
                    size = manifest.files[name].size
                    _add(archive, name, size, manifest.made_at, _Reported(content, on_bytes))
        opened.flush()
        os.fsync(opened.fileno())


def unpack(backup: Path, directory: Path, on_progress: OnProgress) -> Manifest:
    """Extract a backup's files into a directory; return its manifest.

    Raises BackupFailed if they are not those that were backed up, and OSError if they cannot be
    written.
    """
    with _opened(backup) as archive:
        manifest = _read_manifest(archive, backup)
        total = sum(file.size for file in manifest.files.values())
        _check_space(backup, total, directory)
        counter = Counter("unpacking", total, "bytes", on_progress)
        found = set()
        for member in _naming_damage(archive, backup):
            expected = manifest.files.get(member.name)
            if member.name not in _MEMBERS or expected is None or member.name in found:
                raise _damaged(backup, _("it has an unexpected member"))
            found.add(member.name)
            # Not by tarfile's own extraction: nothing in an archive decides where a file goes.
            _extract(archive, member, directory / member.name, backup, expected, counter)
        if missing := manifest.files.keys() - found:
            raise _damaged(backup, _("it lacks {name}", name=min(missing)))
    return manifest


class _Member(tarfile.TarInfo):
    """A member whose headers fit into memory: some megabytes can unpack to all of that."""

    @classmethod
    def frombuf(cls, buf: bytes | bytearray, encoding: str, errors: str) -> Self:
        """Read a header; raises ReadError for a further header that is too long."""
        found = super().frombuf(buf, encoding, errors)
        if found.type not in tarfile.REGULAR_TYPES and found.size > _MAX_HEADER:
            raise tarfile.ReadError("a header is too long")
        return found


class _Reported:
    """A file that reports how many bytes are read from it."""

    def __init__(self, file: BinaryIO, on_bytes: Callable[[int], None]) -> None:
        self._file = file
        self._on_bytes = on_bytes

    def read(self, size: int = -1, /) -> bytes:
        """Read so many bytes."""
        part = self._file.read(size)
        self._on_bytes(len(part))
        return part


def _add(
    archive: tarfile.TarFile, name: str, size: int, made_at: float, content: io.BytesIO | _Reported
) -> None:
    member = tarfile.TarInfo(name)
    member.size, member.mtime, member.mode = size, int(made_at), 0o600
    archive.addfile(member, content)


@contextmanager
def _opened(backup: Path) -> Iterator[tarfile.TarFile]:
    try:
        file = backup.open("rb")
    except OSError as error:
        raise BackupFailed(
            _(
                "The backup {file} cannot be read ({reason}): specify another file",
                file=backup,
                reason=reason_of(error),
            )
        ) from error
    with file:
        try:
            # Closed below: in this block the errors of its reader would be taken for these.
            archive = tarfile.open(fileobj=file, mode="r|gz", tarinfo=_Member)  # noqa: SIM115
        except _UNREADABLE as error:
            raise BackupFailed(
                _("{file} is no backup of Messenger: specify another file", file=backup)
            ) from error
        with archive:
            yield archive


def _read_manifest(archive: tarfile.TarFile, backup: Path) -> Manifest:
    for member in _naming_damage(archive, backup):
        content = archive.extractfile(member) if member.isfile() else None
        if member.name != MANIFEST or content is None or member.size > _MAX_MANIFEST:
            break
        return manifests.decode(_read(content, member.size, backup), backup)
    raise BackupFailed(_("{file} is no backup of Messenger: specify another file", file=backup))


def _check_space(backup: Path, needed: int, directory: Path) -> None:
    """Raise BackupFailed before anything is written if a full disk is certain."""
    free = shutil.disk_usage(directory).free
    if free < needed:
        raise BackupFailed(
            _(
                "Unpacking {file} needs {needed} MB in {directory}, where {free} MB are free: free "
                "some disk space",
                file=backup,
                needed=f"{-(-needed // 1_000_000):,}",
                free=f"{free // 1_000_000:,}",
                directory=directory.parent,
            )
        )


def _naming_damage(archive: tarfile.TarFile, backup: Path) -> Iterator[tarfile.TarInfo]:
    """Return the members; damage between them raises BackupFailed."""
    while True:
        try:
            member = archive.next()
        except _UNREADABLE as error:
            raise _damaged(backup, str(error)) from error
        if member is None:
            return
        yield member


def _extract(
    archive: tarfile.TarFile,
    member: tarfile.TarInfo,
    target: Path,
    backup: Path,
    expected: FileContent,
    counter: Counter,
) -> None:
    content = archive.extractfile(member) if member.isfile() else None
    if content is None or member.size != expected.size:
        raise _changed(backup, member.name)
    found = hashlib.sha256()
    with open(target, "xb", opener=private_opener) as new:
        left = member.size
        while left:
            part = _read(content, min(left, _PART), backup)
            found.update(part)
            new.write(part)
            left -= len(part)
            counter.add(len(part))
        new.flush()
        os.fsync(new.fileno())
    if found.hexdigest() != expected.sha256:
        raise _changed(backup, member.name)


def _read(content: IO[bytes], size: int, backup: Path) -> bytes:
    try:
        part = content.read(size)
    except _UNREADABLE as error:
        raise _damaged(backup, str(error)) from error
    if size and not part:
        raise _damaged(backup, _("it ends too early"))
    return part


def _damaged(backup: Path, why: str) -> BackupFailed:
    said = _("The backup {file} is damaged ({reason}): use another one", file=backup, reason=why)
    return BackupFailed(said)


def _changed(backup: Path, name: str) -> BackupFailed:
    return BackupFailed(
        _(
            "The backup {file} is damaged (its {name} is not the one that was backed up): use "
            "another one",
            file=backup,
            name=name,
        )
    )
