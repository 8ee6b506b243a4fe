"""What people write is theirs: encrypted by one client, decrypted by the other, not in between."""

import json
import os
import random
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import sqlcipher3.dbapi2 as sqlite3

from messenger.jim.accounts import Logout
from messenger.jim.errors import Forbidden
from messenger.jim.rooms import Join, Kick, Leave
from messenger.sdk import Client, Store
from messenger.sdk.file_errors import WrongKey
from messenger.sdk.store import MessageSecurity, MessageState
from tests.forking import ROOT
from tests.names import DIRECTORY
from tests.running import PASSWORD, RunningServer, Talker, running
from tests.sdk.person import Names, People, Person, wait
from tests.sdk.proxy import Frame

Wait = Callable[[Callable[[], object]], None]


@pytest.fixture
def person(one_server: RunningServer) -> Iterator[Callable[..., Person]]:
    """Make clients: `person("ann")`; they are closed after the test."""
    made: list[Person] = []

    def make(name: str, port: int = 0, store: Store | None = None, **more: bool) -> Person:
        made.append(Person(name, port or one_server.port, store or Store(), **more))
        return made[-1]

    yield make
    for one in made:
        one.close()


def files_of(server: RunningServer) -> bytes:
    return b"".join(file.read_bytes() for file in server.data.rglob("*") if file.is_file())


def test_two_people_read_each_other_and_the_server_neither(
    person: People, name: Names, one_server: RunningServer
) -> None:
    ann, bob = person(name("ann")), person(name("bob"))
    words = [f"a word that nobody else says {number} слово" for number in range(10)]
    for word in words[::2]:
        ann.send_text(bob.name, word)
    wait(lambda: len(bob.heard(ann.name)) == 5)
    for word in words[1::2]:
        bob.send_text(ann.name, word)
    wait(lambda: len(ann.heard(bob.name)) == 5)

    assert bob.heard(ann.name) == words[::2]
    assert ann.heard(bob.name) == words[1::2]
    for one in (ann, bob):
        other = bob.name if one is ann else ann.name
        assert all(message.security is MessageSecurity.ENCRYPTED for message in one.all(other))
        assert one.row(other).encrypted
    kept = files_of(one_server)
    assert ann.name.encode() in kept
    assert b"nobody else says" not in kept
    assert "слово".encode() not in kept


@pytest.mark.soak
def test_no_word_of_a_long_chat_is_on_any_disk(
    tmp_path: Path, seed: int, size: Callable[[int, int], int]
) -> None:
    words = known_words()
    chance = random.Random(seed)
    room, said = "#room", [" ".join(chance.sample(words, 6)) for _ in range(size(60, 300))]
    with running(tmp_path / "server", "--limits", "off", "--log-level", "DEBUG") as server:
        people = [
            Person(name, server.port, Store(tmp_path / "clients" / f"{name}.db"))
            for name in ("ann", "bob")
        ]
        ann, bob = people
        for one in people:
            one.ask(Join(room=room))
        for number, text in enumerate(said):
            ann.send_text(("bob", room)[number % 2], text)
        wait(lambda: bob.heard("ann") == said[::2] and bob.heard(room) == said[1::2], 60)
        for one in people:
            one.close()
            one.store.close()

        kept = b"".join(file.read_bytes() for file in tmp_path.rglob("*") if file.is_file())
        assert len(words) > 500
        assert "bob" in server.log()
        readable = russian_in(kept)
        assert not [word for word in words if word in readable]


@pytest.mark.parametrize("before", [b"", b"\xff", b"\0"])
def test_a_word_on_a_disk_would_be_found(before: bytes) -> None:
    word = "котенок"

    for written in (word.encode(), word.encode("utf-16-le"), json.dumps(word).encode()):
        assert word in russian_in(before + written + os.urandom(100))


def known_words() -> list[str]:
    """Return Russian words that occur nowhere else in the tests."""
    sources = [*ROOT.glob("docs/ru/*.md"), *ROOT.glob("messenger/locales/ru/*/*.po")]
    text = "".join(file.read_text("utf-8") for file in sources)
    code = "".join(file.read_text("utf-8") for file in (ROOT / "messenger").rglob("*.py"))
    others = " ".join(re.findall("[а-я]+", code + DIRECTORY))
    return sorted({word for word in re.findall(r"\b[а-я]{6,}\b", text) if word not in others})


def russian_in(kept: bytes) -> str:
    """Return Russian text in UTF-8, UTF-16 or JSON."""
    escaped = b"".join(re.findall(rb"(?:\\u04[0-9a-f]{2})+", kept))
    texts = [
        kept.decode("utf-8", "ignore"),
        kept.decode("utf-16-le", "ignore"),
        kept[1:].decode("utf-16-le", "ignore"),
        escaped.decode("unicode-escape"),
    ]
    return " ".join(found for text in texts for found in re.findall("[а-я]{6,}", text))


