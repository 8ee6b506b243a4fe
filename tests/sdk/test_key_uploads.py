"""Session keys with junk of strangers neither stop the key backup nor make it grow."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import vodozemac
from hypothesis import given, settings
from hypothesis import strategies as st

from messenger.crypto.accounts import Secret
from messenger.crypto.messages import certify, export_key, room_key
from messenger.crypto.names import room_id
from messenger.crypto.signed import SignatureError
from messenger.crypto.to_device_content import CERTIFICATE
from messenger.jim.base import Reply
from messenger.jim.codec import encode
from messenger.jim.devices import BackUpKeys, RestoreKeys
from messenger.jim.errors import ProtocolError, ServerError, TextTooLong
from messenger.jim.framing import DEFAULT_LIMIT
from messenger.sdk.encryption.backup_upload import Uploads
from messenger.sdk.encryption.olm_sessions import Content
from messenger.sdk.store import MessageSecurity, Store, inbound_sessions
from tests.running import RunningServer
from tests.sdk.person import Person, wait
from tests.sdk.reader import BOB, IVAN, Reader, Writer
from tests.sdk.test_lying_server import send

ROOM = "#комната-a/b%41🙂"
LONGEST = "𠮷" * 25


@contextmanager
def small(most: int) -> Iterator[None]:
    """Limit the stored keys of an account that have decrypted nothing."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(inbound_sessions, "_MAX_UNUSED", most)
        yield


@pytest.fixture
def reader() -> Iterator[Reader]:
    made = Reader()
    yield made
    made.store.close()


def new_key(writer: Writer, room: str) -> dict[str, Any]:
    """Return the key of a new session of a device for a room."""
    group = vodozemac.GroupSession()
    return {**room_key(group, room), CERTIFICATE: certify(writer.identity, room, group.session_id)}


# --- what was not verified ----------------------------------------------------------------------


def test_of_a_certificate_nothing_is_kept_that_was_not_verified(reader: Reader) -> None:
    bob = Writer("PHONE")
    reader.meets(bob.device)
    key = bob.key()
    (user,) = key[CERTIFICATE]["signatures"]
    key[CERTIFICATE]["signatures"][user]["ed25519:OTHER 🙂"] = "junk"
    key[CERTIFICATE]["signatures"]["@mallory:jim"] = {"ed25519:M": "junk"}

    assert reader.encryption.sessions.take_key(key, bob.device)

    (kept,) = reader.encryption.keys.inbound_sessions(bob.group.session_id)
    assert "junk" not in kept.certificate
    assert f"ed25519:{bob.identity.device_id}" in kept.certificate


@pytest.mark.parametrize(
    "junk",
    [
        {"x": {"y": "z" * 1000}},
        {"x": {"y" * 2000: "z"}},
        {"x" * 2000: {}},
        {str(number): {} for number in range(1000)},
        {"x": {str(number): "" for number in range(1000)}},
    ],
)
def test_a_certificate_full_of_junk_is_refused(reader: Reader, junk: dict[str, Any]) -> None:
    bob = Writer("PHONE")
    reader.meets(bob.device)
    key = bob.key()
    key[CERTIFICATE]["signatures"] |= junk

    with pytest.raises(SignatureError):
        reader.encryption.sessions.take_key(key, bob.device)

    assert not reader.encryption.keys.inbound_sessions(bob.group.session_id)


# --- batches ------------------------------------------------------------------------------------


class BackupServer:
    """Stores a backup, except for entries that it refuses; replies at once."""

    def __init__(self, refuses: Callable[[str], ProtocolError | None] = lambda _: None) -> None:
        self.refuses = refuses
        self.kept: set[str] = set()
        self.requests: list[BackUpKeys] = []

    def ask(self, request: Any, on_answer: Callable[[Any], None]) -> None:
        self.requests.append(request)
        refused = [error for name in request.keys if (error := self.refuses(name)) is not None]
        if not refused:
            self.kept |= set(request.keys)
        on_answer(refused[0] if refused else Reply(200))


def with_keys(reader: Reader, count: int, room: str = "") -> list[str]:
    """Have a reader store the keys of so many sessions; return their ids."""
    bob = Writer("PHONE")
    reader.meets(bob.device)
    reader.store.describe(BOB, topic="")
    keys = [new_key(bob, room or bob.room) for _ in range(count)]
    for key in keys:
        reader.encryption.sessions.take_key(key, bob.device)
    use_all(reader)
    return [key["session_id"] for key in keys]


def use_all(reader: Reader) -> None:
    """Give each session a message that it has decrypted."""
    with reader.store.transaction() as connection:
        names = connection.exec_driver_sql("SELECT name FROM inbound_sessions").scalars().all()
    reader.encryption.keys.note_decrypted(
        [(name, 0, number) for number, name in enumerate(names, 1)]
    )


