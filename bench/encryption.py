"""What end-to-end encryption costs a client, with everything stored in an encrypted database."""

import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from messenger.crypto.accounts import Secret
from messenger.crypto.devices import Device, version_of
from messenger.crypto.identity import Identity
from messenger.jim.base import Reply
from messenger.jim.devices import BackedUp, Claimed, ClaimedKey, ClaimKeys, RestoreKeys, ToDevice
from messenger.jim.messages import Message
from messenger.sdk.encryption import Encryption
from messenger.sdk.encryption.device_lists import DeviceList
from messenger.sdk.encryption.olm_sessions import Content
from messenger.sdk.store import MessageSecurity, Store

_TEXT = "a message of a hundred bytes ".ljust(100, ".")
_BATCH = 100


class _Server:
    """Answers what a client's encryption asks, at no cost: only the client is measured."""

    def __init__(self) -> None:
        self.one_time_keys: dict[str, bytes] = {}
        self.backed_up: dict[str, str] = {}

    def ask(self, request: Any, on_answer: Any) -> None:
        if isinstance(request, ClaimKeys):
            keys = [
                ClaimedKey(one.account_name, one.device, "id", self.one_time_keys[one.device])  # type: ignore[arg-type]
                for one in request.devices
            ]
            on_answer(Claimed(200, keys=keys))
        elif isinstance(request, ToDevice):
            on_answer(Reply(200))
        elif isinstance(request, RestoreKeys):
            on_answer(BackedUp(200, keys=self.backed_up))


@contextmanager
def _client(
    account: str, server: _Server, device_id: str = "D1"
) -> Iterator[tuple[Store, Encryption]]:
    with tempfile.TemporaryDirectory() as directory:
        store = Store(Path(directory) / "messages.db")
        encryption = Encryption(store, account, device_id, server.ask, lambda _: None)
        encryption.enabled = True
        yield store, encryption
        store.close()


def _readers(*devices: Device) -> DeviceList:
    named = [(one.account, one.device_id, one.ed25519) for one in devices]
    by_name = {(one.account, one.device_id): one for one in devices}
    return DeviceList(version_of(named, [], []), by_name, frozenset(), {})


def seal_and_open(count: int) -> tuple[float, float, float]:
    """Return how many messages a second are sealed, opened, and opened from a key backup.

    Sealing is that of a backlog, opening that of a page of history, both with storing.
    """
    server = _Server()
    secret = Secret("bob")
    with (
        _client("ann", server) as (ann_store, ann),
        _client("bob", server) as (bob_store, bob),
        _client("bob", server, "D2") as (new_store, new),
    ):
        readers = _readers(ann.identity.device, bob.identity.device)
        sent: list[Message] = []
        encryption = 0.0
        for start in range(0, count, _BATCH):
            with ann_store.transaction():
                unsent = [
                    ann_store.add_unsent("bob", "ann", _TEXT, f"{start + one:036}", 1.0)
                    for one in range(_BATCH)
                ]
            own = ann.groups.own("bob", readers)
            bob.groups.take_key(ann.groups.key_of(own), ann.identity.device)
            before = time.perf_counter()
            named = [(one.sent_id or "", one.text) for one in unsent]
            encrypted = ann.groups.encrypt(own, readers.version, named)
            encryption += time.perf_counter() - before
            sent += [
                Message(1.0, "bob", "ann", text, "m.megolm.v1.aes-sha2", start + seq, sent_id, 2.0)
                for seq, (text, (sent_id, _text)) in enumerate(
                    zip(encrypted, named, strict=True), 1
                )
            ]
        opening = _open(bob_store, bob, sent)
        server.backed_up = {
            group.name: bob.groups.encrypt_for_backup(group.name, group, secret)
            for group in bob.keys.not_backed_up(count)
        }
        new.account.secret = secret
        before = time.perf_counter()
        new.account.restore()
        restoring = time.perf_counter() - before + _open(new_store, new, sent)
    return count / encryption, count / opening, restoring / count * 10_000


def _open(store: Store, encryption: Encryption, sent: list[Message]) -> float:
    before = time.perf_counter()
    for start in range(0, len(sent), _BATCH):
        page = sent[start : start + _BATCH]
        opened = store.add_received("ann", "bob", page, encryption.decrypt)
        assert all(message.security is MessageSecurity.ENCRYPTED for message in opened)
    return time.perf_counter() - before


def share(devices: int) -> float:
    """Return the seconds in which a room's key is shared with so many devices, the first time."""
    server = _Server()
    with _client("ann", server) as (_store, ann):
        others = []
        for number in range(devices):
            other = Identity(f"member{number}", f"D{number}")
            server.one_time_keys[other.device_id] = next(iter(other.new_one_time_keys(1).values()))
            others.append(other.device)
        own = ann.groups.own("#room", _readers(ann.identity.device, *others))
        key = ann.groups.key_of(own)
        reached: list[Any] = []
        messages = [Content(device, "m.room_key", key) for device in own.missing]
        before = time.perf_counter()
        ann.olm_sessions.send(messages, reached.append)
        ann.groups.shared(own, own.missing)
        took = time.perf_counter() - before
        assert len(reached[0]) == devices
    return took
