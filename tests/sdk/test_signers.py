"""The trust in a session's messages depends on the identity that has signed its device."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
import vodozemac
from msgspec import structs

from messenger.crypto.accounts import Secret
from messenger.crypto.devices import MEGOLM
from messenger.crypto.messages import certify, export_key
from messenger.crypto.names import room_id
from messenger.crypto.signed import SignatureError
from messenger.crypto.to_device_content import CERTIFICATE
from messenger.sdk.store import IdentityTrust, MessageSecurity
from messenger.sdk.store.sent_messages import Committed
from messenger.ui.wording import message_line
from tests.sdk.reader import BOB, IVAN, Reader, Writer


@pytest.fixture
def reader() -> Iterator[Reader]:
    made = Reader()
    yield made
    made.store.close()


# --- sessions of another identity ---------------------------------------------------------------


def test_a_session_that_a_made_up_identity_has_signed_is_held_back_once_the_real_one_is_known(
    reader: Reader,
) -> None:
    """The server was first to show an identity; then both have compared their number."""
    made_up, real = Secret(BOB), Secret(BOB)
    server, bob = Writer("SERVER", made_up), Writer("PHONE", real)
    reader.meets(server.device, secret=made_up)
    server.gives_key(reader)
    reader.meets(bob.device, secret=real)
    reader.sets_trust(real, IdentityTrust.VERIFIED)
    bob.gives_key(reader)

    reader.receives(server.writes("send the money", 1), bob.writes("hello", 2))

    assert reader.locks() == [MessageSecurity.UNSIGNED, MessageSecurity.ENCRYPTED]
    assert reader.texts() == ["", "hello"]


def test_what_comes_after_a_verified_identity_has_changed_is_held_back(reader: Reader) -> None:
    """Also in sessions that the former identity has signed: a thief may have them."""
    before, now = Secret(BOB), Secret(BOB)
    thief, bob = Writer("OLD", before), Writer("NEW", now)
    reader.meets(thief.device, secret=before)
    reader.sets_trust(before, IdentityTrust.VERIFIED)
    thief.gives_key(reader)
    with pytest.raises(SignatureError):
        reader.meets(bob.device, secret=now)

    reader.receives(thief.writes("it is me, really", 1))
    assert reader.locks() == [MessageSecurity.UNSIGNED]

    reader.sets_trust(now, IdentityTrust.UNVERIFIED)
    assert reader.locks() == [MessageSecurity.UNSIGNED]
    reader.sets_trust(before, IdentityTrust.VERIFIED)
    assert reader.texts() == ["it is me, really"]


def test_going_on_without_an_identity_opens_what_was_held_back(reader: Reader) -> None:
    """The server leaves out the verified identity; the user accepts the devices as they are."""
    secret = Secret(BOB)
    bob = Writer("PHONE", secret)
    reader.meets(bob.device, secret=secret)
    reader.sets_trust(secret, IdentityTrust.VERIFIED)
    bob.gives_key(reader)
    with pytest.raises(SignatureError):
        reader.encryption.trust.left_out(BOB)
    reader.receives(bob.writes("hello", 1))
    assert reader.locks() == [MessageSecurity.UNSIGNED]

    reader.encryption.account.begin_anew_with(BOB)

    assert reader.texts() == ["hello"]
    assert marks(reader) == [False]


def test_an_identity_that_comes_back_opens_what_was_held_back_meanwhile(reader: Reader) -> None:
    """The server has shown another identity for a while: nobody had verified the first."""
    real, made_up = Secret(BOB), Secret(BOB)
    bob = Writer("PHONE", real)
    reader.meets(bob.device, secret=real)
    bob.gives_key(reader)
    reader.meets(secret=made_up)
    reader.receives(bob.writes("hello", 1))
    assert reader.locks() == [MessageSecurity.UNSIGNED]

    reader.meets(bob.device, secret=real)

    assert reader.texts() == ["hello"]


def test_a_session_begun_before_its_device_was_approved_counts_from_then_on(reader: Reader) -> None:
    """And the device is looked up once, not for every message."""
    secret = Secret(BOB)
    bob = Writer("TABLET")
    reader.meets(bob.device)
    bob.gives_key(reader)
    bob.identity.approve(secret.approve)
    reader.meets(bob.device, secret=secret)

    reader.receives(bob.writes("one", 1), bob.writes("two", 2))

    assert reader.locks() == [MessageSecurity.ENCRYPTED] * 2
    (kept,) = reader.encryption.keys.inbound_sessions(bob.group.session_id)
    assert kept.signed_by == secret.identity.self_signing


def test_what_an_earlier_identity_has_signed_is_read_in_the_history_and_proves_nothing(
    reader: Reader,
) -> None:
    """It was written before this device existed, and its key is from the backup."""
    before, now, own = Secret(BOB), Secret(BOB), Secret(IVAN)
    bob = Writer("OLD", before)
    first = Reader(device_id="FIRST")
    first.meets(bob.device, secret=before)
    bob.gives_key(first)
    reader.meets(secret=now)
    reader.sets_trust(now, IdentityTrust.VERIFIED)
    restore(first, reader, bob.group.session_id, own)

    early = reader.encryption._publishing.since - 60.0
    reader.receives(bob.writes("long ago", 1, early), bob.writes("and today", 2))

    assert reader.texts() == ["long ago", ""]
    assert reader.locks() == [MessageSecurity.UNPROVED, MessageSecurity.UNSIGNED]


def test_the_history_is_signed_by_the_real_identity_once_the_server_shows_that(
    reader: Reader,
) -> None:
    """To a new device the server has shown another identity first."""
    made_up, real, own = Secret(BOB), Secret(BOB), Secret(IVAN)
    bob, first = Writer("PHONE", real), Reader(device_id="FIRST")
    first.meets(bob.device, secret=real)
    bob.gives_key(first)
    reader.meets(secret=made_up)
    restore(first, reader, bob.group.session_id, own)
    reader.receives(bob.writes("long ago", 1, reader.encryption._publishing.since - 60.0))
    assert reader.locks() == [MessageSecurity.UNPROVED]

    reader.meets(secret=real)

    assert reader.locks() == [MessageSecurity.ENCRYPTED]
    assert marks(reader) == [False]
    reader.sets_trust(made_up, IdentityTrust.VERIFIED)
    assert reader.locks() == [MessageSecurity.UNPROVED]
    reader.sets_trust(real, IdentityTrust.VERIFIED)
    assert marks(reader) == [True]


def restore(one: Reader, other: Reader, session_id: str, secret: Secret) -> None:
    """Back up a session's key on one device, and restore it on another."""
    (group,) = one.encryption.keys.inbound_sessions(session_id)
    encrypted = one.encryption.sessions.encrypt_for_backup(group.name, group, secret)
    content = json.loads(secret.decrypt(group.name, encrypted))
    sessions = other.encryption.sessions
    assert sessions.take_backed_up(sessions.read_backed_up(group.name, content), group.name)


