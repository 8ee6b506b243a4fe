"""A message that is sent again is stored once, whatever is stored or fails around it."""

import asyncio
import json
import random
from collections.abc import Callable
from pathlib import Path
from typing import cast

import pytest
from sqlalchemy import URL, Engine, text

from messenger.server.append import Append
from messenger.server.connection import Connection
from messenger.server.journal import Journal
from messenger.server.records import Conversation, Session
from messenger.server.store import database, messages
from messenger.server.store.conversations import ConversationRow
from tests.running import RunningServer, Talker
from tests.server.refusing import refuse_data, refuse_inserts

Servers = Callable[..., RunningServer]
Size = Callable[[int, int], int]

FRAME = b'{"message":"x"}'
POISON = b'{"message":"poison"}'
UNSTORABLE = b'{"message":"unstorable"}'


def test_messages_sent_again_after_a_restart_have_the_numbers_that_they_had(
    own_server: Servers,
) -> None:
    """Among new ones, and one that has no id of its own, in one write."""
    server = own_server("--limits", "off")
    with Talker(server.port) as ann:
        ann.register("ann")
        ann.log_in_fully("ann")
        assert seqs(ann, "1", "2", "3") == [1, 2, 3]
    server.kill()
    server.start()

    with Talker(server.port) as ann:
        ann.log_in_fully("ann")
        assert seqs(ann, "4", "2", 17, "5", "1", "5", "6") == [4, 2, 5, 6, 1, 6, 7]
        page = ann.ask("history", conversation="#all", after=0)["messages"]
        assert [found.get("id") for found in page] == ["1", "2", "3", "4", None, "5", "6"]
        assert [found["seq"] for found in page] == list(range(1, 8))


def seqs(link: Talker, *ids: str | int) -> list[int]:
    """Send messages to the common chat in one write; return the number of each."""
    frames = [{"action": "msg", "time": 1, "to": "#all", "message": "x", "id": one} for one in ids]
    link.send_raw(b"".join(json.dumps(frame).encode() + b"\n" for frame in frames))
    answers = [link.receive() for _ in ids]
    assert [answer["id"] for answer in answers] == list(ids)
    return [answer["seq"] for answer in answers]


def test_an_id_is_looked_up_in_an_index(tmp_path: Path) -> None:
    """Otherwise each message that is sent again would have the whole log read."""
    asked: list[str] = []
    with open_database(tmp_path).connect() as connection:
        driver = connection.connection.dbapi_connection
        assert driver is not None
        driver.set_trace_callback(asked.append)
        messages.known_ids(connection, [(1, "one"), (2, "other")])
        driver.set_trace_callback(None)
        rows = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {asked[-1]}").all()

    plan = [row[3] for row in rows]
    assert any("INDEX uq_messages_sent_id" in step for step in plan), plan
    assert "SCAN messages" not in plan


# --- random transactions, compared with a model ------------------------------------------------


class Model:
    """What the journal has to do, in the fewest words."""

    def __init__(self) -> None:
        self.logs: dict[int, list[tuple[int, str | None]]] = {1: [], 2: []}
        self.stored: dict[tuple[int, str], int] = {}
        self.last_sent: dict[tuple[Session, int], str] = {}

    def copy(self) -> "Model":
        copy = Model()
        copy.logs = {number: list(log) for number, log in self.logs.items()}
        copy.stored = dict(self.stored)
        copy.last_sent = dict(self.last_sent)
        return copy

    def append(self, entry: Append) -> tuple[int, bool, bool]:
        """Return the number that the message has to get.

        And whether it is refused as early, or for what it contains.
        """
        log = self.logs[entry.conversation.id]
        where = (entry.session, entry.conversation.id)
        key = (entry.sender_id, entry.sent_id or "")
        is_known = entry.sent_id is not None and key in self.stored
        if entry.sent_id is not None:
            if not is_known and entry.after not in (None, self.last_sent.get(where)):
                return 0, True, False
            if is_known or entry.frame != UNSTORABLE:
                self.last_sent[where] = entry.sent_id
        if is_known:
            return self.stored[key], False, False
        if entry.frame == POISON:
            raise OSError
        if entry.frame == UNSTORABLE:
            return 0, False, True
        log.append((entry.sender_id, entry.sent_id))
        if entry.sent_id is not None:
            self.stored[key] = len(log)
        return len(log), False, False


