"""Fuzzes a client: its server lies, and then is honest again."""

import contextlib
import itertools
import json
import time
from collections.abc import Callable
from pathlib import Path
from random import Random
from typing import Any

from messenger.jim.contacts import Search
from messenger.jim.devices import ListDevices
from messenger.jim.errors import TextTooLong
from messenger.jim.history import GetHistory, ListConversations
from messenger.jim.rooms import Join
from messenger.sdk.events import ConnectionState
from tests.fuzz.findings import Found, Round
from tests.fuzz.grammar import EVENTS, REPLIES, World, build
from tests.fuzz.honest import Person
from tests.fuzz.liar import Liar, Repeater
from tests.fuzz.mutations import damaged, spoil, written
from tests.fuzz.victims import Exceptions, Victim
from tests.running import RunningServer

_ROOMS = ["#all", "#дом", "#"]
_BURSTS = 25
_IN_A_BURST = 20
_PATIENCE = 30.0
_MAX_SAMPLES = 300

_numbers = itertools.count(1)


class ClientFuzzer:
    """A client whose server lies, and an honest person who writes to it.

    A finding ends the client: the next round has a new one.
    """

    def __init__(
        self, kind: type[Victim], server: RunningServer, directory: Path, exceptions: Exceptions
    ) -> None:
        self.kind = kind.__name__
        self._type = kind
        self._directory = directory
        self._exceptions = exceptions
        self._peer = Person(f"друг {next(_numbers)}", server.port, directory / "peer.db")
        self._liar = Liar(server.port)
        self._victim: Victim | None = None
        self._lies = 0
        self._samples: list[str] = []
        self._held: list[bytes] = []

    def close(self) -> None:
        """Close both clients and the proxy."""
        self._end_victim()
        self._liar.close()
        self._peer.end()

    def run(self, seed: str) -> int:
        """Run a round; return how many lies it had. Raises Found."""
        self._lies = 0
        rng = Random(seed)
        try:
            victim = self._victim or self._new_victim()
            self._liar.said = [[]]
            self._liar.cut()  # so that the round is recorded from the beginning of a connection
            self._lie_to(victim, rng)
            self._exceptions.raise_first()
            self._be_honest(victim)
        except Found as found:
            found.round = Round(self.kind, seed, self._liar.said)
            found.what += self._last_messages()
            self._end_victim()
            raise
        return self._lies

    def replay(self, round: Round) -> None:
        """Send a new client what another one received; raises Found."""
        repeater = Repeater(round.sent)
        victim = self._type("again", repeater.port, self._directory / "again.db")
        repeater.wait()
        victim.close()
        self._exceptions.raise_first()

    def _new_victim(self) -> Victim:
        number = next(_numbers)
        file = self._directory / f"{number}.db"
        victim = self._type(f"名前{number}", self._liar.port, file)
        self._victim = victim
        self._be_honest(victim)
        victim.ask(Join(room="#дом"))
        return victim

    def _end_victim(self) -> None:
        self._liar.lie = None
        if self._victim is not None:
            self._victim.close()
            self._victim = None

    # --- lies ----------------------------------------------------------------------------------

    def _lie_to(self, victim: Victim, rng: Random) -> None:
        names = [victim.name, self._peer.name, "mallory"]
        self._samples = [*map(_text, self._liar.heard[:_MAX_SAMPLES])]
        world = World(names, _ROOMS, ["1", "2"], ["x"], {"reply": self._samples})
        # The proxy's thread has a generator of its own: the order of threads does not matter.
        of_proxy = Random(rng.random())
        self._liar.lie = lambda line: self._instead_of(line, of_proxy, world)
        for _ in range(_BURSTS):
            self._wait_until(victim, lambda: self._liar.is_connected)
            for _ in range(_IN_A_BURST):
                self._lies += self._liar.say(self._unasked(rng, world))
            self._provoke(victim, rng)
        self._liar.lie = None

    def _instead_of(self, line: bytes, rng: Random, world: World) -> list[bytes]:
        """Return the lines that the client gets instead of one from the server."""
        held, self._held = self._held, []
        if rng.random() < 0.5:
            return [line, *held]
        self._lies += 1
        match rng.randrange(10):
            case 0:
                return held
            case 1:
                return [line, line, *held]
            case 2:
                self._held = [*held, line]
                return []
            case 3:
                return [damaged(rng, line, line) if rng.random() < 0.5 else line, *held]
        return [self._spoilt(json.loads(line), rng, world), *held]

    def _spoilt(self, frame: Any, rng: Random, world: World) -> bytes:
        """Return a spoilt frame: now and then another reply in its place."""
        other = build(rng, world, rng.choice(REPLIES))
        if "response" in frame and rng.random() < 0.1:
            return written(rng, {**other, "id": frame.get("id")})
        return written(rng, spoil(rng, frame, other))

    def _unasked(self, rng: Random, world: World) -> bytes:
        """Return a frame that was not requested: an event most often, now and then a reply."""
        if rng.random() < 0.4:
            frame = json.loads(rng.choice(self._samples))
        else:
            frame = build(rng, world, rng.choice(EVENTS))
        if "response" in frame and rng.random() < 0.8:
            frame = build(rng, world, rng.choice(EVENTS))
        return written(rng, spoil(rng, frame, frame) if rng.random() < 0.8 else frame)

    def _provoke(self, victim: Victim, rng: Random) -> None:
        """Have the client send a request, so that the server can lie in its reply."""
        match rng.randrange(8):
            case 0:
                with contextlib.suppress(TextTooLong):  # the server may have lied about its limit
                    victim.say(rng.choice([self._peer.name, *_ROOMS]), "hi")
            case 1:
                victim.ask(ListConversations())
            case 2:
                victim.ask(ListDevices(conversation=self._peer.name))
            case 3:
                victim.ask(GetHistory(conversation="#all", after=0))
            case 4:
                victim.ask(Search(prefix=""))
            case 5:
                self._peer.send_text(victim.name, "are you there?")
            case 6:
                self._peer.send_text("#all", "hi all")
            case 7:
                self._liar.cut()

    # --- honesty -------------------------------------------------------------------------------

    def _be_honest(self, victim: Victim) -> None:
        """Raise Found unless the client goes on with an honest server."""
        self._liar.lie = None
        self._held.clear()
        connections = len(self._liar.said)
        self._liar.cut()
        self._wait_until(
            victim,
            # It may still seem to be online on the old connection for a moment.
            lambda: len(self._liar.said) > connections and victim.state is ConnectionState.ONLINE,
        )
        text = f"honest {next(_numbers)}"
        for conversation in (self._peer.name, "#all"):
            victim.say(conversation, f"{text} {conversation}")
            self._peer.wait_for(f"{text} {conversation}")
        for conversation in (victim.name, "#all"):
            self._peer.send_text(conversation, f"{text} {conversation}")
            victim.wait_for(f"{text} {conversation}")
        self._exceptions.raise_first()

    def _last_messages(self) -> str:
        """Return the last messages of both, with their states."""
        victim = self._victim
        if victim is None:
            return ""
        shown = []
        for one, other in ((self._peer, victim), (victim, self._peer)):
            for conversation in (other.name, "#all"):
                page = one.store.page(conversation, limit=2)
                shown += [f"{one.name}, {conversation}: {message}" for message in page]
        return "\n" + "\n".join(shown)

    def _wait_until(self, victim: Victim, condition: Callable[[], bool]) -> None:
        """Wait until the condition holds, logging in again if refused; raises Found."""
        end = time.monotonic() + _PATIENCE
        while not condition():
            if victim.state is ConnectionState.REFUSED:
                victim.log_in()
            if time.monotonic() > end:
                self._exceptions.raise_first()
                raise Found(f"{victim.name} does not come back: it is {victim.state}")
            time.sleep(0.01)


def _text(line: bytes) -> str:
    return line.decode("utf-8")
