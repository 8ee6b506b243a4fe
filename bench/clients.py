"""Measures our own clients at a server: what one takes in, and two from end to end."""

import json
import math
import socket
import tempfile
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import ExitStack, contextmanager
from multiprocessing import get_context
from pathlib import Path

from bench import load
from messenger.sdk import Client, Credentials, Store
from messenger.sdk.events import MessageReceived

_PASSWORD = "correct horse battery"
_TEXT = "a message of a hundred bytes ".ljust(100, ".")
_PATIENCE = 120.0
_READ = 64 * 1024
_PAUSE = 0.02


class _Counting(Client):
    """A client that tells how many messages have arrived, and when each did."""

    def __init__(self, port: int, name: str, store: Store, *, guest: bool = False) -> None:
        credentials = Credentials(name, None if guest else _PASSWORD, register=not guest)
        super().__init__("127.0.0.1", port, credentials, store)
        self.name = name
        self.arrived: list[float] = []
        self._awaited = (0, threading.Event())
        self.on(MessageReceived)(self._count)

    def _count(self, event: MessageReceived) -> None:
        if event.message.sender != self.name:
            self.arrived.append(time.perf_counter())
            count, done = self._awaited
            if len(self.arrived) >= count:
                done.set()

    def go_online(self) -> None:
        self.start()
        assert self.wait_until_online(_PATIENCE)

    def wait_for(self, count: int) -> None:
        """Wait until so many messages have arrived."""
        self._awaited = (count, done := threading.Event())
        assert len(self.arrived) >= count or done.wait(_PATIENCE)


@contextmanager
def _two(port: int, *, encrypted: bool, stored: bool) -> Iterator[tuple[_Counting, _Counting]]:
    with ExitStack() as stack:
        made = []
        for name in ("Анна", "Борис"):
            directory = stack.enter_context(tempfile.TemporaryDirectory())
            store = Store(Path(directory) / "messages.db") if stored else Store()
            stack.callback(store.close)
            # A guest has no keys: what one writes is plain.
            client = _Counting(port, name, store, guest=not (made or encrypted))
            stack.callback(client.close)
            client.go_online()
            made.append(client)
        ann, bob = made
        # The first ones exchange the keys, and begin the direct chat.
        for one, other in ((ann, bob), (bob, ann)):
            one.send_text(other.name, _TEXT)
            other.wait_for(1)
        yield ann, bob


def end_to_end(port: int, count: int, *, encrypted: bool, stored: bool = True) -> float:
    """Return the messages per second from one client to another, stored at both ends."""
    with _two(port, encrypted=encrypted, stored=stored) as (ann, bob):
        before = time.perf_counter()
        for _ in range(count):
            ann.send_text(bob.name, _TEXT)
        bob.wait_for(1 + count)
        return count / (bob.arrived[-1] - before)


def delays(port: int, count: int) -> list[float]:
    """Return the seconds from `send_text` at one client to the event at another, encrypted.

    One message at a time, while nothing else happens.
    """
    with _two(port, encrypted=True, stored=True) as (ann, bob):
        took = []
        for number in range(count):
            time.sleep(_PAUSE)  # until both are idle again
            before = time.perf_counter()
            ann.send_text(bob.name, _TEXT)
            bob.wait_for(2 + number)
            took.append(bob.arrived[-1] - before)
        return took


def calls(port: int, rate: int, seconds: float) -> list[float]:
    """Return the seconds that each `send_text` takes while so many messages a second arrive."""
    with _two(port, encrypted=True, stored=True) as (ann, bob), guest(port) as visitor:
        size = int(rate * seconds)
        arriving = threading.Thread(target=visitor.write, args=(bob.name, size, rate))
        arriving.start()
        took = []
        while arriving.is_alive():
            time.sleep(_PAUSE)
            before = time.perf_counter()
            bob.send_text(ann.name, _TEXT)
            took.append(time.perf_counter() - before)
        bob.wait_for(1 + size)
        return took


def burst(port: int, count: int) -> float:
    """Return the messages per second that a client takes in, all of which are sent at once."""
    with _two(port, encrypted=False, stored=True) as (_ann, bob), guest(port) as visitor:
        before = time.perf_counter()
        visitor.write(bob.name, count)
        bob.wait_for(1 + count)
        return count / (bob.arrived[-1] - before)


def backlog(port: int, count: int, *, encrypted: bool) -> float:
    """Return the messages per second that a client takes in which was away when they were sent.

    That includes its login.
    """
    with _two(port, encrypted=encrypted, stored=True) as (ann, bob), guest(port) as visitor:
        visitor.write(bob.name, 1)  # Of a new conversation only the last page is fetched.
        bob.wait_for(2)
        bob.close()
        if encrypted:
            for _ in range(count):
                ann.send_text(bob.name, _TEXT)
            while ann.store.count_unsent():
                time.sleep(0.05)
        else:
            visitor.write(bob.name, count)
        again = _Counting(port, bob.name, bob.store)
        before = time.perf_counter()
        again.start()
        again.wait_for(count)
        again.close()
        return count / (again.arrived[-1] - before)


def idle(port: int, seconds: int) -> float:
    """Return which part of a core a connected client takes in which nothing happens."""
    # In a process of its own: this one draws its progress.
    with ProcessPoolExecutor(1, get_context("spawn")) as process:
        return process.submit(_idle, port, seconds).result()


def _idle(port: int, seconds: int) -> float:
    with _two(port, encrypted=True, stored=True):
        time.sleep(6)  # what follows from the login is looked for every five seconds
        before = time.process_time()
        time.sleep(seconds)
        return (time.process_time() - before) / seconds / 2


class Guest:
    """Writes many messages at once, encoded beforehand."""

    def __init__(self, connection: socket.socket) -> None:
        self._connection = connection
        greeting = {"action": "presence", "time": 0, "user": {"account_name": "Вера"}}
        connection.sendall(json.dumps(greeting).encode() + b"\n")
        connection.recv(_READ)

    def write(self, to: str, count: int, rate: float = math.inf) -> None:
        """Write so many messages, at most so many a second; return when the server has them."""
        writing = threading.Thread(target=self._write, args=(load.frame(to), count, rate))
        writing.start()
        # Unread answers would make the server stop reading.
        while count > 0 and (data := self._connection.recv(_READ)):
            count -= data.count(b'"response"')
        writing.join()

    def _write(self, frame: bytes, count: int, rate: float) -> None:
        size = count if rate == math.inf else int(rate * _PAUSE)
        begun = time.perf_counter()
        for written in range(0, count, size):
            time.sleep(max(0.0, begun + written / rate - time.perf_counter()))
            self._connection.sendall(frame * min(size, count - written))


@contextmanager
def guest(port: int) -> Iterator[Guest]:
    """Have a guest at a server."""
    with socket.create_connection(("127.0.0.1", port)) as connection:
        yield Guest(connection)
