"""The server's certificate, and the fingerprints by which people compare it."""

import datetime as dt

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ed25519
from hypothesis import given
from hypothesis import strategies as st

from messenger.crypto import certificates

WHEN = dt.datetime(2026, 5, 4, tzinfo=dt.UTC)
KEY = certificates.make_key()
PEM = certificates.make_certificate(KEY, "messenger", WHEN)
FINGERPRINTS = st.binary(min_size=32, max_size=32).map(bytes.hex)


def test_a_renewed_certificate_has_the_fingerprint_of_its_key() -> None:
    renewed = certificates.make_certificate(KEY, "messenger", WHEN + dt.timedelta(days=1))

    assert renewed != PEM
    assert certificates.fingerprint(renewed) == certificates.fingerprint(PEM)
    assert certificates.fingerprint(certificates.to_der(PEM)) == certificates.fingerprint(PEM)


def test_another_key_has_another_one() -> None:
    other = certificates.make_certificate(certificates.make_key(), "messenger", WHEN)

    assert certificates.fingerprint(other) != certificates.fingerprint(PEM)


def test_a_key_of_another_kind_is_refused() -> None:
    key = ed25519.Ed25519PrivateKey.generate().private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )

    with pytest.raises(ValueError, match="elliptic"):
        certificates.make_certificate(key, "messenger", WHEN)
    with pytest.raises(ValueError, match="PEM"):
        certificates.make_certificate(b"no key", "messenger", WHEN)


@pytest.mark.parametrize("junk", [b"", b"-----BEGIN CERTIFICATE-----", b"\x30\x00"])
def test_what_is_no_certificate_has_no_fingerprint(junk: bytes) -> None:
    with pytest.raises(ValueError, match=r"\w"):
        certificates.fingerprint(junk)


@given(FINGERPRINTS)
def test_a_fingerprint_is_taken_in_each_way_in_which_it_is_shown(found: str) -> None:
    shown = [found, found.upper(), certificates.grouped(found), certificates.short(found)]
    shown.append(":".join(found[at : at + 2] for at in range(0, 64, 2)))

    assert {certificates.ungrouped(f" {text}\n") for text in shown} == {found}


@given(st.text(max_size=80).filter(lambda text: len("".join(text.split())) not in (43, 64)))
def test_what_is_none_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="64 hexadecimal digits"):
        certificates.ungrouped(text)
