"""A server that sends an older backup to a newly approved device: it is noticed."""

import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from messenger.jim.devices import BackUpKeys, RestoreKeys
from messenger.sdk.encryption.backup_names import session_of_backup
from messenger.sdk.encryption.trust_records import _name_of
from messenger.sdk.events import BackupOutdated, KeysRestored
from messenger.sdk.key_states import ApprovalState
from messenger.sdk.store import IdentityTrust, Store
from tests.running import RunningServer
from tests.sdk.person import Person, approvals, told, wait
from tests.sdk.proxy import Frame, LyingProxy

Backup = dict[str, str]
ANN, BOB = "Анна 😀", "𠮷" * 25


# --- an account whose devices have verified another one, and an older backup ---------------------


class Devices:
    """Ann's first device, and new ones for which a server may lie."""

    def __init__(self, server: RunningServer, directory: Path) -> None:
        self.server, self.directory = server, directory
        self.made: list[Person] = []
        self.ann, self.bob = (self.add(name, register=True) for name in (ANN, BOB))
        self.bob.send_text(ANN, "привет")
        wait(lambda: self.ann.heard(BOB) == ["привет"])
        self.ann.keys.verify(BOB)
        self.old = self.backup()
        self.set_trust(IdentityTrust.UNVERIFIED)
        self.ann.send_text(BOB, "здравствуй")
        wait(lambda: self.bob.heard(ANN) == ["здравствуй"])
        assert len(self.backup()) == len(self.old) + 1

    def add(self, name: str, port: int = 0, *, register: bool = False) -> Person:
        store = Store(self.directory / f"{len(self.made)}.db")
        self.made.append(Person(name, port or self.server.port, store, register=register))
        return self.made[-1]

    def set_trust(self, trust: IdentityTrust) -> None:
        encryption = self.ann.core.encryption
        known = encryption.keys.identity_of(BOB)
        assert known is not None
        with self.ann._lock:
            encryption.account.decide(known[0], trust)
            self.ann._woken.set()

    def backup(self) -> Backup:
        """Return the server's backup once everything of ann's is in it."""
        keys = self.ann.core.encryption.keys
        wait(lambda: keys.get("unshared_trust_records") == "[]" and not keys.not_backed_up(1))
        return self.ann.ask(RestoreKeys(after="")).keys

    def close(self) -> None:
        for one in self.made:
            one.close()


@pytest.fixture(scope="module")
def devices(
    one_server: RunningServer, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Devices]:
    made = Devices(one_server, tmp_path_factory.mktemp("clients"))
    yield made
    made.close()


class NewDevice(NamedTuple):
    """A device that waits for its approval, and its events."""

    client: Person
    liar: LyingProxy
    outdated: list[object]
    restored: list[object]


@pytest.fixture
def new_device(devices: Devices) -> Iterator[Callable[..., NewDevice]]:
    """Make a device of ann's whose server lies."""
    made: list[NewDevice] = []

    def make(lie: Callable[[Frame], list[Frame]]) -> NewDevice:
        liar = LyingProxy(devices.server.port, lie)
        made.append(listened(devices.add(ANN, liar.port), liar))
        return made[-1]

    yield make
    for one in made:
        one.client.close()
        devices.ann.keys.forget_device(one.client.core.encryption.identity.device_id)
        one.liar.close()


def listened(client: Person, liar: LyingProxy) -> NewDevice:
    outdated, restored = told(client, BackupOutdated), told(client, KeysRestored)
    return NewDevice(client, liar, outdated, restored)


def restore(client: Person) -> None:
    """Fetch the whole backup again."""
    restored = told(client, KeysRestored)
    with client._lock:
        client.core.encryption.account.backup.restore()
        client._woken.set()
    wait(lambda: restored)


def showing(backup: Backup) -> Callable[[Frame], list[Frame]]:
    """Have the server show this backup only."""
    return lambda frame: [{**frame, "keys": backup} if is_backup(frame) else frame]


def is_backup(frame: Frame) -> bool:
    return isinstance(frame.get("keys"), dict)


def only_the_first_to_device(frame: Frame) -> list[Frame]:
    """Hold back all to-device messages but the first, which is the approval."""
    if frame.get("action") == "to_device" and frame["message"]["seq"] > 1:
        return []
    if "to_device" in frame:
        kept = [one for one in frame["to_device"] if one["seq"] == 1]
        return [{**frame, "to_device": kept, "last": min(frame.get("last", 0), 1)}]
    return [frame]


# --- attacks --------------------------------------------------------------------------------------


