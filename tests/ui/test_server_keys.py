"""A server's changed key is explained, and only what the user agrees to is trusted."""

import pytest

from messenger.crypto.certificates import grouped
from messenger.sdk.server_identity import (
    AUTHORITY,
    CertificateRenewed,
    KeyReplaced,
    NoAuthority,
    OtherInvited,
    ServerChanged,
)
from messenger.ui.server_keys import change_of, fingerprint_of

OLD, NEW = "ab" * 32, "cd" * 32
REPLACED = KeyReplaced(grouped(OLD), grouped(NEW))


@pytest.mark.parametrize(
    ("error", "before", "now", "trusted"),
    [
        (REPLACED, OLD, NEW, NEW),
        (CertificateRenewed(REPLACED), OLD, NEW, AUTHORITY),
        (OtherInvited(grouped(NEW), grouped(OLD)), OLD, NEW, NEW),
        (NoAuthority("self-signed"), "", "", ""),
    ],
)
def test_both_keys_are_shown(error: ServerChanged, before: str, now: str, trusted: str) -> None:
    change = change_of(error)

    assert (change.before, change.now) == (grouped(before), grouped(now))
    assert change.trusted == trusted
    assert "Nothing has been sent" in change.meaning


def test_a_fingerprint_is_taken_however_it_is_written() -> None:
    assert fingerprint_of(grouped(OLD).upper()) == OLD
    for wrong in ("", "authority", "ab"):
        with pytest.raises(ValueError, match="fingerprint"):
            fingerprint_of(wrong)