class Journals:
    """The journals of one server after another, over one database."""

    def __init__(self, engine: Engine, loop: asyncio.AbstractEventLoop) -> None:
        self.engine, self.loop = engine, loop
        self.ids = [f"{number:02}" for number in range(40)]
        self.start()

    def start(self) -> None:
        self.journal = Journal(self.engine, self.loop)
        self.journal.subscribe(self.answered)
        self.sent: dict[tuple[Session, Conversation], str] = {}
        """What each session has sent last to a conversation, and may name, stored or not."""
        self.sessions = [Session(cast("Connection", None), "", 0) for _ in range(3)]
        with self.engine.connect() as connection:
            self.conversations = [
                Conversation(ConversationRow(number, last=messages.last_number(connection, number)))
                for number in (1, 2)
            ]

    async def restart(self) -> None:
        await self.journal.close()
        self.ids = [f"{int(one) + 11:02}" for one in self.ids]  # some are new then
        self.start()

    def answered(self, entries: list[Append]) -> None:
        self.done.set_result(entries)

    async def append(self, entries: list[Append]) -> None:
        """Have these stored in one transaction, or none of them."""
        self.done: asyncio.Future[list[Append]] = self.loop.create_future()
        for entry in entries:
            self.journal.append(entry)
        assert await asyncio.wait_for(self.done, 20) == entries

    def make(self, chance: random.Random, model: Model) -> Append:
        session = chance.choice(self.sessions)
        conversation = chance.choice(self.conversations)
        stored = model.last_sent.get((session, conversation.id))
        sent = self.sent.get((session, conversation))
        sent_id = chance.choice([None, *self.ids])
        if sent_id is not None:
            self.sent[session, conversation] = sent_id
        return Append(
            conversation,
            session,
            1 + self.sessions.index(session) // 2,  # two of the sessions are one account's
            sent_id,
            chance.choices([FRAME, UNSTORABLE, POISON], [90, 5, 5])[0],
            None,
            chance.choice([None, stored, stored, sent, sent, sent, chance.choice(self.ids)]),
        )


def test_random_transactions_number_each_message_once(
    new_engine: Callable[[], Engine], seed: int, size: Size, caplog: pytest.LogCaptureFixture
) -> None:
    """Of a few ids, many are sent again; transactions fail as a whole, and servers stop between.

    What the database refuses for what it contains is left out, and the others are numbered densely.
    """
    engine = new_engine()
    with engine.begin() as connection:
        refuse_inserts(connection, "messages", f"NEW.frame = '{POISON.decode()}'")
        refuse_data(connection, "messages", f"NEW.frame = '{UNSTORABLE.decode()}'")
    counts = asyncio.run(send_randomly(engine, random.Random(seed), size(500, 5_000)))
    engine.dispose()

    assert min(counts.values()) > 4, counts
    assert "The database cannot be written" in caplog.text
    assert FRAME.decode() not in caplog.text, "texts of users do not belong in a log"


async def send_randomly(engine: Engine, chance: random.Random, rounds: int) -> dict[str, int]:
    """Compare the journal with the model; return how often each kind of thing has happened."""
    journals = Journals(engine, asyncio.get_running_loop())
    model = Model()
    counts = dict.fromkeys(("stored", "again", "early", "refused", "failed", "restarts"), 0)
    for _ in range(rounds):
        if chance.random() < 0.1:
            counts["restarts"] += 1
            await journals.restart()
            model.last_sent.clear()
        tried = model.copy()
        expected: list[tuple[int, bool, bool]] = []
        entries = []
        try:
            for _ in range(chance.randint(1, 8)):
                entries.append(journals.make(chance, tried))
                expected.append(tried.append(entries[-1]))
        except OSError:
            expected = [(0, False, False)] * len(entries)
            counts["failed"] += 1
        else:
            model = tried
        await journals.append(entries)
        found = [(entry.seq, entry.is_early, entry.is_refused) for entry in entries]
        assert found == expected
        assert len({entry.stored_at for entry in entries}) == 1, "delivered with one time"
        counts["again"] += sum(entry.again for entry in entries)
        counts["early"] += sum(entry.is_early for entry in entries)
        counts["refused"] += sum(entry.is_refused for entry in entries)
        counts["stored"] += sum(bool(entry.seq) for entry in entries)
    await journals.journal.close()
    assert {number: stored(engine, number) for number in model.logs} == {
        number: [(seq, *one) for seq, one in enumerate(log, 1)]
        for number, log in model.logs.items()
    }
    return counts


def stored(engine: Engine, conversation_id: int) -> list[tuple[int, int, str | None]]:
    first = messages.first_key(conversation_id)
    query = text(
        "SELECT message_key, sender_id, sent_id FROM messages "
        "WHERE message_key BETWEEN :first AND :last ORDER BY message_key"
    )
    with engine.connect() as connection:
        rows = connection.execute(query, {"first": first, "last": first + 2**32 - 1})
        return [(messages.seq_of(row[0]), row[1], row[2]) for row in rows]


def open_database(directory: Path) -> Engine:
    file = URL.create("sqlite", database=str(directory / "messenger.db"))
    engine = database.open_engine(file, 2)
    database.prepare(engine)
    return engine
