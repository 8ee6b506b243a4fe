"""What another server changes limits messages at once, although this one has not heard of it."""

import asyncio
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, cast

import psycopg
import pytest
from sqlalchemy import Engine, event

from messenger.jim.messages import SendMessage
from messenger.server.append import Append, Check
from messenger.server.journal import Journal
from messenger.server.records import Account, Conversation, Session
from messenger.server.store import accounts as account_store
from messenger.server.store import conversations as conversation_store
from messenger.server.store import database
from messenger.server.store.postgresql_numbers import CHANGES_LOCK
from tests.postgresql import Postgresql, use_database
from tests.running import Talker, running

if TYPE_CHECKING:
    from messenger.server.connection import Connection

_COUNT = """UPDATE numbers SET changes = changes + 1
    WHERE conversation_id = (SELECT id FROM conversations WHERE room = '#kitchen')"""
_REMOVE = """DELETE FROM members
    WHERE account_id = (SELECT id FROM accounts WHERE name = 'bob')"""
_CLOSE = "UPDATE conversations SET closed_at = 1 WHERE room = '#kitchen'"
_ENCRYPT = "UPDATE conversations SET encrypted = true WHERE room = '#kitchen'"


class Place:
    """A server with ann and bob in a room, and a connection to its database from elsewhere."""

    def __init__(self, ann: Talker, bob: Talker, elsewhere: psycopg.Connection) -> None:
        self.ann = ann
        self.bob = bob
        self.elsewhere = elsewhere

    def change(self, *statements: str) -> None:
        """Commit a change as another server does."""
        with self.elsewhere.transaction():
            for statement in (*statements, _COUNT):
                self.elsewhere.execute(statement)

    def stored(self) -> list[str]:
        """Return the texts in the log."""
        rows = self.elsewhere.execute(
            "SELECT frame::json ->> 'message' FROM messages ORDER BY message_key"
        )
        return [row[0] for row in rows]


@pytest.fixture
def place(postgresql: Postgresql, tmp_path: Path) -> Iterator[Place]:
    """A server on PostgreSQL that has stored a message of each in the room."""
    url = postgresql.new_database()
    use_database(tmp_path, url)
    with (
        running(tmp_path, "--limits", "off") as server,
        Talker(server.port) as ann,
        Talker(server.port) as bob,
        psycopg.connect(url, autocommit=True) as elsewhere,
    ):
        for talker, name in ((ann, "ann"), (bob, "bob")):
            talker.register_quickly(name)
            talker.log_in_fully(name)
            assert talker.ask("join", room="#kitchen", encrypted=False)["response"] == 200
        for talker, name in ((ann, "ann"), (bob, "bob")):
            assert say(talker, name) == 200
        yield Place(ann, bob, elsewhere)


def say(talker: Talker, text: str) -> int:
    """Send a text to the room; return the code of the answer."""
    return int(talker.ask("msg", to="#kitchen", message=text, id=text)["response"])


def test_a_member_who_is_removed_elsewhere_is_refused(place: Place) -> None:
    place.change(_REMOVE)

    assert say(place.bob, "too late") == 404
    assert say(place.ann, "without bob") == 200
    assert place.stored() == ["ann", "bob", "without bob"]


def test_a_plain_message_to_a_room_that_is_encrypted_elsewhere_is_refused(place: Place) -> None:
    place.change(_ENCRYPT)

    assert say(place.bob, "readable") == 403
    assert place.stored() == ["ann", "bob"]


def test_a_message_to_a_room_that_is_closed_elsewhere_is_refused(place: Place) -> None:
    place.change(_CLOSE)

    assert say(place.bob, "too late") == 404
    assert place.stored() == ["ann", "bob"]


def test_messages_that_are_checked_again_keep_their_order(place: Place) -> None:
    texts = [str(number) for number in range(60)]
    for number, text in enumerate(texts):
        if number % 20 == 5:
            place.change()
        place.bob.send("msg", to="#kitchen", message=text, id=text)

    answers = [place.bob.receive() for _ in texts]

    assert [answer["id"] for answer in answers] == texts
    assert {answer["response"] for answer in answers} == {200}
    assert place.stored() == ["ann", "bob", *texts]


def test_of_several_messages_those_to_a_room_left_meanwhile_are_refused_in_order(
    place: Place,
) -> None:
    place.change(_REMOVE)
    for text in ("1", "2", "3"):
        place.bob.send("msg", to="#kitchen", message=text, id=text)
        place.bob.send("msg", to="ann", message=text, id=f"{text} to ann")

    answers = [place.bob.receive() for _ in range(6)]

    assert [(answer["id"], answer["response"]) for answer in answers] == [
        (text + to, code) for text in "123" for to, code in (("", 404), (" to ann", 200))
    ]


