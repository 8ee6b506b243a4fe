"""What the client's library says is for every user interface: it names no command and no option."""

import re
from pathlib import Path

from babel.messages.extract import extract_from_dir

from tools.languages import KEYWORDS

SDK = Path(__file__).parent.parent.parent / "messenger" / "sdk"
COMMAND_OR_OPTION = re.compile(r"(?:^|[\s(])(?:/[a-z]+|--[a-z]+)")


def test_no_text_names_a_command_or_an_option() -> None:
    found = extract_from_dir(str(SDK), keywords=KEYWORDS)
    texts = {text for *_where, text, _comments, _context in found if isinstance(text, str)}

    assert len(texts) > 50
    assert not [text for text in texts if COMMAND_OR_OPTION.search(text)]