def test_an_old_backup_is_noticed_and_its_trust_record_is_not_taken(
    devices: Devices, new_device: Callable[..., NewDevice]
) -> None:
    """Not at the next start either; and it is reported once, however often the server sends it."""

    def lie(frame: Frame) -> list[Frame]:
        (shown,) = showing(devices.old)(frame)
        return only_the_first_to_device(shown)

    new = new_device(lie)
    devices.ann.keys.approve(new.client.keys.approval_code)
    wait(lambda: new.restored)
    assert new.outdated == [BackupOutdated()]
    assert new.client.keys.trust_of(BOB) is not IdentityTrust.VERIFIED

    restore(new.client)
    assert new.outdated == [BackupOutdated()]
    new.client.close()
    again = listened(Person(ANN, new.liar.port, new.client.store, register=False), new.liar)
    restore(again.client)
    assert not again.outdated
    assert again.client.keys.trust_of(BOB) is not IdentityTrust.VERIFIED

    # Its new trust records get numbers above all that it was told of, though it has not seen these.
    encryption = again.client.core.encryption
    assert encryption.keys.trust_record(BOB) is None
    assert encryption.account.trust_records._last_number() >= 2
    new.liar.lie = showing(devices.backup())
    restore(again.client)
    assert encryption.keys.trust_record(BOB) == devices.ann.core.encryption.keys.trust_record(BOB)
    again.client.close()


def is_trust_record(name: str) -> bool:
    return len(name) == 64


@pytest.mark.parametrize("left_out", [is_trust_record, lambda name: not is_trust_record(name)])
def test_a_backup_without_some_of_it_is_noticed_and_trust_records_come_all_the_same(
    devices: Devices, new_device: Callable[..., NewDevice], left_out: Callable[[str], bool]
) -> None:
    backup = devices.backup()
    kept = {name: encrypted for name, encrypted in backup.items() if not left_out(name)}
    made_up = {f"{name} made up": "AAAA" for name in backup}
    new = new_device(showing({**kept, **made_up}))

    devices.ann.keys.approve(new.client.keys.approval_code)

    wait(lambda: new.restored)
    assert new.outdated == [BackupOutdated()]
    keys = new.client.core.encryption.keys
    wait(lambda: keys.trust_record(BOB) == devices.ann.core.encryption.keys.trust_record(BOB))


def test_what_was_said_at_the_approval_is_not_forgotten_by_a_restart(
    devices: Devices, new_device: Callable[..., NewDevice]
) -> None:
    """The first whole backup is compared with it; it is fetched though the connection had ended."""
    new = new_device(lambda frame: [] if is_backup(frame) else [frame])
    approved = approvals(new.client, ApprovalState.APPROVED)
    devices.ann.keys.approve(new.client.keys.approval_code)
    wait(lambda: approved)
    new.client.close()
    assert not new.restored

    new.liar.lie = showing(devices.old)
    again = Person(ANN, new.liar.port, new.client.store, register=False)
    encryption = again.core.encryption
    wait(lambda: not encryption.account.backup.expected.is_unchecked)
    assert encryption.account.backup._is_outdated
    wait(lambda: again.heard(BOB) == ["привет"])
    again.close()


def test_a_device_approved_by_the_recovery_code_alone_takes_what_the_server_gives_it(
    devices: Devices, new_device: Callable[..., NewDevice]
) -> None:
    """It has nothing to compare the backup with, as the documentation says."""
    new = new_device(showing(devices.old))

    new.client.keys.recover(devices.ann.keys.recovery_code or "")

    wait(lambda: new.restored)
    assert not new.outdated
    assert new.client.keys.trust_of(BOB) is IdentityTrust.VERIFIED
    # Until a device that knows better sends its state.
    devices.set_trust(IdentityTrust.UNVERIFIED)
    wait(lambda: new.client.keys.trust_of(BOB) is IdentityTrust.UNVERIFIED)


def test_a_backup_that_has_gone_back_is_put_right_by_the_device_that_approves(
    devices: Devices, new_device: Callable[..., NewDevice]
) -> None:
    """It compares its state with the server's whenever it approves a device."""
    outdated = told(devices.ann, BackupOutdated)
    trust_records = {
        name: encrypted for name, encrypted in devices.old.items() if is_trust_record(name)
    }
    devices.ann.ask(BackUpKeys(keys=trust_records))
    new = new_device(lambda frame: [frame])

    devices.ann.keys.approve(new.client.keys.approval_code)

    wait(lambda: outdated)
    keys = new.client.core.encryption.keys
    wait(lambda: keys.trust_record(BOB) == devices.ann.core.encryption.keys.trust_record(BOB))
    secret = devices.ann.core.encryption.account.secret
    assert secret is not None
    (name,) = trust_records
    wait(lambda: b"unverified" in secret.decrypt(name, devices.backup()[name]))


def test_a_trust_record_that_the_server_refuses_to_back_up_is_not_hidden_from_a_new_device(
    devices: Devices, new_device: Callable[..., NewDevice]
) -> None:
    """Nor does that make the backup look older: the server may have been overloaded."""
    first, second = (new_device(lambda frame: [frame]) for _ in range(2))
    devices.ann.keys.approve(first.client.keys.approval_code)
    wait(lambda: first.restored)
    wait(lambda: first.client.keys.trust_of(BOB) is IdentityTrust.UNVERIFIED)

    def refuse(frame: Frame) -> list[Frame]:
        return [{**frame, "keys": {"": ""}}] if frame.get("action") == "backup" else [frame]

    first.liar.hear = refuse
    first.client.keys.verify(BOB)
    first.client.keys.approve(second.client.keys.approval_code)

    wait(lambda: second.restored)
    wait(lambda: second.client.keys.trust_of(BOB) is IdentityTrust.VERIFIED)
    assert second.outdated == []


