"""A program that stores no messages deletes old sessions, and decrypts nothing with them again."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from messenger.crypto.names import room_id
from messenger.jim.messages import Message
from messenger.sdk.store import MessageSecurity, Store
from tests.sdk.reader import BOB, IVAN, Reader, Writer
from tests.sdk.test_growth import Clock
from tests.sdk.test_older_databases import make_older

DAY = 24 * 3600.0
TABLES = "inbound_sessions", "decrypted", "shared", "outbound_sessions"


@pytest.fixture
def bot(tmp_path: Path) -> Iterator[Reader]:
    """A program with a small database, which is online."""
    made = online(Store(tmp_path / "бот 1.db", forgetful=True))
    yield made
    made.store.close()


def online(store: Store) -> Reader:
    made = Reader(store=store)
    made.encryption.context.availability.enabled = True
    made.encryption.sessions._clock = Clock()
    return made


def pass_days(reader: Reader, days: float) -> None:
    """Make all sessions older, and run the client's daily work."""
    with reader.store.transaction() as connection:
        connection.exec_driver_sql(
            "UPDATE inbound_sessions SET kept_at = kept_at - ?", (days * DAY,)
        )
        now = connection.exec_driver_sql("SELECT strftime('%s', 'now')").scalar_one()
    reader.encryption.sessions._clock = lambda: float(now)
    reader.encryption.sessions._forgot_at = reader.encryption._due = 0.0
    reader.encryption.tick(1.0)


def count(reader: Reader, table: str) -> int:
    with reader.store.transaction() as connection:
        return int(connection.exec_driver_sql(f"SELECT count(*) FROM {table}").scalar_one())


def test_sessions_of_long_ago_are_forgotten_and_later_ones_stay(bot: Reader) -> None:
    old, new = Writer("OLD"), Writer("NEW")
    bot.meets(old.device, new.device)
    old.gives_key(bot)
    bot.receives(*[old.writes(f"{number}", number) for number in (1, 2, 3)])
    own = bot.encryption.outbound._begin(room_id(BOB, IVAN), shared_history=False, setting=0)
    bot.encryption.keys.share(own.session_id, [old.device.key], 0)
    assert {table: count(bot, table) for table in TABLES} == {
        "inbound_sessions": 2, "decrypted": 3, "shared": 1, "outbound_sessions": 1
    }  # fmt: skip
    pass_days(bot, 20)
    new.gives_key(bot)
    bot.receives(new.writes("later", 4))

    pass_days(bot, 11)

    assert {table: count(bot, table) for table in TABLES} == {
        "inbound_sessions": 1, "decrypted": 1, "shared": 0, "outbound_sessions": 0
    }  # fmt: skip
    bot.receives(new.writes("名前", 5))
    assert bot.texts()[-1] == "名前"


def test_a_message_of_a_session_that_was_forgotten_is_not_read_again(bot: Reader) -> None:
    """Whoever sends the key again: its owner, the key backup, or another member."""
    bob = Writer("PHONE")
    bot.meets(bob.device)
    bob.gives_key(bot)
    key, order = bob.key(), bob.writes("pay 100", 1)
    assert bot.receives(order)[0].security is MessageSecurity.ENCRYPTED
    pass_days(bot, 31)
    again = Message(order.time, IVAN, BOB, order.message, order.encoding, 7, order.id, order.stored)

    assert bot.receives(again)[0].security is MessageSecurity.INVALID
    assert bot.encryption.sessions.take_key(key, bob.device) is None
    assert bot.encryption.sessions.take_key(bob.key(), bob.device) is None
    again.seq = 8
    assert bot.receives(again)[0].security is MessageSecurity.INVALID
    assert bot.encryption.keys.waiting_sessions() == []
    assert bot.texts() == ["pay 100", "", ""]


def test_after_that_one_writes_by_a_new_session(bot: Reader) -> None:
    room = room_id(BOB, IVAN)
    before = bot.encryption.outbound._begin(room, shared_history=False, setting=0)
    pass_days(bot, 31)

    assert bot.encryption.keys.outbound_session(room) is None
    after = bot.encryption.outbound._begin(room, shared_history=False, setting=0)
    assert after.session_id != before.session_id


def test_a_client_that_keeps_messages_keeps_what_reads_them(tmp_path: Path) -> None:
    reader, bob = online(Store(tmp_path / "Иван.db")), Writer("PHONE")
    reader.meets(bob.device)
    bob.gives_key(reader)
    reader.receives(bob.writes("hello", 1))
    pass_days(reader, 1000)

    assert count(reader, "inbound_sessions") == count(reader, "decrypted") == 1
    assert reader.receives(bob.writes("hello again", 2))[0].security is MessageSecurity.ENCRYPTED
    reader.store.close()


def test_what_a_database_of_an_earlier_version_has_counts_as_if_it_came_at_the_update(
    tmp_path: Path,
) -> None:
    first, bob = online(Store(tmp_path / "a%41.db", forgetful=True)), Writer("PHONE")
    first.meets(bob.device)
    bob.gives_key(first)
    make_older(first.store, 4)
    first.store.close()
    bot = Reader(store=Store(tmp_path / "a%41.db", forgetful=True))
    bot.encryption.context.availability.enabled = True

    pass_days(bot, 20)
    assert count(bot, "inbound_sessions") == 1
    pass_days(bot, 11)
    assert count(bot, "inbound_sessions") == 0
    bot.store.close()
