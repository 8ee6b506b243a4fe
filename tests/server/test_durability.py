"""However the server dies: answered messages are in the log and arrive, once, in order."""

import itertools
import random
import resource
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import pytest

from messenger.sdk import Client, Credentials, MessageReceived, Store
from messenger.sdk.backoff import Backoff
from tests.running import PASSWORD, RunningServer, Talker, running, until

AT_ONCE = 8

Servers = Callable[..., RunningServer]


class Worker(threading.Thread):
    """Does its work on one connection after another until it is stopped."""

    def __init__(self, server: RunningServer, name: str) -> None:
        super().__init__(name=name, daemon=True)
        self.server = server
        self.account = name
        self.token = ""
        self.lost = 0
        """How many connections the server has ended, or did not take."""
        self.enough = threading.Event()
        self.done = threading.Semaphore(0)
        """Released with each message that was answered."""

    def run(self) -> None:
        while not self.is_done():
            try:
                with Talker(self.server.port) as link:
                    self.come(link)
                    self.work(link)
            except (OSError, EOFError):
                self.lost += 1
            time.sleep(0.01)

    def come(self, link: Talker) -> None:
        """Log in: with the password once, then with the token."""
        key = {"token": self.token} if self.token else {"password": PASSWORD}
        answer = link.log_in_fully(self.account, device=self.account, **key)
        assert answer["response"] in (200, 503), answer
        self.token = answer.get("token", self.token)

    def is_done(self) -> bool:
        return self.enough.is_set()

    def work(self, link: Talker) -> None:
        raise NotImplementedError


class Writer(Worker):
    """Writes under ids of its own, and sends unanswered messages again."""

    def __init__(self, server: RunningServer, name: str) -> None:
        super().__init__(server, name)
        self.numbers = itertools.count(1)
        self.waiting: list[str] = []
        self.answered: dict[str, int] = {}

    def is_done(self) -> bool:
        return self.enough.is_set() and not self.waiting

    def work(self, link: Talker) -> None:
        for sent_id in self.waiting:
            self.write(link, sent_id)
        while not self.is_done():
            while len(self.waiting) < AT_ONCE and not self.enough.is_set():
                self.waiting.append(f"{self.account}-{next(self.numbers):06}")
                self.write(link, self.waiting[-1])
            answer = link.receive()
            if "response" in answer:
                assert answer["response"] == 200, answer
                assert answer["id"] == self.waiting.pop(0)
                self.answered[answer["id"]] = answer["seq"]
                self.done.release()

    def write(self, link: Talker, sent_id: str) -> None:
        link.send("msg", to="#all", message=sent_id, id=sent_id)


class PlainWriter(Worker):
    """A plain client and guest: no ids, nothing is sent again."""

    def __init__(self, server: RunningServer, name: str) -> None:
        super().__init__(server, name)
        self.numbers = itertools.count(1)
        self.answered: list[str] = []

    def come(self, link: Talker) -> None:
        if link.guest(self.account)["response"] != 200:
            raise EOFError  # the server has not noticed yet that the last link is gone

    def work(self, link: Talker) -> None:
        while not self.is_done():
            text = f"{self.account}-{next(self.numbers):06}"
            if link.ask("msg", to="#all", message=text)["response"] == 200:
                self.answered.append(text)


class Reader(Worker):
    """Receives live messages, and requests those that it has missed."""

    def __init__(self, server: RunningServer, name: str) -> None:
        super().__init__(server, name)
        self.read: list[tuple[int, str]] = []

    def work(self, link: Talker) -> None:
        while page := next_page(link, self.read):
            self.read += page
        while not self.is_done():
            found = link.receive()
            if found.get("action") == "msg":
                if found["seq"] > self.read[-1][0] + 1 if self.read else found["seq"] > 1:
                    return  # a gap: it came between the question and now
                if not self.read or found["seq"] > self.read[-1][0]:
                    self.read.append((found["seq"], found["message"]))


@contextmanager
def at_work(workers: Sequence[Worker]) -> Iterator[None]:
    """Have them work in the block; those that are connected afterwards end with their server."""
    for worker in workers:
        worker.start()
    try:
        yield
    finally:
        # Whoever is not told would look for the server for ever, and find those of other tests.
        for worker in workers:
            worker.enough.set()


def whole_log(server: RunningServer) -> list[tuple[int, str]]:
    """Return the common chat as the log has it."""
    with Talker(server.port) as link:
        link.log_in_fully("auditor")
        log: list[tuple[int, str]] = []
        while page := next_page(link, log):
            log += page
        return log


def next_page(link: Talker, log: list[tuple[int, str]]) -> list[tuple[int, str]]:
    """Return the messages of the common chat that follow these, as many as the server gives."""
    after = log[-1][0] if log else 0
    page = link.ask("history", conversation="#all", after=after).get("messages", [])
    return [(found["seq"], found["message"]) for found in page]


@pytest.mark.soak
def test_nothing_is_lost_doubled_or_disordered_by_kills(
    engine: str,
    use_new_database: Callable[[Path], None],
    tmp_path: Path,
    seed: int,
    size: Callable[[int, int], int],
) -> None:
    chance = random.Random(seed)
    kills = size(5, 50)
    use_new_database(tmp_path / "server")
    with running(tmp_path / "server", "--limits", "off", "--engine", engine) as server:
        with Talker(server.port) as link:
            for name in ("auditor", "w1", "w2", "r1", "r2"):
                assert link.register(name)["response"] == 201
        writers = [Writer(server, "w1"), Writer(server, "w2")]
        plain = PlainWriter(server, "p1")
        readers = [Reader(server, "r1"), Reader(server, "r2")]
        workers: list[Worker] = [*writers, plain, *readers]
        with at_work(workers):
            for _ in range(kills):
                for _ in range(chance.randint(10, 200)):
                    assert chance.choice(writers).done.acquire(timeout=60)
                server.kill()
                server.start()

            for worker in (*writers, plain):
                worker.enough.set()
                worker.join(60)
            log = whole_log(server)
            until(lambda: all(len(reader.read) >= len(log) for reader in readers), 60)
        assert server.stop() == 0
        for worker in workers:
            worker.join(60)
            assert not worker.is_alive()

    assert len(log) > kills * 10, "there was no load"
    assert_sound(log, writers, plain, readers)


