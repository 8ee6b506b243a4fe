"""A full key backup: no account fills it alone, junk is replaced, trust records find room."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from copy import copy
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import vodozemac
from hypothesis import given
from hypothesis import strategies as st

from messenger.crypto.accounts import Secret
from messenger.crypto.messages import certify, room_key
from messenger.crypto.to_device_content import CERTIFICATE
from messenger.jim.base import Reply
from messenger.jim.devices import BackUpKeys, RestoreKeys
from messenger.jim.errors import BackupFull
from messenger.sdk.encryption import key_backup
from messenger.sdk.encryption.backup_names import backup_name, entry_name, session_of_backup
from messenger.sdk.encryption.backup_state import Restored
from messenger.sdk.encryption.backup_upload import Uploads
from messenger.sdk.store import Store, backed_up, inbound_sessions
from messenger.sdk.store.inbound_sessions import InboundSession
from tests.running import RunningServer, running
from tests.sdk.person import Person, wait
from tests.sdk.reader import BOB, IVAN, Reader, Writer

EVE = "eve 😈"
SECRET = Secret(IVAN)


class SmallServer:
    """A server that stores so many entries; deletions in a request come first."""

    def __init__(self, most: int) -> None:
        self.most = most
        self.kept: dict[str, str] = {}
        self.requests: list[BackUpKeys] = []
        self._put_off: list[Callable[[], None]] | None = None

    def put_off(self) -> list[Callable[[], None]]:
        """From now on reply only when the functions of this list are called."""
        self._put_off = []
        return self._put_off

    def ask(self, request: Any, on_answer: Callable[[Any], None]) -> None:
        if self._put_off is None:
            self._answer(request, on_answer)
        else:
            self._put_off.append(lambda: self._answer(request, on_answer))

    def _answer(self, request: Any, on_answer: Callable[[Any], None]) -> None:
        self.requests.append(request)
        left = {name: one for name, one in self.kept.items() if name not in request.forget}
        if len(left | request.keys) > self.most:
            on_answer(BackupFull("full"))
            return
        self.kept = left | request.keys
        on_answer(Reply(200))

    @property
    def sessions(self) -> set[str]:
        return {session_of_backup(name).partition(" ")[0] for name in self.kept}


class Device:
    """A device of Иван's with messages of others, each of another session."""

    def __init__(self, server: SmallServer) -> None:
        self.reader = Reader()
        encryption = self.reader.encryption
        self.uploads = Uploads(replace(encryption.context, ask=server.ask), encryption.sessions)

    def is_given(self, writer: Writer, count: int, *, shared_history: bool = False) -> list[str]:
        """Get the keys of so many new sessions; return their ids."""
        self.reader.meets(writer.device)
        for_each = [copy(writer) for _ in range(count)]
        for one in for_each:
            one.group = vodozemac.GroupSession()
            session_id = one.group.session_id
            signed = certify(one.identity, one.room, session_id, shared_history=shared_history)
            key = {**room_key(one.group, one.room), CERTIFICATE: signed}
            self.reader.encryption.sessions.take_key(key, one.device)
        return [one.group.session_id for one in for_each]

    def reads(self, writer: Writer, count: int) -> list[str]:
        """Get so many keys, and a message of each."""
        made = self.is_given(writer, count)
        keys = self.reader.encryption.keys
        keys.note_decrypted(
            [(keys.inbound_sessions(one)[0].name, 0, number) for number, one in enumerate(made, 1)]
        )
        return made

    def backs_up(self) -> None:
        self.uploads.send(SECRET)


@pytest.fixture
def server() -> SmallServer:
    return SmallServer(60)


@pytest.fixture
def device(server: SmallServer) -> Iterator[Device]:
    made = Device(server)
    yield made
    made.reader.store.close()


