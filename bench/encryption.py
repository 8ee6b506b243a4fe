"""Measures end-to-end encryption in a client, with everything stored in an encrypted database."""

import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from msgspec import Raw

from messenger.crypto.accounts import Secret
from messenger.crypto.devices import Device, version_of
from messenger.crypto.identity import Identity
from messenger.jim.base import Reply
from messenger.jim.devices import BackedUp, Claimed, ClaimedKey, ClaimKeys, RestoreKeys, ToDevice
from messenger.jim.messages import Message
from messenger.sdk.encryption import Encryption
from messenger.sdk.encryption.device_lists import DeviceList
from messenger.sdk.encryption.megolm_outbound import Draft
from messenger.sdk.encryption.olm_sessions import Content
from messenger.sdk.store import MessageSecurity, Store

_TEXT = "a message of a hundred bytes ".ljust(100, ".")
_BATCH = 100


class _Server:
    """Answers a client's requests at no cost, so that only the client is measured."""

    def __init__(self) -> None:
        self.one_time_keys: dict[str, bytes] = {}
        self.backed_up: dict[str, str] = {}

    def ask(self, request: Any, on_answer: Any) -> None:
        if isinstance(request, ClaimKeys):
            keys = [
                ClaimedKey(one.account_name, one.device, "id", Raw(self.one_time_keys[one.device]))
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
        encryption.context.availability.enabled = True
        yield store, encryption
        store.close()


def _device_list(*devices: Device) -> DeviceList:
    named = [(one.account, one.device_id, one.ed25519) for one in devices]
    by_name = {(one.account, one.device_id): one for one in devices}
    return DeviceList(version_of(named, [], []), by_name, frozenset(), {})


def encrypt_and_decrypt(count: int) -> tuple[float, float, float]:
    """Return how many messages a second are encrypted, and decrypted; and the time of a restore.

    Messages are encrypted as a backlog, and decrypted in pages of history; both include storing.
    The restore is that of 10,000 messages on a new device, from the key backup, in seconds.
    """
    server = _Server()
    secret = Secret("bob")
    with (
        _client("ann", server) as (ann_store, ann),
        _client("bob", server) as (bob_store, bob),
        _client("bob", server, "D2") as (new_store, new),
    ):
        device_list = _device_list(ann.identity.device, bob.identity.device)
        sent: list[Message] = []
        encrypting = 0.0
        for start in range(0, count, _BATCH):
            with ann_store.transaction():
                unsent = [
                    ann_store.add_unsent("bob", "ann", _TEXT, f"{start + one:036}", 1.0)
                    for one in range(_BATCH)
                ]
            outbound = ann.outbound.session_for("bob", device_list)
            bob.sessions.take_key(ann.outbound.key_of(outbound), ann.identity.device)
            before = time.perf_counter()
            named = [Draft(one.sent_id or "", one.text) for one in unsent]
            encrypted = ann.outbound.encrypt(outbound, device_list.version, named)
            encrypting += time.perf_counter() - before
            sent += [
                Message(1.0, "bob", "ann", text, "m.megolm.v1.aes-sha2", start + seq, sent_id, 2.0)
                for seq, (text, (sent_id, *_)) in enumerate(zip(encrypted, named, strict=True), 1)
            ]
        decrypting = _decrypt(bob_store, bob, sent)
        server.backed_up = {
            inbound.name: bob.sessions.encrypt_for_backup(inbound.name, inbound, secret)
            for inbound in bob.keys.not_backed_up(count)
        }
        new.account.stored_secret.current = secret
        before = time.perf_counter()
        new.account.backup.restore()
        restoring = time.perf_counter() - before + _decrypt(new_store, new, sent)
    return count / encrypting, count / decrypting, restoring / count * 10_000


def _decrypt(store: Store, encryption: Encryption, sent: list[Message]) -> float:
    before = time.perf_counter()
    for start in range(0, len(sent), _BATCH):
        page = sent[start : start + _BATCH]
        decrypted = store.add_received("ann", "bob", page, encryption.incoming.decrypt)
        assert all(message.security is MessageSecurity.ENCRYPTED for message in decrypted)
    return time.perf_counter() - before


def share(devices: int) -> float:
    """Return the seconds that it takes to share a room's first key with this many devices."""
    server = _Server()
    with _client("ann", server) as (_store, ann):
        others = []
        for number in range(devices):
            other = Identity(f"member{number}", f"D{number}")
            server.one_time_keys[other.device_id] = next(iter(other.new_one_time_keys(1).values()))
            others.append(other.device)
        outbound = ann.outbound.session_for("#room", _device_list(ann.identity.device, *others))
        key = ann.outbound.key_of(outbound)
        reached: list[Any] = []
        messages = [Content(device, "m.room_key", key) for device in outbound.missing]
        before = time.perf_counter()
        ann.olm_sessions.send(messages, reached.append)
        ann.outbound.shared(outbound, outbound.missing)
        took = time.perf_counter() - before
        assert len(reached[0]) == devices
    return took
