"""Servers that start quickly: forked off a process that has imported the program already.

Three quarters of a start of `server.py` are imports. A process of its own serves all the same,
with the program's own `main`: it can be killed, stopped by signals, and limited by the system.
It remembers what Argon2id has made of a password and a salt, and so pays for it once.
"""

import functools
import multiprocessing
import os
import resource
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from multiprocessing.connection import Connection
from types import ModuleType
from typing import IO

_context = multiprocessing.get_context("forkserver")
_context.set_forkserver_preload(["tests.preloaded"])


class ForkedServer:
    """A running server, with what tests use of `subprocess.Popen`; its outputs are pipes."""

    def __init__(self, arguments: Sequence[str], environment: Mapping[str, str]) -> None:
        out, its_out = _context.Pipe(duplex=False)
        err, its_err = _context.Pipe(duplex=False)
        files = resource.getrlimit(resource.RLIMIT_NOFILE)
        self._process = _context.Process(
            target=_serve, args=(arguments, dict(environment), files, its_out, its_err)
        )
        with _without_main():
            self._process.start()
        for end in (its_out, its_err):
            end.close()
        self.stdout, self.stderr = _text_of(out), _text_of(err)

    @property
    def pid(self) -> int:
        """The process's id."""
        assert self._process.pid is not None
        return self._process.pid

    @property
    def returncode(self) -> int | None:
        """The exit code, or minus the number of the signal; None while it runs."""
        return self._process.exitcode

    def poll(self) -> int | None:
        """Return the exit code, None while it runs."""
        return self.returncode

    def send_signal(self, number: signal.Signals) -> None:
        """Send a signal, unless the process has ended."""
        if self.returncode is None:
            os.kill(self.pid, number)

    def kill(self) -> None:
        """End the process so that it can't do anything about it."""
        self.send_signal(signal.SIGKILL)

    def terminate(self) -> None:
        """Ask the process to end."""
        self.send_signal(signal.SIGTERM)

    def wait(self, timeout: float | None = None) -> int:
        """Wait for the end; return the exit code. Raises TimeoutExpired."""
        self._process.join(timeout)
        if self.returncode is None:
            raise subprocess.TimeoutExpired("server", timeout or 0)
        return self.returncode

    def communicate(self, timeout: float | None = None) -> tuple[str, str]:
        """Wait for the end; return the rest of both outputs. Raises TimeoutExpired, and kills."""
        # Both are read meanwhile: a server whose pipe is full would wait, too.
        with ThreadPoolExecutor(2) as pool, self.stdout, self.stderr:
            said = [pool.submit(pipe.read) for pipe in (self.stdout, self.stderr)]
            try:
                self.wait(timeout)
            except subprocess.TimeoutExpired:
                self.kill()
                raise
            return said[0].result(), said[1].result()


def _serve(
    arguments: Sequence[str],
    environment: dict[str, str],
    files: tuple[int, int],
    out: Connection,
    err: Connection,
) -> None:
    """Be the server: `messenger server` with these arguments."""
    from messenger.__main__ import main
    from messenger.crypto import passwords

    passwords.hash_secret_raw = functools.cache(passwords.hash_secret_raw)
    # Without the terminal that the tests run in, which would send signals, too.
    os.setsid()
    os.environ.clear()
    os.environ.update(environment)
    resource.setrlimit(resource.RLIMIT_NOFILE, files)
    for pipe, standard in ((out, sys.stdout), (err, sys.stderr)):
        os.dup2(pipe.fileno(), standard.fileno())
        pipe.close()
    sys.exit(main(["server", *arguments]))


@contextmanager
def _without_main() -> Iterator[None]:
    """Keep the new process from running the main module of this one (pytest, or a script)."""
    main = sys.modules["__main__"]
    sys.modules["__main__"] = ModuleType("__main__")
    try:
        yield
    finally:
        sys.modules["__main__"] = main


def _text_of(pipe: Connection) -> IO[str]:
    with pipe:
        return os.fdopen(os.dup(pipe.fileno()), encoding="utf-8", errors="replace")
