"""Texts of the SDK, the server and shared parts fit every user interface: no command, no option."""

import re

import pytest
from babel.messages.extract import extract_from_dir

from tests.forking import ROOT
from tools.languages import KEYWORDS

COMMAND_OR_OPTION = re.compile(r"(?:^|(?<!ulimit)[\s(])(?:/[a-z]+|--[a-z]+|-[a-z]\b)")


@pytest.mark.parametrize("part", ["sdk", "server", "jim", "crypto", "ui"])
def test_no_text_names_a_command_or_an_option(part: str) -> None:
    found = list(extract_from_dir(str(ROOT / "messenger" / part), keywords=KEYWORDS))
    texts = {
        text
        for file, _line, text, _comments, _context in found
        if isinstance(text, str) and not file.startswith("commands/")  # they speak of each other
    }

    assert texts
    assert not [text for text in texts if COMMAND_OR_OPTION.search(text)]