def uploads(reader: Reader, server: BackupServer) -> Uploads:
    return Uploads(replace(reader.encryption.context, ask=server.ask), reader.encryption.sessions)


def sessions(names: set[str]) -> set[str]:
    return {name.partition(" ")[0] for name in names}


def test_a_request_is_never_larger_than_a_server_takes(reader: Reader) -> None:
    """Even if each key has the maximum size."""
    bob = Writer("D" * 900, account=LONGEST)
    reader.meets(bob.device)
    reader.store.describe(LONGEST, topic="")
    room = room_id(LONGEST, IVAN)
    for _ in range(50):
        reader.encryption.sessions.take_key(new_key(bob, room), bob.device)
    use_all(reader)
    server = BackupServer()

    uploads(reader, server).send(Secret(IVAN))

    assert len(server.kept) == 50
    assert max(len(encode(request)) for request in server.requests) < DEFAULT_LIMIT


@pytest.fixture(scope="module")
def many() -> Iterator[tuple[Reader, list[str]]]:
    """A reader with sixty sessions, and their ids."""
    made = Reader()
    yield made, with_keys(made, 60)
    made.store.close()


@settings(max_examples=8, deadline=None)
@given(bad=st.sets(st.integers(0, 59), max_size=8))
def test_whatever_the_server_refuses_everything_else_is_backed_up(
    many: tuple[Reader, list[str]], bad: set[int]
) -> None:
    """Each refused one is tried once alone, until the next connection."""
    reader, made = many
    reader.encryption.keys.back_up_anew()
    refused = {made[number] for number in bad}
    server = BackupServer(
        lambda name: TextTooLong("too long") if sessions({name}) <= refused else None
    )
    backup = uploads(reader, server)

    for _tick in range(30):
        backup.send(Secret(IVAN))

    assert sessions(server.kept) == set(made) - refused
    tried_alone = [sessions(set(one.keys)) for one in server.requests if len(one.keys) == 1]
    assert all(tried_alone.count({one}) == 1 for one in refused)
    server.refuses = lambda _: None
    backup.stop()
    backup.send(Secret(IVAN))
    assert sessions(server.kept) == set(made)


def test_a_server_that_fails_gets_the_same_keys_again(reader: Reader) -> None:
    """Its error says nothing about the keys."""
    made = with_keys(reader, 3)
    server = BackupServer(lambda _: ServerError("failed"))
    backup = uploads(reader, server)
    backup.send(Secret(IVAN))
    backup.send(Secret(IVAN))
    server.refuses = lambda _: None

    backup.send(Secret(IVAN))

    assert [len(one.keys) for one in server.requests] == [3, 3, 3]
    assert sessions(server.kept) == set(made)


# --- keys that decrypt nothing ------------------------------------------------------------------


def open_room(reader: Reader, room: str) -> None:
    reader.store.describe(room, topic="")


@pytest.mark.parametrize("room", ["!nowhere:jim", room_id("eve 😈", IVAN), room_id(ROOM, IVAN)])
def test_keys_that_open_nothing_are_few_and_not_backed_up(reader: Reader, room: str) -> None:
    """In every conversation, even if one of them has decrypted something.

    The latest ones stay, and those of others.
    """
    assert inbound_sessions._MAX_UNUSED >= 1_000, "a server keeps so many while a device is away"
    bob, eve = Writer("PHONE"), Writer("E", account="eve 😈")
    reader.meets(bob.device, eve.device)
    for known in (BOB, "eve 😈", ROOM):
        open_room(reader, known)
    bob.gives_key(reader)
    eve.gives_key(reader)
    reader.receives(eve.writes("only this", 1))
    keys = [new_key(eve, room) for _ in range(20)]
    with small(most=12):
        for key in keys:
            reader.encryption.sessions.take_key(key, eve.device)

    kept = reader.encryption.keys.sessions_of(eve.device.key)
    assert set(kept) == {eve.group.session_id, *(key["session_id"] for key in keys[8:])}
    assert reader.encryption.keys.sessions_of(bob.device.key) == [bob.group.session_id]
    backed_up = {one.session_id for one in reader.encryption.keys.not_backed_up(1000)}
    # Others may be for messages of the conversation that were not fetched: they have a share.
    assert backed_up == (set(kept) if room == eve.room else {eve.group.session_id})


def test_a_key_that_comes_before_its_room_is_known_opens_messages_and_is_backed_up_then(
    reader: Reader,
) -> None:
    """Another device has joined the room a moment ago."""
    bob = Writer("PHONE")
    bob.room = room_id(ROOM, IVAN)
    reader.meets(bob.device)
    bob.gives_key(reader)
    assert not reader.encryption.keys.not_backed_up(10)
    message = bob.writes("привет", 1)
    message.to = ROOM

    (stored,) = reader.store.add_received(ROOM, IVAN, [message], reader.encryption.incoming.decrypt)

    assert (stored.text, stored.security) == ("привет", MessageSecurity.ENCRYPTED)
    waiting = reader.encryption.keys.not_backed_up(10)
    assert [one.session_id for one in waiting] == [bob.group.session_id]


