"""Session keys that members share: nobody can use them to harm another's messages."""

import base64
import os
from collections.abc import Iterator
from typing import Any

import pytest
import vodozemac
from hypothesis import given, settings
from hypothesis import strategies as st

from messenger.crypto.accounts import Secret
from messenger.crypto.devices import MEGOLM
from messenger.crypto.identity import Identity
from messenger.crypto.messages import certify, export_key
from messenger.crypto.names import room_id
from messenger.crypto.signed import SignatureError
from messenger.crypto.to_device_content import CERTIFICATE
from messenger.sdk.encryption.session_keys import Reach
from messenger.sdk.store import MessageSecurity
from tests.sdk.reader import IVAN, Reader, Writer
from tests.sdk.test_signers import restore

ROOM = "#комната 🙂"


@pytest.fixture
def reader() -> Iterator[Reader]:
    made = Reader()
    yield made
    made.store.close()


class Passed:
    """A session in a room, and its keys as another member shares them."""

    def __init__(self, reader: Reader) -> None:
        self.reader = reader
        self.owner, self.member = Writer("OWNER"), Identity("mallory", "MEMBER")
        self.owner.room = room_id(ROOM, IVAN)
        self.first = vodozemac.InboundGroupSession(self.owner.group.session_key)
        self.reader.meets(self.owner.device, self.member.device)

    def by_owner(self) -> Reach | None:
        """The owner sends the key, from the next message on."""
        return self.reader.encryption.sessions.take_key(self.owner.key(), self.owner.device)

    def by_member(self, index: int = 0, *, made_up: bool = False) -> Reach | None:
        """Another member shares it, or a made-up one with the owner's certificate."""
        key = export_key(self.first, index) or ""
        content = self.content(with_other_bytes(key) if made_up else key)
        return self.reader.encryption.sessions.take_key(content, self.member.device, exported=True)

    def content(self, key: str) -> dict[str, Any]:
        device = self.owner.device
        return {
            "algorithm": MEGOLM,
            "room_id": self.owner.room,
            "session_id": self.owner.group.session_id,
            "session_key": key,
            "sender_key": device.curve25519,
            "sender_claimed_ed25519_key": device.ed25519,
            CERTIFICATE: certify(self.owner.identity, self.owner.room, self.first.session_id),
        }

    def hears(self, text: str, seq: int) -> MessageSecurity:
        message = self.owner.writes(text, seq)
        message.to = ROOM
        decrypter = self.reader.encryption.incoming.decrypt
        return self.reader.store.add_received(ROOM, IVAN, [message], decrypter)[0].security

    def reopen(self, reach: Reach | None) -> list[str]:
        self.reader.opens(reach)
        return self.reader.texts(ROOM)


def with_other_bytes(key: str) -> str:
    """Return an exported key with another ratchet: its index and the session stay."""
    raw = base64.b64decode(key + "==")
    return base64.b64encode(raw[:5] + os.urandom(128) + raw[133:]).decode().rstrip("=")


@pytest.fixture
def passed(reader: Reader) -> Passed:
    return Passed(reader)


def test_the_owners_own_key_takes_the_place_of_a_made_up_one(passed: Passed) -> None:
    """Even if the made-up one claims an earlier index; messages in between wait, and open then."""
    passed.owner.writes("before the newcomer was there", 1)
    assert passed.by_member(made_up=True)
    key = passed.owner.key()
    assert passed.hears("between", 2) is MessageSecurity.WAITING

    taken = passed.reader.encryption.sessions.take_key(key, passed.owner.device)

    assert passed.reopen(taken) == ["between"]
    assert passed.hears("after", 3) is MessageSecurity.ENCRYPTED


def test_a_made_up_key_takes_the_place_of_none(passed: Passed) -> None:
    """Neither of one from its owner nor of a real one that was shared."""
    passed.owner.writes("before", 1)
    passed.by_member(1)
    with pytest.raises(SignatureError):
        passed.by_member(made_up=True)
    assert passed.hears("one", 2) is MessageSecurity.ENCRYPTED

    passed.by_owner()
    with pytest.raises(SignatureError):
        passed.by_member(made_up=True)
    assert passed.hears("two", 3) is MessageSecurity.ENCRYPTED
    assert passed.reader.texts(ROOM) == ["one", "two"]


def test_an_earlier_key_that_goes_on_to_the_known_one_opens_more(passed: Passed) -> None:
    """So new members of a room that shows its history read it, whoever sends the keys."""
    early = passed.owner.writes("early", 1)
    early.to = ROOM
    assert passed.by_owner()
    assert passed.reader.store.add_received(
        ROOM, IVAN, [early], passed.reader.encryption.incoming.decrypt
    )

    assert passed.reopen(passed.by_member(0)) == ["early"]
    (kept,) = passed.reader.encryption.keys.inbound_sessions(passed.owner.group.session_id)
    assert (kept.first, kept.proved) == (0, True)


def test_a_message_that_does_not_open_by_the_owners_key_is_forged(passed: Passed) -> None:
    """No other key can be waited for."""
    passed.by_owner()
    message = passed.owner.writes("hello", 1)
    changed = message.message.replace('"ciphertext":"A', '"ciphertext":"B', 1)
    assert changed != message.message
    message.message = changed

    stored = passed.reader.store.add_received(
        ROOM, IVAN, [message], passed.reader.encryption.incoming.decrypt
    )

    assert stored[0].security is MessageSecurity.INVALID


@pytest.mark.parametrize("proved_first", [True, False])
def test_the_backup_says_which_keys_are_proved(*, proved_first: bool) -> None:
    """One that another device accepted from a member does not replace the owner's."""
    one, other, own = Passed(Reader(device_id="ONE")), Reader(), Secret(IVAN)
    one.by_member(made_up=True)
    here = Passed(other)
    here.owner, here.first = one.owner, one.first
    other.meets(one.owner.device)
    session_id = one.owner.group.session_id
    if proved_first:
        here.by_owner()
        with pytest.raises(SignatureError):
            restore(one.reader, other, session_id, own)
    else:
        restore(one.reader, other, session_id, own)
        one.by_owner()
        restore(one.reader, other, session_id, own)

    assert here.hears("hello", 1) is MessageSecurity.ENCRYPTED
    for reader in (one.reader, other):
        reader.store.close()


@settings(max_examples=40, deadline=None)
@given(
    st.lists(
        st.tuples(st.sampled_from(["owner", "member", "made up"]), st.integers(0, 4)), max_size=6
    )
)
def test_whatever_is_passed_on_in_whatever_order_the_owners_key_opens(
    given_keys: list[tuple[str, int]],
) -> None:
    """Everything from the earliest index for which the owner has sent the key."""
    reader = Reader()
    passed = Passed(reader)
    messages, keys = [], []
    for number in range(5):
        keys.append(passed.owner.key())
        messages.append(passed.owner.writes(f"message {number}", number + 1))
        messages[-1].to = ROOM
    earliest = 5
    for who, index in given_keys:
        try:
            if who == "owner":
                earliest = min(earliest, index)
                reader.encryption.sessions.take_key(keys[index], passed.owner.device)
            else:
                passed.by_member(index, made_up=who == "made up")
        except SignatureError:
            assert who != "owner"
    opened = reader.store.add_received(ROOM, IVAN, messages, reader.encryption.incoming.decrypt)

    assert not {one.security for one in opened[earliest:]} - {MessageSecurity.ENCRYPTED}
    assert MessageSecurity.INVALID not in {one.security for one in opened}
    reader.store.close()
