"""A text that is being written belongs to its conversation."""

from collections.abc import Callable
from pathlib import Path

import pytest

from messenger.sdk.store import Store
from messenger.ui.drafts import Drafts


def test_each_conversation_has_a_draft_of_its_own() -> None:
    drafts = Drafts(Store())

    drafts.keep("名前", "только тебе")
    drafts.keep("#all", "всем")

    assert drafts.of("名前") == "только тебе"
    assert drafts.of("#all") == "всем"
    assert drafts.of("Dave Smith") == ""


@pytest.mark.parametrize("name", ["名前", "a/b%41", "Dave Smith", "#кафе"])
def test_a_draft_survives_a_restart_until_it_is_sent_or_cleared(tmp_path: Path, name: str) -> None:
    file = tmp_path / "messages.db"
    before = Store(file)
    Drafts(before).keep(name, "not yet\nfinished 🎈")
    before.close()

    after = Store(file)
    drafts = Drafts(after)
    assert drafts.of(name) == "not yet\nfinished 🎈"
    drafts.keep(name, "")

    assert Drafts(after).of(name) == ""
    after.close()


def test_what_is_typed_is_there_before_it_is_written_to_the_local_database() -> None:
    store, waiting = Store(), list[Callable[[], None]]()
    drafts = Drafts(store, waiting.append)

    drafts.keep("Иван", "при")
    drafts.keep("Иван", "привет")
    drafts.keep("Иван", "привет")

    assert drafts.of("Иван") == "привет"
    assert Drafts(store).of("Иван") == ""
    assert len(waiting) == 2
    for write in waiting:
        write()
    assert Drafts(store).of("Иван") == "привет"
