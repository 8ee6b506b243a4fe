"""Measures what a client's database answers while it is full, and while messages arrive."""

import random
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import accumulate
from pathlib import Path

from messenger.jim.messages import Message
from messenger.sdk.store import Store, fulltext

_ME = "u0"
_ARRIVING = 1_000  # messages a second while pages are read
_AT_ONCE = 20  # messages that arrive in one read
_UNREAD = 10  # in each conversation
_SEARCHES = 200
_LETTERS = "оеаинтсрвлкмдпуяыьгзбчйхжшюцщэф"  # by frequency, as the words are
_INSERT = """INSERT INTO messages (conversation, seq, sent_id, sender, text, time, state, stored)
VALUES (?, ?, ?, ?, ?, 0, ?, ?)"""


@contextmanager
def full(count: int, conversations: int, *, searchable: bool) -> Iterator[Store]:
    """Have a store on disk with so many messages; only if `searchable` they can be found."""
    with tempfile.TemporaryDirectory() as directory:
        store = Store(Path(directory) / "messages.db")
        each = count // conversations
        with store.transaction() as connection:
            connection.exec_driver_sql(
                "INSERT INTO conversations (name, synced, read) VALUES (?, ?, ?)",
                [(_name(number), each, each - _UNREAD) for number in range(conversations)],
            )
            connection.exec_driver_sql(_INSERT, list(_rows(count, conversations)))
            if searchable:
                fulltext.build(connection)
        # As after a start: ids continue after those in the table, and nothing is in a cache.
        store.close()
        store = Store(Path(directory) / "messages.db")
        try:
            yield store
        finally:
            store.close()


def _name(number: int) -> str:
    return f"#room{number}"


def _rows(count: int, conversations: int) -> Iterator[tuple[object, ...]]:
    """Yield messages of all conversations in turn; each fifth is the user's."""
    generator = random.Random(1)
    words = [_word(generator) for _ in range(20_000)]
    weights = list(accumulate(1 / (rank + 10) for rank in range(len(words))))
    texts = [
        " ".join(generator.choices(words, cum_weights=weights, k=generator.randint(4, 18)))
        for _ in range(min(count, 100_000))
    ]
    for number in range(count):
        own = not number % 5
        yield (
            _name(number % conversations), number // conversations + 1,
            f"id{number}" if own else None, _ME if own else f"u{number % 17}",
            texts[number % len(texts)], "sent" if own else "received", 1.7e9 + number,
        )  # fmt: skip


def _word(generator: random.Random) -> str:
    weights = [1 / (rank + 1) for rank in range(len(_LETTERS))]
    return "".join(generator.choices(_LETTERS, weights, k=generator.randint(2, 9)))


def summaries(store: Store, names: list[str] | None = None) -> list[float]:
    """Return the milliseconds that reading the list takes, the first time first."""
    return [_timed(lambda: store.summaries(names)) for _ in range(5)]


def two(conversations: int) -> list[str]:
    """Return the names of two conversations."""
    return [_name(number) for number in random.sample(range(conversations), 2)]


def pages(store: Store, conversations: int, each: int, seconds: float) -> list[float]:
    """Return the milliseconds that pages of 100 take while messages arrive, in ascending order."""
    ends = threading.Event()
    arriving = threading.Thread(target=_arrive, args=(store, conversations, ends))
    arriving.start()
    took = []
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        name, place = _name(random.randrange(conversations)), random.randrange(each)
        took.append(_timed(lambda name=name, at=place: store.page(name, around=at, limit=100)))
        time.sleep(0.005)  # As a user who scrolls fast.
    ends.set()
    arriving.join()
    return sorted(took)


def _arrive(store: Store, conversations: int, ends: threading.Event) -> None:
    """Have messages arrive at a steady rate, each time in another conversation."""
    due = time.monotonic()
    while not ends.wait(max(0.0, due - time.monotonic())):
        due += _AT_ONCE / _ARRIVING
        name = _name(random.randrange(conversations))
        seq = store.synced(name) + 1
        store.add_received(name, _ME, [_message(name, seq + more) for more in range(_AT_ONCE)])


def _message(name: str, seq: int) -> Message:
    return Message(
        time.time(), name, "u1", "a message that arrives now " * 3, seq=seq, stored=1.8e9
    )


def searches(store: Store, letters: tuple[int, ...], conversation: str | None) -> list[float]:
    """Return the milliseconds that first pages of hits take, in ascending order.

    Each second search is for a part of a text, the others for any letters, which may be rare.
    """
    rows = store.ask("SELECT text FROM messages ORDER BY random() LIMIT ?", _SEARCHES)
    took = []
    for number, (text,) in enumerate(rows):
        length = random.choice(letters)
        start = random.randrange(max(1, len(text) - length))
        words = text[start : start + length]
        if number % 2:
            words = "".join(random.choices(_LETTERS, k=length))
        took.append(_timed(lambda words=words: store.search(words, conversation=conversation)))
    return sorted(took)


def _timed(work: Callable[[], object]) -> float:
    before = time.perf_counter()
    work()
    return 1e3 * (time.perf_counter() - before)
