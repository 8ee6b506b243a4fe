"""Texts of the server and shared parts fit every user interface; the SDK has none."""

import re

import pytest
from babel.messages.extract import extract_from_dir

from tests.forking import ROOT
from tools.languages import KEYWORDS

COMMAND_OR_OPTION = re.compile(r"(?:^|(?<!ulimit)[\s(])(?:/[a-z]+|--[a-z]+|-[a-z]\b)")


def texts_of(part: str) -> set[str]:
    """Return the translatable texts of a part of the package."""
    found = extract_from_dir(str(ROOT / "messenger" / part), keywords=KEYWORDS)
    return {
        text
        for file, _line, text, _comments, _context in found
        if isinstance(text, str) and not file.startswith("commands/")  # they speak of each other
    }


def test_the_library_has_types_of_errors_and_no_texts() -> None:
    assert texts_of("sdk") == set()


@pytest.mark.parametrize("part", ["server", "jim", "crypto", "ui"])
def test_no_text_names_a_command_or_an_option(part: str) -> None:
    texts = texts_of(part)

    assert texts
    assert not [text for text in texts if COMMAND_OR_OPTION.search(text)]
