"""A key backup that is full: what is wanted least makes room, and nobody pushes out the others."""

from collections.abc import Callable, Iterator
from copy import copy
from pathlib import Path
from typing import Any

import pytest
import vodozemac
from hypothesis import given
from hypothesis import strategies as st

from messenger.crypto.accounts import Secret
from messenger.jim.errors import BackupFull
from messenger.jim.replies import Reply
from messenger.jim.requests import BackUpKeys, RestoreKeys
from messenger.sdk.sealing.backupstate import Restored
from messenger.sdk.sealing.backupwriter import (
    BackupWriter,
    backup_name,
    entry_name,
    session_of_backup,
)
from messenger.sdk.sealing.uploads import Uploads
from messenger.sdk.store import Store
from messenger.sdk.store.sessions import Group
from tests.running import RunningServer
from tests.sdk.person import Person, wait
from tests.sdk.test_signers import BOB, IVAN, Reader, Writer

EVE, EVA = "eve 😈", "ева a/b%41"


class SmallServer:
    """Keeps so many entries; what is to be forgotten makes room first."""

    def __init__(self, most: int) -> None:
        self.most = most
        self.kept: dict[str, str] = {}
        self.requests: list[BackUpKeys] = []

    def ask(self, request: BackUpKeys, on_answer: Callable[[Any], None]) -> None:
        self.requests.append(request)
        left = {name: one for name, one in self.kept.items() if name not in request.forget}
        if len(left | request.keys) > self.most:
            on_answer(BackupFull("full"))
            return
        self.kept = left | request.keys
        on_answer(Reply(200))


class Device:
    """A device of Иван's with what others have written to it, each message by another session."""

    def __init__(self, server: SmallServer, ident: str) -> None:
        self.reader = Reader(ident=ident)
        keys = self.reader.sealing.keys
        self.writer = BackupWriter(keys, server.ask, IVAN)  # type: ignore[arg-type]
        self.uploads = Uploads(keys, self.writer, self.reader.sealing.groups)

    def reads(self, *written: tuple[Writer, int]) -> None:
        for writer, number in written:
            self.reader.meets(writer.device)
            self.reader.sealing.groups.take_key(writer.key(), writer.device)
            (group,) = self.reader.sealing.keys.inbound_sessions(writer.group.session_id)
            self.reader.sealing.keys.note_opened([(group.name, 0, number)])

    def backs_up(self) -> None:
        self.uploads.send(Secret(IVAN))


@pytest.fixture
def server() -> SmallServer:
    return SmallServer(150)


@pytest.fixture
def device(server: SmallServer) -> Iterator[Device]:
    made = Device(server, "PHONE")
    yield made
    made.reader.store.close()


def written_by(account: str, numbers: range) -> list[tuple[Writer, int]]:
    """Return sessions of an account's device, each with the number of its message."""
    one = Writer("ПК", account=account)
    written = []
    for number in numbers:
        writer = copy(one)
        writer.group = vodozemac.GroupSession()
        written.append((writer, number))
    return written


def names_of(written: list[tuple[Writer, int]]) -> set[str]:
    return {writer.group.session_id for writer, _number in written}


def in_backup(server: SmallServer) -> set[str]:
    return {session_of_backup(name).partition(" ")[0] for name in server.kept}


def test_who_has_most_keys_in_a_full_backup_loses_the_oldest_of_them(
    device: Device, server: SmallServer
) -> None:
    """A stranger who writes without end pushes out himself, also where he comes first."""
    flood = written_by(EVE, range(1, 300))
    friends, own = written_by(BOB, range(300, 315)), written_by(IVAN, range(315, 325))
    device.reads(*flood[:200])
    device.backs_up()
    device.reads(*friends, *own, *flood[200:])

    device.backs_up()

    assert names_of(friends) | names_of(own) <= in_backup(server)
    kept = in_backup(server) & names_of(flood)
    assert names_of(flood[-20:]) <= kept
    device.backs_up()
    asked = len(server.requests)
    device.backs_up()
    assert len(server.requests) == asked, "what was left out is not tried again"


