"""The PostgreSQL that tests start ends with them, and leaves nothing behind."""

import os
import tempfile
from pathlib import Path

from tests.forking import Python, run
from tests.postgresql import remove_stale
from tests.running import until

_TESTS = """
import time
from tests.postgresql import Postgresql

server = Postgresql()
print(server.directory, flush=True)
time.sleep(600)
"""


def test_it_ends_with_a_process_that_is_killed() -> None:
    with Python("-c", _TESTS) as process:
        assert process.stdout is not None
        directory = Path(process.stdout.readline().strip())
        number = (directory / "data" / "postmaster.pid").read_text().split()[0]
        command = Path("/proc", number, "cmdline")  # empty once it has ended
        assert str(directory) in command.read_text()
        process.kill()

    until(lambda: not directory.exists())
    until(lambda: not command.exists() or not command.read_text())


def test_directories_of_processes_that_are_gone_are_removed() -> None:
    gone = run("-c", "import os; print(os.getpid())").stdout.strip()
    temporary = Path(tempfile.gettempdir())
    stale, used, other = (
        temporary / f"pg-{name}"
        for name in (f"{gone}-stale", f"{os.getpid()}-used", "of-another-program")
    )
    try:
        for directory in (stale, used, other):
            (directory / "data").mkdir(parents=True)
        remove_stale()
        assert [directory.exists() for directory in (stale, used, other)] == [False, True, True]
    finally:
        for directory in (used, other):
            (directory / "data").rmdir()
            directory.rmdir()
