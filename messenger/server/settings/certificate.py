"""The server's certificate: what it says, a new one, and one imported from files."""

import datetime as dt
import hashlib
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import msgspec
from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.x509.oid import ExtensionOID, NameOID

from messenger.crypto import certificates
from messenger.files import give_to_owner, private_directory, write_private
from messenger.language import _
from messenger.server import tls
from messenger.server.config import Settings
from messenger.server.errors import CannotStart
from messenger.server.settings.toml_file import cannot_save
from messenger.system_errors import reason_of


class CertificateUnfit(CannotStart):
    """A certificate or its key cannot be imported; the text says why."""


class CertificateState(msgspec.Struct, kw_only=True, frozen=True):
    """What a certificate says; times are unix times in seconds.

    `names` are those for which it was issued, the common name first. `is_own` tells that the
    server has made it: its clients know the key by the fingerprint, and look at no date.
    """

    file: str
    fingerprint: str
    names: tuple[str, ...]
    issuer: str
    not_before: float
    not_after: float
    is_own: bool

    def days_left(self, now: float) -> float:
        """Return for how many days it is still valid, negative if it has expired."""
        return (self.not_after - now) / (24 * 60 * 60)


def describe(pem_or_der: bytes, file: str = "", *, is_own: bool) -> CertificateState:
    """Return what a certificate says; raises ValueError if it cannot be read."""
    der = certificates.to_der(pem_or_der) if pem_or_der.lstrip()[:5] == b"-----" else pem_or_der
    found = x509.load_der_x509_certificate(der)
    return CertificateState(
        file=file,
        fingerprint=certificates.fingerprint(der),
        names=_names(found),
        issuer=found.issuer.rfc4514_string(),
        not_before=found.not_valid_before_utc.timestamp(),
        not_after=found.not_valid_after_utc.timestamp(),
        is_own=is_own,
    )


def current(settings: Settings) -> CertificateState | None:
    """Return the certificate that a start would use, None if that would make one.

    Raises CertificateUnfit. It creates nothing.
    """
    file, _key = tls.paths(settings)
    try:
        return describe(file.read_bytes(), str(file), is_own=settings.certificate is None)
    except FileNotFoundError as error:
        if settings.certificate is None:
            return None
        raise _unfit(file, error) from error
    except (OSError, ValueError) as error:
        raise _unfit(file, error) from error


def make(settings: Settings, *, new_key: bool = False) -> CertificateState:
    """Replace the certificate that the server has made by one for ten years from now.

    Its key, by which clients know the server, stays, unless a `new_key` is wanted: then every
    client has to be told. Raises CertificateUnfit or CannotSave. Reload the server afterwards.
    """
    _check_own(settings)
    if new_key:
        certificate, key = tls.paths(settings)
        with _saving(key):
            # First: a start makes a missing certificate, whichever key it finds.
            certificate.unlink(missing_ok=True)
            write_private(key, certificates.make_key())
    made = renewed(settings)
    save(settings, made)
    return describe(made, str(tls.paths(settings)[0]), is_own=True)


def renewed(settings: Settings) -> bytes:
    """Return a new certificate (PEM) for the server's own key, which is made if it is missing.

    Raises CertificateUnfit, also if the settings name another certificate, or CannotSave.
    """
    _check_own(settings)
    _certificate, key = tls.paths(settings)
    with _saving(key):
        tls.files(settings)  # makes what is missing
        return tls.make_certificate(key, settings)


def save(settings: Settings, certificate: bytes) -> None:
    """Replace the server's own certificate; raises CannotSave."""
    files = tls.paths(settings)
    with _saving(files[0]):
        write_private(files[0], certificate)
        for file in files:
            give_to_owner(file)


def _check_own(settings: Settings) -> None:
    if settings.certificate is not None:
        raise CertificateUnfit(
            _(
                "The settings name a certificate: remove certificate and private_key first, so "
                "that the server uses its own"
            )
        )


@contextmanager
def _saving(file: Path) -> Iterator[None]:
    """Raise CannotSave or CertificateUnfit for what happens with the file."""
    try:
        yield
    except OSError as error:
        raise cannot_save(error.filename or file, error) from error
    except ValueError as error:
        raise _unfit(file, error) from error


def import_files(
    certificate: Path, key: Path, settings: Settings, now: dt.datetime
) -> tuple[Path, Path]:
    """Copy a certificate, with its chain, and its key into the server's directory.

    Returns the copies, which the settings certificate and private_key then have to name. Raises
    CertificateUnfit, unless the key fits and the certificate is valid now, or CannotSave.
    """
    chain, secret = _content(certificate), _content(key)
    try:
        found = describe(chain, str(certificate), is_own=False)
    except ValueError as error:
        raise _unfit(certificate, _("not a PEM certificate")) from error
    _check_key(certificate, key, chain, secret)
    if found.not_after <= now.timestamp():
        raise _unfit(certificate, _("it expired on {day}", day=_day(found.not_after)))
    if found.not_before > now.timestamp():
        said = _("it is valid from {day} only", day=_day(found.not_before))
        raise _unfit(certificate, said)
    # A name of its own for each: the files of a server that runs are never half replaced.
    mark = hashlib.sha256(chain + secret).hexdigest()[:16]
    copies = settings.data / f"certificate-{mark}.pem", settings.data / f"key-{mark}.pem"
    with _saving(copies[0]):
        private_directory(settings.data)
        for copy, content in zip(copies, (chain, secret), strict=True):
            write_private(copy, content)
            give_to_owner(copy)
    return copies


def _content(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as error:
        raise _unfit(file, error) from error


def _check_key(certificate: Path, key: Path, chain: bytes, secret: bytes) -> None:
    try:
        loaded = serialization.load_pem_private_key(secret, None)
    except (ValueError, TypeError) as error:  # TypeError: it needs a passphrase
        said = _("not a PEM private key without a passphrase")
        raise _unfit(key, said) from error
    encoding, form = serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
    public = loaded.public_key().public_bytes(encoding, form)
    if hashlib.sha256(public).hexdigest() != certificates.fingerprint(chain):
        raise _unfit(key, _("the key belongs to another certificate"))
    try:
        # Whatever else OpenSSL demands, such as keys that are long enough.
        ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(certificate, key, password="")
    except (OSError, ValueError) as error:
        raise _unfit(certificate, getattr(error, "reason", None) or error) from error


def _names(found: x509.Certificate) -> tuple[str, ...]:
    common = [str(one.value) for one in found.subject.get_attributes_for_oid(NameOID.COMMON_NAME)]
    try:
        value = found.extensions.get_extension_for_oid(ExtensionOID.SUBJECT_ALTERNATIVE_NAME).value
    except x509.ExtensionNotFound:
        return tuple(common)
    assert isinstance(value, x509.SubjectAlternativeName)
    named = value.get_values_for_type(x509.DNSName)
    addresses = map(str, value.get_values_for_type(x509.IPAddress))
    return tuple(dict.fromkeys([*common, *named, *addresses]))


def _day(time: float) -> str:
    return dt.datetime.fromtimestamp(time, dt.UTC).strftime("%Y-%m-%d")


def _unfit(file: Path, why: Exception | str) -> CertificateUnfit:
    return CertificateUnfit(
        _(
            "The certificate or key {file} cannot be used ({reason}): correct it, or move it away",
            file=file,
            reason=reason_of(why) if isinstance(why, Exception) else why,
        )
    )
