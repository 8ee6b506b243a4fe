"""Passwords are stored as salted verifiers, which serve SCRAM, too (R28)."""

import base64

import msgspec
import pytest
from scramp import ScramClient, ScramException, ScramMechanism

from messenger.crypto import passwords
from messenger.crypto.passwords import Verifier
from tests.stretching import PASSWORD, make_verifier


@pytest.fixture(scope="module")
def verifier() -> Verifier:
    return make_verifier(PASSWORD)


def test_the_right_password_is_told_from_a_wrong_one(verifier: Verifier) -> None:
    assert passwords.check(verifier, PASSWORD)
    assert not passwords.check(verifier, PASSWORD + " ")
    assert not passwords.check(verifier, "")


def test_r28_nothing_of_the_password_is_in_what_is_stored(verifier: Verifier) -> None:
    stored = verifier.encode()

    assert PASSWORD not in stored
    assert base64.b64encode(PASSWORD.encode()).decode() not in stored
    assert passwords.check(Verifier.decode(stored), PASSWORD)


def test_r28_two_accounts_with_one_password_have_nothing_in_common(verifier: Verifier) -> None:
    other = make_verifier(PASSWORD)

    assert other.salt != verifier.salt
    assert other.stored_key != verifier.stored_key


def test_the_same_letters_written_differently_are_one_password() -> None:
    assert passwords.check(make_verifier("пароль с й"), "пароль с и\u0306")


def test_an_unknown_name_has_a_verifier_that_no_password_matches() -> None:
    one, again = (passwords.fake_verifier(b"secret", "nobody") for _ in range(2))

    assert one.salt == again.salt
    assert one.salt != passwords.fake_verifier(b"secret", "nobody else").salt
    assert not passwords.check(one, PASSWORD)


def test_a_verifier_of_other_parameters_is_renewed(verifier: Verifier) -> None:
    assert not passwords.is_outdated(verifier)
    assert passwords.is_outdated(msgspec.structs.replace(verifier, time=1))


def test_scram_logs_in_with_the_same_verifier(verifier: Verifier) -> None:
    """RFC 5802: the client proves that it has the password; the server that it has the verifier."""
    mechanism = ScramMechanism("SCRAM-SHA-256")
    server = mechanism.make_server(
        lambda _name: (verifier.salt, verifier.stored_key, verifier.server_key, verifier.iterations)
    )
    client = ScramClient(["SCRAM-SHA-256"], "ann", passwords.stretch(PASSWORD, verifier))

    server.set_client_first(client.get_client_first())
    client.set_server_first(server.get_server_first())
    server.set_client_final(client.get_client_final())
    # It raises unless both sides have proved what they know.
    client.set_server_final(server.get_server_final())


def test_scram_refuses_a_wrong_password(verifier: Verifier) -> None:
    server = ScramMechanism("SCRAM-SHA-256").make_server(
        lambda _name: (verifier.salt, verifier.stored_key, verifier.server_key, verifier.iterations)
    )
    client = ScramClient(["SCRAM-SHA-256"], "ann", passwords.stretch("another one", verifier))

    server.set_client_first(client.get_client_first())
    client.set_server_first(server.get_server_first())

    with pytest.raises(ScramException):
        server.set_client_final(client.get_client_final())


@pytest.mark.parametrize("password", ["short", "x" * 1025, "ANNALENA"])
def test_a_bad_password_is_refused_with_a_reason(password: str) -> None:
    with pytest.raises(ValueError, match="The password"):
        passwords.check_policy(password, "annalena")


def test_a_token_is_random_and_stored_as_a_hash() -> None:
    token = passwords.new_token()

    assert token != passwords.new_token()
    assert len(base64.urlsafe_b64decode(token + "==")) == 32
    assert token.encode() not in passwords.hash_token(token)
    assert passwords.hash_token(token) == passwords.hash_token(token)
