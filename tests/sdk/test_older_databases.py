"""Databases of earlier versions: sessions go on, and the trust in them stays the same."""

import time
from pathlib import Path

import pytest
from sqlalchemy import Connection

from messenger.crypto.accounts import Secret
from messenger.crypto.devices import version_of
from messenger.crypto.names import room_id
from messenger.sdk.encryption.device_lists import DeviceList
from messenger.sdk.store import IdentityTrust, MessageSecurity, Store, renaming
from messenger.sdk.store.trust_records import TrustRecord
from messenger.ui.wording import message_line
from tests.sdk.reader import BOB, IVAN, Reader, Writer
from tests.sdk.test_signers import restore

# Tables from when devices were known by their ids alone, and later columns of others
# that have come since.
_GROUPS = """CREATE TABLE inbound_sessions (
    session_id TEXT NOT NULL, room_id TEXT NOT NULL, account TEXT NOT NULL, device_id TEXT NOT NULL,
    first INTEGER NOT NULL, pickle TEXT NOT NULL, certificate TEXT DEFAULT '' NOT NULL,
    backed_up BOOLEAN DEFAULT 0 NOT NULL, PRIMARY KEY (session_id))"""
_SHARED = """CREATE TABLE shared (
    session_id TEXT NOT NULL, account TEXT NOT NULL, device_id TEXT NOT NULL,
    position INTEGER NOT NULL, PRIMARY KEY (session_id, account, device_id))"""
_ADDED_SINCE = (
    ("messages", "stored"), ("messages", "said_time"), ("messages", "signed_by"),
    ("conversations", "joined"), ("olm_sessions", "ed25519"),
)  # fmt: skip

# Those from when devices were known by keys, and a flag said that any identity had signed them.
_GROUPS_SIGNED = """CREATE TABLE inbound_sessions (
    session_id TEXT NOT NULL, room_id TEXT NOT NULL, account TEXT NOT NULL, device_id TEXT NOT NULL,
    curve25519 TEXT DEFAULT '' NOT NULL, ed25519 TEXT DEFAULT '' NOT NULL, first INTEGER NOT NULL,
    pickle TEXT NOT NULL, certificate TEXT DEFAULT '' NOT NULL, signed BOOLEAN DEFAULT 1 NOT NULL,
    shared_history BOOLEAN DEFAULT 0 NOT NULL, backed_up BOOLEAN DEFAULT 0 NOT NULL,
    PRIMARY KEY (session_id))"""
_SHARED_SIGNED = """CREATE TABLE shared (
    session_id TEXT NOT NULL, account TEXT NOT NULL, device_id TEXT NOT NULL,
    position INTEGER NOT NULL, curve25519 TEXT DEFAULT '' NOT NULL,
    ed25519 TEXT DEFAULT '' NOT NULL,
    PRIMARY KEY (session_id, account, device_id))"""

# Those from when a session was stored by its id alone, for whoever had claimed it first.
_GROUPS_BY_ID = """CREATE TABLE inbound_sessions (
    session_id TEXT NOT NULL, room_id TEXT NOT NULL, account TEXT NOT NULL, device_id TEXT NOT NULL,
    curve25519 TEXT DEFAULT '' NOT NULL, ed25519 TEXT DEFAULT '' NOT NULL, first INTEGER NOT NULL,
    pickle TEXT NOT NULL, certificate TEXT DEFAULT '' NOT NULL, signed_by TEXT DEFAULT '' NOT NULL,
    shared_history BOOLEAN DEFAULT 0 NOT NULL, proved BOOLEAN DEFAULT 0 NOT NULL,
    backed_up BOOLEAN DEFAULT 0 NOT NULL, kept_at FLOAT DEFAULT 0 NOT NULL,
    PRIMARY KEY (session_id))"""
_SHARED_BY_KEYS = """CREATE TABLE shared (
    session_id TEXT NOT NULL, account TEXT NOT NULL, device_id TEXT NOT NULL,
    curve25519 TEXT NOT NULL, ed25519 TEXT NOT NULL, position INTEGER NOT NULL,
    PRIMARY KEY (session_id, account, device_id, curve25519, ed25519))"""

