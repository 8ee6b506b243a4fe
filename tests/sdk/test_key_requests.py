"""Key requests: nobody can make others ask for, or send, the same key again and again."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from messenger.crypto.devices import MEGOLM
from messenger.crypto.to_device import DecryptedToDevice
from messenger.sdk.encryption import key_requests
from messenger.sdk.encryption.internal_events import OlmSessionBegun
from messenger.sdk.encryption.olm_sessions import Content
from tests.sdk.reader import BOB, IVAN, Reader, Writer

HOUR = 3600.0


class Asking(Reader):
    """A reader with its own clock, which records its requests and the keys that it sends."""

    def __init__(self) -> None:
        super().__init__()
        self.now = 1000.0
        self.requests = self.encryption._requests
        self.requests._clock = self.encryption._answers._clock = lambda: self.now
        self.encryption.context.availability.enabled = True
        self.given: list[Content] = []
        self.encryption.olm_sessions.send = (  # type: ignore[method-assign]  there is no server
            lambda contents, _sent, **_: self.given.extend(contents)
        )
        self.rounds = 0
        asks = self.requests.ask

        def counted() -> list[str]:
            found = asks()
            self.rounds += bool(found)
            return found

        self.requests.ask = counted  # type: ignore[method-assign]  to count what the real one does

    def is_asked_by(self, device: Writer, session_id: str) -> None:
        body = {"algorithm": MEGOLM, "room_id": device.room, "session_id": session_id}
        content = {"action": "request", "body": {**body, "sender_key": ""}}
        self.encryption._answers.answer(
            DecryptedToDevice("m.room_key_request", content, device.device)
        )


@pytest.fixture
def reader() -> Iterator[Asking]:
    made = Asking()
    yield made
    made.store.close()


def every(seconds: float, reader: Asking, do: Callable[[], Any]) -> None:
    """Do it every few seconds for an hour."""
    end = reader.now + HOUR
    while reader.now < end:
        reader.now += seconds
        do()


def test_who_begins_sessions_without_end_has_his_junk_asked_for_now_and_then(
    reader: Asking,
) -> None:
    eve = Writer("PHONE", account="eve 😈")
    reader.meets(eve.device)
    reader.receives(eve.writes("junk", 1))

    every(5.0, reader, lambda: reader.encryption._react(OlmSessionBegun("eve 😈")))

    assert 1 <= reader.rounds < 15


def test_a_new_session_with_somebody_has_what_he_sent_asked_for_at_once(reader: Asking) -> None:
    """But not messages that wait for others' keys."""
    bob, eve = Writer("PHONE"), Writer("PHONE", account="eve 😈")
    reader.meets(bob.device, eve.device)
    reader.receives(bob.writes("привет", 1))
    reader.receives(eve.writes("junk", 2))
    assert len(reader.requests.ask()) == 2
    reader.now += 1.0
    asked: list[str] = []
    look = reader.requests._look_in
    reader.requests._look_in = (  # type: ignore[method-assign]  to hear whom it asks
        lambda where, conversation, sender, sessions: (
            asked.append(sender),
            look(where, conversation, sender, sessions),
        )
    )

    reader.encryption._react(OlmSessionBegun(BOB))

    assert asked == [BOB]


def test_a_key_that_is_asked_for_again_and_again_is_given_now_and_then(reader: Asking) -> None:
    bob = Writer("PHONE")
    reader.meets(bob.device)
    own = reader.encryption.outbound._begin(bob.room, shared_history=False, setting=0)
    reader.encryption.keys.share(own.session_id, [bob.device.key], 0)

    every(0.5, reader, lambda: reader.is_asked_by(bob, own.session_id))

    assert 1 < len(reader.given) < 100
    assert {one.type for one in reader.given} == {"m.forwarded_room_key"}


def test_each_key_and_each_device_has_answers_of_its_own(reader: Asking) -> None:
    phone, tablet = Writer("PHONE"), Writer("ПЛАНШЕТ")
    reader.meets(phone.device, tablet.device)
    sessions = [
        reader.encryption.outbound._begin(phone.room, False, 0).session_id for _ in range(3)
    ]
    for session_id in sessions:
        devices = [phone.device.key, tablet.device.key]
        reader.encryption.keys.share(session_id, devices, 0)

    for session_id in sessions:
        for device in (phone, tablet):
            reader.is_asked_by(device, session_id)

    assert len(reader.given) == 6


def test_who_may_not_have_a_key_makes_nobody_forget_whom_it_was_given(reader: Asking) -> None:
    bob, eve = Writer("PHONE"), Writer("PHONE", account="eve 😈")
    reader.meets(bob.device, eve.device)
    own = reader.encryption.outbound._begin(bob.room, shared_history=False, setting=0)
    reader.encryption.keys.share(own.session_id, [bob.device.key], 0)
    reader.is_asked_by(bob, own.session_id)

    for number in range(100):
        reader.is_asked_by(eve, f"made up {number}")
        reader.is_asked_by(eve, own.session_id)

    assert len(reader.given) == 1
    assert len(reader.encryption._answers._given._asked) == 1


def test_of_all_that_waits_only_so_much_is_asked_for_at_once(
    reader: Asking, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Many accounts may send junk, and SQLite limits the parameters of a statement."""
    monkeypatch.setattr(key_requests, "_MAX_OF_ALL", 7)
    for number in range(10):
        eve = Writer("PHONE", account=f"eve {number}")
        reader.meets(eve.device)
        reader.receives(eve.writes("junk", number + 1))

    first = reader.requests.ask()
    reader.now += 1.0

    assert len(first) == 7
    assert len(reader.requests.ask()) == 3
    assert reader.account == IVAN
