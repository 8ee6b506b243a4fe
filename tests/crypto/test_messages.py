"""Messages of a group session: opened where they were written, and nowhere else."""

import json
from typing import Any

import hypothesis
import msgspec
import pytest
import vodozemac
from hypothesis import strategies as st

from messenger.crypto.identity import CannotDecrypt, Identity
from messenger.crypto.messages import (
    Certificate,
    DecryptedMessage,
    DecryptionFailed,
    certify,
    check_owner,
    decrypt,
    encrypt,
    export_key,
    index_of,
    read_encrypted,
    room_key,
    session_of,
    signed_by_owner,
)
from messenger.crypto.padding import padded_length
from messenger.crypto.signed import SignatureError
from messenger.crypto.to_device_content import CERTIFICATE, RoomKey

IVAN, EVE = Identity("Иван", "d1"), Identity("eve", "d2")
ROOM = "!room:jim"


def given(group: vodozemac.GroupSession, **changes: Any) -> RoomKey:
    """Return the key of a session as its owner gives it, with changes."""
    proof = certify(IVAN, ROOM, group.session_id)
    key = {**room_key(group, ROOM), CERTIFICATE: proof}
    return msgspec.convert(key | changes, RoomKey)


def begun() -> tuple[vodozemac.GroupSession, vodozemac.InboundGroupSession]:
    """Return both ends of a new session."""
    group = vodozemac.GroupSession()
    return group, session_of(given(group), exported=False)


def opened(
    encrypted: str, group: vodozemac.InboundGroupSession, **changes: str
) -> DecryptedMessage:
    where = {"room_id": ROOM, "sender": "Иван", "id": "1"} | changes
    return decrypt(read_encrypted(encrypted), group, **where)


@hypothesis.given(st.text(max_size=200), st.integers(0, 2**40), st.floats(0, 4e9))
def test_what_is_encrypted_is_opened_as_it_was(text: str, seen: int, time: float) -> None:
    group, inbound = begun()

    first = encrypt(IVAN, group, ROOM, "1", text, seen, time)
    second = encrypt(IVAN, group, ROOM, "1", text, seen, time)

    assert opened(first, inbound) == DecryptedMessage(text, 0, seen, time)
    assert opened(second, inbound).position == 1
    assert (index_of(read_encrypted(first)), index_of(read_encrypted(second))) == (0, 1)


@hypothesis.given(st.text(alphabet="aя名", max_size=120), st.text(alphabet="aя名", max_size=120))
def test_texts_of_about_a_length_look_alike(one: str, other: str) -> None:
    group, _inbound = begun()

    sizes = {len(encrypt(IVAN, group, ROOM, "1", text)) for text in (one[:20], other[:20])}

    assert len(sizes) == 1


@pytest.mark.parametrize(
    "changes", [{"room_id": "!other:jim"}, {"sender": "eve"}, {"id": "2"}], ids=repr
)
def test_a_message_that_is_shown_elsewhere_is_forged(changes: dict[str, str]) -> None:
    group, inbound = begun()

    with pytest.raises(SignatureError):
        opened(encrypt(IVAN, group, ROOM, "1", "hi"), inbound, **changes)


def test_a_message_that_was_changed_does_not_open() -> None:
    group, inbound = begun()
    encrypted = json.loads(encrypt(IVAN, group, ROOM, "1", "hi"))
    encrypted["ciphertext"] = encrypted["ciphertext"][:-4] + "AAAA"

    with pytest.raises(DecryptionFailed, match="changed"):
        opened(json.dumps(encrypted), inbound)


def test_a_message_from_before_the_key_does_not_open() -> None:
    group, inbound = begun()
    first, _second = (encrypt(IVAN, group, ROOM, "1", text) for text in ("first", "second"))
    later = given(group, session_key=export_key(inbound, 1))

    with pytest.raises(CannotDecrypt, match="later"):
        opened(first, session_of(later, exported=True))


def test_a_key_is_exported_from_where_it_is_known_on() -> None:
    group, inbound = begun()
    encrypt(IVAN, group, ROOM, "1", "hi")
    later = given(group, session_key=export_key(inbound, 1))

    assert export_key(session_of(later, exported=True), 0) is None