@pytest.mark.parametrize("has_identity", [False, True])
def test_the_backup_says_whose_identity_had_signed_a_device(
    reader: Reader, *, has_identity: bool
) -> None:
    """Another device trusts a session as the first one does."""
    secret, own = Secret(BOB), Secret(IVAN)
    bob = Writer("PHONE", secret if has_identity else None)
    first = Reader(device_id="FIRST")
    first.meets(bob.device, secret=secret if has_identity else None)
    bob.gives_key(first)
    for one in (first, reader):
        one.meets(secret=secret)
        one.sets_trust(secret, IdentityTrust.VERIFIED)
    restore(first, reader, bob.group.session_id, own)

    message = bob.writes("hello", 1)
    for one in (first, reader):
        one.receives(message)

    expected = MessageSecurity.ENCRYPTED if has_identity else MessageSecurity.UNSIGNED
    assert first.locks() == reader.locks() == [expected]


def test_own_messages_can_be_read_whatever_identity_the_account_has_had(reader: Reader) -> None:
    """On this device always; those of an earlier device in the history."""
    before, now = Secret(IVAN), Secret(IVAN)
    old = Writer("OLD", before, IVAN)
    old.room = room_id(BOB, IVAN)
    reader.meets(old.device, secret=before)
    old.gives_key(reader)
    reader.meets(secret=now)
    early = reader.encryption._publishing.since - 60.0

    message = old.writes("I was here", 1, early)
    reader.store.add_received(BOB, IVAN, [message], reader.encryption.incoming.decrypt)

    assert reader.texts() == ["I was here"]
    assert reader.locks() == [MessageSecurity.ENCRYPTED]


# --- the mark beside stored messages ------------------------------------------------------------


def marks(reader: Reader) -> list[bool]:
    """Return for each message whether it has the mark of a verified sender."""
    trust = reader.store.trusts().get(BOB, IdentityTrust.UNKNOWN)
    return ["✔" in message_line(one, IVAN, trust) for one in reader.all()]