@contextmanager
def small(unused: int) -> Iterator[None]:
    """Limit the stored keys of each sender that have decrypted nothing."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(inbound_sessions, "_MAX_UNUSED", unused)
        yield


def test_nobody_fills_the_backup_alone(
    device: Device, server: SmallServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It has a limited number of keys of each other account, and all own ones."""
    monkeypatch.setattr(backed_up, "_MAX_BACKED_UP", 20)
    eve, bob, own = (Writer("ПК", account=name) for name in (EVE, BOB, IVAN))
    for _turn in range(6):
        device.reads(eve, 20)
        device.backs_up()
    friends, mine = device.reads(bob, 10), device.reads(own, 12)
    device.backs_up()
    more = device.reads(own, 12)

    device.backs_up()

    assert {*friends, *mine, *more} <= server.sessions
    assert len(server.sessions) <= 10 + 24 + 39, "so many at a time are sent"


def test_a_key_that_is_given_again_and_again_has_one_place(
    device: Device, server: SmallServer
) -> None:
    """Each time it decrypts one message more."""
    eve = Writer("ПК", account=EVE)
    device.reader.meets(eve.device)
    certificate = certify(eve.identity, eve.room, eve.group.session_id, shared_history=True)
    given = []
    for _message in range(20):
        given.append({**room_key(eve.group, eve.room), CERTIFICATE: certificate})
        eve.group.encrypt(b"")

    for key in reversed(given):
        device.reader.encryption.sessions.take_key(key, eve.device)
        device.backs_up()

    (kept,) = device.reader.encryption.keys.inbound_sessions(eve.group.session_id)
    assert kept.first == 0
    assert list(server.kept) == [backup_name(kept)]


def test_a_key_that_opens_more_before_the_server_has_answered_is_backed_up_as_well(
    device: Device, server: SmallServer
) -> None:
    """Or the backup would seem to have lost it."""
    eve = Writer("ПК", account=EVE)
    device.reader.meets(eve.device)
    certificate = certify(eve.identity, eve.room, eve.group.session_id, shared_history=True)
    whole = {**room_key(eve.group, eve.room), CERTIFICATE: certificate}
    eve.group.encrypt(b"")
    later = {**room_key(eve.group, eve.room), CERTIFICATE: certificate}
    answers = server.put_off()
    device.reader.encryption.sessions.take_key(later, eve.device)
    device.backs_up()
    device.reader.encryption.sessions.take_key(whole, eve.device)

    answers.pop()()
    device.backs_up()
    answers.pop()()

    (kept,) = device.reader.encryption.keys.inbound_sessions(eve.group.session_id)
    assert kept.first == 0
    assert list(server.kept) == [backup_name(kept)]


