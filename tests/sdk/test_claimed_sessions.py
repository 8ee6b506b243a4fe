"""Anyone can sign another account's session as his own: that does not harm the owner's messages."""

import base64
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import vodozemac
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec import structs

from messenger.crypto.accounts import Secret
from messenger.crypto.devices import MEGOLM
from messenger.crypto.identity import PICKLE_KEY
from messenger.crypto.messages import certify, export_key
from messenger.crypto.names import room_id
from messenger.crypto.signed import SignatureError
from messenger.crypto.to_device_content import CERTIFICATE
from messenger.jim.messages import Message
from messenger.jim.rooms import Join
from messenger.sdk.encryption.backup_names import backup_name, session_of_backup
from messenger.sdk.encryption.backup_state import Restored
from messenger.sdk.encryption.olm_sessions import Content
from messenger.sdk.encryption.session_keys import Reach
from messenger.sdk.events import KeysRestored
from messenger.sdk.store import IdentityTrust, MessageSecurity, Store
from messenger.sdk.store.inbound_sessions import InboundSession
from tests.running import RunningServer
from tests.sdk.person import Person, told, wait
from tests.sdk.reader import BOB, IVAN, Reader, Writer
from tests.sdk.test_forgetting import bot, pass_days
from tests.sdk.test_lying_server import send
from tests.sdk.test_older_databases import OldReader
from tests.sdk.test_passed_on_keys import with_other_bytes

__all__ = ["bot"]

ROOM = "#a/b%41-名前"
MALLORY = "мэллори 😈"


class Claimed:
    """A session of bob's in a room, and a member who claims it."""

    def __init__(self, reader: Reader) -> None:
        self.reader = reader
        self.bob, self.mallory = Writer("PHONE"), Writer("LAPTOP", account=MALLORY)
        self.bob.room = room_id(ROOM, IVAN)
        self.first = vodozemac.InboundGroupSession(self.bob.group.session_key)
        self.reader.meets(self.bob.device, self.mallory.device)
        self.reader.store.describe(ROOM, topic="")

    @property
    def session_id(self) -> str:
        return self.bob.group.session_id

    def claim(self, *, made_up: bool = False) -> Reach | None:
        """Mallory sends the session as his own, signed by his device."""
        key = export_key(self.first, 0) or ""
        content = {
            "algorithm": MEGOLM,
            "room_id": self.bob.room,
            "session_id": self.session_id,
            "session_key": with_other_bytes(key) if made_up else key,
            CERTIFICATE: certify(self.mallory.identity, self.bob.room, self.session_id),
        }
        sessions = self.reader.encryption.sessions
        return sessions.take_key(content, self.mallory.device, exported=True)

    def gives_key(self) -> Reach | None:
        taken = self.reader.encryption.sessions.take_key(self.bob.key(), self.bob.device)
        self.reader.opens(taken)
        return taken

    def hears(self, message: Message) -> MessageSecurity:
        message.to = ROOM
        decrypter = self.reader.encryption.incoming.decrypt
        return self.reader.store.add_received(ROOM, IVAN, [message], decrypter)[0].security

    def texts(self) -> list[str]:
        return self.reader.texts(ROOM)


@pytest.fixture
def reader() -> Iterator[Reader]:
    made = Reader()
    yield made
    made.store.close()


@pytest.fixture
def claimed(reader: Reader) -> Claimed:
    return Claimed(reader)


@pytest.mark.parametrize("made_up", [False, True])
@pytest.mark.parametrize("claimed_first", [True, False])
def test_a_claim_shuts_nothing_of_the_owners_out(
    claimed: Claimed, *, made_up: bool, claimed_first: bool
) -> None:
    """Whichever key comes first, and whether the claimed one is right."""
    if claimed_first:
        claimed.claim(made_up=made_up)
        assert claimed.gives_key()
    else:
        assert claimed.gives_key()
        claimed.claim(made_up=made_up)

    assert claimed.hears(claimed.bob.writes("это я", 1)) is MessageSecurity.ENCRYPTED
    assert claimed.texts() == ["это я"]


