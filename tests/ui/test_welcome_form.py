"""What a new user enters is checked field by field, and a refusal is about one field."""

import pytest

from messenger.jim.errors import (
    BadRequest,
    Conflict,
    Forbidden,
    ProtocolError,
    Unauthorized,
    WrongCode,
    WrongPassword,
)
from messenger.sdk.credentials import Credentials
from messenger.sdk.server_identity import KeyReplaced
from messenger.ui.welcome_form import Entered, Kind, Mistake, Part, checked, code_in, correction

KEY = "z6Chp-iGZDHg_TcfavoYg0bQvnVq3Ev35hnqPeaEqX0"
LINK = f"jim://192.0.2.2:7778?invite=token&key={KEY}"
PASSWORD = "a long enough password"


def test_who_has_an_account_may_have_a_name_of_earlier_rules() -> None:
    assert checked(Entered("chat.example", "a/b%41 Иван", Kind.KNOWN, PASSWORD)).credentials.name


def test_a_link_says_where_and_with_what() -> None:
    entered = Entered(LINK, "Иван", Kind.NEW, PASSWORD, "keyring", "phrase", is_plain=True)

    newcomer = checked(entered)

    assert newcomer[:2] == ("192.0.2.2", 7778)
    assert newcomer.credentials == Credentials("Иван", PASSWORD, register=True, invite="token")
    assert (newcomer.remember, newcomer.passphrase) == ("keyring", "phrase")
    assert newcomer.fingerprint
    assert newcomer.is_plain


def test_who_has_an_account_registers_none_and_a_guest_has_no_password() -> None:
    known = checked(Entered("chat.example", "Иван", Kind.KNOWN, PASSWORD, "file"))
    guest = checked(Entered("chat.example", "Иван", Kind.GUEST, "typed before", "file"))

    assert known.credentials == Credentials("Иван", PASSWORD)
    assert guest.credentials == Credentials("Иван")
    assert (known.remember, guest.remember) == ("file", None)


RESET = f"jim://192.0.2.2:7778?reset=ABCD-EFGH&user=%D0%98%D0%B2%D0%B0%D0%BD&key={KEY}"


@pytest.mark.parametrize(
    "entered",
    [
        Entered(RESET, "somebody", Kind.FORGOTTEN, PASSWORD),
        Entered("", "somebody", Kind.FORGOTTEN, PASSWORD, code=RESET),
        Entered("192.0.2.2:7778", "Иван", Kind.FORGOTTEN, PASSWORD, code=" ABCD-EFGH "),
    ],
)
def test_a_code_or_a_link_sets_a_forgotten_password(entered: Entered) -> None:
    newcomer = checked(entered)

    assert newcomer[:2] == ("192.0.2.2", 7778)
    assert newcomer.credentials == Credentials("Иван", PASSWORD, reset_code="ABCD-EFGH")
    assert bool(newcomer.fingerprint) == ("key" in f"{entered.server}{entered.code}")


def test_a_link_with_a_code_is_a_mere_address_for_any_other_login() -> None:
    found = checked(Entered(RESET, "ann", Kind.KNOWN, PASSWORD, code="ABCD"))
    assert found.credentials == Credentials("ann", PASSWORD)
    assert code_in(RESET) == code_in(" ABCD-EFGH ") == "ABCD-EFGH"


@pytest.mark.parametrize(
    ("entered", "part"),
    [
        (Entered("chat.example", "Иван", Kind.FORGOTTEN, PASSWORD), Part.CODE),
        (Entered("chat.example", "Иван", Kind.FORGOTTEN, PASSWORD, code="jim://x"), Part.CODE),
        (Entered("chat.example", "Иван", Kind.FORGOTTEN, code="ABCD"), Part.PASSWORD),
        (Entered("", "Иван", Kind.NEW, PASSWORD), Part.SERVER),
        (Entered("a b c", "Иван", Kind.NEW, PASSWORD), Part.SERVER),
        (Entered("jim://x", "Иван", Kind.NEW, PASSWORD), Part.SERVER),
        (Entered("chat.example", "#room", Kind.NEW, PASSWORD), Part.NAME),
        (Entered("chat.example", "a/b%41 Иван", Kind.NEW, PASSWORD), Part.NAME),
        (Entered("chat.example", "Иван", Kind.NEW), Part.PASSWORD),
        (Entered("chat.example", "Иван", Kind.KNOWN), Part.PASSWORD),
    ],
)
def test_a_mistake_is_told_at_its_field(entered: Entered, part: Part) -> None:
    with pytest.raises(Mistake) as mistake:
        checked(entered)

    assert mistake.value.part is part
    assert str(mistake.value)


@pytest.mark.parametrize(
    ("error", "part"),
    [
        (WrongCode("expired"), Part.CODE),
        (Conflict("taken"), Part.NAME),
        (Unauthorized("registered"), Part.NAME),
        (WrongPassword("wrong"), Part.PASSWORD),
        (BadRequest("too short"), Part.PASSWORD),
        (Forbidden("closed"), Part.SERVER),
        (KeyReplaced("aaaa", "bbbb"), Part.SERVER),
    ],
)
def test_a_refusal_is_about_a_field(error: ProtocolError, part: Part) -> None:
    tried = checked(Entered("chat.example", "Иван", Kind.NEW, PASSWORD))

    assert correction(error, tried).part is part


def test_a_taken_name_says_how_to_go_on() -> None:
    tried = checked(Entered("chat.example", "Иван", Kind.NEW, PASSWORD))

    assert "log in to that account" in str(correction(Conflict("taken"), tried))


def test_what_is_refused_of_a_guest_is_the_name() -> None:
    tried = checked(Entered("chat.example", "Ivаn", Kind.GUEST))  # with a Cyrillic letter

    assert correction(BadRequest("An account name must use one alphabet"), tried).part is Part.NAME
