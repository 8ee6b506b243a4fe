"""A text that is being written belongs to its conversation."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from messenger.sdk import Client, Credentials
from messenger.sdk.store import Store
from messenger.ui.drafts import Drafts
from tests.ui.samples import row


@pytest.fixture
def client() -> Iterator[Client]:
    """A client that is not connected, with a database in memory."""
    made = offline(Store())
    yield made
    made.close()


def offline(store: Store) -> Client:
    return Client("127.0.0.1", 1, Credentials("Иван"), store)


def test_each_conversation_has_a_draft_of_its_own(client: Client) -> None:
    drafts = Drafts(client)

    drafts.keep("名前", "только тебе")
    drafts.keep("#all", "всем")

    assert drafts.of("名前") == "только тебе"
    assert drafts.of("#all") == "всем"
    assert drafts.of("Dave Smith") == ""


@pytest.mark.parametrize("name", ["名前", "a/b%41", "Dave Smith", "#кафе"])
def test_a_draft_survives_a_restart_until_it_is_sent_or_cleared(tmp_path: Path, name: str) -> None:
    file = tmp_path / "messages.db"
    before = Store(file)
    client = offline(before)
    Drafts(client).keep(name, "not yet\nfinished 🎈")
    client.close()
    before.close()

    after = Store(file)
    drafts = Drafts(offline(after))
    assert drafts.of(name) == "not yet\nfinished 🎈"
    drafts.keep(name, "")

    assert Drafts(offline(after)).of(name) == ""
    after.close()


def test_what_is_typed_is_there_before_it_is_written_to_the_local_database(client: Client) -> None:
    waiting = list[Callable[[], None]]()
    drafts = Drafts(client, waiting.append)

    drafts.keep("Иван", "при")
    drafts.keep("Иван", "привет")
    drafts.keep("Иван", "привет")

    assert drafts.of("Иван") == "привет"
    assert Drafts(client).of("Иван") == ""
    assert len(waiting) == 2
    for write in waiting:
        write()
    assert Drafts(client).of("Иван") == "привет"


def test_a_draft_of_another_device_is_taken_unless_one_was_written_here_since(
    client: Client,
) -> None:
    waiting = list[Callable[[], None]]()
    drafts = Drafts(client, waiting.append)
    before = drafts.written
    theirs = [row("#all", draft="theirs")]
    drafts.keep("#all", "mine")
    assert not drafts.take(theirs, before)
    waiting.pop()()
    assert not drafts.take(theirs, before)
    assert drafts.of("#all") == "mine"

    assert drafts.take(theirs, drafts.written)
    assert drafts.of("#all") == "theirs"


def test_what_the_local_database_refuses_stays_and_is_stored_later(client: Client) -> None:
    """On a full disk the field was emptied a second after the user had stopped typing."""
    drafts = Drafts(client, lambda _write: None)
    drafts.keep("#all", "mine")
    drafts._begun = 0  # It has ended: without an effect.

    as_before = row("#all", draft="")
    assert drafts.differs(as_before)
    assert drafts.take([as_before], 0)
    assert drafts.of("#all") == "mine"

    waiting = list[Callable[[], None]]()
    drafts._run = waiting.append
    drafts.keep("#all", "mine")
    waiting.pop()()
    assert Drafts(client).of("#all") == "mine"
    drafts.keep("#all", "mine")
    assert not waiting