def test_what_the_owner_has_written_waits_for_his_key_though_somebody_else_claims_it(
    claimed: Claimed,
) -> None:
    key = claimed.bob.key()
    claimed.claim()
    assert claimed.hears(claimed.bob.writes("первое", 1)) is MessageSecurity.WAITING

    taken = claimed.reader.encryption.sessions.take_key(key, claimed.bob.device)
    claimed.reader.opens(taken)

    assert claimed.texts() == ["первое"]


def test_what_is_claimed_opens_nothing_as_the_claimants(claimed: Claimed) -> None:
    """The message itself names its author."""
    claimed.gives_key()
    claimed.claim()
    message = structs.replace(claimed.bob.writes("переведи 100", 1), from_=MALLORY)

    assert claimed.hears(message) is MessageSecurity.INVALID
    assert claimed.hears(claimed.bob.writes("привет", 2)) is MessageSecurity.ENCRYPTED


def test_a_message_that_is_shown_as_another_members_is_refused(claimed: Claimed) -> None:
    """Also where he has claimed nothing: the owner's key tells whose it is."""
    claimed.gives_key()
    message = structs.replace(claimed.bob.writes("переведи 100", 1), from_=MALLORY)

    assert claimed.hears(message) is MessageSecurity.INVALID


def test_a_claimant_uses_up_no_index_of_the_owners_messages(claimed: Claimed) -> None:
    """A message of another program may not say who has written it: either of both can be meant."""
    claimed.gives_key()
    event = {"type": "m.room.message", "room_id": claimed.bob.room, "content": {"body": "хай"}}
    encrypted = claimed.bob.group.encrypt(json.dumps(event).encode()).to_base64()
    said = {"algorithm": MEGOLM, "ciphertext": encrypted, "session_id": claimed.session_id}
    message = structs.replace(claimed.bob.writes("", 2), message=json.dumps(said))
    claimed.claim()
    claimed.hears(structs.replace(message, from_=MALLORY, seq=1, id="1"))

    assert claimed.hears(message) is MessageSecurity.ENCRYPTED


def test_a_claim_of_another_conversation_is_of_no_account(claimed: Claimed) -> None:
    claimed.bob.room, room = room_id("#another", IVAN), claimed.bob.room
    claimed.claim()
    claimed.bob.room = room
    claimed.gives_key()

    assert claimed.hears(claimed.bob.writes("👋", 1)) is MessageSecurity.ENCRYPTED


def test_of_several_devices_of_an_account_the_one_counts_whose_key_opens(reader: Reader) -> None:
    """The server had made up a device of bob's before his identity was known."""
    secret = Secret(BOB)
    bob, made_up = Writer("PHONE", secret), Writer("SERVER")
    reader.meets(made_up.device)
    certificate = certify(made_up.identity, bob.room, bob.group.session_id)
    claim = {**bob.key(), CERTIFICATE: certificate}
    assert reader.encryption.sessions.take_key(claim, made_up.device)
    reader.meets(bob.device, secret=secret)
    reader.sets_trust(secret, IdentityTrust.VERIFIED)
    bob.gives_key(reader)

    reader.receives(bob.writes("hello", 1))

    assert reader.locks() == [MessageSecurity.ENCRYPTED]
    assert reader.all()[0].signed_by == secret.identity.self_signing


def test_who_claims_a_session_of_this_device_keeps_nobody_from_its_key(reader: Reader) -> None:
    bob, mallory = Writer("PHONE"), Writer("M", account=MALLORY)
    reader.meets(bob.device, mallory.device)
    own = reader.encryption.outbound._begin(bob.room, shared_history=False, setting=0)
    session = vodozemac.GroupSession.from_pickle(own.pickle, PICKLE_KEY)
    mine = reader.encryption.identity.device
    reader.encryption.keys.share(own.session_id, [bob.device.key], 0)
    claim = {
        "algorithm": MEGOLM,
        "room_id": bob.room,
        "session_id": own.session_id,
        "session_key": session.session_key.to_base64(),
        CERTIFICATE: certify(mallory.identity, bob.room, own.session_id),
    }
    assert reader.encryption.sessions.take_key(claim, mallory.device)

    given = reader.encryption.sessions.key_for(own.session_id, bob.device)

    assert given is not None
    assert given["sender_claimed_ed25519_key"] == mine.ed25519
    assert reader.encryption.outbound._own_inbound(own.session_id) is not None