@pytest.mark.parametrize("payload", [b"no json", b'{"type": 7}', b"[" * 10_000])
def test_what_is_encrypted_and_no_message_is_forged(payload: bytes) -> None:
    group, inbound = begun()
    encrypted = json.loads(encrypt(IVAN, group, ROOM, "1", "hi"))
    encrypted["ciphertext"] = group.encrypt(payload).to_base64()

    with pytest.raises(SignatureError, match="message is invalid"):
        opened(json.dumps(encrypted), inbound)


@pytest.mark.parametrize(
    "text",
    [
        *("", "hi", "[]", "[" * 10_000),
        '{"algorithm": "m.megolm.v1.aes-sha2"}',
        '{"algorithm": "rot13", "ciphertext": "", "session_id": "' + "A" * 43 + '"}',
    ],
)
def test_what_is_no_encrypted_message_is_unreadable(text: str) -> None:
    with pytest.raises(CannotDecrypt):
        read_encrypted(text)


def test_junk_is_at_the_beginning_of_its_session() -> None:
    group, _inbound = begun()
    encrypted = read_encrypted(encrypt(IVAN, group, ROOM, "1", "hi"))

    assert index_of(msgspec.structs.replace(encrypted, ciphertext="junk")) == 0


@pytest.mark.parametrize(
    "change",
    [
        {"algorithm": "rot13"},
        {"session_key": "junk"},
        {"session_id": vodozemac.GroupSession().session_id},
    ],
    ids=lambda change: next(iter(change)),
)
@pytest.mark.parametrize("exported", [True, False])
def test_what_is_no_key_of_the_session_is_forged(change: dict[str, str], exported: bool) -> None:
    group, inbound = begun()
    known = {"session_key": export_key(inbound, 0)} if exported else {}

    with pytest.raises(SignatureError):
        session_of(given(group, **(known | change)), exported=exported)


# --- whose a session is ------------------------------------------------------------------------


def certificate(**options: Any) -> Certificate:
    made = certify(IVAN, ROOM, "a session", **options)
    return msgspec.convert(made, Certificate)


@hypothesis.given(st.booleans(), st.integers(0, 2**40))
def test_a_certificate_proves_whose_a_session_is(shared_history: bool, setting: int) -> None:
    made = certificate(shared_history=shared_history, history_setting=setting)

    check_owner(made, IVAN.device, ROOM, "a session")
    assert (made.shared_history, made.history_setting) == (shared_history, setting)


@pytest.mark.parametrize(
    ("owner", "room", "session"),
    [
        (EVE, ROOM, "a session"),
        (IVAN, "!other:jim", "a session"),
        (IVAN, ROOM, "another session"),
        (Identity("Иван", "d1"), ROOM, "a session"),  # the same names, other keys
    ],
)
def test_it_proves_nothing_else(owner: Identity, room: str, session: str) -> None:
    with pytest.raises(SignatureError):
        check_owner(certificate(), owner.device, room, session)


def test_what_it_says_cannot_be_changed() -> None:
    changed = msgspec.structs.replace(certificate(), shared_history=True)

    with pytest.raises(SignatureError):
        check_owner(changed, IVAN.device, ROOM, "a session")


def test_of_its_signatures_its_owners_alone_is_kept() -> None:
    made = certificate()
    made.signatures["@eve:jim"] = {"ed25519:d2": "junk"}

    kept = signed_by_owner(made, IVAN.device)

    assert [list(made) for made in kept.signatures.values()] == [["ed25519:d1"]]
    assert signed_by_owner(certificate(), EVE.device).signatures == {}


# --- padding -----------------------------------------------------------------------------------


@hypothesis.given(
    st.integers(min_value=0, max_value=10**9), st.integers(min_value=0, max_value=10**6)
)
def test_a_padded_length_says_little_and_costs_little(length: int, more: int) -> None:
    padded = padded_length(length)

    assert padded >= length
    assert padded <= max(256, length * 1.12)
    assert padded_length(padded) == padded
    assert padded_length(length + more) >= padded
