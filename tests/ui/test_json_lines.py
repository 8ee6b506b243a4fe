"""Programs can read what is exported, and what a pipe writes."""

import json

from messenger.ui.json_lines import message_json
from tests.ui.samples import message


def test_json_for_programs_has_everything() -> None:
    found = json.loads(message_json(message("a\nb")))

    assert found["from"] == found["conversation"] == "bob"
    assert found["text"] == "a\nb"
    assert found["seq"] == 7
