"""Pauses between connections: short after the first end, longer if they end repeatedly."""

from collections.abc import Sequence
from typing import Any

import pytest

from messenger.jim.devices import DevicesChanged
from messenger.jim.errors import OutdatedDevices
from messenger.sdk.encryption.unencrypted import in_plain
from messenger.sdk.errors import AnswerTooLarge, ServerClosed
from messenger.sdk.failures import Failure, Pauses, failure_of
from messenger.sdk.link import Link, OnAnswer
from messenger.sdk.outbox import Outbox
from messenger.sdk.store import MessageState, Store, StoredMessage

CUT = Failure(ServerClosed())
LARGEST = 64 * 1024 * 1024


class Clock:
    """Time that passes where a test says so, in seconds."""

    def __init__(self) -> None:
        self.now = 1_000_000.0

    def __call__(self) -> float:
        return self.now


def connection(pauses: Pauses, clock: Clock, *, lasts: float) -> float:
    """Have a good connection last so many seconds; return the pause after it."""
    pauses.note_good()
    clock.now += lasts
    pauses.note_good()
    return pauses.after(CUT, None)


def test_connections_that_end_soon_after_the_login_are_renewed_more_and_more_slowly() -> None:
    clock = Clock()
    pauses = Pauses(clock)

    found = [connection(pauses, clock, lasts=5) for _ in range(12)]

    assert found[0] <= 0.5
    assert found[-1] >= 30
    assert sum(found) > 100


def test_a_connection_that_has_lasted_is_renewed_at_once() -> None:
    clock = Clock()
    pauses = Pauses(clock)
    for _ in range(8):
        connection(pauses, clock, lasts=1)

    assert connection(pauses, clock, lasts=3_600) <= 0.5
    assert [connection(pauses, clock, lasts=61) <= 0.5 for _ in range(20)] == [True] * 20


def test_a_connection_that_ends_soon_after_a_long_outage_is_renewed_at_once() -> None:
    clock = Clock()
    pauses = Pauses(clock)
    outage = [pauses.after(Failure(ServerClosed()), None) for _ in range(12)]
    assert outage[-1] >= 30

    assert connection(pauses, clock, lasts=5) <= 0.5


def test_an_answer_that_is_too_large_is_called_so() -> None:
    link = Link(lambda _: None, lambda _: None)
    with pytest.raises(AnswerTooLarge) as raised:
        link.receive(b'{"response": 200, "alert": "' + b"A" * LARGEST)

    reason = str(failure_of(raised.value).error)
    assert reason == f"The server's answer is larger than {LARGEST} bytes: tell its operator"


class NoEncryption:
    """Encrypts nothing; the rest of the outbox's calls succeed."""

    def prepare(self, messages: Sequence[StoredMessage], on_prepared: OnAnswer) -> None:
        on_prepared([in_plain(message) for message in messages])

    def outdated(self, message: StoredMessage, error: OutdatedDevices) -> None:
        """Nothing is remembered."""

    def failed(self, message: StoredMessage) -> None:
        """Nothing is remembered."""


def test_a_server_that_always_says_that_devices_have_changed_is_not_asked_all_the_time() -> None:
    store, asked = Store(), 0

    def ask(_request: object, on_answer: OnAnswer) -> None:
        nonlocal asked
        asked += 1
        assert asked < 1000
        on_answer(OutdatedDevices("changed", DevicesChanged(409, 0.0)))

    encryption: Any = NoEncryption()
    outbox = Outbox(store, "ann", encryption, ask, lambda _: None, lambda: None)
    store.add_unsent("Иван", "ann", "слово", "1", 1.0)
    outbox.resume()
    for now in range(60):
        outbox.tick(now)

    assert 50 < asked < 150
    (message,) = store.unsent("Иван", 2)
    assert message.state is MessageState.UNSENT