_VERSIONS: dict[int, tuple[str, str, tuple[tuple[str, str], ...]]] = {
    3: (_GROUPS, _SHARED, _ADDED_SINCE),
    4: (_GROUPS_SIGNED, _SHARED_SIGNED, (("messages", "signed_by"),)),
    6: (_GROUPS_BY_ID, _SHARED_BY_KEYS, ()),
}


def make_older(store: Store, version: int) -> None:
    """Give a database the tables of an earlier version, with the data that they could hold."""
    made_groups, made_shared, added = _VERSIONS[version]
    with store.transaction() as connection:
        run = connection.exec_driver_sql
        run("DROP INDEX ix_inbound_sessions_to_back_up")
        run("DROP INDEX ix_inbound_sessions_unused")
        run("DROP INDEX ix_waiting_position")
        run("ALTER TABLE waiting DROP COLUMN position")
        for table, made in (("inbound_sessions", made_groups), ("shared", made_shared)):
            run(f"ALTER TABLE {table} RENAME TO now")
            run(made)
            now = {row[1] for row in run("PRAGMA table_info(now)")}
            names = [row[1] for row in run(f"PRAGMA table_info({table})") if row[1] in now]
            listed = ", ".join(names)
            run(f"INSERT INTO {table} ({listed}) SELECT {listed} FROM now")
            run("DROP TABLE now")
        if version < 6:
            run("DROP TABLE trust_records")
        run("UPDATE decrypted SET session_id = substr(session_id, 1, 43)")
        for table, column in added:
            run(f"ALTER TABLE {table} DROP COLUMN {column}")
        run(
            "CREATE INDEX ix_groups_not_backed_up ON inbound_sessions (session_id) "
            "WHERE NOT backed_up"
        )
        name_as_before(connection)
        run(f"PRAGMA user_version = {version}")


def name_as_before(connection: Connection) -> None:
    """Rename tables, columns and values to their names before version 10."""
    run = connection.exec_driver_sql
    for table, column, old, new in renaming.VALUES:
        run(f"UPDATE {table} SET {column} = ? WHERE {column} = ?", (old, new))
    for table, old, new in renaming.COLUMNS:
        run(f"ALTER TABLE {table} RENAME COLUMN {new} TO {old}")
    made = {row[0] for row in run("SELECT name FROM sqlite_master WHERE type = 'table'")}
    for old, new in renaming.TABLES:
        if new in made:
            run(f"ALTER TABLE {new} RENAME TO {old}")


class OldReader(Reader):
    """A reader of an earlier version, which is migrated at its next start."""

    def __init__(self, file: Path, device_id: str = "READER") -> None:
        super().__init__(device_id=device_id, store=Store(file))

    def updated(self, version: int) -> "OldReader":
        make_older(self.store, version)
        self.store.close()
        assert self.store.file is not None
        return OldReader(self.store.file, self.encryption.identity.device_id)


@pytest.fixture
def old(tmp_path: Path) -> OldReader:
    return OldReader(tmp_path / "a%41 имя" / "messages.db")


@pytest.fixture(params=sorted(_VERSIONS))
def version(request: pytest.FixtureRequest) -> int:
    found: int = request.param
    return found


@pytest.fixture
def secret() -> Secret:
    return Secret(BOB)


def marks(reader: Reader) -> list[bool]:
    trust = reader.store.trusts().get(BOB, IdentityTrust.UNKNOWN)
    return ["✔" in message_line(one, IVAN, trust) for one in reader.all()]


def test_a_session_of_an_earlier_version_goes_on(
    old: OldReader, secret: Secret, version: int
) -> None:
    """Decrypted messages keep their mark, new ones are decrypted, and the key may arrive again."""
    bob = Writer("PHONE", secret)
    old.meets(bob.device, secret=secret)
    old.sets_trust(secret, IdentityTrust.VERIFIED)
    bob.gives_key(old)
    key = bob.key()
    old.receives(bob.writes("before", 1))

    now = old.updated(version)
    now.receives(bob.writes("after", 2))

    assert now.texts() == ["before", "after"]
    assert now.locks() == [MessageSecurity.ENCRYPTED] * 2
    assert marks(now) == [True, True]
    now.encryption.sessions.take_key(key, bob.device)
    (group,) = now.encryption.keys.inbound_sessions(bob.group.session_id)
    assert (group.signed_by, group.proved) == (secret.identity.self_signing, True)
    now.store.close()


