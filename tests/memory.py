"""Keeps the files of tests in memory, where syncing costs nothing."""

import os
import shutil
import tempfile
from pathlib import Path

_MEMORY = Path("/dev/shm")
# All tests together write a sixth of this.
_ENOUGH = 2 * 1024**3


def in_memory() -> None:
    """Create temporary directories in a file system in memory, if there is one with enough space.

    Servers and clients sync every message to the disk, some hundred times in a test, at some
    milliseconds each. That would show nothing: tests kill processes only, and the system keeps what
    those have written. A TMPDIR in the environment takes precedence.
    """
    if "TMPDIR" in os.environ or not os.access(_MEMORY, os.W_OK | os.X_OK):
        return
    if shutil.disk_usage(_MEMORY).free > _ENOUGH:
        os.environ["TMPDIR"] = tempfile.tempdir = str(_MEMORY)
