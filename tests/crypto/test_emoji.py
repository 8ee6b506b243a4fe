"""Verification by emoji: the same on both sides, different ones with a man in the middle."""

import pytest

from messenger.crypto.accounts import Secret
from messenger.crypto.emoji import EMOJI, SasRun
from messenger.crypto.identity import Identity
from messenger.crypto.signed import SignatureError

ANN, BOB = Identity("ann", "A").device, Identity("bob", "B").device


def agreed() -> tuple[SasRun, SasRun]:
    ann = SasRun(ANN, BOB, "run", starts=True)
    bob = SasRun(BOB, ANN, "run", starts=False)
    ann.accepted(bob.accept(ann.start()))
    bob.take_key(ann.key())
    ann.take_key(bob.key())
    return ann, bob


def test_both_see_the_same_and_prove_their_keys() -> None:
    ann, bob = agreed()
    identity = Secret("bob").identity

    assert ann.indices == bob.indices
    assert all(0 <= index < len(EMOJI) == 64 for index in ann.indices)
    ann.check_mac(bob.mac(identity), identity)
    with pytest.raises(SignatureError):
        ann.check_mac(bob.mac(identity), Secret("bob").identity)
    with pytest.raises(SignatureError):
        ann.check_mac(bob.mac(None), identity)
    with pytest.raises(SignatureError):
        ann.check_mac(agreed()[1].mac(identity), identity)


def test_a_man_in_the_middle_makes_the_emoji_differ() -> None:
    ann = SasRun(ANN, BOB, "run", starts=True)
    bob = SasRun(BOB, ANN, "run", starts=False)
    to_ann = SasRun(BOB, ANN, "run", starts=False)
    to_bob = SasRun(ANN, BOB, "run", starts=True)
    ann.accepted(to_ann.accept(ann.start()))
    to_bob.accepted(bob.accept(to_bob.start()))
    to_ann.take_key(ann.key())
    ann.take_key(to_ann.key())
    bob.take_key(to_bob.key())
    to_bob.take_key(bob.key())

    assert ann.indices != bob.indices


def test_a_key_that_was_not_committed_to_is_refused() -> None:
    ann = SasRun(ANN, BOB, "run", starts=True)
    bob, other = (SasRun(BOB, ANN, "run", starts=False) for _ in range(2))
    ann.accepted(bob.accept(ann.start()))

    with pytest.raises(SignatureError, match="not the one it committed to"):
        ann.take_key(other.key())
    with pytest.raises(SignatureError, match="no key yet"):
        _ = ann.indices
    with pytest.raises(SignatureError):
        bob.take_key({"transaction_id": "run", "key": "garbage"})
    with pytest.raises(SignatureError):
        bob.accept({"hashes": ["md5"]})
