"""One key wrapped by another."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from messenger.crypto.key_wrapping import WrongWrappingKey, unwrap, wrap

KEYS = st.binary(min_size=32, max_size=32)


@given(KEYS, KEYS, KEYS)
def test_only_the_key_that_wrapped_it_unwraps(key: bytes, by: bytes, other: bytes) -> None:
    wrapped = wrap(key, by)

    assert unwrap(wrapped, by) == key
    if other != by:
        with pytest.raises(WrongWrappingKey):
            unwrap(wrapped, other)


@pytest.mark.parametrize(
    "junk",
    ["", "no base64!", "AAAA", wrap(b"k" * 32, b"b" * 32)[:-4]],
    ids=["empty", "no base64", "short", "cut"],
)
def test_junk_is_wrapped_by_no_key(junk: str) -> None:
    with pytest.raises(WrongWrappingKey):
        unwrap(junk, b"b" * 32)
