"""Starts Python programs quickly: forked off a process that has already imported the product.

Three quarters of a start are imports. A program still has a process of its own, does what its
command line says (`client.py`, `-m messenger run`, `-c ...`), and can be killed, stopped by
signals, and limited by the system. Only the interpreter's own start is skipped: a test of that
(closed streams, an interpreter without libraries) starts a real one.
"""

import fcntl
import gettext
import multiprocessing
import os
import resource
import runpy
import signal
import subprocess
import sys
import termios
import time
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from io import TextIOWrapper
from multiprocessing.connection import Connection
from pathlib import Path
from subprocess import DEVNULL, PIPE, STDOUT
from types import ModuleType
from typing import IO, Self

ROOT = Path(__file__).parent.parent

_ERRORS = str(sys.__stdout__.errors if sys.__stdout__ else "strict")
"""How the interpreter handles characters that the locale's encoding does not have."""

_context = multiprocessing.get_context("forkserver")
_context.set_forkserver_preload(["tests.preloaded"])


class Python:
    """A running `python WORDS`, with the part of `subprocess.Popen` that tests use; pipes are text.

    `stdin`, `stdout` and `stderr` are as in `Popen`; by default the input is empty, and the outputs
    are pipes. It has a session of its own, and a controlling terminal if its input is one.
    """

    def __init__(
        self,
        *words: str,
        env: Mapping[str, str] | None = None,
        cwd: Path = ROOT,
        stdin: int = DEVNULL,
        stdout: int = PIPE,
        stderr: int = PIPE,
        encoding: str = "utf-8",
    ) -> None:
        self._ends: list[Connection] = []
        self.stdin = self._text(self._input(stdin), "w", encoding)
        self.stdout = self._text(self._output(stdout), "r", encoding)
        self.stderr = self._text(self._output(stderr), "r", encoding)
        files = resource.getrlimit(resource.RLIMIT_NOFILE)
        environment = dict(os.environ if env is None else env)
        self._process = _context.Process(
            target=_become, args=(words, environment, cwd, files, self._ends), daemon=True
        )
        with _without_main():
            self._process.start()
        for end in self._ends:
            end.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close_pipes()
        self.wait()

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

    def send_signal(self, number: int) -> None:
        """Send a signal, unless the process has ended."""
        # It may have ended, and not have been reported yet.
        with suppress(ProcessLookupError):
            if self.returncode is None:
                os.kill(self.pid, number)

    def kill(self) -> None:
        """Kill the process (SIGKILL)."""
        self.send_signal(signal.SIGKILL)

    def terminate(self) -> None:
        """Ask the process to end (SIGTERM)."""
        self.send_signal(signal.SIGTERM)

    def wait(self, timeout: float | None = None) -> int:
        """Wait for the end; return the exit code. Raises TimeoutExpired."""
        self._process.join(timeout)
        if self.returncode is None:
            raise subprocess.TimeoutExpired("python", timeout or 0)
        return self.returncode

    def communicate(self, text: str = "", timeout: float | None = None) -> tuple[str, str]:
        """Write the text, and wait for the end; return the rest of both outputs.

        Raises TimeoutExpired, and kills.
        """
        # At the same time, because a program blocks while a pipe is full.
        with ThreadPoolExecutor(3) as pool:
            pool.submit(self._write, text)
            outputs = [pool.submit(_rest_of, pipe) for pipe in (self.stdout, self.stderr)]
            try:
                self.wait(timeout)
            except subprocess.TimeoutExpired:
                self.kill()
                raise
            return outputs[0].result(), outputs[1].result()

    def close_pipes(self) -> None:
        """Close the pipes that are open."""
        for pipe in (self.stdin, self.stdout, self.stderr):
            if pipe is not None:
                with suppress(BrokenPipeError):
                    pipe.close()

    def _write(self, text: str) -> None:
        if self.stdin is not None:
            with suppress(BrokenPipeError), self.stdin as pipe:
                pipe.write(text)

    def _input(self, kind: int) -> int | None:
        """Make the program's standard input; return our end of it, if it is a pipe."""
        if kind == PIPE:
            reading, writing = os.pipe()
            self._ends.append(Connection(reading))
            return writing
        end = os.open(os.devnull, os.O_RDONLY) if kind == DEVNULL else os.dup(kind)
        self._ends.append(Connection(end))
        return None

    def _output(self, kind: int) -> int | None:
        """Make the program's next output; return our end of it, if it is a pipe."""
        if kind == PIPE:
            reading, writing = os.pipe()
            self._ends.append(Connection(writing))
            return reading
        end = os.dup(self._ends[-1].fileno() if kind == STDOUT else kind)
        self._ends.append(Connection(end))
        return None

    @staticmethod
    def _text(end: int | None, mode: str, encoding: str) -> IO[str] | None:
        return None if end is None else os.fdopen(end, mode, encoding=encoding, errors="replace")