def test_a_key_that_comes_after_its_message_is_backed_up(reader: Reader) -> None:
    bob = Writer("PHONE")
    reader.meets(bob.device)
    key = bob.key()
    reader.receives(bob.writes("привет", 1))

    reader.opens(reader.encryption.sessions.take_key(key, bob.device))

    assert len(reader.encryption.keys.not_backed_up(10)) == 1


def test_a_key_that_has_opened_something_stays_used_when_an_earlier_one_of_it_comes(
    reader: Reader,
) -> None:
    bob = Writer("PHONE")
    reader.meets(bob.device)
    whole, _first = bob.key(), bob.writes("раз", 1)
    later = {**whole, **bob.key()}
    reader.encryption.sessions.take_key(later, bob.device)
    reader.receives(bob.writes("два", 2))

    assert reader.encryption.sessions.take_key(whole, bob.device)

    (kept,) = reader.encryption.keys.not_backed_up(10)
    assert kept.first == 0


def passed_on(key: dict[str, Any], writer: Writer) -> dict[str, Any]:
    """Return a key as another member shares it."""
    session = vodozemac.InboundGroupSession(vodozemac.SessionKey(key["session_key"]))
    return {
        **key,
        "session_key": export_key(session, 0),
        "sender_key": writer.device.curve25519,
        "sender_claimed_ed25519_key": writer.device.ed25519,
    }


@pytest.mark.parametrize("first", ["owner", "other"])
def test_whoever_passes_a_key_on_as_well_does_not_push_it_out(reader: Reader, first: str) -> None:
    bob, eve = Writer("PHONE"), Writer("E", account="eve 😈")
    reader.meets(bob.device, eve.device)
    sessions, key = reader.encryption.sessions, bob.key()
    takes = {
        "owner": lambda: sessions.take_key(key, bob.device),
        "other": lambda: sessions.take_key(passed_on(key, bob), eve.device, exported=True),
    }
    with small(most=5):
        takes.pop(first)()
        takes.popitem()[1]()
        for _ in range(20):
            sessions.take_key(new_key(eve, eve.room), eve.device)

    assert reader.encryption.keys.sessions_of(bob.device.key) == [bob.group.session_id]


def test_keys_that_somebody_passes_on_push_out_none_that_others_have_given(reader: Reader) -> None:
    """They count for their sender, not for the sessions' owner."""
    bob, eve = Writer("PHONE"), Writer("E", account="eve 😈")
    reader.meets(bob.device, eve.device)
    keys = [new_key(bob, room_id(ROOM, IVAN)) for _ in range(3)]
    sessions_of_eves = []
    with small(most=5):
        for key in keys:
            reader.encryption.sessions.take_key(key, bob.device)
        for _ in range(20):
            key = new_key(bob, bob.room)
            sessions_of_eves.append(key["session_id"])
            reader.encryption.sessions.take_key(passed_on(key, bob), eve.device, exported=True)

    kept = set(reader.encryption.keys.sessions_of(bob.device.key))
    assert kept == {key["session_id"] for key in keys} | set(sessions_of_eves[-5:])


# --- with a server ------------------------------------------------------------------------------


def test_a_stranger_cannot_end_the_key_backup(one_server: RunningServer, tmp_path: Path) -> None:
    def person(name: str) -> Person:
        return Person(name, one_server.port, Store(tmp_path / f"{len(name)}.db"), register=True)

    ann, bob, eve = person("uploads b%41"), person("名前 up"), person("eve up")
    eve.keys.devices_of(ann.name)
    (to,) = (
        one
        for one in eve.core.encryption.device_lists._known[ann.name].listed.values()
        if one.account == ann.name
    )
    me, room = eve.core.encryption.identity, room_id(ann.name, eve.name)
    for _ in range(3):
        group = vodozemac.GroupSession()
        certificate = certify(me, room, group.session_id)
        certificate["signatures"]["x"] = {"y": "z" * 30_000}
        send(eve, [Content(to, "m.room_key", {**room_key(group, room), CERTIFICATE: certificate})])
    eve.send_text(ann.name, "junk has come")
    bob.send_text(ann.name, "precious")
    wait(lambda: ann.heard(bob.name) == ["precious"] and ann.heard(eve.name) == ["junk has come"])

    wait(lambda: not ann.core.encryption.keys.not_backed_up(10))

    there = sessions(set(ann.ask(RestoreKeys(after="")).keys))
    for one in (bob, eve):
        (session,) = ann.core.encryption.keys.inbound_sessions_of(room_id(ann.name, one.name), 9)
        assert session.session_id in there
        assert len(session.certificate) < 1000
    for one in (ann, bob, eve):
        one.close()