def test_verifying_somebody_marks_only_what_his_identity_has_signed(reader: Reader) -> None:
    """Not messages of an unsigned device from before an identity was known."""
    secret = Secret(BOB)
    stranger, bob = Writer("STRANGER"), Writer("PHONE", secret)
    for device in (stranger, bob):
        reader.meets(device.device)
        device.gives_key(reader)
    reader.receives(stranger.writes("I am bob", 1), bob.writes("no, it is me", 2))
    assert reader.locks() == [MessageSecurity.ENCRYPTED] * 2

    reader.meets(bob.device, secret=secret)
    reader.sets_trust(secret, IdentityTrust.VERIFIED)

    assert reader.texts() == ["I am bob", "no, it is me"]
    assert reader.locks() == [MessageSecurity.UNPROVED, MessageSecurity.ENCRYPTED]
    assert marks(reader) == [False, True]


def test_what_another_identity_has_signed_stays_without_a_mark(reader: Reader) -> None:
    """It keeps its signer, whoever is verified later, and whatever trust is set then."""
    made_up, real = Secret(BOB), Secret(BOB)
    server, bob = Writer("SERVER", made_up), Writer("PHONE", real)
    reader.meets(server.device, secret=made_up)
    server.gives_key(reader)
    reader.receives(server.writes("send the money", 1))
    reader.meets(bob.device, secret=real)
    bob.gives_key(reader)
    reader.receives(bob.writes("hello", 2))

    for trust, expected in (
        (IdentityTrust.VERIFIED, [False, True]),
        (IdentityTrust.UNVERIFIED, [False, False]),
        (IdentityTrust.VERIFIED, [False, True]),
    ):
        reader.sets_trust(real, trust)
        assert marks(reader) == expected
        assert reader.texts() == ["send the money", "hello"]
    reader.sets_trust(made_up, IdentityTrust.VERIFIED)
    assert marks(reader) == [True, False]


def test_a_message_that_has_waited_keeps_who_has_signed_it(reader: Reader) -> None:
    secret = Secret(BOB)
    bob = Writer("PHONE", secret)
    reader.meets(bob.device, secret=secret)
    key = bob.key()
    reader.receives(bob.writes("hello", 1))
    assert reader.locks() == [MessageSecurity.WAITING]

    taken = reader.encryption.sessions.take_key(key, bob.device)
    reader.opens(taken)
    reader.sets_trust(secret, IdentityTrust.VERIFIED)

    assert reader.texts() == ["hello"]
    assert marks(reader) == [True]


def test_verifying_the_own_identity_changes_no_own_message(reader: Reader) -> None:
    reader.store.add_unsent(BOB, IVAN, "hi 👋", "id 1", 5.0)
    reader.encryption.keys.keep_outgoing([("id 1", "encrypted", "version")])
    reader.store.set_sent(BOB, [Committed("id 1", 1)])

    reader.sets_trust(Secret(IVAN), IdentityTrust.VERIFIED)

    assert [one.is_proved for one in reader.all()] == [True]


def test_key_after_key_of_a_session_opens_each_message_that_waits_for_it_once(
    reader: Reader, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Anyone can cause junk to wait, and send keys that each begin one message earlier."""
    bob = Writer("PHONE")
    reader.meets(bob.device)
    session = vodozemac.InboundGroupSession(bob.group.session_key)
    messages = [bob.writes(f"{number}", number + 1) for number in range(20)]
    copies = [structs.replace(messages[0], seq=21 + n, id=f"copy {n}") for n in range(20)]
    reader.receives(*messages, *copies)
    assert set(reader.locks()) == {MessageSecurity.WAITING}
    opened = 0
    open_one = reader.encryption.incoming._inbound._decrypt_one

    def count(*arguments: Any) -> Any:
        nonlocal opened
        opened += 1
        return open_one(*arguments)

    monkeypatch.setattr(reader.encryption.incoming._inbound, "_decrypt_one", count)
    certificate = certify(bob.identity, bob.room, bob.group.session_id)
    for first in reversed(range(20)):
        key = {
            "algorithm": MEGOLM,
            "room_id": bob.room,
            "session_id": bob.group.session_id,
            "session_key": export_key(session, first),
            CERTIFICATE: certificate,
        }
        reader.opens(reader.encryption.sessions.take_key(key, bob.device, exported=True))

    assert opened == 40
    assert reader.texts()[:20] == [str(number) for number in range(20)]
    assert set(reader.locks()[20:]) == {MessageSecurity.INVALID}