def run(
    *words: str,
    text: str = "",
    env: Mapping[str, str] | None = None,
    encoding: str = "utf-8",
    timeout: float = 120,
) -> subprocess.CompletedProcess[str]:
    """Run `python WORDS` with this text as its input; return the exit code and both outputs."""
    with Python(*words, env=env, stdin=PIPE, encoding=encoding) as process:
        outputs = process.communicate(text, timeout)
    return subprocess.CompletedProcess(words, process.wait(), *outputs)


# --- in the other process ------------------------------------------------------------------------


def _become(
    words: Sequence[str],
    environment: dict[str, str],
    directory: Path,
    files: tuple[int, int],
    ends: Sequence[Connection],
) -> None:
    """Become `python WORDS`, with these ends of pipes as the three standard streams."""
    from messenger import language

    # Detached from the terminal of the tests, which would send it signals.
    os.setsid()
    # With the default handlers, also if the tests run under `nohup` or behind `&`.
    signal.signal(signal.SIGHUP, signal.SIG_DFL)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    os.environ.clear()
    os.environ.update(environment)
    time.tzset()
    language._translation = gettext.translation("messenger", language.LOCALES, fallback=True)
    os.chdir(directory)
    resource.setrlimit(resource.RLIMIT_NOFILE, files)
    for number, end in enumerate(ends):
        os.dup2(end.fileno(), number)
        end.close()
    if os.isatty(0):
        fcntl.ioctl(0, termios.TIOCSCTTY, 0)
    _open_standard_streams()
    _run(list(words))


def _open_standard_streams() -> None:
    """Open the standard streams as the interpreter does at its start."""
    encoding, _colon, errors = os.environ.get("PYTHONIOENCODING", "utf-8").partition(":")
    errors = errors or _ERRORS
    sys.stdin = sys.__stdin__ = _opened(0, "r", encoding, errors)
    sys.stdout = sys.__stdout__ = _opened(1, "w", encoding, errors)
    sys.stderr = sys.__stderr__ = _opened(2, "w", encoding, "backslashreplace")


def _opened(number: int, mode: str, encoding: str, errors: str) -> TextIOWrapper:
    file = os.fdopen(number, f"{mode}b", closefd=False)
    by_lines = number == 2 or file.isatty()
    unbuffered = mode == "w" and bool(os.environ.get("PYTHONUNBUFFERED"))
    return TextIOWrapper(file, encoding, errors, line_buffering=by_lines, write_through=unbuffered)


def _run(words: list[str]) -> None:
    main = sys.modules["__main__"] = ModuleType("__main__")
    match words:
        case ["-m", module, *_rest]:
            sys.argv = words[1:]
            runpy.run_module(module, run_name="__main__", alter_sys=True)
        case ["-c", code, *rest]:
            sys.argv = ["-c", *rest]
            exec(compile(code, "<string>", "exec"), main.__dict__)
        case _:
            sys.argv = words
            runpy.run_path(words[0], run_name="__main__")


@contextmanager
def _without_main() -> Iterator[None]:
    """Keep the new process from running the main module of this one (pytest, or a script)."""
    main = sys.modules["__main__"]
    sys.modules["__main__"] = ModuleType("__main__")
    try:
        yield
    finally:
        sys.modules["__main__"] = main


def _rest_of(pipe: IO[str] | None) -> str:
    if pipe is None:
        return ""
    with pipe:
        return pipe.read()
