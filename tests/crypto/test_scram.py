"""SCRAM without a server: both prove what they know, bound to one certificate."""

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from messenger.crypto import certificates, passwords
from messenger.crypto.scram import Challenge, ClientExchange, NotProved, ServerExchange
from tests.stretching import PASSWORD

WHEN = dt.datetime(2026, 5, 4, tzinfo=dt.UTC)
ODD = ("Иван", "名前", "a/b%41", "n,=x", "𝕯" * 25)


def certificate() -> bytes:
    pem = certificates.make_certificate(certificates.make_key(), "messenger", WHEN)
    return certificates.to_der(pem)


CERTIFICATE, OTHER = certificate(), certificate()


def exchanges(
    name: str = "Иван", password: str = PASSWORD, *, shown: bytes = CERTIFICATE
) -> tuple[ClientExchange, ServerExchange]:
    verifier = passwords.make_verifier(PASSWORD)
    return ClientExchange(name, password, shown), ServerExchange(name, verifier, CERTIFICATE)


@pytest.mark.parametrize("name", ODD)
def test_both_prove_what_they_know(name: str) -> None:
    client, server = exchanges(name)

    client.finish(server.final(client.final(server.first(client.first()))))


def test_a_wrong_password_proves_nothing() -> None:
    client, server = exchanges(password="another password")
    proof = client.final(server.first(client.first()))

    with pytest.raises(NotProved):
        server.final(proof)


def test_a_proof_for_another_certificate_proves_nothing() -> None:
    client, server = exchanges(shown=OTHER)
    proof = client.final(server.first(client.first()))

    with pytest.raises(NotProved):
        server.final(proof)


def test_a_server_that_has_no_verifier_proves_nothing() -> None:
    client, server = exchanges()
    client.final(server.first(client.first()))

    with pytest.raises(NotProved):
        client.finish("v=AAAA")


@pytest.mark.parametrize("cost", [(1, 19456, 1), (2, 8, 1), (2, 19456, 0), (1000, 19456, 1)])
def test_a_password_is_not_stretched_too_little_or_too_much(cost: tuple[int, int, int]) -> None:
    client, server = exchanges()
    data = server.first(client.first()).data

    with pytest.raises(NotProved, match="stretched"):
        client.final(Challenge(data, *cost))


@given(st.text(max_size=60))
def test_whatever_is_no_message_of_it_is_refused(junk: str) -> None:
    client, server = exchanges()
    with pytest.raises(NotProved):
        client.final(Challenge(junk, 2, 19456, 1))
    with pytest.raises(NotProved):
        server.first(junk)
    _client, server = exchanges()
    server.first(client.first())
    with pytest.raises(NotProved):
        server.final(junk)
