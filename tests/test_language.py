"""Every text that users read is translated into Russian."""

import io
import re
import string
from pathlib import Path

from babel.messages.catalog import Message
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po

from messenger.jim.errors import BadRequest, NotFound, ProtocolError
from messenger.language import LOCALES, Phrase, own_language, say, use_language
from messenger.server import handlers
from tests.forking import ROOT, run
from tests.running import Talker, running
from tools.languages import KEYWORDS

RUSSIAN = LOCALES / "ru" / "LC_MESSAGES" / "messenger.po"


def test_the_russian_catalogue_has_every_text_of_the_program() -> None:
    found = {
        text for _file, _line, text, *_ in extract_from_dir(ROOT / "messenger", keywords=KEYWORDS)
    }
    catalogue = read_po(io.BytesIO(RUSSIAN.read_bytes()), locale="ru")
    translated = {message.id for message in catalogue if message.id and _is_complete(message)}

    assert found == translated


def test_the_texts_of_every_error_of_the_server_are_found() -> None:
    """Also of those that a handler defines for itself."""
    assert handlers
    kinds = [ProtocolError]
    for kind in kinds:
        kinds += kind.__subclasses__()
    ours = {one.__name__ for one in kinds if one.__module__.startswith("messenger.server")}
    assert ours
    assert ours <= {*KEYWORDS}


def test_a_translation_has_the_placeholders_of_the_original() -> None:
    for message in read_po(io.BytesIO(RUSSIAN.read_bytes()), locale="ru"):
        if message.id:
            originals = message.id if isinstance(message.id, tuple | list) else [message.id]
            texts = message.string if isinstance(message.string, tuple | list) else [message.string]
            for text in texts:
                assert _names(str(text)) == _names(originals[-1]), text


def test_the_language_is_that_of_the_environment() -> None:
    said = run("-m", "messenger", "chat", env={"LANGUAGE": "ru", "PATH": ""})

    assert (said.returncode, said.stderr) == (2, "Где сервер? messenger chat АДРЕС [ПОРТ]\n")


def test_the_server_answers_in_the_language_of_the_greeting(tmp_path: Path) -> None:
    with running(tmp_path / "server") as server:
        for language, said in (
            ("ru", "Пользователя bob нет"),
            ("RU-ru", "Пользователя bob нет"),
            ("en", "There is no user bob"),
            ("xx", "There is no user bob"),
            ("../../../etc", "There is no user bob"),
            ("", "There is no user bob"),
            (None, "There is no user bob"),
        ):
            with Talker(server.port) as client:
                client.guest("ann", **({} if language is None else {"lang": language}))
                assert client.ask("msg", to="bob", message="hi")["error"] == said
        with Talker(server.port) as client:
            answer = client.register("#ann", lang="ru")
            assert answer["error"] == "Имя учётной записи не может начинаться с #"


def test_a_value_is_not_translated_unless_it_is_a_phrase() -> None:
    assert NotFound("There is no user {name}", name="the operator").said_in("ru") == (
        "Пользователя the operator нет"
    )
    text = "{what} can have at most {longest} characters"
    long = BadRequest(text, what=Phrase("A topic"), longest=5)
    assert long.said_in("ru") == "Тема: не больше 5 символов"
    assert long.said_in("en") == "A topic can have at most 5 characters"
    assert NotFound("{braces} that nobody fills").said_in("ru") == "{braces} that nobody fills"


def _is_complete(message: Message) -> bool:
    texts = message.string if isinstance(message.string, tuple | list) else [message.string]
    return all(texts) and not message.fuzzy


def _names(text: str) -> set[str | None]:
    return {name for _literal, name, _format, _conversion in string.Formatter().parse(text)} - {
        None
    }


def test_names_stay_as_they_are_in_russian() -> None:
    """A name in a placeholder cannot be declined: no word before it may need another case."""
    asks = re.compile(
        r"\b(с|со|у|для|от|ждём|личность|пароль|ключи|ключей|безопасности|принадлежит|данных"
        r"|устройство|отправлено|написать|приняли) \{names?\}",
        re.IGNORECASE,
    )
    for message in read_po(io.BytesIO(RUSSIAN.read_bytes()), locale="ru"):
        texts = message.string if isinstance(message.string, tuple | list) else [message.string]
        assert not [text for text in texts if asks.search(str(text))]


def test_the_language_can_be_chosen_and_left_to_the_environment_again() -> None:
    use_language("ru")
    try:
        assert (own_language(), say("Settings", {})) == ("ru", "Настройки")
        use_language("en")
        assert (own_language(), say("Settings", {})) == ("en", "Settings")
    finally:
        use_language("auto")
