"""A program that this process has started, perhaps before it became another one itself."""

import os
import signal
import time

_INTERVAL = 0.05  # seconds: nobody waits for a program's end exactly


class ChildProcess:
    """A child of this process, by its id; `subprocess.Popen` knows only those that it started."""

    def __init__(self, pid: int) -> None:
        self.pid = pid
        self._is_running = True

    @classmethod
    def start(cls, command: list[str], line: bytes) -> "ChildProcess":
        """Start a program with this line as its input, whose output goes nowhere; raises OSError.

        Its errors go to those of this process.
        """
        reading, writing = os.pipe()
        try:
            # A pipe holds a page at least (POSIX: 512 bytes), so nobody has to read meanwhile.
            os.write(writing, line)
            files = [
                (os.POSIX_SPAWN_DUP2, reading, 0),
                (os.POSIX_SPAWN_OPEN, 1, os.devnull, os.O_WRONLY, 0),
            ]
            return cls(os.posix_spawn(command[0], command, os.environ, file_actions=files))
        finally:
            os.close(reading)
            os.close(writing)

    @property
    def is_running(self) -> bool:
        """Whether it has not ended yet."""
        # Only once: the number of a child that was waited for may be another program's.
        if self._is_running:
            try:
                self._is_running = os.waitpid(self.pid, os.WNOHANG)[0] == 0
            except ChildProcessError:
                self._is_running = False
        return self._is_running

    def end(self, patience: float) -> None:
        """Ask it to end, and kill it if it still runs after so many seconds."""
        if not self.is_running:
            return
        os.kill(self.pid, signal.SIGTERM)
        end = time.monotonic() + patience
        while self.is_running:
            if time.monotonic() > end:
                os.kill(self.pid, signal.SIGKILL)
                os.waitpid(self.pid, 0)
                self._is_running = False
            time.sleep(_INTERVAL)
