"""A text that is being written belongs to its conversation."""

from pathlib import Path

import pytest

from messenger.console.prompting import TerminalPrompter
from messenger.console.talk import Talk
from messenger.sdk.client import Client
from messenger.sdk.login import Credentials
from messenger.sdk.profiles import Profile
from messenger.sdk.store import Store


def talk(data: Path) -> Talk:
    client = Client("127.0.0.1", 1, Credentials("Иван"), Store(data / "messages.db"))
    return Talk(client, Profile(data / "profile"), TerminalPrompter(may_ask=False))


def test_each_conversation_has_a_draft_of_its_own(tmp_path: Path) -> None:
    here = talk(tmp_path)

    here.keep_draft("名前", "только тебе")
    here.keep_draft("#all", "всем")

    assert here.drafts()["名前"] == "только тебе"
    assert here.drafts()["#all"] == "всем"
    assert "Dave Smith" not in here.drafts()


@pytest.mark.parametrize("name", ["名前", "a/b%41", "Dave Smith", "#кафе"])
def test_a_draft_survives_a_restart_until_it_is_sent_or_cleared(tmp_path: Path, name: str) -> None:
    before = talk(tmp_path)
    before.keep_draft(name, "not yet\nfinished 🎈")
    before.client.store.close()

    after = talk(tmp_path)
    assert after.drafts()[name] == "not yet\nfinished 🎈"
    after.keep_draft(name, "")

    assert name not in after.drafts()