def assert_sound(
    log: list[tuple[int, str]], writers: list[Writer], plain: PlainWriter, readers: list[Reader]
) -> None:
    """Check that the log has what was answered once, in order, and that readers got all of it."""
    texts = [text for _, text in log]
    assert [seq for seq, _ in log] == list(range(1, len(log) + 1))
    assert len(texts) == len(set(texts)), "something is there twice"
    for writer in writers:
        written = [text for text in texts if text.startswith(writer.account)]
        assert written == sorted(writer.answered), "lost, or out of order"
        assert {text: seq for seq, text in log if text in writer.answered} == writer.answered
    said = [text for text in texts if text.startswith("p1")]
    assert set(plain.answered) <= set(said)
    assert said == sorted(said)
    for reader in readers:
        assert reader.read == log


def test_our_clients_lose_nothing_by_kills(
    engine: str,
    use_new_database: Callable[[Path], None],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """One writes, the other reads, both through `Client` and its database."""
    monkeypatch.setattr(Backoff, "pause", lambda self, least=0.0: 0.02)
    use_new_database(tmp_path / "server")
    with running(tmp_path / "server", "--limits", "off", "--engine", engine) as server:
        clients = {
            name: Client(
                "127.0.0.1",
                server.port,
                Credentials(name, PASSWORD, register=True),
                Store(tmp_path / f"{name}.db"),
            )
            for name in ("ann", "bob")
        }
        heard: list[int] = []
        clients["bob"].on(MessageReceived)(lambda event: heard.append(event.message.id))
        for client in clients.values():
            client.start()
            assert client.wait_until_online(60)
        sent = []
        for kill in range(3):
            before = len(heard)
            for number in range(20):
                sent.append(f"{kill}-{number}")
                clients["ann"].send_text("bob", sent[-1])
            until(lambda: len(heard) >= before + 4 * kill, 60)  # noqa: B023  at once
            server.kill()
            server.start()
        assert clients["ann"].wait_until_sent(60)
        # A key may come later than its message, where the server was killed between.
        until(lambda: texts_of(clients["bob"], heard) == sent, 60)
        for client in clients.values():
            client.close()


def texts_of(client: Client, heard: list[int]) -> list[str]:
    """Return the texts, as they are now, of ann's messages that were reported."""
    texts = {one.id: one.text for one in client.store.page("ann", limit=1000)}
    return [texts[number] for number in heard]


# --- a database that cannot be written ---------------------------------------------------------


@pytest.mark.sqlite
def test_a_locked_database_is_500_to_the_sender_and_heals_by_itself(own_server: Servers) -> None:
    import sqlcipher3.dbapi2 as sqlite

    server = own_server("--limits", "off")
    with Talker(server.port) as ann, Talker(server.port) as bob:
        ann.guest_fully("ann")
        bob.guest("bob")
        assert ann.ask("msg", to="#all", message="before", id="1")["seq"] == 1
        holder = sqlite.connect(str(server.data / "messenger.db"), isolation_level=None)
        holder.execute("BEGIN IMMEDIATE")
        refused = ann.ask("msg", to="#all", message="meanwhile", id="2")
        alive = bob.ask("members", room="#all")
        holder.execute("COMMIT")
        holder.close()

        assert refused["response"] == 500
        assert "again" in refused["error"]
        assert alive["response"] == 200
        assert ann.ask("msg", to="#all", message="meanwhile", id="2")["seq"] == 2
        history = ann.ask("history", conversation="#all", after=0).get("messages", [])
        assert [found["message"] for found in history] == ["before", "meanwhile"]
        ann.ask("msg", to="#all", message="after", id="3")
        heard = [found["message"] for found in bob.before("after") if "message" in found]
        assert heard == ["meanwhile"], "once, though it was sent twice"
    assert "cannot be written" in server.log()


@pytest.mark.sqlite
@pytest.mark.skipif(not hasattr(resource, "prlimit"), reason="only Linux limits another process")
def test_a_full_disk_is_500_to_the_sender_and_heals_by_itself(own_server: Servers) -> None:
    server = own_server("--limits", "off")
    with Talker(server.port) as ann:
        ann.guest_fully("ann")
        texts = [f"{number} " + "x" * 5_000 for number in range(60)]
        size = (server.data / "messenger.db-wal").stat().st_size
        unlimited = resource.prlimit(server.process.pid, resource.RLIMIT_FSIZE)
        resource.prlimit(server.process.pid, resource.RLIMIT_FSIZE, (size + 50_000, unlimited[1]))
        codes = [ann.ask("msg", to="#all", message=text, id=text[:2])["response"] for text in texts]
        alive = ann.ask("members", room="#all")["response"]
        resource.prlimit(server.process.pid, resource.RLIMIT_FSIZE, unlimited)

        assert 200 in codes
        assert 500 in codes
        assert set(codes) == {200, 500}
        assert alive == 200
        for text in texts:
            assert ann.ask("msg", to="#all", message=text, id=text[:2])["response"] == 200
        history = ann.ask("history", conversation="#all", after=0).get("messages", [])
        kept = [found["message"] for found in history]
        assert sorted(kept) == sorted(texts)
        assert [found["seq"] for found in history] == list(range(1, 61))