def test_no_device_misses_a_trust_record_in_the_backup_that_was_refused_there(
    devices: Devices, new_device: Callable[..., NewDevice]
) -> None:
    """Neither one that was approved before nor one that is approved then; they back it up."""
    ann = devices.ann
    outdated = told(ann, BackupOutdated)
    first, second = (new_device(lambda frame: [frame]) for _ in range(2))
    ann.keys.approve(first.client.keys.approval_code)
    wait(lambda: first.restored)
    first.liar.hear = lambda frame: (
        [{**frame, "keys": {"": ""}}] if frame.get("action") == "backup" else [frame]
    )
    first.client.keys.verify(BOB)
    made_by = first.client.core.encryption.identity.device_id
    wait(lambda: ann.core.encryption.keys.trust_record(BOB, made_by))
    first.client.keys.approve(second.client.keys.approval_code)
    wait(lambda: second.client.core.encryption.keys.trust_record(BOB, made_by))

    first.client.close()
    for one in (ann, second.client):
        restore(one)

    assert [*outdated, *second.outdated] == []
    made = ann.core.encryption.keys.trust_record(BOB, made_by)
    secret = ann.core.encryption.account.secret
    assert made is not None
    assert secret is not None
    wait(lambda: _name_of(made, secret) in devices.backup())


def test_nothing_is_told_where_the_server_is_honest_and_all_devices_are_busy(
    devices: Devices, new_device: Callable[..., NewDevice]
) -> None:
    """They make trust records and write while a device is approved."""
    first, second = (new_device(lambda frame: [frame]) for _ in range(2))
    ann = devices.ann
    outdated = told(ann, BackupOutdated)
    ann.keys.approve(first.client.keys.approval_code)
    wait(lambda: first.restored)

    for number in range(3):
        first.client.send_text(BOB, f"{number} 😀")
        devices.set_trust(IdentityTrust.VERIFIED)
        devices.bob.send_text(ANN, f"{number} Ё")
    first.client.keys.verify(BOB)
    ann.keys.approve(second.client.keys.approval_code)
    devices.set_trust(IdentityTrust.UNVERIFIED)
    first.client.send_text(BOB, "last")

    wait(lambda: second.restored)
    people = (ann, first.client, second.client)
    wait(lambda: len({str(one.core.encryption.keys.trust_record(BOB)) for one in people}) == 1)
    wait(lambda: all("2 Ё" in one.heard(BOB) for one in people))
    for one in people:
        restore(one)
    assert [*outdated, *first.outdated, *second.outdated] == []


IVAN = "𠮸" * 25


def test_a_device_compares_the_backup_every_day_and_puts_back_what_is_missing(
    devices: Devices, new_device: Callable[..., NewDevice]
) -> None:
    first = new_device(lambda frame: [frame])
    devices.ann.keys.approve(first.client.keys.approval_code)
    wait(lambda: first.restored)
    before = devices.backup()
    store = first.client.store
    first.client.close()

    class Again(Person):
        """The same device after a restart, with its events from the start."""

        def start(self) -> None:
            self.told = listened(self, first.liar)
            super().start()

    def come_again() -> NewDevice:
        again = Again(ANN, first.liar.port, store, register=False)
        devices.made.append(again)
        return again.told

    first.liar.lie = showing(devices.old)
    store.put("backup_compared_at", repr(time.time() - 3600))
    same_day = come_again()
    same_day.client.send_text(BOB, "в тот же день")
    wait(lambda: "в тот же день" in devices.bob.heard(ANN))
    assert not same_day.restored
    same_day.client.close()

    store.put("backup_compared_at", repr(time.time() - 24 * 3600))
    next_day = come_again()
    wait(lambda: next_day.restored)
    assert len(next_day.outdated) == 1
    assert set(before) <= set(devices.backup())
    next_day.client.close()


@pytest.mark.parametrize("how", ["nothing", "junk"])
def test_a_backup_that_cannot_be_opened_is_a_lost_one(
    devices: Devices, new_device: Callable[..., NewDevice], how: str
) -> None:
    """Anyone with the password can overwrite it, and so can the server."""
    first = new_device(lambda frame: [frame])
    devices.ann.keys.approve(first.client.keys.approval_code)
    wait(lambda: first.restored)
    before, known = devices.backup(), first.client.core.encryption.keys.backed_up()
    assert len(known) > 1
    first.outdated.clear()

    if how == "junk":
        thief = devices.add(ANN)
        thief.ask(BackUpKeys(keys=dict.fromkeys(before, "AAAA")))
        assert not thief.keys.is_approved
    else:
        first.liar.lie = showing({})
    restore(first.client)

    assert len(first.outdated) == 1
    wait(lambda: set(known) <= sessions_in(devices.backup()))


def sessions_in(backup: Backup) -> set[str]:
    return {session_of_backup(name) for name, encrypted in backup.items() if encrypted != "AAAA"}
