"""A directory for what Qt takes from files only; it goes with the process."""

import atexit
import shutil
import tempfile
from functools import lru_cache
from pathlib import Path


@lru_cache(1)
def look_directory() -> Path:
    """Return the directory. Raises OSError if none can be made."""
    found = Path(tempfile.mkdtemp(prefix="messenger-"))
    atexit.register(shutil.rmtree, found, ignore_errors=True)
    return found
