"""Verifications emoji with a device that says something else than it should."""

from typing import Any

import pytest

from messenger.crypto.emoji import SasRun
from messenger.crypto.identity import Identity
from messenger.crypto.signed import SignatureError

ANN, BOB = Identity("ann", "A").device, Identity("名前", "B").device


def two() -> tuple[SasRun, SasRun]:
    return SasRun(ANN, BOB, "run", starts=True), SasRun(BOB, ANN, "run", starts=False)


@pytest.mark.parametrize(
    "change",
    [
        {"from_device": "C"},
        {"method": "m.qr"},
        {"key_agreement_protocols": ["dh"]},
        {"hashes": ["md5"]},
        {"message_authentication_codes": ["crc"]},
        {"short_authentication_string": ["decimal"]},
        {"hashes": 7},
    ],
    ids=repr,
)
def test_a_start_that_wants_what_is_not_known_is_refused(change: dict[str, Any]) -> None:
    ann, bob = two()

    with pytest.raises(SignatureError):
        bob.accept(ann.start() | change)


@pytest.mark.parametrize(
    "change",
    [
        {"key_agreement_protocol": "dh"},
        {"hash": "md5"},
        {"message_authentication_code": "crc"},
        {"commitment": 7},
    ],
    ids=repr,
)
def test_an_answer_that_chooses_what_was_not_offered_is_refused(change: dict[str, Any]) -> None:
    ann, bob = two()
    accept = bob.accept(ann.start())

    with pytest.raises(SignatureError):
        ann.accepted(accept | change)


def test_a_second_answer_and_a_second_key_are_refused() -> None:
    ann, bob = two()
    accept = bob.accept(ann.start())
    ann.accepted(accept)
    with pytest.raises(SignatureError, match="already"):
        ann.accepted(accept)
    bob.take_key(ann.key())
    with pytest.raises(SignatureError, match="second key"):
        bob.take_key(ann.key())


def test_what_is_no_key_is_refused() -> None:
    _ann, bob = two()

    with pytest.raises(SignatureError):
        bob.take_key({"transaction_id": "run", "key": "junk"})
