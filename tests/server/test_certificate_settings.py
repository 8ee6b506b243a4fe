"""The server's certificate: shown, made anew, and imported only if a server could use it."""

import datetime as dt
from pathlib import Path

import pytest
import trustme
from cryptography.hazmat.primitives import serialization

from messenger.crypto import certificates
from messenger.server import tls
from messenger.server.config import load_settings
from messenger.server.errors import CannotStart
from messenger.server.settings import certificate
from messenger.server.settings.certificate import CertificateUnfit
from messenger.server.settings.editor import SettingsEditor

NOW = dt.datetime.now(dt.UTC)


class Pair:
    """A certificate of an authority with its key, in files."""

    def __init__(self, directory: Path, *, days: float = 90, since: float = -1) -> None:
        authority = trustme.CA()
        made = authority.issue_cert(
            "chat.example",
            "192.0.2.7",
            not_before=NOW + dt.timedelta(days=since),
            not_after=NOW + dt.timedelta(days=days),
        )
        directory.mkdir(exist_ok=True)
        self.certificate = directory / "цепочка.pem"
        self.key = directory / "ключ.pem"
        chain = b"".join(blob.bytes() for blob in made.cert_chain_pems)
        self.certificate.write_bytes(chain)
        self.key.write_bytes(made.private_key_pem.bytes())


def test_the_servers_own_certificate_is_shown_and_nothing_is_made(tmp_path: Path) -> None:
    settings = load_settings({"data": tmp_path}, {})
    assert certificate.current(settings) is None
    assert list(tmp_path.iterdir()) == []

    tls.files(settings)

    found = certificate.current(settings)
    assert found is not None
    assert found.is_own
    assert found.fingerprint == tls.read_fingerprint(settings)
    assert found.names == ("messenger",)
    assert 3649 < found.days_left(NOW.timestamp()) < 3651


@pytest.mark.parametrize("new_key", [False, True])
def test_a_new_certificate_keeps_the_key_unless_a_new_one_is_wanted(
    tmp_path: Path, *, new_key: bool
) -> None:
    settings = load_settings({"data": tmp_path}, {"MESSENGER_PUBLIC_ADDRESS": "chat.example"})
    before = tls.read_fingerprint(settings)
    old = (tmp_path / "certificate.pem").read_bytes()

    made = certificate.make(settings, new_key=new_key)

    assert (made.fingerprint != before) == new_key
    assert tls.read_fingerprint(settings) == made.fingerprint
    assert made.names == ("chat.example",)
    assert (tmp_path / "certificate.pem").read_bytes() != old
    assert (tmp_path / "key.pem").stat().st_mode & 0o777 == 0o600


def test_a_certificate_is_made_where_no_server_has_run_yet(tmp_path: Path) -> None:
    settings = load_settings({"data": tmp_path / "new"}, {})

    made = certificate.make(settings)

    assert tls.read_fingerprint(settings) == made.fingerprint


@pytest.mark.io
def test_a_certificate_of_an_authority_is_imported(tmp_path: Path) -> None:
    data = tmp_path / "data"
    settings = load_settings({"data": data}, {})
    pair = Pair(tmp_path)

    copies = certificate.import_files(pair.certificate, pair.key, settings, NOW)
    pair.key.unlink()
    SettingsEditor({"data": data}, {}).change(
        dict(zip(("certificate", "private_key"), map(str, copies), strict=True))
    )

    found = certificate.current(load_settings({"data": data}, {}))
    assert found is not None
    assert not found.is_own
    assert found.names[-2:] == ("chat.example", "192.0.2.7")
    assert copies[1].stat().st_mode & 0o777 == 0o600
    # The server's own is not in use: a new one of it would change nothing.
    with pytest.raises(CertificateUnfit, match="The settings name a certificate"):
        certificate.make(load_settings({"data": data}, {}))


def test_what_a_server_could_not_use_is_not_imported(tmp_path: Path) -> None:
    data = tmp_path / "data"
    data.mkdir()
    settings = load_settings({"data": data}, {})
    good, other = Pair(tmp_path / "a"), Pair(tmp_path / "b")
    expired, future = Pair(tmp_path / "c", days=-0.1, since=-3), Pair(tmp_path / "d", since=2)
    key = serialization.load_pem_private_key(good.key.read_bytes(), None)
    locked = tmp_path / "locked.pem"
    locked.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.BestAvailableEncryption(b"secret"),
        )
    )
    for chain, secret, said in (
        (good.certificate, other.key, "the key belongs to another certificate"),
        (good.certificate, good.certificate, "not a PEM private key"),
        (good.certificate, locked, "without a passphrase"),
        (good.key, good.key, "not a PEM certificate"),
        (tmp_path / "нет.pem", good.key, "No such file"),
        (tmp_path, good.key, "Is a directory"),
        (expired.certificate, expired.key, "it expired on"),
        (future.certificate, future.key, "it is valid from"),
    ):
        with pytest.raises(CannotStart, match=said):
            certificate.import_files(chain, secret, settings, NOW)
    assert list(data.iterdir()) == []


def test_an_expired_certificate_is_shown_as_one(tmp_path: Path) -> None:
    pair = Pair(tmp_path, days=-1, since=-3)
    settings = load_settings(
        {"data": tmp_path},
        {"MESSENGER_CERTIFICATE": str(pair.certificate), "MESSENGER_PRIVATE_KEY": str(pair.key)},
    )

    found = certificate.current(settings)

    assert found is not None
    assert found.days_left(NOW.timestamp()) < 0


def test_a_certificate_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    (tmp_path / "certificate.pem").write_text("rubbish")

    with pytest.raises(CertificateUnfit, match=r"certificate\.pem"):
        certificate.current(load_settings({"data": tmp_path}, {}))


def test_both_forms_of_a_certificate_say_the_same() -> None:
    pem = certificates.make_certificate(certificates.make_key(), "сервер", NOW)

    assert certificate.describe(pem, is_own=True) == certificate.describe(
        certificates.to_der(pem), is_own=True
    )
