"""The error of a backup that cannot be made, verified or restored."""

import errno
from pathlib import Path

from messenger.language import N_, _
from messenger.server.errors import CannotStart
from messenger.system_errors import reason_of


class BackupFailed(CannotStart):
    """A backup cannot be made, verified or restored; the text is one sentence that says why."""


def cannot_write(directory: Path, error: OSError) -> BackupFailed:
    """Return the error for the operator for what the operating system has raised."""
    said = N_("{directory} cannot be written ({reason}): choose another directory")
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        said = N_("There is no space left in {directory}: free some disk space")
    return BackupFailed(_(said, directory=directory, reason=reason_of(error)))
