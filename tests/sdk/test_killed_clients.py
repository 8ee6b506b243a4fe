"""A client is killed while it writes and receives: everything is there once, and in order."""

import os
import random
from collections.abc import Callable
from pathlib import Path

import pytest

from messenger.sdk.store import Store
from tests.forking import Python
from tests.running import PASSWORD, RunningServer
from tests.sdk.person import Names, People, Person, wait

WRITER = """
import sys, threading
from pathlib import Path
from messenger.sdk import Client, Credentials, Store

file, port, me, password, *others = sys.argv[1:]
store = Store(Path(file))
client = Client("127.0.0.1", int(port), Credentials(me, password), store)
client.start()
written = {
    name: [one.text for one in store.page(name, limit=100_000) if one.sender == me]
    for name in others
}
while True:
    for name in others:
        number = len(written[name])
        written[name].append(f"{number} Ё")
        client.send_text(name, f"{number} Ё")
        print(others.index(name), number, flush=True)
    threading.Event().wait(0.001)
"""


@pytest.mark.soak
@pytest.mark.timeout(300)
def test_what_was_written_before_any_kill_is_read_once_and_in_order(
    one_server: RunningServer,
    person: People,
    name: Names,
    tmp_path: Path,
    seed: int,
    size: Callable[[int, int], int],
) -> None:
    """In two encrypted conversations, in which the others write as well."""
    rng = random.Random(seed)
    ann = person(name("ann"), store=Store(tmp_path / "ann.db"))
    others = [person(name(who)) for who in ("bob", "eve")]
    for other in others:
        other.send_text(ann.name, "0 of theirs")
        wait(lambda: "0 of theirs" in ann.heard(other.name))  # noqa: B023  called before the next turn
    ann.close()
    ann.store.close()

    said, acknowledged = 1, [0, 0]
    for _ in range(size(4, 200)):
        for text in range(said, said + 20):
            for other in others:
                other.send_text(ann.name, f"{text} of theirs")
        said += 20
        run_and_kill(one_server, ann.name, others, tmp_path / "ann.db", rng, acknowledged)

    again = Person(ann.name, one_server.port, Store(tmp_path / "ann.db"), register=False)
    theirs = [f"{number} of theirs" for number in range(said)]
    for other, count in zip(others, acknowledged, strict=True):
        wait(lambda: not again.store.count_unsent())
        mine = read(again.store, other.name, ann.name)
        assert len(mine) >= count
        assert mine == [f"{number} Ё" for number in range(len(mine))]
        wait(lambda: len(read(other.store, ann.name, ann.name)) >= len(mine))  # noqa: B023  called before the next turn
        assert read(other.store, ann.name, ann.name) == mine
        wait(lambda: len(read(again.store, other.name, other.name)) >= said)  # noqa: B023  called before the next turn
        assert read(again.store, other.name, other.name) == theirs
    again.close()
    again.store.close()


def read(store: Store, conversation: str, sender: str) -> list[str]:
    """Return all that somebody has written in a conversation."""
    page = store.page(conversation, limit=1_000_000)
    return [message.text for message in page if message.sender == sender]


def run_and_kill(
    server: RunningServer,
    me: str,
    others: list[Person],
    file: Path,
    rng: random.Random,
    acknowledged: list[int],
) -> None:
    """Have a program write to the others, and kill it after some messages, anywhere."""
    words = "-c", WRITER, os.fspath(file), str(server.port), me, PASSWORD
    with Python(*words, *(other.name for other in others)) as program:
        assert program.stdout is not None
        for _ in range(rng.randrange(1, 200)):
            which, number = map(int, program.stdout.readline().split())
            acknowledged[which] = max(acknowledged[which], number + 1)
        program.kill()
        program.wait()
