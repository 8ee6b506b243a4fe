"""A terminal says with which option or command an error is mended."""

import pytest

from messenger.console.advice import advice, with_advice
from messenger.jim.errors import Conflict, ProtocolError
from messenger.sdk.credentials import Credentials
from messenger.sdk.errors import NoTls
from messenger.sdk.key_errors import ServerCannotEncrypt, VerifiedKeysChanged
from messenger.sdk.server_identity import CertificateRenewed, KeyReplaced, NoAuthority, OtherInvited
from messenger.ui.login import other_credentials
from messenger.ui.prompts import NoLogin
from tests.ui.answers import Answering


def test_a_taken_name_is_answered_with_the_option_for_another_one() -> None:
    with pytest.raises(NoLogin) as refused:
        other_credentials(
            Credentials("Иван"), Conflict("Иван is taken"), Answering(may_ask=False), print
        )

    assert with_advice(str(refused.value), refused.value, separator="\n") == (
        "Login refused: Иван is taken\nTake another name with -n NAME."
    )


@pytest.mark.parametrize(
    ("error", "option"),
    [
        (KeyReplaced("one", "another"), "--trust and the new fingerprint"),
        (OtherInvited("one", "another"), "--trust and its fingerprint"),
        (CertificateRenewed(KeyReplaced("one", "another")), "--trust authority"),
        (NoAuthority("expired"), "--trust and the fingerprint"),
        (NoTls("WRONG_VERSION_NUMBER"), "--plain"),
        (ServerCannotEncrypt(), "/plain"),
        (VerifiedKeysChanged("Dave Smith"), '/verify "Dave Smith"'),
    ],
)
def test_each_kind_of_error_has_its_own(error: ProtocolError, option: str) -> None:
    assert option in advice(error)
    assert with_advice("It is so.", error) == f"It is so. {advice(error)}"


def test_what_has_led_to_an_error_is_advised_about() -> None:
    with pytest.raises(NoLogin) as refused:
        other_credentials(Credentials("Иван"), KeyReplaced("one", "another"), Answering(), print)

    assert "--trust" in advice(refused.value)


def test_of_two_reasons_each_is_advised_about() -> None:
    """An invitation names another key, and an authority has signed the current one."""
    renewed = CertificateRenewed(KeyReplaced("one", "another"))
    renewed.__cause__ = OtherInvited("one", "another")

    assert "--trust authority" in advice(renewed)
    assert "--trust and its fingerprint" in advice(renewed)


def test_what_nothing_helps_against_is_said_as_it_is() -> None:
    assert with_advice("Login refused", NoLogin("Login refused")) == "Login refused"
    assert advice(None) == ""