def test_what_nobody_had_signed_gets_no_mark_by_an_update(
    old: OldReader, secret: Secret, version: int
) -> None:
    stranger, bob = Writer("STRANGER"), Writer("PHONE", secret)
    for one in (stranger, bob):
        old.meets(one.device)
        one.gives_key(old)
    old.receives(stranger.writes("I am bob", 1), bob.writes("it is me", 2))
    old.meets(bob.device, secret=secret)
    old.sets_trust(secret, IdentityTrust.VERIFIED)

    now = old.updated(version)
    now.receives(stranger.writes("still me", 3))

    assert marks(now) == [False, True, False]
    assert now.texts() == ["I am bob", "it is me", ""]
    now.store.close()


def test_a_session_that_is_anothers_is_not_taken_for_the_devices_whose_id_it_has(
    old: OldReader, secret: Secret
) -> None:
    """Keys were stored by device id: the certificate tells whose a session is."""
    bob, liar = Writer("PHONE", secret), Writer("PHONE")
    old.meets(liar.device)
    liar.gives_key(old)
    with old.store.transaction() as connection:
        connection.exec_driver_sql("DELETE FROM devices")
    old.meets(bob.device, secret=secret)

    now = old.updated(3)
    now.receives(liar.writes("it is me", 1))

    assert now.locks() == [MessageSecurity.UNSIGNED]
    now.store.close()


def test_a_session_of_a_device_that_was_not_known_goes_on_when_its_key_comes_again(
    old: OldReader, secret: Secret
) -> None:
    bob = Writer("PHONE", secret)
    old.meets(bob.device, secret=secret)
    bob.gives_key(old)
    key = bob.key()
    with old.store.transaction() as connection:
        connection.exec_driver_sql("DELETE FROM devices")

    now = old.updated(3)
    now.receives(bob.writes("hello", 1))
    assert now.locks() == [MessageSecurity.UNSIGNED]
    now.meets(bob.device)
    taken = now.encryption.sessions.take_key(key, bob.device)
    now.opens(taken)

    assert now.texts() == ["hello"]
    now.store.close()


def test_own_sessions_are_shared_and_backed_up_again(
    old: OldReader, secret: Secret, version: int
) -> None:
    """To the device that had them; and another own device learns who had signed them."""
    own = Secret(IVAN)
    bob = Writer("PHONE", secret)
    old.encryption.account.stored_secret.keep(own)
    old.meets(bob.device, secret=secret)
    bob.gives_key(old)
    mine = old.encryption.outbound.session_for(BOB, _readers(bob))
    old.encryption.outbound.shared(mine, [bob.device])
    for session_id in (bob.group.session_id, mine.session.session_id):
        old.encryption.keys.note_backed_up(old.encryption.keys.inbound_sessions(session_id))

    now = old.updated(version)

    given = now.encryption.sessions.key_for(mine.session.session_id, bob.device)
    assert given is not None
    assert given["sender_key"] == now.encryption.identity.curve25519
    waiting = {group.session_id for group in now.encryption.keys.not_backed_up(10)}
    assert waiting == {bob.group.session_id, mine.session.session_id}
    second = Reader(device_id="SECOND")
    restore(now, second, bob.group.session_id, own)
    (kept,) = second.encryption.keys.inbound_sessions(bob.group.session_id)
    assert kept.signed_by == secret.identity.self_signing
    for reader in (now, second):
        reader.store.close()


def _readers(*writers: Writer) -> DeviceList:
    devices = {one.device.key[:2]: one.device for one in writers}
    named = [(one.account, one.device_id, one.ed25519) for one in devices.values()]
    return DeviceList(version_of(named, [], []), devices, frozenset(), {})


def test_a_key_is_given_to_each_holder_of_a_name(old: OldReader) -> None:
    """Two devices with one id are two: sending the key to one does not keep it from the other."""
    first, second = Writer("PHONE"), Writer("PHONE")
    mine = old.encryption.outbound.session_for(BOB, _readers(first))
    old.encryption.outbound.shared(mine, [first.device])
    now = old.updated(4)

    now.encryption.keys.share(mine.session.session_id, [second.device.key, first.device.key], 7)

    shared = now.encryption.keys.shared_with(mine.session.session_id)
    assert shared == {first.device.key: 0, second.device.key: 7}
    now.store.close()