def test_a_claim_that_is_backed_up_takes_the_place_of_nothing(claimed: Claimed) -> None:
    """Another device of the account gets both, in whatever order, each under its name."""
    claimed.claim()
    claimed.gives_key()
    secret, second = Secret(IVAN), Reader(device_id="SECOND")
    sessions = claimed.reader.encryption.sessions
    kept = claimed.reader.encryption.keys.inbound_sessions(claimed.bob.group.session_id)
    backup = {one.name: sessions.encrypt_for_backup(one.name, one, secret) for one in kept}
    assert len(backup) == 2

    restored = Claimed(second)
    restored.bob, restored.mallory = claimed.bob, claimed.mallory
    for name, encrypted in backup.items():
        second.encryption.account.backup._take(name, encrypted, secret, Restored())

    assert restored.hears(claimed.bob.writes("привет", 1)) is MessageSecurity.ENCRYPTED
    assert set(second.encryption.keys.backed_up()) == set(backup)
    assert all(len(name) <= 64 for name in backup)
    second.store.close()


@given(
    st.binary(min_size=32, max_size=32),
    st.binary(min_size=32, max_size=32),
    st.integers(0, 2**32 - 1),
)
def test_the_name_of_what_is_backed_up_says_which_session_it_is_of(
    session: bytes, owner: bytes, first: int
) -> None:
    """And a server takes it: at most 64 characters."""
    session_id, ed25519 = (base64.b64encode(one).decode().rstrip("=") for one in (session, owner))
    group = InboundSession(
        session_id, "!a:jim", BOB, "PHONE", "", ed25519, first, "", "", "", False, True
    )

    assert session_of_backup(backup_name(group)) == group.name
    assert len(backup_name(group)) <= 64
    assert (backup_name(group) == group.name) is (first == 0)
    assert session_of_backup(f"{session_id} {first}") == session_id  # as in earlier versions


def test_a_key_that_was_backed_up_by_an_earlier_version_is_taken_and_backed_up_again(
    claimed: Claimed,
) -> None:
    claimed.gives_key()
    secret, second = Secret(IVAN), Reader(device_id="SECOND")
    (kept,) = claimed.reader.encryption.keys.inbound_sessions(claimed.bob.group.session_id)
    encrypted = claimed.reader.encryption.sessions.encrypt_for_backup(kept.session_id, kept, secret)

    second.encryption.account.backup._take(kept.session_id, encrypted, secret, Restored())

    assert [one.name for one in second.encryption.keys.not_backed_up(10)] == [kept.name]
    second.store.close()


def test_a_claim_that_is_forgotten_forgets_nothing_of_the_owners(bot: Reader) -> None:
    """A program that stores no messages deletes sessions after a month."""
    claimed = Claimed(bot)
    claimed.claim()
    pass_days(bot, 31)

    assert claimed.claim() is None
    assert claimed.gives_key()
    assert claimed.hears(claimed.bob.writes("доброе утро", 1)) is MessageSecurity.ENCRYPTED


def test_a_database_in_which_somebody_was_the_first_to_claim_is_mended(tmp_path: Path) -> None:
    """The owner's key is accepted when it arrives again, and no message is shown twice."""
    old = OldReader(tmp_path / "a%41 имя" / "messages.db")
    claimed = Claimed(old)
    claimed.claim()
    other = Writer("OTHER", account="𠮷" * 25)
    other.room = room_id(ROOM, IVAN)
    old.meets(other.device)
    other.gives_key(old)
    message = other.writes("раз", 1)
    assert claimed.hears(message) is MessageSecurity.ENCRYPTED

    claimed.reader = now = old.updated(6)

    assert claimed.hears(structs.replace(message, seq=5)) is MessageSecurity.INVALID
    assert claimed.gives_key()
    assert claimed.hears(claimed.bob.writes("hello", 6)) is MessageSecurity.ENCRYPTED
    assert claimed.texts() == ["раз", "", "hello"]
    assert len(now.encryption.keys.not_backed_up(10)) == 3
    now.store.close()


