"""A server in a process that was started by its own command line, and can start itself anew."""

import os
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path

from messenger.jim.errors import Stopping
from messenger.sdk.administration import Administration, at_socket
from messenger.sdk.administration.results import Restarting
from messenger.sdk.errors import ConnectionLost
from tests.forking import ROOT
from tests.running import until


class RealServer:
    """A server that was started by the interpreter, not by a fork; `words` follow `python`."""

    def __init__(
        self,
        data: Path,
        words: Sequence[str] = ("server.py",),
        more: Sequence[str] = (),
        environment: Mapping[str, str] | None = None,
        python: str = sys.executable,
    ) -> None:
        self.data = data
        self.process = subprocess.Popen(
            [python, *words, "--data", str(data), *more],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env={**os.environ, **(environment or {})},
        )
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        assert "port" in line, self.process.communicate()[1]
        self.port = int(line.split("port ")[1].split()[0])

    @property
    def started(self) -> float:
        """The time of the start of the server that runs now."""
        with at_socket(self.data / "admin.sock") as administration:
            return administration.stats().now.started

    def restart(self, ask: Callable[[Administration], Restarting] = Administration.restart) -> int:
        """Restart it as the operator does, and wait until it is back; return its port then.

        `ask` is how it is asked to.
        """
        before = self.started
        with at_socket(self.data / "admin.sock") as administration:
            self.port = ask(administration).port
        until(lambda: self._is_newer(before))
        return self.port

    def sockets(self) -> set[str]:
        """Return the sockets and pipes that the process has open, besides its standard streams."""
        found = set()
        for file in Path(f"/proc/{self.process.pid}/fd").iterdir():
            with suppress(FileNotFoundError):  # closed meanwhile
                link = str(file.readlink())
                # Others have no number of their own.
                if int(file.name) > 2 and link.startswith(("socket:", "pipe:")):
                    found.add(link)
        return found

    def stop(self) -> str:
        """Stop it, as an operator does; return what it has written to standard error."""
        self.process.terminate()
        errors = self.process.communicate(timeout=60)[1]
        assert self.process.returncode == 0, errors
        return errors

    def end(self) -> None:
        """Kill it if it still runs, and close its pipes."""
        if self.process.poll() is None:
            self.process.kill()
            # Not its outputs: a window that it has opened may hold them.
            self.process.wait()
        for pipe in (self.process.stdin, self.process.stdout, self.process.stderr):
            if pipe is not None:
                pipe.close()

    def _is_newer(self, before: float) -> bool:
        try:
            return self.started > before
        except (OSError, ConnectionLost, Stopping):
            # It does not listen now; and whoever was let in before the end is let out again.
            assert self.process.poll() is None, self.process.communicate()[1]
            return False
