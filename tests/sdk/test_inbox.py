"""To-device messages: each is handled once by its type, and a faulty one affects no other."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import msgspec
import pytest
import vodozemac

from messenger.crypto.accounts import Secret
from messenger.crypto.identity import Identity
from messenger.crypto.signed import SignatureError
from messenger.crypto.to_device import DecryptedToDevice, encrypt_to_device
from messenger.jim.devices import InboxPage, ReceivedToDevice
from messenger.sdk.encryption.inbox import Inbox, Taker
from messenger.sdk.encryption.internal_events import InboxFetched, OlmSessionBegun
from messenger.sdk.store import Store
from tests.sdk.reader import BOB, Reader


class Receiving(Reader):
    """A device whose inbox records which handler got what, and what was stored by then."""

    def __init__(self, store: Store | None = None) -> None:
        super().__init__(store=store)
        self.taken: list[tuple[str, str, str | None]] = []
        self.emitted: list[object] = []
        self.fetches: list[tuple[int, Callable[[object], None]]] = []
        self._sessions: dict[str, vodozemac.Session] = {}
        takers = {
            "a.exact": Taker(self._taker("exact")),
            "a.family.": Taker(self._taker("family")),
            "a.proof": Taker(self._taker("proof"), proves_itself=True),
            "a.request": Taker(self._taker("request"), afterwards=True),
            "a.wrong": Taker(_refuse),
            "a.wrong_request": Taker(_refuse, afterwards=True),
        }
        context = replace(self.encryption.context, ask=self._ask, emit=self.emitted.append)
        self.inbox = Inbox(
            context, self.encryption.olm_sessions, self.encryption.device_lists, takers
        )

    def gets(self, *messages: ReceivedToDevice) -> None:
        for message in messages:
            self.inbox.arrived(message)

    def to_device_of(self, sender: Identity, seq: int, kind: str) -> ReceivedToDevice:
        """Return a to-device message, in the session that the device has begun with the first."""
        mine = self.encryption.identity.device
        if sender.device_id not in self._sessions:
            key = next(iter(self.encryption.identity.new_one_time_keys(1).values()))
            self._sessions[sender.device_id] = sender.begin(mine, msgspec.json.decode(key)["key"])
        encrypted = encrypt_to_device(sender, self._sessions[sender.device_id], mine, kind, {})
        return ReceivedToDevice(seq, sender.account, encrypted)

    def _taker(self, name: str) -> Callable[[DecryptedToDevice], None]:
        def take(message: DecryptedToDevice) -> None:
            self.taken.append((name, message.type, self.encryption.keys.get("to_device")))

        return take

    def _ask(self, request: Any, on_answer: Callable[[object], None]) -> None:
        if hasattr(request, "after"):
            self.fetches.append((request.after, on_answer))


def _refuse(_to_device: DecryptedToDevice) -> None:
    raise SignatureError("It is not what it says")


@pytest.fixture
def reader() -> Iterator[Receiving]:
    made = Receiving()
    yield made
    made.store.close()


@pytest.fixture
def bob() -> Identity:
    return Identity(BOB, "ТЕЛЕФОН")


def test_a_type_or_its_family_says_what_takes_a_message(reader: Receiving, bob: Identity) -> None:
    kinds = ["a.exact", "a.family.start", "a.family.", "a.unknown", "unknown", ""]
    reader.gets(*[reader.to_device_of(bob, seq, kind) for seq, kind in enumerate(kinds, 1)])

    assert [one[:2] for one in reader.taken] == [
        ("exact", "a.exact"), ("family", "a.family.start"), ("family", "a.family.")
    ]  # fmt: skip
    assert reader.inbox.read == len(kinds), "what nobody takes is read, too"


def test_requests_are_taken_when_what_came_with_them_is_kept(
    reader: Receiving, bob: Identity
) -> None:
    reader.inbox.fetch(lambda: None)
    kinds = ["a.request", "a.exact", "a.request"]
    page = [reader.to_device_of(bob, seq, kind) for seq, kind in enumerate(kinds, 1)]

    reader.fetches[0][1](InboxPage(200, to_device=page, last=3))

    assert [(name, kept) for name, _type, kept in reader.taken] == [
        ("exact", None), ("request", "3"), ("request", "3")
    ]  # fmt: skip
    assert [after for after, _take in reader.fetches] == [0, 3], "to fetch on acknowledges them"
    reader.fetches[1][1](InboxPage(200, to_device=[], last=3))
    assert reader.emitted == [OlmSessionBegun(BOB), InboxFetched()]


def test_one_that_is_wrong_costs_only_itself(reader: Receiving, bob: Identity) -> None:
    kinds = ["a.wrong", "a.exact", "a.wrong_request", "a.request"]
    reader.gets(*[reader.to_device_of(bob, seq, kind) for seq, kind in enumerate(kinds, 1)])

    assert [name for name, _type, _kept in reader.taken] == ["exact", "request"]
    assert reader.encryption.keys.get("to_device") == "4"


def test_a_device_that_is_not_signed_has_no_effect_but_by_what_proves_itself(
    reader: Receiving, bob: Identity
) -> None:
    """Its account has an identity: a device without its signature may be the server's."""
    reader.meets(secret=Secret(BOB))
    kinds = ["a.exact", "a.request", "a.proof"]
    reader.gets(*[reader.to_device_of(bob, seq, kind) for seq, kind in enumerate(kinds, 1)])

    assert [name for name, _type, _kept in reader.taken] == ["proof"]


def test_one_that_comes_twice_is_taken_once(reader: Receiving, bob: Identity) -> None:
    message = reader.to_device_of(bob, 1, "a.exact")
    reader.gets(message, message)

    assert len(reader.taken) == 1
    assert not reader.fetches