@settings(max_examples=30, deadline=None)
@given(st.permutations(["key", "claim", "made up", "message", "as mallory's"]))
def test_in_whatever_order_claims_come_everything_of_the_owner_can_be_read(
    order: list[str],
) -> None:
    reader = Reader()
    claimed = Claimed(reader)
    key = claimed.bob.key()
    message, stolen = (claimed.bob.writes(text, seq) for text, seq in (("да", 1), ("нет", 2)))
    steps: dict[str, Any] = {
        "key": lambda: reader.opens(reader.encryption.sessions.take_key(key, claimed.bob.device)),
        "claim": claimed.claim,
        "made up": lambda: claimed.claim(made_up=True),
        "message": lambda: claimed.hears(message),
        "as mallory's": lambda: claimed.hears(structs.replace(stolen, from_=MALLORY)),
    }
    for step in order:
        try:
            steps[step]()
        except SignatureError:
            assert step in ("claim", "made up")

    found = {one.sender: (one.text, one.security) for one in reader.all(ROOM)}
    assert found[BOB] == ("да", MessageSecurity.ENCRYPTED)
    assert not found[MALLORY][0]
    reader.store.close()


# --- with a server ------------------------------------------------------------------------------


def test_a_member_who_claims_everybodys_sessions_at_a_new_device_changes_nothing_for_it(
    one_server: RunningServer, tmp_path: Path
) -> None:
    """He knows them all; his claims arrive before the backup, and go into it."""
    people: list[Person] = []

    def add(name: str, *, register: bool = True) -> Person:
        store = Store(tmp_path / f"{len(people)}.db")
        people.append(Person(name, one_server.port, store, register=register))
        return people[-1]

    ann, bob, mallory = (add(name) for name in ("Анна %41", "claimed 名前", "claims 😈"))
    for one in people:
        one.ask(Join(room=ROOM))
    bob.send_text(ROOM, "от боба")
    wait(lambda: ann.heard(ROOM) == mallory.heard(ROOM) == ["от боба"])
    ann.send_text(ROOM, "от анны")
    wait(lambda: len(mallory.heard(ROOM)) == 2)
    late = add(ann.name, register=False)

    claim_all(mallory, late)
    mallory.send_text(ann.name, "claimed")
    wait(lambda: late.all(mallory.name))
    restored = told(late, KeysRestored)
    ann.keys.approve(late.keys.approval_code)
    wait(lambda: restored)

    wait(lambda: sorted(one.text for one in late.all(ROOM)) == ["от анны", "от боба"])
    bob.send_text(ROOM, "и ещё")
    wait(lambda: late.last(ROOM).text == "и ещё")
    for one in people:
        one.close()


def claim_all(mallory: Person, victim: Person) -> None:
    """Have mallory send a device the keys of all his sessions as his own."""
    mallory.keys.devices_of(victim.name)
    listed = mallory.core.encryption.device_lists._known[victim.name].listed.values()
    device_id = victim.core.encryption.identity.device_id
    (to,) = [one for one in listed if one.device_id == device_id]
    me, room = mallory.core.encryption.identity, mallory.core.encryption.rooms.of(ROOM)
    messages = []
    for group in mallory.core.encryption.keys.inbound_sessions_of(room, 99):
        session = vodozemac.InboundGroupSession.from_pickle(group.pickle, PICKLE_KEY)
        claim = {
            "algorithm": MEGOLM,
            "room_id": room,
            "session_id": group.session_id,
            "session_key": export_key(session, group.first),
            CERTIFICATE: certify(me, room, group.session_id),
        }
        messages.append(Content(to, "m.forwarded_room_key", claim))
    assert len(messages) == 2
    send(mallory, messages)