def test_a_decision_finds_room_in_a_full_backup(device: Device, server: SmallServer) -> None:
    device.reads(*written_by(EVE, range(1, 200)))
    device.backs_up()
    assert len(server.kept) > server.most - 40
    answers: list[object] = []

    for number in range(50):
        device.writer.put({f"decision {number}": "sealed"}, answers.append)

    assert all(isinstance(answer, Reply) for answer in answers)
    assert {f"decision {number}" for number in range(50)} <= set(server.kept)


def test_a_backup_that_is_full_of_what_nobody_knows_is_left_alone_until_the_next_link(
    device: Device, server: SmallServer
) -> None:
    server.kept = {f"junk {number}": "" for number in range(server.most)}
    device.reads(*written_by(BOB, range(1, 4)))

    for _tick in range(5):
        device.backs_up()
    asked = len(server.requests)
    server.kept = {}
    device.uploads.stop()
    device.backs_up()

    assert asked == 1
    assert len(server.kept) == 3


def test_two_devices_of_an_account_do_not_push_out_each_others(server: SmallServer) -> None:
    """Each finds that what it has backed up is missing, once the other one has made room."""
    one, two = Device(server, "PHONE"), Device(server, "ПК")
    written = written_by(EVE, range(1, 120)) + written_by(EVA, range(120, 200))
    one.reads(*written)
    two.reads(*reversed(written))
    for device in (one, two):
        device.backs_up()

    for _day in range(6):
        before = len(server.requests)
        for device in (one, two):
            keys = device.reader.sealing.keys
            lost = [name for name in keys.backed_up() if name not in server.kept]
            keys.note_backed_up(lost, done=False)
            device.backs_up()

    assert len(server.requests) == before, "they have come to an end"
    assert len(server.kept) > server.most - 80
    for device in (one, two):
        device.reader.store.close()


# --- what is of no use ---------------------------------------------------------------------------


def session(name: str, first: int) -> Group:
    return Group(name, "!a:jim", BOB, "PHONE", "", "e" * 43, first, "", "", "", False, True)


@given(
    st.lists(
        st.tuples(st.sampled_from("ab"), st.integers(0, 3), st.sampled_from(["now", "older"])),
        max_size=8,
    )
)
def test_what_is_of_no_use_can_go_and_no_key_is_lost_by_that(
    found: list[tuple[str, int, str]],
) -> None:
    """Keys of later messages only, and those that earlier versions have named otherwise."""
    restored, entries = Restored(), dict[str, Group]()
    for letter, first, how in found:
        group = session(letter * 43, first)
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


def test_junk_in_a_full_backup_goes_and_what_is_wanted_finds_room(
    own_server: Callable[..., RunningServer], tmp_path: Path
) -> None:
    """Somebody who has the password, but no approved device, has filled it."""
    server = own_server("--limits", "off", toml="[limits]\nkey_backups = 6\n")
    ann = Person("Анна 😀", server.port, Store(tmp_path / "a.db"), register=True)
    bob = Person("名前", server.port, Store(tmp_path / "b.db"), register=True)
    thief = Person(ann.name, server.port, Store(), register=False)
    taken = len(thief.ask(RestoreKeys(after="")).keys)
    thief.ask(BackUpKeys(keys={f"junk {number}": "AAAA" for number in range(6 - taken)}))
    for turn in range(4):
        bob.send_text(ann.name, f"{turn} 😀")
        wait(lambda turn=turn: f"{turn} 😀" in ann.heard(bob.name))
        ann.send_text(bob.name, f"{turn} Ё")
        wait(lambda turn=turn: f"{turn} Ё" in bob.heard(ann.name))
    ann.keys.verify(bob.name)

    with ann._to_send:
        ann.core.sealing.account.restore()
        ann._to_send.notify()

    def is_in_it() -> bool:
        names = set(ann.ask(RestoreKeys(after="")).keys)
        is_decided = ann.core.sealing.keys.get("unshared_decisions") == "[]"
        return is_decided and not any(name.startswith("junk") for name in names)

    wait(is_in_it)
    assert len(ann.ask(RestoreKeys(after="")).keys) <= 6
    for one in (ann, bob, thief):
        one.close()
