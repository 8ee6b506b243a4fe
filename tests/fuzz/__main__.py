"""Fuzzes for any length of time: `make fuzz`; findings are printed, and written to files."""

import argparse
import contextlib
import logging
import random
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Sequence
from itertools import count, cycle
from pathlib import Path
from typing import Protocol

from tests.fuzz.client_fuzzer import ClientFuzzer
from tests.fuzz.findings import Found, Round, load
from tests.fuzz.server_fuzzer import ServerFuzzer
from tests.fuzz.to_device_fuzzer import ToDeviceFuzzer
from tests.fuzz.victims import AsyncVictim, BlockingVictim, Exceptions, Victim, hurried
from tests.running import RunningServer

_TURN = 10.0


class Fuzzer(Protocol):
    """Runs rounds, each from a seed, or from the input of an earlier round."""

    def run(self, seed: str) -> int:
        """Run a round; return how much was sent. Raises Found."""

    def replay(self, round: Round) -> None:
        """Send the input of another round; raises Found."""

    def close(self) -> None:
        """Close clients and servers."""


class WithServer:
    """A fuzzer of clients, and a server of its own."""

    def __init__(self, directory: Path, make: Callable[[RunningServer, Path], Fuzzer]) -> None:
        self._server = RunningServer(directory / "server", "--limits", "off")
        self._fuzzer = make(self._server, directory)
        self.run = self._fuzzer.run
        self.replay = self._fuzzer.replay

    def close(self) -> None:
        """Close both."""
        self._fuzzer.close()
        self._server.end()


Makers = dict[str, Callable[[Path], Fuzzer]]
KINDS = ("server", "BlockingVictim", "AsyncVictim", "to-device")


def makers(exceptions: Exceptions) -> Makers:
    """Return the factories of fuzzers, by the kind of their rounds."""

    def client(kind: type[Victim]) -> Callable[[Path], Fuzzer]:
        return lambda directory: WithServer(
            directory, lambda server, data: ClientFuzzer(kind, server, data, exceptions)
        )

    return {
        "server": ServerFuzzer,
        "BlockingVictim": client(BlockingVictim),
        "AsyncVictim": client(AsyncVictim),
        "to-device": lambda directory: WithServer(
            directory, lambda server, data: ToDeviceFuzzer(server, data, exceptions)
        ),
    }


class Runs:
    """Runs rounds of each kind; counts and prints inputs and findings."""

    def __init__(self, directory: Path, made_by: Makers, seed: str) -> None:
        self._directory = directory
        self._makers = made_by
        self._seed = seed
        self._fuzzers: dict[str, Fuzzer] = {}
        self._numbers = count()
        self._sent: Counter[str] = Counter()
        self._seconds: Counter[str] = Counter()
        self.found: Counter[str] = Counter()

    def run(self, kind: str, seconds: float) -> None:
        """Run rounds of a kind for so many seconds, or until one finds something."""
        fuzzer = self._fuzzer(kind)
        start = time.monotonic()
        seed = f"{self._seed} {next(self._numbers)}"
        try:
            while time.monotonic() < start + seconds:
                self._sent[kind] += fuzzer.run(seed)
                seed = f"{self._seed} {next(self._numbers)}"
        except Found as found:
            self._note(kind, seed, found)
        self._seconds[kind] += time.monotonic() - start

    def replay(self, round: Round) -> None:
        """Send the input of an earlier finding again."""
        try:
            self._fuzzer(round.kind).replay(round)
        except Found as found:
            self._note(round.kind, round.seed, found)

    def report(self) -> None:
        """Print how much was sent, how fast, and what was found."""
        for kind, sent in self._sent.items():
            memory = getattr(self._fuzzers.get(kind), "memory", None)
            more = f", the server has {memory} MiB" if memory else ""
            print(f"{kind}: {sent:,} ({sent / self._seconds[kind]:,.0f}/s{more})", flush=True)

    def close(self) -> None:
        """Close all fuzzers."""
        for kind in list(self._fuzzers):
            self._end(kind)

    def _fuzzer(self, kind: str) -> Fuzzer:
        if kind not in self._fuzzers:
            directory = Path(tempfile.mkdtemp(dir=self._directory))
            self._fuzzers[kind] = self._makers[kind](directory)
        return self._fuzzers[kind]

    def _note(self, kind: str, seed: str, found: Found) -> None:
        """Print a new finding; close the fuzzer, whose server or client may be broken by it."""
        if not self.found[found.name]:
            print(f"FOUND by {kind}, seed {seed!r}: {found}", flush=True)
        self.found[found.name] += 1
        self._end(kind)

    def _end(self, kind: str) -> None:
        fuzzer = self._fuzzers.pop(kind)
        try:
            fuzzer.close()
        except AssertionError as error:  # the server's traceback, which is the finding
            print(str(error)[:500])


def main() -> int:
    """Run the fuzzers; return 1 if something was found."""
    parser = argparse.ArgumentParser(prog="make fuzz", description=__doc__)
    parser.add_argument("--seconds", type=float, default=600)
    parser.add_argument("--seed", default=str(random.randrange(10**6)))
    parser.add_argument("--only", choices=KINDS, help="fuzz this only")
    parser.add_argument("--replay", type=Path, help="the file of a finding")
    options = parser.parse_args()
    logging.lastResort = None  # clients log the lies that they notice
    with tempfile.TemporaryDirectory() as directory, hurried() as exceptions:
        runs = Runs(Path(directory), makers(exceptions), options.seed)
        try:
            if options.replay:
                runs.replay(load(options.replay))
            else:
                print(f"SEED={options.seed}", flush=True)
                _run(runs, [options.only] if options.only else KINDS, options.seconds)
        finally:
            runs.close()
    for name, times in runs.found.items():
        print(f"{times} times: {name}")
    print(f"{len(runs.found)} found")
    return 1 if runs.found else 0


def _run(runs: Runs, kinds: Sequence[str], seconds: float) -> None:
    """Run each kind in turn, until the time is over or the user presses Ctrl+C."""
    end = time.monotonic() + seconds
    with contextlib.suppress(KeyboardInterrupt):
        for kind in cycle(kinds):
            left = end - time.monotonic()
            if left <= 0:
                break
            runs.run(kind, min(_TURN, left))
            if kind == kinds[-1]:
                runs.report()
    runs.report()


if __name__ == "__main__":
    sys.exit(main())