def test_this_servers_own_changes_are_counted(place: Place) -> None:
    query = """SELECT changes FROM numbers
        WHERE conversation_id = (SELECT id FROM conversations WHERE room = '#kitchen')"""
    before = place.elsewhere.execute(query).fetchone()
    assert before is not None
    assert place.bob.ask("leave", room="#kitchen")["response"] == 200
    assert place.bob.ask("join", room="#kitchen")["response"] == 200

    assert place.elsewhere.execute(query).fetchone() == (before[0] + 2,)
    assert say(place.bob, "here again") == 200


def test_messages_and_receipts_do_not_wait_for_a_change_elsewhere_but_changes_do(
    place: Place,
) -> None:
    with place.elsewhere.transaction():
        place.elsewhere.execute("SELECT pg_advisory_xact_lock(%s)", (CHANGES_LOCK,))

        assert say(place.ann, "meanwhile") == 200
        assert place.bob.ask("receipt", conversation="#kitchen", read=3)["response"] == 200
        place.bob.send("join", room="#hall", encrypted=False)
        while not waits_for_a_lock(place.elsewhere):
            pass

    assert place.bob.receive_reply()["response"] == 200


def waits_for_a_lock(connection: psycopg.Connection) -> bool:
    """Tell whether somebody waits for an advisory lock of this database."""
    query = """SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted
        AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"""
    row = connection.execute(query).fetchone()
    return row is not None and row[0] > 0


def test_without_changes_a_message_costs_no_statement_more(postgresql: Postgresql) -> None:
    engine = database.open_engine(postgresql.new_database(), 1)
    database.prepare(engine)
    asyncio.run(count_statements(engine))
    engine.dispose()


async def count_statements(engine: Engine) -> None:
    """Append messages before and after a change, and count what each costs."""
    journal = Journal(engine, asyncio.get_running_loop())
    entries: asyncio.Queue[list[Append]] = asyncio.Queue()
    journal.subscribe(entries.put_nowait)
    ann = await journal.write(account_store.create_guest, "ann")
    bob = await journal.write(account_store.create_guest, "bob")
    row = await journal.write(conversation_store.open_direct, ann, bob)
    conversation = Conversation(row, ("ann", "bob"))
    statements: list[str] = []

    @event.listens_for(engine, "before_cursor_execute")
    def note(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        statements.append(statement)

    async def append() -> Append:
        session = Session(cast("Connection", None), "", 0)
        entry = Append(conversation, session, ann, None, b"{}", None)
        request = SendMessage(to="bob", message="hello")
        entry.check = Check(Account("ann", ann, guest=False), request, conversation.known_changes)
        statements.clear()
        journal.append(entry)
        (found,) = await entries.get()
        return found

    assert (await append()).seq == 1
    assert (await append()).seq == 2
    assert [statement.split()[0] for statement in statements] == ["SELECT", "WITH"]
    await journal.write(account_store.forget_device, bob, "phone")
    entry = await append()
    assert entry.check is not None
    assert (entry.seq, entry.check.is_outdated, entry.check.changes) == (0, True, 1)
    conversation.known_changes = 1
    assert (await append()).seq == 3
    await journal.close()


_BLOCK = """INSERT INTO blocks (owner_id, name, created_at)
    SELECT id, 'bob', 1 FROM accounts WHERE name = 'ann'"""
_UNBLOCK = "DELETE FROM blocks"
_COUNT_DIRECT = "UPDATE numbers SET changes = changes + 1"


def test_a_block_that_is_made_elsewhere_holds_here_until_it_ends_there(place: Place) -> None:
    def write(text: str) -> int:
        return int(place.bob.ask("msg", to="ann", message=text, id=text)["response"])

    assert write("before") == 200
    place.change(_BLOCK, _COUNT_DIRECT)
    assert [write("too late"), write("too late, too")] == [403, 403]
    assert place.ann.ask("msg", to="bob", message="x", id="x")["response"] == 403
    assert place.bob.ask("devices", conversation="ann")["response"] == 403
    place.change(_UNBLOCK, _COUNT_DIRECT)
    assert write("after") == 200

    assert place.stored() == ["ann", "bob", "before", "after"]


def test_a_block_is_counted_as_a_change_of_the_direct_chat(place: Place) -> None:
    place.bob.ask("msg", to="ann", message="x", id="x")
    query = """SELECT changes FROM numbers
        WHERE conversation_id = (SELECT id FROM conversations WHERE first_id IS NOT NULL)"""
    before = place.elsewhere.execute(query).fetchone()
    assert before is not None

    assert place.ann.ask("block", account_name="bob")["response"] == 200
    assert place.ann.ask("unblock", account_name="bob")["response"] == 200

    assert place.elsewhere.execute(query).fetchone() == (before[0] + 2,)
