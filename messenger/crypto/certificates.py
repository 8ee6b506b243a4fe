"""A server's key and certificate, and the fingerprint by which clients recognize it.

The fingerprint is SHA-256 over the public key (SPKI, RFC 5280, 4.1.2.7), so that a renewed
certificate of the same key is the same server (RFC 7858, 4.2, pins in the same way).
"""

import base64
import datetime as dt
import hashlib
import re

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from messenger.language import _

SOON = 21.0
"""Days: those of authorities are renewed 30 days before their end, so something has failed."""

# Our clients pin the key and look at no date, so a shorter validity would protect nobody.
_VALID = dt.timedelta(days=3650)
# For programs that do check dates, on computers whose clock is slow.
_CLOCKS_APART = dt.timedelta(days=1)
_SHORT = re.compile(r"[A-Za-z0-9_-]{43}")  # 256 bits in base64url without padding


def make_key() -> bytes:
    """Return a new private key (P-256) as PEM."""
    # Every implementation of TLS 1.3 has this curve (RFC 8446, 9.1).
    return ec.generate_private_key(ec.SECP256R1()).private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )


def make_certificate(key_pem: bytes, name: str, now: dt.datetime) -> bytes:
    """Return a self-signed certificate of the key as PEM; ValueError if it is no EC key."""
    key = serialization.load_pem_private_key(key_pem, None)
    if not isinstance(key, ec.EllipticCurvePrivateKey):
        raise ValueError("not a key of an elliptic curve")  # noqa: TRY004  the value is wrong
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    certificate = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - _CLOCKS_APART)
        .not_valid_after(now + _VALID)
        .sign(key, hashes.SHA256())
    )
    return certificate.public_bytes(serialization.Encoding.PEM)


def fingerprint(certificate: bytes) -> str:
    """Return the fingerprint of a certificate's key, 64 hexadecimal digits.

    The certificate is DER or PEM; raises ValueError if it cannot be read.
    """
    is_pem = certificate.lstrip().startswith(b"-----")
    load = x509.load_pem_x509_certificate if is_pem else x509.load_der_x509_certificate
    key = load(certificate).public_key()
    spki = key.public_bytes(
        serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    return hashlib.sha256(spki).hexdigest()


def to_der(certificate: bytes) -> bytes:
    """Return a PEM certificate (the first of a chain) as DER; ValueError if it is invalid."""
    found = x509.load_pem_x509_certificate(certificate)
    return found.public_bytes(serialization.Encoding.DER)


def grouped(found: str) -> str:
    """Return a fingerprint in groups of four, for people to compare."""
    return " ".join(found[start : start + 4] for start in range(0, len(found), 4))


def short(found: str) -> str:
    """Return a fingerprint as in invitation links: 43 characters of base64url (RFC 4648, 5)."""
    return base64.urlsafe_b64encode(bytes.fromhex(found)).decode().rstrip("=")


def ungrouped(text: str) -> str:
    """Return the fingerprint that a user has entered; raises ValueError if it is invalid."""
    if _SHORT.fullmatch(text.strip()):
        return base64.urlsafe_b64decode(text.strip() + "=").hex()
    # openssl writes fingerprints with colons, and in capitals.
    found = "".join(text.split()).replace(":", "").casefold()
    if len(found) != hashlib.sha256().digest_size * 2 or set(found) - set("0123456789abcdef"):
        raise ValueError(_("A fingerprint must have 64 hexadecimal digits: {text}", text=text))
    return found
