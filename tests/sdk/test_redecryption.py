"""Waiting messages are tried again when they may be decryptable: all, at a limited cost."""

from collections.abc import Iterator, Sequence
from copy import copy
from pathlib import Path

import pytest
from msgspec import structs

from messenger.crypto.accounts import Secret
from messenger.jim.messages import Message
from messenger.sdk.encryption import redecryption
from messenger.sdk.store import IdentityTrust, MessageSecurity, Store
from messenger.sdk.store.messages import Contents
from tests.sdk.reader import BOB, IVAN, Reader, Writer


class Slow(Reader):
    """A reader with its own clock that needs a tenth of a second for each message."""

    def __init__(self, file: Path) -> None:
        super().__init__(store=Store(file))
        self.now, self.looked = 0.0, 0
        self.redecryption = self.encryption._redecryption
        self.redecryption._clock = lambda: self.now
        self.redecryption._decryption = slowed = copy(self.encryption.incoming)
        decrypt = slowed.decrypt

        def slow(conversation: str, messages: Sequence[Message]) -> list[Contents]:
            self.now += 0.1
            self.looked += 1
            return decrypt(conversation, messages)

        slowed.decrypt = slow  # type: ignore[method-assign]  the real one, but slower

    def looks_through_all(self) -> None:
        """Not in these tests: they call it themselves."""

    def ticks(self, seconds: float) -> float:
        """Tick for so long; return the part of the time spent on decryption."""
        began, worked = self.now, 0.0
        while self.now < began + seconds:
            before = self.now
            self.redecryption.tick()
            worked += self.now - before
            self.now += 5.0
        return worked / (self.now - began)


@pytest.fixture
def reader(tmp_path: Path) -> Iterator[Slow]:
    made = Slow(tmp_path / "a%41 имя" / "messages.db")
    yield made
    made.store.close()


def junk(reader: Reader, writer: Writer, count: int) -> None:
    """Store waiting messages whose key never arrives."""
    message = writer.writes("junk", 1)
    name = writer.identity.account
    for start in range(0, count, 100):
        numbers = range(start, min(start + 100, count))
        reader.receives(
            *(structs.replace(message, seq=10_000 + n, id=f"{name} {n}") for n in numbers)
        )


def test_an_identity_that_changes_again_and_again_costs_a_small_part_of_the_time(
    reader: Slow, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The server or the account's owner does that: nobody has verified it."""
    monkeypatch.setattr(redecryption, "_AT_ONCE", 10)
    eve = Writer("PHONE", account="eve 😈")
    reader.meets(eve.device, secret=Secret("eve 😈"))
    junk(reader, eve, 40)
    parts = []

    for _ in range(20):
        reader.meets(secret=Secret("eve 😈"))
        parts.append(reader.ticks(60.0))

    assert 0 < sum(parts) / len(parts) < 0.1
    assert reader.looked >= 40


def test_what_waits_of_one_is_not_looked_through_where_another_changes(reader: Slow) -> None:
    bob, eve = Writer("PHONE"), Writer("PHONE", account="eve 😈")
    reader.meets(bob.device, secret=Secret(BOB))
    reader.meets(eve.device, secret=Secret("eve 😈"))
    junk(reader, bob, 5)

    reader.meets(secret=Secret("eve 😈"))
    reader.sets_trust(Secret("eve 😈"), IdentityTrust.VERIFIED)
    reader.ticks(600.0)

    assert reader.looked == 0


@pytest.mark.parametrize("how", ["the server says so", "the user does"])
def test_everything_that_can_be_read_now_is_read(
    reader: Slow, monkeypatch: pytest.MonkeyPatch, how: str
) -> None:
    """Even if others wait as well, and more than are tried at once."""
    monkeypatch.setattr(redecryption, "_AT_ONCE", 3)
    before, now = Secret(BOB), Secret(BOB)
    bob, eve = Writer("PHONE", now), Writer("PHONE", account="eve 😈")
    reader.meets(secret=before)
    bob.room, key = bob.room, bob.key()
    reader.meets(eve.device, secret=Secret("eve 😈"))
    junk(reader, eve, 20)
    reader.receives(*(bob.writes(f"{number} Ё", number) for number in range(1, 9)))
    reader.encryption.keys.trust(now.identity, IdentityTrust.UNVERIFIED)
    reader.encryption.trust.remember_all([bob.device])
    with reader.store.transaction():
        reader.encryption.sessions.take_key(key, bob.device)

    if how == "the server says so":
        reader.meets(secret=Secret("eve 😈"))
        reader.meets(secret=before)
        reader.meets(secret=now)
        reader.ticks(600.0)
    else:
        reader.sets_trust(now, IdentityTrust.VERIFIED)

    assert reader.texts() == [f"{number} Ё" for number in range(1, 9)]
    assert set(reader.locks()) == {MessageSecurity.ENCRYPTED}
    assert reader.account == IVAN


def test_what_could_not_be_looked_through_before_the_program_ended_is_afterwards(
    reader: Slow,
) -> None:
    before, now = Secret(BOB), Secret(BOB)
    bob = Writer("PHONE", now)
    reader.meets(bob.device, secret=now)
    bob.gives_key(reader)
    reader.meets(secret=before)
    reader.receives(bob.writes("привет", 1))
    assert reader.locks() == [MessageSecurity.UNSIGNED]
    reader.meets(secret=now)

    again = Reader(device_id="READER", store=reader.store)
    again.encryption.context.availability.enabled = True
    again.encryption._redecryption.resume()
    again.looks_through_all()

    assert again.locks() == [MessageSecurity.ENCRYPTED]


def test_a_further_change_has_everything_looked_through_from_the_beginning(
    reader: Slow, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(redecryption, "_AT_ONCE", 3)
    before, now = Secret(BOB), Secret(BOB)
    bob = Writer("PHONE", now)
    reader.meets(bob.device, secret=now)
    bob.gives_key(reader)
    reader.meets(secret=before)
    reader.receives(*(bob.writes(f"{number} Ё", number) for number in range(1, 9)))
    reader.redecryption.tick()

    reader.meets(secret=now)
    reader.ticks(600.0)

    assert set(reader.locks()) == {MessageSecurity.ENCRYPTED}