def test_the_database_is_unreadable_while_the_client_is_closed(
    person: People, name: Names, tmp_path: Path
) -> None:
    ann = person(name("ann"))
    bob = person(name("bob"), store=Store(tmp_path / "bob.db"))
    for number in range(50):
        ann.send_text(bob.name, f"a word to be found nowhere {number} слово")
    wait(lambda: len(bob.heard(ann.name)) == 50)
    bob.close()
    bob.store.close()

    kept = b"".join(file.read_bytes() for file in tmp_path.iterdir())
    for word in (b"found nowhere", "слово".encode(), ann.name.encode(), PASSWORD.encode()):
        assert word not in kept
    assert {file.stat().st_mode & 0o777 for file in tmp_path.iterdir()} == {0o600}
    assert len(Store(tmp_path / "bob.db").page(ann.name, limit=100)) == 50
    for wrong in (bytes(32), None):
        if wrong is None:
            (tmp_path / "bob.db.key").write_text("00" * 32)
        with pytest.raises(WrongKey):
            Store(tmp_path / "bob.db", wrong)


def test_an_unencrypted_database_of_an_earlier_version_is_encrypted(tmp_path: Path) -> None:
    store = Store()
    store.add_unsent("bob", "ann", "an old word", "1", 1.0)
    file = tmp_path / "ann.db"
    with store.transaction() as connection:
        connection.connection.driver_connection.backup(plain := sqlite3.connect(str(file)))  # type: ignore[union-attr]
    plain.close()
    assert b"an old word" in file.read_bytes()

    opened = Store(file)

    assert [message.text for message in opened.search("OLD WORD")] == ["an old word"]
    opened.close()
    assert b"an old word" not in file.read_bytes()


def test_a_message_written_offline_is_encrypted_once_the_client_is_online(
    person: People, name: Names, tmp_path: Path
) -> None:
    bob = person(name("bob"))
    store = Store(tmp_path / "ann.db")
    ann = person(name("ann"), store=store)
    ann.close()
    ann.send_text(bob.name, "written alone")
    store.close()
    ann = person(name("ann"), store=Store(tmp_path / "ann.db"))

    wait(lambda: bob.heard(ann.name) == ["written alone"])
    assert bob.last(ann.name).security is MessageSecurity.ENCRYPTED


def test_a_client_that_was_offline_decrypts_what_was_written_meanwhile(
    person: People, name: Names, tmp_path: Path
) -> None:
    ann = person(name("ann"))
    bob = person(name("bob"), store=Store(tmp_path / "bob.db"))
    bob.close()
    texts = [str(number) for number in range(250)]
    for text in texts:
        ann.send_text(name("bob"), text)
    assert ann.wait_until_sent(60)
    bob.store.close()
    bob = person(name("bob"), store=Store(tmp_path / "bob.db"))

    wait(lambda: len(bob.heard(ann.name)) == 100)
    assert bob.heard(ann.name) == texts[-100:]
    bob.fetch_older(ann.name)
    wait(lambda: len(bob.heard(ann.name)) == 200)
    assert all(message.security is MessageSecurity.ENCRYPTED for message in bob.all(ann.name))


def test_a_room_is_read_by_its_members_of_the_time(
    person: People, name: Names, tmp_path: Path
) -> None:
    room = name("#room")
    ann, bob = person(name("ann")), person(name("bob"))
    eve = person(name("eve"), store=Store(tmp_path / "eve.db"))
    for one in (ann, bob):
        one.ask(Join(room=room))
    ann.send_text(room, "before eve")
    wait(lambda: bob.heard(room) == ["before eve"])
    eve.ask(Join(room=room))
    ann.send_text(room, "with eve")
    wait(lambda: "with eve" in eve.heard(room))
    assert eve.heard(room) == ["", "with eve"]
    assert eve.all(room)[0].security is MessageSecurity.BEFORE

    ann.ask(Kick(room=room, account_name=eve.name))
    ann.send_text(room, "after eve")
    wait(lambda: "after eve" in bob.heard(room))
    eve.ask(Join(room=room))
    eve.ask(Leave(room=room))
    assert "after eve" not in eve.heard(room)


def test_all_devices_of_both_read_what_one_writes(person: People, name: Names) -> None:
    ann, bob = person(name("ann")), person(name("bob"))
    second = person(name("ann"), register=False)
    third = person(name("bob"), register=False)
    ann.send_text(bob.name, "to all")
    wait(lambda: bob.heard(ann.name) == third.heard(ann.name) == ["to all"])
    wait(lambda: [message.text for message in second.all(bob.name)] == ["to all"])
    third.send_text(ann.name, "back")
    wait(lambda: "back" in second.heard(bob.name) and "back" in ann.heard(bob.name))
    wait(lambda: bob.last(ann.name).text == "back")

    assert ann.appeared == [] or set(ann.appeared) <= {bob.name, ann.name}


def test_a_device_that_comes_while_one_writes_reads_from_then_on(
    person: People, name: Names, tmp_path: Path
) -> None:
    ann, bob = person(name("ann")), person(name("bob"))
    ann.send_text(bob.name, "one")
    wait(lambda: bob.heard(ann.name) == ["one"])
    late = person(name("bob"), store=Store(tmp_path / "late.db"), register=False)
    ann.send_text(bob.name, "two")
    wait(lambda: "two" in late.heard(ann.name))

    assert late.all(ann.name)[0].security is MessageSecurity.EARLIER
    assert late.heard(ann.name) == ["", "two"]
    wait(lambda: ann.appeared == [bob.name])


