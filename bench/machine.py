"""Starts the processes that are measured, on a core of their own, and reads what they use."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).parent.parent
_TICKS = os.sysconf("SC_CLK_TCK")
_CORES = sorted(os.sched_getaffinity(0))


class Measured:
    """A server in a process of its own, pinned to the first core."""

    def __init__(self, command: Sequence[str]) -> None:
        begun = time.monotonic()
        self.process = on_its_core([sys.executable, *command])
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        self.start_up = time.monotonic() - begun
        self.port = int(line.split("port ")[1].split()[0])

    @property
    def cpu(self) -> float:
        """The CPU time of all its threads so far, in seconds."""
        fields = Path(f"/proc/{self.process.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / _TICKS

    @property
    def memory(self) -> int:
        """Its resident memory, in bytes."""
        pages = int(Path(f"/proc/{self.process.pid}/statm").read_text().split()[1])
        return pages * os.sysconf("SC_PAGE_SIZE")

    def stop(self) -> None:
        """Terminate the process, and wait for its end."""
        self.process.terminate()
        self.process.wait(30)
        if self.process.stdout is not None:
            self.process.stdout.close()


def on_its_core(command: Sequence[str]) -> subprocess.Popen[str]:
    """Start a process that is measured on the first core, which the load leaves free."""
    # A process inherits the cores of the one that starts it.
    os.sched_setaffinity(0, _CORES[:1])
    try:
        return subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT)
    finally:
        use_the_other_core()


@contextmanager
def server(data: Path) -> Iterator[Measured]:
    """Run our server without rate limits, but with those of sizes and queues, and with rights."""
    command = ["server.py", "-a", "127.0.0.1", "-p", "0", "--data", str(data), "--limits", "off"]
    measured = Measured(command)
    try:
        yield measured
    finally:
        measured.stop()


@contextmanager
def relay() -> Iterator[Measured]:
    """Run the relay that stores nothing."""
    measured = Measured(["-m", "bench.relay"])
    try:
        yield measured
    finally:
        measured.stop()


def use_the_other_core() -> None:
    """Keep the load off the core of the measured process."""
    os.sched_setaffinity(0, _CORES[1:] or _CORES)
