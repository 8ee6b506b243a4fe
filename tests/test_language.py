"""Every text that users read is there in Russian too."""

import io
import string
import subprocess
import sys

from babel.messages.catalog import Message
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po

from messenger.language import LOCALES
from tests.running import ROOT

RUSSIAN = LOCALES / "ru" / "LC_MESSAGES" / "messenger.po"


def test_the_russian_catalogue_has_every_text_of_the_program() -> None:
    found = {
        text for _file, _line, text, _comments, _context in extract_from_dir(ROOT / "messenger")
    }
    catalogue = read_po(io.BytesIO(RUSSIAN.read_bytes()), locale="ru")
    translated = {message.id for message in catalogue if message.id and _is_complete(message)}

    assert found == translated


def test_a_translation_names_what_the_original_names() -> None:
    for message in read_po(io.BytesIO(RUSSIAN.read_bytes()), locale="ru"):
        if message.id:
            originals = message.id if isinstance(message.id, tuple | list) else [message.id]
            texts = message.string if isinstance(message.string, tuple | list) else [message.string]
            for text in texts:
                assert _names(str(text)) == _names(originals[-1]), text


def test_the_language_is_that_of_the_environment() -> None:
    said = subprocess.run(
        [sys.executable, "-m", "messenger", "chat"],
        env={"LANGUAGE": "ru", "PATH": "", "PYTHONPATH": str(ROOT), "PYTHONUTF8": "1"},
        capture_output=True,
        text=True,
        encoding="utf-8",
    )

    assert (said.returncode, said.stderr) == (2, "Где сервер? messenger chat АДРЕС [ПОРТ]\n")


def _is_complete(message: Message) -> bool:
    texts = message.string if isinstance(message.string, tuple | list) else [message.string]
    return all(texts) and not message.fuzzy


def _names(text: str) -> set[str | None]:
    return {name for _literal, name, _format, _conversion in string.Formatter().parse(text)} - {
        None
    }
