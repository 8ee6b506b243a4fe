"""Devices' keys, their sessions and their to-device messages: only what they have signed counts."""

import json
from typing import Any

import pytest

from messenger.crypto.accounts import Secret, trim_identity
from messenger.crypto.devices import Device, parse_device, parse_one_time_key
from messenger.crypto.identity import CannotDecrypt, Identity, Olm, begins, begins_with, decrypt_olm
from messenger.crypto.signed import SignatureError, canonical
from messenger.crypto.to_device import encrypt_to_device, read_envelope, read_to_device

KINDS = ("curve25519", "ed25519")
IVAN, BOB, EVE = Identity("Иван", "d1"), Identity("名前", "d2"), Identity("eve", "d1")


def changed(keys: bytes, **changes: Any) -> bytes:
    return json.dumps(json.loads(keys) | changes).encode()


# --- keys --------------------------------------------------------------------------------------


def test_a_device_is_what_it_has_signed() -> None:
    device = parse_device("Иван", "d1", IVAN.device_keys)

    assert (device.account, device.device_id) == ("Иван", "d1")
    assert (device.curve25519, device.ed25519) == (IVAN.curve25519, IVAN.ed25519)


@pytest.mark.parametrize("keys", [b"", b"[]", b"{}", b'{"keys": 7}', b"[" * 10_000])
def test_what_is_no_device_is_forged(keys: bytes) -> None:
    with pytest.raises(SignatureError, match="cannot be read"):
        parse_device("Иван", "d1", keys)


@pytest.mark.parametrize(("account", "device_id"), [("eve", "d1"), ("Иван", "d9")])
def test_keys_of_another_device_are_forged(account: str, device_id: str) -> None:
    keys = json.loads(IVAN.device_keys)
    keys["keys"] |= {f"{kind}:{device_id}": keys["keys"][f"{kind}:d1"] for kind in KINDS}

    with pytest.raises(SignatureError, match="not those"):
        parse_device(account, device_id, canonical(keys))


def test_keys_that_were_changed_are_forged() -> None:
    keys = json.loads(IVAN.device_keys)
    keys["keys"]["curve25519:d1"] = EVE.curve25519

    with pytest.raises(SignatureError, match="has not signed"):
        parse_device("Иван", "d1", canonical(keys))


def test_a_one_time_key_is_signed_by_its_device() -> None:
    (key,) = IVAN.new_one_time_keys(1).values()

    assert parse_one_time_key(IVAN.device, key) in key.decode()
    with pytest.raises(SignatureError):
        parse_one_time_key(EVE.device, key)
    with pytest.raises(SignatureError):
        parse_one_time_key(IVAN.device, changed(key, key=EVE.curve25519))


@pytest.mark.parametrize("key", [b"", b"{}", b"[]", b"[" * 10_000])
def test_what_is_no_one_time_key_is_forged(key: bytes) -> None:
    with pytest.raises(SignatureError, match="cannot be read"):
        parse_one_time_key(IVAN.device, key)


def test_of_an_identity_what_others_need_is_kept_and_what_is_not_signed_refused() -> None:
    secret = Secret("Иван")
    keys = secret.published()
    signed_by_eve = Secret("Иван").published()["self_signing_key"]

    assert set(json.loads(trim_identity(secret.identity, keys))) == set(keys)
    with pytest.raises(SignatureError):
        trim_identity(secret.identity, keys | {"user_signing_key": signed_by_eve})


# --- sessions ----------------------------------------------------------------------------------


def one_time_key(identity: Identity) -> str:
    (key, *_) = identity.new_one_time_keys(1).values()
    return parse_one_time_key(identity.device, key)


def test_a_session_is_begun_by_one_and_accepted_by_the_other() -> None:
    key = one_time_key(IVAN)
    of_bob = BOB.begin(IVAN.device, key)
    first = Olm.of(of_bob.encrypt("привет".encode()))

    of_ivan, said = IVAN.accept(BOB.curve25519, first)

    assert said == "привет".encode()
    assert begins(of_ivan, first)
    assert begins_with(first, key)
    answer = Olm.of(of_ivan.encrypt(b"hi"))
    assert decrypt_olm(of_bob, answer) == b"hi"
    assert not begins_with(answer, key)
    assert not begins(of_ivan, Olm(0, "junk"))


@pytest.mark.parametrize("message", [Olm(0, ""), Olm(0, "AAAA"), Olm(1, "AAAA")], ids=repr)
def test_junk_begins_no_session(message: Olm) -> None:
    with pytest.raises(CannotDecrypt):
        IVAN.accept(BOB.curve25519, message)


def test_a_fallback_key_is_the_same_until_it_is_published() -> None:
    identity = Identity("Иван", "d3")
    first = identity.new_fallback_key()

    assert identity.new_fallback_key() == first
    identity.published()
    assert identity.new_fallback_key() != first


def test_an_identity_is_kept_as_text() -> None:
    again = Identity.from_pickle("Иван", "d1", IVAN.pickle())

    assert again.device == IVAN.device


# --- to-device messages ------------------------------------------------------------------------


def said_by(by: Identity, to: Device, changes: dict[str, Any] | None = None) -> bytes:
    """Return what a message says that a device of ours gets from another, with changes."""
    key = one_time_key(IVAN)
    session = by.begin(IVAN.device, key)
    encrypted = encrypt_to_device(by, session, to, "m.dummy", {"a": 1})
    _session, said = IVAN.accept(by.curve25519, read_envelope(IVAN, encrypted).message)
    return json.dumps(json.loads(said) | (changes or {})).encode()


def test_a_message_is_read_by_the_device_that_it_is_for() -> None:
    message = read_to_device(IVAN, BOB.account, BOB.curve25519, said_by(BOB, IVAN.device))

    assert (message.type, message.content, message.sender) == ("m.dummy", {"a": 1}, BOB.device)


@pytest.mark.parametrize("encrypted", ["", "[]", "{}", '{"ciphertext": {}}', "[" * 10_000])
def test_what_is_not_for_this_device_is_unreadable(encrypted: str) -> None:
    with pytest.raises(CannotDecrypt):
        read_envelope(IVAN, encrypted)


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"type": None, "content": 7}, "Invalid"),
        ({"sender_device_keys": {}}, "Invalid"),
        ({"recipient": "@eve:jim"}, "another recipient"),
        ({"recipient_keys": {"ed25519": EVE.ed25519}}, "another recipient"),
        ({"sender": "@eve:jim"}, "encrypted by somebody else"),
        ({"keys": {"ed25519": EVE.ed25519}}, "encrypted by somebody else"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, dict) else value,
)
def test_a_message_that_says_something_else_than_it_comes_by_is_forged(
    changes: dict[str, Any], why: str
) -> None:
    with pytest.raises(SignatureError, match=why):
        read_to_device(IVAN, BOB.account, BOB.curve25519, said_by(BOB, IVAN.device, changes))


def test_a_message_comes_from_whom_the_session_is() -> None:
    with pytest.raises(SignatureError, match="encrypted by somebody else"):
        read_to_device(IVAN, BOB.account, EVE.curve25519, said_by(BOB, IVAN.device))
