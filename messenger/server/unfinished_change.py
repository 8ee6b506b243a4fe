"""A note of a file's change until its row of the audit log is stored: a kill leaves both or none.

The note is written before the file, and removed after the commit. A start that finds one looks at
the file: if it was written, its row must be in the log, and is added if it is not. Each change has
a note of its own, as administrators may change several files at the same time.
"""

import hashlib
import logging
import time
from contextlib import suppress
from pathlib import Path

import msgspec
from sqlalchemy import Connection

from messenger.files import write_private
from messenger.jim.admin.audit import ReadAudit
from messenger.server.actors import Actor
from messenger.server.store import audit as audit_store
from messenger.server.store.audit import State

_NAMES = "unfinished-change-*.json"

_logger = logging.getLogger("messenger.server")


class FileChange(msgspec.Struct, kw_only=True):
    """A file that is about to have a content (its hash), and the row of the audit log for it."""

    file: str
    sha256: str
    begun: float
    actor: str
    origin: str
    action: str
    target: str
    before: State | None
    after: State | None


def note(
    data: Path,
    actor: Actor,
    action: str,
    target: str,
    file: Path,
    content: bytes,
    before: State | None,
    after: State | None,
) -> None:
    """Note in the directory of data that the file is about to be written; raises OSError."""
    change = FileChange(
        file=str(file),
        sha256=hashlib.sha256(content).hexdigest(),
        begun=time.time(),
        actor=actor.name,
        origin=actor.origin,
        action=action,
        target=target,
        before=before,
        after=after,
    )
    write_private(_place(data, content), msgspec.json.encode(change))


def forget(data: Path, content: bytes) -> None:
    """Remove the note of this content: the row is stored, or the file is as it was."""
    _remove(_place(data, content))


def forget_all(data: Path) -> None:
    """Remove all notes, once they are settled."""
    for place in data.glob(_NAMES):
        _remove(place)


def settle(connection: Connection, data: Path) -> None:
    """Add the rows of changes that were interrupted, if their files were written.

    Call `forget_all` after the commit.
    """
    for place in data.glob(_NAMES):
        _settle(connection, place)


def _settle(connection: Connection, place: Path) -> None:
    try:
        change = msgspec.json.decode(place.read_bytes(), type=FileChange)
    except (OSError, msgspec.DecodeError) as error:
        _logger.warning("The note of an unfinished change cannot be read: %s", error)
        return
    if not _was_written(change) or _has_row(connection, change):
        return
    _logger.warning("Adding the row of a change that was interrupted: %s", change.target)
    audit_store.append(
        connection,
        actor=change.actor,
        origin=change.origin,
        action=change.action,
        target=change.target,
        before=change.before,
        after=change.after,
        at=change.begun,
    )


def _place(data: Path, content: bytes) -> Path:
    return data / _NAMES.replace("*", hashlib.sha256(content).hexdigest()[:16])


def _remove(place: Path) -> None:
    with suppress(OSError):  # it stays true, and is removed by the next start
        place.unlink(missing_ok=True)


def _was_written(change: FileChange) -> bool:
    try:
        content = Path(change.file).read_bytes()
    except OSError:
        return False
    return hashlib.sha256(content).hexdigest() == change.sha256


def _has_row(connection: Connection, change: FileChange) -> bool:
    wanted = ReadAudit(actor=change.actor, target=change.target, action_name=change.action, limit=1)
    return any(row.time >= change.begun for row in audit_store.page(connection, wanted))
