"""The description of a backup that is its first member: when it was made, and what is in it."""

from pathlib import PurePath
from typing import Annotated, Literal

import msgspec
from msgspec import Meta, Struct

from messenger.language import _
from messenger.server.backup.errors import BackupFailed

FORMAT = 1
"""The version of the format of backups."""

MANIFEST, DATABASE, KEY, CERTIFICATE, CONFIGURATION = (
    "manifest.json",
    "messenger.db",
    "key.pem",
    "certificate.pem",
    "messenger.toml",
)
"""The names of a backup's members; the files have the same names in a directory of data."""


class TableContent(Struct):
    """A table's number of rows, and the sum of their hashes, which has no order (hexadecimal)."""

    rows: int
    digest: str


class FileContent(Struct):
    """A file's size in bytes, and its hash (hexadecimal)."""

    size: Annotated[int, Meta(ge=0)]
    sha256: str


class Manifest(Struct, kw_only=True):
    """What a backup holds: by `messenger` of this version, `made_at` (unix time).

    `schema` is the newest migration of the database, `kind` which database the server had.
    """

    format: int = FORMAT
    messenger: str
    made_at: float
    schema: str
    kind: Literal["sqlite", "postgresql"]
    tables: dict[str, TableContent]
    files: dict[str, FileContent]


def encode(manifest: Manifest) -> bytes:
    """Return the manifest as JSON that people can read."""
    return msgspec.json.format(msgspec.json.encode(manifest), indent=2)


def decode(data: bytes, backup: PurePath) -> Manifest:
    """Return the manifest of a backup; raises BackupFailed."""
    try:
        found = msgspec.json.decode(data, type=Manifest)
    except (msgspec.DecodeError, ValueError) as error:
        raise BackupFailed(
            _("{file} is no backup of Messenger: specify another file", file=backup)
        ) from error
    if found.format > FORMAT:
        raise BackupFailed(
            _(
                "The backup {file} was made by a newer Messenger ({version}): install that version",
                file=backup,
                version=found.messenger,
            )
        )
    return found
