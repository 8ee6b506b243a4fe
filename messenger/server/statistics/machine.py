"""What the server uses of its machine: memory, CPU, the database's size, and the disk's space."""

import os
import shutil
import sys
import time
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

from sqlalchemy import Connection

from messenger.server.store import database

_KIB = 1024  # bytes: the unit of `ru_maxrss` on Linux


class Storage(NamedTuple):
    """The size of the database, and the free space on the disk of the server, in bytes."""

    database_size: int
    disk_free: int


def memory() -> int:
    """Return the resident memory in bytes; where the system does not say, the most so far, or 0."""
    with suppress(OSError):
        pages = int(Path("/proc/self/statm").read_text("ascii").split()[1])
        return pages * os.sysconf("SC_PAGE_SIZE")
    try:
        import resource
    except ImportError:  # Windows
        return 0
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return most if sys.platform == "darwin" else most * _KIB


def cpu() -> float:
    """Return the CPU time of all threads since the start, in seconds."""
    return time.process_time()


def storage(connection: Connection, data: Path) -> Storage:
    """Measure the database, and the disk of its file, or else of the server's directory.

    Not for the event loop: it may wait for a disk.
    """
    engine = connection.engine
    name = engine.url.database
    is_file = engine.dialect.name == "sqlite" and name
    directory = Path(name).parent if is_file and name else data
    size, free = database.backend_of(engine).size(connection), 0
    with suppress(OSError):  # a directory that was removed must not stop the other figures
        free = shutil.disk_usage(directory).free
    return Storage(size, free)
