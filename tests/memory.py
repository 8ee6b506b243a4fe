"""Has what tests write lie in memory, where it is forced to no disk."""

import os
import shutil
import tempfile
from pathlib import Path

_MEMORY = Path("/dev/shm")
_ENOUGH = 2 * 1024**3
# All tests write a sixth of this.


def in_memory() -> None:
    """Make temporary directories in a file system in memory, where there is one with room.

    Servers and clients have every message written through to the disk, some hundred times in a
    test, at some milliseconds each. That shows nothing here: what tests kill is processes, and the
    system keeps what those have written. Who sets TMPDIR decides otherwise.
    """
    if "TMPDIR" in os.environ or not os.access(_MEMORY, os.W_OK | os.X_OK):
        return
    if shutil.disk_usage(_MEMORY).free > _ENOUGH:
        os.environ["TMPDIR"] = tempfile.tempdir = str(_MEMORY)
