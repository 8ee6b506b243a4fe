"""An account's identity: signatures of devices, codes to type, safety numbers to compare."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from messenger.crypto.accounts import (
    Secret,
    approval_code,
    approval_proof,
    is_shown_by,
    new_nonce,
    parse_identity,
    read_approval_code,
    safety_number,
)
from messenger.crypto.devices import parse_device, version_of
from messenger.crypto.identity import Identity
from messenger.crypto.signed import SignatureError


def test_a_device_is_signed_by_its_own_account_only() -> None:
    ann, eve = Secret("ann"), Secret("eve")
    device = Identity("ann", "D1")
    assert not ann.identity.has_signed(device.device)

    approved = parse_device("ann", "D1", ann.approve(device.device_keys))

    assert ann.identity.has_signed(approved)
    assert not eve.identity.has_signed(approved)
    assert not Secret("ann").identity.has_signed(approved)
    invalid = eve.approve(device.device_keys)
    assert not ann.identity.has_signed(parse_device("ann", "D1", invalid))


def test_an_inconsistent_identity_is_refused() -> None:
    published = Secret("ann").published()
    other = Secret("ann").published()
    assert parse_identity("ann", published).account == "ann"
    for spoilt in (
        {},
        None,
        {**published, "self_signing_key": other["self_signing_key"]},
        {**published, "master_key": published["self_signing_key"]},
        {**published, "self_signing_key": {**published["self_signing_key"], "signatures": {}}},
    ):
        with pytest.raises(SignatureError):
            parse_identity("ann", spoilt)
    with pytest.raises(SignatureError):
        parse_identity("bob", published)


def test_a_recovery_code_restores_the_secret() -> None:
    secret = Secret("ann")
    encrypted = secret.encrypt("session", b"key")

    again = Secret.from_code("ann", secret.code().lower().replace("-", " "))

    assert again.identity == secret.identity
    assert again.decrypt("session", encrypted) == b"key"
    with pytest.raises(SignatureError):
        again.decrypt("another", encrypted)
    with pytest.raises(SignatureError):
        Secret("ann").decrypt("session", encrypted)


@given(st.integers(0, 39), st.sampled_from("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"))
def test_a_typing_mistake_in_a_recovery_code_is_noticed(index: int, letter: str) -> None:
    code = Secret("ann", bytes(range(20))).code().replace("-", "")
    typed = code[:index] + letter + code[index + 1 :]
    if typed != code:
        with pytest.raises(ValueError, match="Invalid recovery code"):
            Secret.from_code("ann", typed)


@given(st.text(max_size=60))
def test_an_invalid_code_is_refused(text: str) -> None:
    for read in (read_approval_code, lambda code: Secret.from_code("ann", code)):
        with pytest.raises(ValueError, match=r"Invalid (recovery |device )?code"):
            read(text)


def test_the_code_of_a_device_names_it_and_proves_who_has_typed_it() -> None:
    device, other = Identity("ann", "D1").device, Identity("ann", "D1").device
    nonce = new_nonce()

    digest, typed = read_approval_code(approval_code(device, nonce))

    assert is_shown_by(digest, typed, device)
    assert not is_shown_by(digest, typed, other)
    assert approval_proof(typed, b"secret", device) == approval_proof(nonce, b"secret", device)
    assert approval_proof(new_nonce(), b"secret", device) != approval_proof(
        nonce, b"secret", device
    )


@given(st.integers(0, 31), st.sampled_from("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"))
def test_a_typing_mistake_anywhere_in_a_device_code_is_noticed(index: int, letter: str) -> None:
    device = Identity("Иван", "D1").device
    code = approval_code(device, bytes(range(10))).replace("-", "")
    typed = code[:index] + letter + code[index + 1 :]

    assert is_shown_by(*read_approval_code(typed), device) == (typed == code)


@given(st.binary(min_size=20, max_size=20), st.text("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", max_size=3))
def test_a_code_is_written_in_one_way_only(raw: bytes, more: str) -> None:
    """No characters without a meaning can be added or changed."""
    code = approval_code(Identity("Иван", "D1").device, raw[:10])
    if more:
        with pytest.raises(ValueError, match=r"Invalid (device )?code"):
            read_approval_code(code + more)


def test_only_the_two_people_see_the_same_safety_number() -> None:
    ann, bob, eve = (Secret(name).identity for name in ("ann", "bob", "eve"))

    number = safety_number(ann, bob)

    assert number == safety_number(bob, ann)
    assert number != safety_number(ann, eve)
    assert number != safety_number(Secret("ann").identity, bob)
    assert [len(group) for group in number.split()] == [5] * 12
    assert json.dumps(number).isascii()


def test_names_with_line_feeds_give_no_two_device_lists_the_same_version() -> None:
    one = version_of([("ann", "D1", "key")], [], [("ann\n\nD1", "key")])
    other = version_of([("ann", "D1", "key"), ("ann\n\nD1", "", "key")], [], [])
    third = version_of([], ["ann\nD1\nkey\n\nann"], [])
    fourth = version_of([("ann", "D1", "key")], ["ann"], [])

    assert len({one, other, third, fourth}) == 4
