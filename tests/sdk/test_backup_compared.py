"""The backup is compared with the local keys: losses are noticed, failed comparisons repeated."""

import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pytest

from messenger.crypto.accounts import Secret
from messenger.crypto.to_device_content import BackupState
from messenger.jim.base import Request
from messenger.jim.devices import BackedUp, Published, RestoreKeys
from messenger.jim.errors import BackupFull, ServerError
from messenger.sdk.encryption import key_backup
from messenger.sdk.encryption.backup_names import backup_name
from messenger.sdk.encryption.device_lists import DeviceList
from messenger.sdk.encryption.key_backup import KeyBackup
from messenger.sdk.events import BackupOutdated, CoreEvent
from messenger.sdk.store import IdentityTrust
from messenger.sdk.store.inbound_sessions import InboundSession
from tests.sdk.reader import IVAN, Reader, Writer

SECRET = Secret(IVAN)
DAY = 24 * 3600.0


class Compared(Reader):
    """A device whose keys are backed up, at a server that answers as the test says."""

    def __init__(self) -> None:
        super().__init__()
        self.told: list[CoreEvent] = []
        self.answers: Callable[[], Any] = lambda: BackedUp(200, keys=dict(self.server))
        self.server: dict[str, str] = {}
        self.restores = 0
        encryption = self.encryption
        self.backup = KeyBackup(
            replace(encryption.context, ask=self.ask, tell=self.told.append),
            encryption.sessions,
            encryption.account.trust_records,
            encryption._redecryption,
            encryption.account.stored_secret,
        )
        encryption.account.stored_secret.keep(SECRET)
        encryption.device_lists.of = (  # type: ignore[method-assign]  there is no server
            lambda _name, listed: listed(DeviceList("", {}, frozenset(), {}))
        )
        self.backup.expected.settle()

    def ask(self, request: Any, on_answer: Callable[[Any], None]) -> None:
        if isinstance(request, RestoreKeys):
            self.restores += 1
            on_answer(self.answers())

    def has_backed_up(self, writer: Writer, at: int) -> InboundSession:
        """Have a key of a session in the backup, from a message on."""
        group = self.keeps(writer, at)
        name = backup_name(group)
        self.server[name] = self.encryption.sessions.encrypt_for_backup(name, group, SECRET)
        self.encryption.keys.note_backed_up([group])
        return group

    def keeps(self, writer: Writer, at: int) -> InboundSession:
        self.meets(writer.device)
        for _ in range(at):
            writer.group.encrypt(b"")
        self.encryption.sessions.take_key(writer.key(), writer.device)
        (group,) = self.encryption.keys.inbound_sessions(writer.group.session_id)
        self.encryption.keys.note_decrypted([(group.name, at, 1)])
        return group

    @property
    def alarms(self) -> int:
        return self.told.count(BackupOutdated())

    def to_back_up(self) -> list[str]:
        return [one.name for one in self.encryption.keys.not_backed_up(100)]


@pytest.fixture
def device() -> Iterator[Compared]:
    made = Compared()
    yield made
    made.store.close()


def test_a_key_of_later_messages_in_the_place_of_one_of_all_is_a_lost_one(device: Compared) -> None:
    """The server had it before the earlier messages could be read."""
    writer = Writer("PHONE")
    whole = writer.key()
    device.has_backed_up(writer, at=5)
    device.encryption.sessions.take_key(whole, writer.device)
    (group,) = device.encryption.keys.inbound_sessions(writer.group.session_id)
    assert group.first == 0
    device.encryption.keys.note_backed_up([group])

    device.backup.restore()

    assert device.alarms == 1
    assert device.to_back_up() == [group.name]


def test_what_is_all_there_is_no_older_backup(device: Compared) -> None:
    groups = [device.has_backed_up(Writer("PHONE", account=f"кто {n}"), at=n) for n in range(4)]

    device.backup.restore()

    assert (device.alarms, device.to_back_up()) == (0, [])
    assert len(groups) == 4


def test_missing_entries_are_reported_and_backed_up_again(device: Compared) -> None:
    groups = [device.has_backed_up(Writer("PHONE", account=f"кто {n}"), at=0) for n in range(4)]
    del device.server[backup_name(groups[0])]

    device.backup.restore()

    assert device.alarms == 1
    assert device.to_back_up() == [groups[0].name]


def test_a_verification_that_fails_is_made_again_soon_but_not_all_the_time(
    device: Compared, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = [time.monotonic()]
    clock = SimpleNamespace(time=time.time, monotonic=lambda: now[0])
    monkeypatch.setattr(key_backup, "time", clock)
    device.answers = lambda: ServerError("later")

    def ticks(seconds: float) -> int:
        before = device.restores
        end = now[0] + seconds
        while now[0] < end:
            device.backup.compare_daily()
            now[0] += 5.0
        return device.restores - before

    assert 2 <= ticks(600.0) <= 5
    device.answers = lambda: BackedUp(200)
    assert ticks(3600.0) == 1
    assert ticks(DAY / 2) == 0, "it was compared"


def test_what_was_asked_for_with_a_secret_that_is_none_any_more_says_nothing(
    device: Compared,
) -> None:
    """Another device has made a new one meanwhile: the entries are encrypted with that."""
    kept = device.encryption.account.stored_secret
    told: list[bool] = []
    kept.ask_whether_current(SECRET, told.append)
    kept.keep(Secret(IVAN))

    kept.ask_whether_current(SECRET, told.append)

    assert told == [True, False]


def test_a_trust_record_that_finds_no_room_is_sent_to_the_own_devices_once(
    device: Compared,
) -> None:
    trust_records, told = device.encryption.account.trust_records, list[object]()
    trust_records._ask = lambda _request, on_answer: on_answer(BackupFull("full"))
    # Records what is sent: there is no other device.
    trust_records._send_to_own_devices = told.append  # type: ignore[method-assign,assignment]
    device.sets_trust(Secret("名前"), IdentityTrust.VERIFIED)

    for _tick in range(5):
        trust_records.share(SECRET)

    assert len(told) == 1
    assert trust_records.is_full


def test_a_session_of_more_messages_than_anybody_encrypts_by_is_refused(
    device: Compared, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each message costs a scan of the session's earlier ones."""
    monkeypatch.setattr("messenger.sdk.encryption.message_decryption._MAX_MESSAGES", 6)
    writer = Writer("PHONE")
    device.keeps(writer, at=4)

    device.receives(*(writer.writes(f"{number} Ё", number) for number in range(1, 5)))

    assert device.texts() == ["1 Ё", "2 Ё", "", ""]


def test_a_server_that_denies_an_identity_hides_no_older_backup() -> None:
    """It does so between the approval and the first restore."""
    reader, asked = Reader(), list[tuple[Request[Any], Callable[[Any], None]]]()
    account, secret = reader.encryption.account, Secret("Иван")
    context = replace(
        reader.encryption.context, ask=lambda request, take: asked.append((request, take))
    )
    account._context = account.backup._context = context
    account._published = secret.published()
    account._adopt(secret, lambda _: None, BackupState({"PHONE": {"x": 5}}, 100))
    account.backup.stop()

    account.begin(None)
    published = Published(200, one_time_keys=[], fallback="", since=1, identity=secret.published())
    asked[-1][1](published)

    assert account.backup.expected.is_unchecked
    assert any(isinstance(request, RestoreKeys) for request, _take in asked)