def test_keys_of_the_past_that_open_nothing_have_a_smaller_share(
    device: Device, server: SmallServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A new member may never read so far back, and the next device wants them."""
    monkeypatch.setattr(backed_up, "_MAX_UNUSED_BACKED_UP", 10)
    eve, bob = Writer("ПК", account=EVE), Writer("ПК", account=BOB)
    past = device.is_given(bob, 5, shared_history=True)
    device.backs_up()
    assert server.sessions == set(past)
    unused = device.is_given(eve, 15, shared_history=True)
    device.backs_up()

    with small(unused=4):
        more = device.is_given(eve, 15, shared_history=True)
        device.backs_up()
        more += device.is_given(eve, 15, shared_history=True)
        device.backs_up()
    device.backs_up()
    assert {*unused} <= server.sessions
    assert not set(more) & server.sessions

    read = device.reads(eve, 3)
    device.backs_up()
    assert set(read) <= server.sessions


def test_a_full_backup_costs_one_request_on_each_connection_and_no_entry(
    device: Device, server: SmallServer
) -> None:
    device.reads(Writer("ПК", account=BOB), 40)
    device.backs_up()
    server.most = 40
    before = dict(server.kept)
    device.reads(Writer("ПК", account=EVE), 5)
    asked = len(server.requests)

    for _tick in range(10):
        device.backs_up()
    assert len(server.requests) == asked + 1
    assert server.kept == before
    device.uploads.resume()
    device.backs_up()
    assert len(server.requests) == asked + 2

    server.most = 45
    device.uploads.stop()
    device.backs_up()
    assert len(server.kept) == 45


def test_keys_of_what_was_not_fetched_are_backed_up_where_others_of_it_have_opened_something(
    device: Device, server: SmallServer
) -> None:
    """A device that was offline fetches the last page, and its user may never scroll up."""
    bob = Writer("ПК", account=BOB)
    earlier = device.is_given(bob, 3)
    device.backs_up()
    assert not server.sessions

    last = device.reads(bob, 1)
    device.backs_up()

    assert server.sessions == {*earlier, *last}


# --- useless entries -----------------------------------------------------------------------------


def session(name: str, first: int) -> InboundSession:
    return InboundSession(
        name, "!a:jim", BOB, "PHONE", "", "e" * 43, first, "", "", "", False, True
    )


@given(
    st.lists(
        st.tuples(st.sampled_from("ab"), st.integers(0, 3), st.sampled_from(["now", "older"])),
        max_size=8,
    )
)
def test_what_is_of_no_use_can_go_and_no_key_is_lost_by_that(
    found: list[tuple[str, int, str]],
) -> None:
    """Keys of later messages only, and those under names of earlier versions."""
    restored, entries = Restored(), dict[str, InboundSession]()
    for message, first, how in found:
        group = session(message * 43, first)
        older = f"{group.session_id} {first:x}" if first else group.session_id
        entries[backup_name(group) if how == "now" else older] = group
    for name, group in entries.items():
        restored.add(group, name)

    useless = restored.superfluous()

    left = {name: group for name, group in entries.items() if name not in useless}
    for name, first in restored.sessions.items():
        assert first == min(one.first for one in left.values() if one.name == name)
        best = entry_name(name, first)
        assert best not in entries or [one for one in left if left[one].name == name] == [best]


# --- with a server ------------------------------------------------------------------------------


@pytest.fixture
def server_of_nine(tmp_path: Path) -> Iterator[RunningServer]:
    """A server that stores nine entries of a backup."""
    data = tmp_path / "data"
    data.mkdir()
    (data / "messenger.toml").write_text("[limits]\nkey_backups = 9\n", "utf-8")
    with running(data, "--limits", "off") as server:
        yield server


@pytest.mark.parametrize("is_urgent", [False, True])
def test_junk_in_a_full_backup_goes_and_what_is_wanted_finds_room(
    server_of_nine: RunningServer,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    *,
    is_urgent: bool,
) -> None:
    """Someone with the password, but without an approved device, has filled it and its reserve."""
    monkeypatch.setattr(key_backup, "_FAILED_AGAIN_AFTER", 0.1)
    server = server_of_nine
    ann = Person("Анна 😀", server.port, Store(tmp_path / "a.db"), register=True)
    bob = Person("名前", server.port, Store(tmp_path / "b.db"), register=True)
    keys = ann.core.encryption.keys
    thief = Person(ann.name, server.port, Store(), register=False)
    taken = len(thief.ask(RestoreKeys(after="")).keys)
    free = 9 - taken + (1_000 if is_urgent else 0)
    junk = {f"junk {number}": "AAAA" for number in range(free)}
    for start in range(0, free, 100):
        names = list(junk)[start : start + 100]
        thief.ask(BackUpKeys(keys=dict.fromkeys(names, "AAAA"), is_urgent=is_urgent))
    for turn in range(3):
        bob.send_text(ann.name, f"{turn} 😀")
        wait(lambda turn=turn: f"{turn} 😀" in ann.heard(bob.name))
        ann.send_text(bob.name, f"{turn} Ё")
        wait(lambda turn=turn: f"{turn} Ё" in bob.heard(ann.name))
    ann.keys.verify(bob.name)
    wait(lambda: keys.get("unshared_trust_records") == "[]")

    wait(lambda: not keys.not_backed_up(10))

    assert len(ann.ask(RestoreKeys(after="")).keys) <= 10
    for one in (ann, bob, thief):
        one.close()
