"""Each error of the client has words, in each language, for the parameters that it has."""

import importlib
import pkgutil
import string
from dataclasses import fields, is_dataclass

import pytest

from messenger import sdk
from messenger.jim.errors import NotFound, ProtocolError
from messenger.language import say
from messenger.sdk.errors import ClientError, ConnectionLost, NotMessenger, Unreachable
from messenger.sdk.file_errors import WrongSpareCode
from messenger.sdk.key_errors import (
    RecipientsCannotDecrypt,
    VerificationNeeded,
    VerifiedKeysChanged,
)
from messenger.sdk.stored_errors import restored_error, stored_error
from messenger.ui.errors import _SENTENCES, explain

for module in pkgutil.walk_packages(sdk.__path__, "messenger.sdk."):
    importlib.import_module(module.name)


def below(kind: type[ClientError]) -> set[type[ClientError]]:
    return {kind}.union(*(below(one) for one in kind.__subclasses__()))


# Others are only caught: what is raised has a sentence.
ERRORS = sorted((one for one in below(ClientError) if hasattr(one, "sentence")), key=str)


def names_in(sentence: str) -> set[str]:
    return {name for _text, name, _spec, _conversion in string.Formatter().parse(sentence) if name}


def test_no_others_have_words() -> None:
    assert set(ERRORS) == set(_SENTENCES)


@pytest.mark.parametrize("kind", ERRORS)
def test_an_error_has_words_in_english_and_russian(kind: type[ClientError]) -> None:
    parameters = {field.name for field in fields(kind)} if is_dataclass(kind) else set()
    words = _SENTENCES[kind]
    russian = say(words, {}, "ru")

    assert names_in(kind.sentence) == names_in(words) == names_in(russian) <= parameters
    # Only what has no words of its own is the same.
    assert russian != words


def test_an_error_says_what_its_parameters_are() -> None:
    assert explain(Unreachable("Connection refused")) == str(Unreachable("Connection refused"))
    assert explain(Unreachable("no {braces}")).endswith("no {braces}")
    assert explain(WrongSpareCode(ValueError("Invalid code"))).endswith("(Invalid code)")
    nested = NotMessenger(NotFound("There is no user {name}", name="Иван"))
    assert explain(nested) == "This is not a Messenger server: There is no user Иван"
    assert explain(None) == ""


def test_an_error_of_the_server_says_what_the_server_says() -> None:
    assert explain(ProtocolError("Нет такой комнаты {}")) == "Нет такой комнаты {}"


@pytest.mark.parametrize(
    "error",
    [ConnectionLost(), VerifiedKeysChanged("Иван"), RecipientsCannotDecrypt("名前, a/b%41")],
    ids=repr,
)
def test_why_a_message_was_not_sent_is_stored_by_its_type(error: ClientError) -> None:
    restored = restored_error(stored_error(error))

    assert type(restored) is type(error)
    assert vars(restored) == vars(error)


@pytest.mark.parametrize("text", ["Too many messages", '{"error": "Unknown"}', "[1]", '{"a": 1}'])
def test_other_stored_texts_are_told_as_they_are(text: str) -> None:
    assert explain(restored_error(text)) == text
    assert restored_error("") is None
    assert stored_error(ProtocolError(text)) == text


def test_an_error_can_be_told_from_others_by_its_type() -> None:
    with pytest.raises(VerificationNeeded) as refused:
        raise VerifiedKeysChanged("Иван")
    assert refused.value.account == "Иван"