def test_a_device_that_is_gone_gets_no_keys(person: People, name: Names) -> None:
    ann, bob, lost = person(name("ann")), person(name("bob")), person(name("bob"), register=False)
    ann.send_text(bob.name, "one")
    wait(lambda: lost.heard(ann.name) == bob.heard(ann.name) == ["one"])
    lost.ask(Logout())
    keys = lost.core.encryption.keys
    sessions = {session_of_ann(ann, bob)}
    ann.send_text(bob.name, "two")
    wait(lambda: "two" in bob.heard(ann.name))
    sessions.add(session_of_ann(ann, bob))

    assert len(sessions) == 2
    assert keys.inbound_sessions(session_of_ann(ann, bob)) == []


def session_of_ann(ann: Person, bob: Person) -> str:
    """Return the id of ann's outbound session for bob."""
    from messenger.crypto.names import room_id

    found = ann.core.encryption.keys.outbound_session(room_id(bob.name, ann.name))
    return found.session_id if found else ""


def test_keys_are_renewed_at_each_turn_and_after_many_messages(person: People, name: Names) -> None:
    ann, bob = person(name("ann")), person(name("bob"))
    sessions = []
    for turn in range(3):
        ann.send_text(bob.name, f"ping {turn}")
        wait(lambda: len(bob.heard(ann.name)) == turn + 1)  # noqa: B023  at once
        sessions.append(session_of_ann(ann, bob))
        bob.send_text(ann.name, f"pong {turn}")
        wait(lambda: len(ann.heard(bob.name)) == turn + 1)  # noqa: B023  at once
    assert len(set(sessions)) == 3
    for number in range(101):
        ann.send_text(bob.name, str(number))
    wait(lambda: len(bob.heard(ann.name)) == 104)
    last = session_of_ann(ann, bob)
    ann.send_text(bob.name, "x")
    wait(lambda: "x" in bob.heard(ann.name))
    assert len({*sessions, last, session_of_ann(ann, bob)}) >= 4
    assert all(message.security is MessageSecurity.ENCRYPTED for message in bob.all(ann.name))


def test_to_guests_and_plain_clients_messages_are_plain_until_they_can_open_more(
    person: People, name: Names, one_server: RunningServer
) -> None:
    ann = person(name("ann"))
    with Talker(one_server.port) as guest, Talker(one_server.port) as plain:
        guest.guest(name("guest"))
        plain.register(name("bob"))
        plain.log_in(name("bob"))
        ann.send_text(name("guest"), "to a guest")
        ann.send_text(name("bob"), "to bob")
        assert guest.event("msg")["message"] == "to a guest"
        assert plain.event("msg")["message"] == "to bob"
        wait(lambda: ann.store.count_unsent() == 0)
        assert ann.last(name("bob")).security is MessageSecurity.UNENCRYPTED
    bob = person(name("bob"), register=False)
    ann.send_text(bob.name, "encrypted now")
    wait(lambda: "encrypted now" in bob.heard(ann.name))
    assert bob.last(ann.name).security is MessageSecurity.ENCRYPTED


def test_what_was_encrypted_is_never_plain_by_itself(
    person: People, name: Names, one_server: RunningServer
) -> None:
    """In a room that is open to guests; no guest can join an encrypted one."""
    room = name("#room")
    ann, bob = person(name("ann")), person(name("bob"))
    for one in (ann, bob):
        one.ask(Join(room=room, encrypted=False))
    ann.send_text(room, "encrypted")
    wait(lambda: bob.heard(room) == ["encrypted"])
    with Talker(one_server.port) as guest:
        guest.guest(name("guest"))
        guest.ask("join", room=room)
        ann.send_text(room, "secret")
        wait(lambda: ann.last(room).state is MessageState.FAILED)
        assert name("guest") in str(ann.last(room).failure)
    wait(lambda: not plain_members(ann, room))
    ann.send_text(room, "again")
    wait(lambda: "again" in bob.heard(room))
    assert "secret" not in bob.heard(room)


def test_a_guest_does_not_silence_an_encrypted_room(
    person: People, name: Names, one_server: RunningServer
) -> None:
    room = name("#комната")
    ann, bob = person(name("ann")), person(name("bob"))
    for one in (ann, bob):
        one.ask(Join(room=room))
    with Talker(one_server.port) as guest:
        guest.guest(name("guest"))
        assert guest.ask("join", room=room)["response"] == Forbidden.code
        ann.send_text(room, "among us")
        wait(lambda: bob.heard(room) == ["among us"])
    assert ann.row(room).encrypted


def plain_members(client: Client, room: str) -> list[str]:
    from messenger.jim.devices import ListDevices

    return client.ask(ListDevices(conversation=room)).plain


def honest(frame: Frame) -> list[Frame]:
    return [frame]
