"""Envelopes of to-device messages, as a stranger or the server may have written them."""

import json

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from messenger.crypto.devices import parse_one_time_key
from messenger.crypto.identity import CannotDecrypt, Identity, decrypt_olm
from messenger.crypto.to_device import read_envelope

_anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=5,
)


_ann, _bob = Identity("Иван", "d1"), Identity("名前", "d2")
_key = parse_one_time_key(_ann.device, next(iter(_ann.new_one_time_keys(1).values())))
_session = _bob.begin(_ann.device, _key)


@settings(deadline=None)
@example(kind=10**30, body="AAAA")
@example(kind=-1, body="AAAA")
@given(kind=_anything, body=_anything)
def test_an_invalid_envelope_cannot_be_decrypted_and_does_no_harm(
    kind: object, body: object
) -> None:
    part = {"type": kind, "body": body}
    encrypted = {"sender_key": _bob.curve25519, "ciphertext": {_ann.curve25519: part}}

    with pytest.raises(CannotDecrypt):
        decrypt_olm(_session, read_envelope(_ann, json.dumps(encrypted)).message)
