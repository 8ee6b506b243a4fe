"""Fuzzes a real server over many connections: strangers, guests, several devices of accounts."""

import json
import os
import select
from collections.abc import Iterator, Mapping
from pathlib import Path
from random import Random
from typing import Any, NamedTuple

from messenger.jim.accounts import Logout, Password, Register
from messenger.jim.admin.window import OpenWindow
from messenger.jim.devices import ForgetDevice
from messenger.jim.session import Authenticate, Quit, Scram
from tests.fuzz.findings import Found, Round
from tests.fuzz.grammar import REQUESTS, World, build
from tests.fuzz.honest import Pair
from tests.fuzz.links import Account, Guest, Link
from tests.fuzz.mutations import damaged, spoil, written
from tests.running import PASSWORD, RunningServer
from tests.sdk.proxy import LyingProxy

KIND = "server"

_PEOPLE = ("Иван", "名前")
_HONEST = ("ann", "🦄 bob")
_ROOMS = ["#", "#all", "#dev", "#дом", "#🦄", "#new"]
_TURNS = 5
_BATCH = 40
_SETTINGS = "plain_pause = 0.0001\n[limits]\nlogin_timeout = 600\n"
# Seldom sent, because they end a connection, or have a password checked, which is slow on purpose.
_SELDOM = (Authenticate, Scram, Register, Password, Logout, ForgetDevice, Quit, OpenWindow)
_OFTEN = [request for request in REQUESTS if request not in _SELDOM]


class Batch(NamedTuple):
    """What one connection sends in a turn, in so many writes (Latin-1).

    After a `loose` one nobody knows where the next object would begin: the connection is ended.
    """

    link: int
    writes: list[str]
    loose: bool


class ServerFuzzer:
    """A server, honest people on it, and connections that send invalid requests.

    The input of a round depends on its seed, and on what clients sent at the beginning.
    """

    def __init__(self, directory: Path, *arguments: str) -> None:
        data = directory / "server"
        data.mkdir(parents=True)
        (data / "messenger.toml").write_text(_SETTINGS, "utf-8")
        self.server = RunningServer(data, "--limits", "off", *arguments)
        port = self.server.port
        samples = _record(port, directory / "recorded")
        self.honest = Pair(_HONEST, port, directory / "honest", "#ours")
        devices = ["1", "2", "3", self.honest.ann.core.encryption.identity.device_id]
        passwords = ["wrong", "x" * 100, PASSWORD + "!"]
        self._world = World([*_PEOPLE, *_HONEST], _ROOMS, devices, passwords, samples)
        self._log_read = 0
        self.links = [*_links(port)]

    def close(self) -> None:
        """Close the connections, the people and the server."""
        for link in self.links:
            link.end()
        self.honest.end()
        self.server.end()

    @property
    def memory(self) -> int:
        """The server's resident memory, in MiB."""
        status = Path(f"/proc/{self.server.process.pid}/status").read_text("ascii")
        return int(status.split("VmRSS:")[1].split()[0]) // 1024

    def run(self, seed: str) -> int:
        """Run a round; return how many requests it had. Raises Found."""
        rng = Random(seed)
        links = range(len(self.links))
        turns = [[self._batch(rng, number) for number in links] for _ in range(_TURNS)]
        try:
            self._play(turns)
        except Found as found:
            found.round = Round(KIND, seed, turns)
            raise
        return _TURNS * _BATCH * len(self.links)

    def replay(self, round: Round) -> None:
        """Send the input of another round; raises Found."""
        self._play([[Batch(*batch) for batch in turn] for turn in round.sent])

    def _play(self, turns: list[list[Batch]]) -> None:
        try:
            for turn in turns:
                for link, writes, _loose in turn:
                    self.links[link].write([write.encode("latin-1") for write in writes])
                for link, _writes, loose in turn:
                    self.links[link].settle(loose=loose)
            self._check()
        except Found as found:
            found.what += f"\n{self._complaints()}"
            for one in self.links:
                one.end()
            raise

    # --- input ---------------------------------------------------------------------------------

    def _batch(self, rng: Random, link: int) -> Batch:
        requests = [self._request(rng) for _ in range(_BATCH)]
        if loose := rng.random() < 0.1:
            requests.append(damaged(rng, requests[0], requests[1]))
        return Batch(link, _writes(rng, b"".join(requests)), loose)

    def _request(self, rng: Random) -> bytes:
        request = self._valid(rng)
        if rng.random() < 0.75:
            request = spoil(rng, request, self._valid(rng))
        return written(rng, request)

    def _valid(self, rng: Random) -> Any:
        if rng.random() < 0.2:
            return json.loads(rng.choice(self._world.samples[rng.choice([*self._world.samples])]))
        types = _SELDOM if rng.random() < 0.003 else _OFTEN
        return build(rng, self._world, rng.choice(types))

    # --- checks --------------------------------------------------------------------------------

    def _check(self) -> None:
        """Raise Found unless the server runs, logs no traceback, and serves the honest people."""
        if self.server.process.poll() is not None:
            raise Found(f"the server has ended: {self._complaints()}")
        if complaints := self._complaints():
            raise Found(complaints)
        self.honest.talk()

    def _complaints(self) -> str:
        """Return new lines of the server's log and standard error, if they have a traceback."""
        with (self.server.data / "log" / "server.log").open("rb") as log:
            log.seek(self._log_read)
            new = log.read()
        self._log_read += len(new)
        new += _standard_error(self.server)
        at = new.find(b"Traceback")
        return new[max(0, at - 200) : at + 5000].decode("utf-8", "replace") if at >= 0 else ""


def _writes(rng: Random, data: bytes) -> list[str]:
    """Return the bytes in one piece, in several, or (the first of them) one by one."""
    match rng.randrange(5):
        case 0:
            cuts = sorted(rng.choices(range(len(data)), k=8))
        case 1:
            cuts = [*range(1, min(len(data), 300))]
        case _:
            cuts = []
    pieces = zip([0, *cuts], [*cuts, len(data)], strict=True)
    return [data[start:end].decode("latin-1") for start, end in pieces if start < end]


def _links(port: int) -> Iterator[Link]:
    yield Link(port)
    yield Link(port)
    yield Link(port, Guest("guest"), plain=True)
    yield Link(port, Guest("other guest"))
    for account in map(Account, _PEOPLE):
        yield from (Link(port, account, device) for device in "123")
        yield Link(port, account, "1", plain=True)


def _record(port: int, directory: Path) -> Mapping[str, list[str]]:
    """Return what two clients send while they talk, by action."""
    proxy = LyingProxy(port, lambda frame: [frame])
    pair = Pair(("carol", "Дан"), proxy.port, directory, "#recorded")
    pair.talk()
    pair.end()
    proxy.close()
    found: dict[str, list[str]] = {}
    for frame in proxy.overheard:
        found.setdefault(frame["action"], []).append(json.dumps(frame))
    for request in _SELDOM:
        found.pop(str(request.__struct_config__.tag), None)
    return found


def _standard_error(server: RunningServer) -> bytes:
    """Return what the server has written to standard error since the last call."""
    assert server.process.stderr is not None
    written = b""
    poll = select.poll()
    poll.register(server.process.stderr, select.POLLIN)
    while poll.poll(0):
        data = os.read(server.process.stderr.fileno(), 65536)
        if not data:
            break
        written += data
    server.said += written.decode("utf-8", "replace")
    return written