def test_a_database_without_any_keys_is_brought_up_to_date(old: OldReader, version: int) -> None:
    with old.store.transaction() as connection:
        connection.exec_driver_sql("DELETE FROM profile")
    old.store.add_unsent(BOB, IVAN, "привет 👋", "id 1", time.time())

    now = old.updated(version)

    assert now.texts() == ["привет 👋"]
    now.store.close()


def test_a_session_in_a_room_keeps_its_verification_marks(
    old: OldReader, secret: Secret, version: int
) -> None:
    """Also if the room has an id of its own."""
    room = "#комната b%41"
    bob = Writer("PHONE", secret)
    old.encryption.rooms.learn(room, "unique")
    bob.room = room_id(room, IVAN, "unique")
    old.meets(bob.device, secret=secret)
    old.sets_trust(secret, IdentityTrust.VERIFIED)
    bob.gives_key(old)
    message = bob.writes("hello, everyone", 1)
    message.to = room
    old.store.add_received(room, IVAN, [message], old.encryption.incoming.decrypt)

    now = old.updated(version)

    assert [one.is_proved for one in now.all(room)] == [True]
    assert now.all(room)[0].signed_by == secret.identity.self_signing
    now.store.close()


def test_a_trust_record_is_not_undone_by_an_older_one_in_the_backup(
    old: OldReader, secret: Secret, version: int
) -> None:
    """It had verified one identity, and accepted another one."""
    old.sets_trust(secret, IdentityTrust.VERIFIED)
    other = Secret(BOB)
    old.sets_trust(other, IdentityTrust.UNVERIFIED)

    now = old.updated(version)
    now.encryption.account.trust_records.take(TrustRecord(*secret.identity, IdentityTrust.VERIFIED))

    assert now.encryption.keys.identity_of(BOB) == (other.identity, IdentityTrust.UNVERIFIED)
    if version < 6:
        assert now.encryption.account.trust_records.backed_up.numbers() == {}, (
            "they are to be backed up again"
        )
    now.sets_trust(secret, IdentityTrust.VERIFIED)
    assert now.encryption.keys.identity_of(BOB) == (secret.identity, IdentityTrust.VERIFIED)


@pytest.mark.parametrize("older", [7, 8])
def test_what_was_of_no_known_conversation_has_opened_nothing(
    old: OldReader, secret: Secret, older: int
) -> None:
    """Versions 7 and 8 noted the sessions whose conversation was not known."""
    bob, eve = Writer("PHONE", secret), Writer("E", account="eve 😈")
    old.meets(bob.device, eve.device, secret=secret)
    bob.gives_key(old)
    old.receives(bob.writes("before", 1))
    eve.gives_key(old)
    with old.store.transaction() as connection:
        run = connection.exec_driver_sql
        for index in (
            "ix_inbound_sessions_to_back_up",
            "ix_inbound_sessions_unused",
            "ix_inbound_sessions_used",
        ):
            run(f"DROP INDEX {index}")
        run("ALTER TABLE inbound_sessions ADD COLUMN unjoined BOOLEAN NOT NULL DEFAULT 0")
        run("UPDATE inbound_sessions SET unjoined = unused_by != ''")
        run("ALTER TABLE inbound_sessions DROP COLUMN unused_by")
        run("CREATE INDEX ix_groups_unjoined ON inbound_sessions (room_id) WHERE unjoined = 1")
        run(
            "CREATE INDEX ix_groups_not_backed_up ON inbound_sessions (name) "
            "WHERE NOT backed_up AND NOT unjoined"
        )
        if older < 8:
            run("DROP INDEX ix_waiting_position")
        name_as_before(connection)
        run(f"PRAGMA user_version = {older}")
    old.store.close()
    assert old.store.file is not None

    now = OldReader(old.store.file, old.encryption.identity.device_id)

    def to_back_up() -> set[str]:
        return {one.session_id for one in now.encryption.keys.not_backed_up(10)}

    assert to_back_up() == {bob.group.session_id}
    now.receives(eve.writes("now", 1))
    assert to_back_up() == {bob.group.session_id, eve.group.session_id}
    now.store.close()
