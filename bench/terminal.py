"""Times the full-screen client at a pseudo-terminal, from outside: as its user waits for it."""

import fcntl
import os
import pty
import select
import signal
import struct
import sys
import termios
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import insert

from messenger.sdk.profiles import Profile, Profiles
from messenger.sdk.store import MessageState, fulltext
from messenger.sdk.store.schema import conversations, messages

_ROWS, _COLUMNS = 24, 80
_PATIENCE = 30.0


class Screen:
    """A running client, whose output is read."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor

    def press(self, key: str) -> None:
        """Press a key."""
        os.write(self._descriptor, key.encode())

    def time_key(self, key: str) -> float:
        """Press a key, and delete its character; return the seconds until it was drawn."""
        self.drain(0.05)
        self.press(key)
        seconds = self.wait_for(key)
        self.press("\x7f")
        return seconds

    def wait_for(self, text: str) -> float:
        """Read until the text is drawn; return the seconds that this took."""
        start = time.perf_counter()
        seen = b""
        while text.encode() not in seen:
            left = _PATIENCE - (time.perf_counter() - start)
            if left <= 0 or not select.select([self._descriptor], [], [], left)[0]:
                raise TimeoutError(f"{text} was not drawn")
            seen += os.read(self._descriptor, 65536)
        return time.perf_counter() - start

    def drain(self, silence: float = 0.3) -> None:
        """Read until nothing has been drawn for `silence` seconds."""
        while select.select([self._descriptor], [], [], silence)[0]:
            os.read(self._descriptor, 65536)


@contextmanager
def client(data: Path) -> Iterator[Screen]:
    """Run `messenger chat` in the last profile of the directory."""
    process, descriptor = pty.fork()
    if process == 0:
        os.environ["TERM"] = "xterm-256color"
        os.execv(sys.executable, [sys.executable, "-m", "messenger", "chat", "--data", str(data)])
    fcntl.ioctl(descriptor, termios.TIOCSWINSZ, struct.pack("HHHH", _ROWS, _COLUMNS, 0, 0))
    try:
        yield Screen(descriptor)
    finally:
        os.kill(process, signal.SIGKILL)
        os.waitpid(process, 0)
        os.close(descriptor)


def profile_with(data: Path, port: int, friends: int, each: int) -> Profile:
    """Create a profile with a conversation with each of `friends`, of `each` messages."""
    profile = Profiles(data).of("127.0.0.1", port, "ann")
    profile.set_up("127.0.0.1", port, "ann")
    store = profile.open_store()
    names = [f"friend{number:03}" for number in range(friends)]
    with store.transaction() as connection:  # in bulk, as no client would
        everyone = [{"name": name, "synced": each, "read": each - 1} for name in names]
        connection.execute(insert(conversations), everyone)
        for name in names:
            rows = [
                {
                    "conversation": name,
                    "seq": seq,
                    "sender": name,
                    "text": f"message {seq}: see you at the usual place, and bring the plan",
                    "time": 1.7e9 + seq,
                    "state": MessageState.RECEIVED,
                }
                for seq in range(1, each + 1)
            ]
            connection.execute(insert(messages), rows)
        fulltext.build(connection)
    store.close()
    return profile
