"""A list of conversations is read once; then events bring the rows that have changed."""

import time
from collections.abc import Iterator, Sequence
from math import inf

import pytest

from messenger.jim.contacts import ContactChanged, People, Person
from messenger.jim.messages import ReceiptChanged, TypingNotice
from messenger.jim.rooms import RoomChanged
from messenger.sdk.events import (
    BackupOutdated,
    ConnectionState,
    ContactsChanged,
    ConversationChanged,
    CoreEvent,
    MessageChanged,
    MessageDecrypted,
    MessageReceived,
    MessagesLost,
    StateChanged,
    SummariesChanged,
)
from messenger.sdk.file_errors import DatabaseUnusable
from messenger.sdk.people import KnownPeople
from messenger.sdk.store import ConversationSummary, Store
from messenger.sdk.summaries import Summaries
from tests.running import until
from tests.ui.samples import message

NAMES = ("Иван", "名前", "#кафе", "a/b%41")


class Reads(Store):
    """A database that counts how often its list is read, and fails when it is told to."""

    fails = False

    def __init__(self) -> None:
        super().__init__()
        self.asked: list[list[str] | None] = []

    def summaries(self, names: Sequence[str] | None = None) -> list[ConversationSummary]:
        if self.fails:
            raise DatabaseUnusable("The disk is full")
        self.asked.append(None if names is None else sorted(names))
        return super().summaries(names)


@pytest.fixture
def store() -> Iterator[Reads]:
    store = Reads()
    for number, name in enumerate(NAMES):
        store.add_unsent(name, "Анна", "🎈", f"{number}", float(number))
    yield store
    store.close()


def followed(store: Store, people: KnownPeople | None = None) -> Summaries:
    summaries = Summaries(store, people or KnownPeople(store, lambda _: None))
    summaries.are_followed = True
    return summaries


@pytest.mark.parametrize(
    ("event", "names"),
    [
        (MessageReceived(message(conversation="名前")), ["名前"]),
        (MessageChanged(message(conversation="名前")), ["名前"]),
        (MessageDecrypted(message(conversation="名前")), ["名前"]),
        (ConversationChanged("名前"), ["名前"]),
        (MessagesLost("名前"), ["名前"]),
        (ReceiptChanged(time=0, conversation="名前", from_="Иван"), ["名前"]),
        (RoomChanged(time=0, room="#кафе", change="joined", account_name="Иван"), ["#кафе"]),
        (ContactChanged(time=0, person=Person("名前", state="online")), ["名前"]),
        (ContactsChanged(("Иван", "名前")), ["Иван", "名前"]),
    ],
)
def test_only_what_an_event_changes_is_read(
    store: Reads, event: CoreEvent, names: list[str]
) -> None:
    summaries = followed(store)

    summaries.note_events([event, event])
    changed = summaries.changed()

    assert changed is not None
    assert sorted(one.name for one in changed.summaries) == names
    assert store.asked == [names]
    assert summaries.changed() is None


@pytest.mark.parametrize(
    "event",
    [
        TypingNotice(time=0, conversation="名前", from_="名前"),
        StateChanged(ConnectionState.ONLINE),
        BackupOutdated(),
    ],
)
def test_nothing_is_read_for_events_that_no_row_shows(store: Reads, event: CoreEvent) -> None:
    summaries = followed(store)

    summaries.note_events([event])

    assert summaries.changed() is None
    assert store.asked == []


def test_nothing_is_read_where_nobody_follows(store: Reads) -> None:
    summaries = Summaries(store, KnownPeople(store, lambda _: None))

    summaries.note_events([ConversationChanged("Иван")])

    assert summaries.changed() is None
    assert store.asked == []


def test_the_end_of_a_mute_changes_a_row_once(store: Reads) -> None:
    store.describe("名前", muted_until=time.time() + 0.2)
    store.describe("Иван", muted_until=inf)
    summaries = followed(store)
    rows = [one for one in summaries.read() if one.muted]
    assert sorted(one.name for one in rows) == ["Иван", "名前"]

    changed: list[SummariesChanged] = []
    until(lambda: changed.extend(filter(None, [summaries.changed()])) or changed, 10)

    assert [(one.name, one.muted) for one in changed[0].summaries] == [("名前", False)]
    assert summaries.changed() is None


def test_the_increments_give_what_reading_everything_gives(store: Reads) -> None:
    summaries = followed(store)
    known = {one.name: one for one in summaries.read()}

    store.describe("Иван", topic="о жизни", pinned=True)
    store.add_unsent("名前", "Анна", "second", "later", 9.0)
    summaries.note_events([ConversationChanged("Иван"), ConversationChanged("名前")])
    changed = summaries.changed()

    assert changed is not None
    known |= {one.name: one for one in changed.summaries}
    assert known == {one.name: one for one in summaries.read()}


def test_the_presence_of_contacts_is_part_of_their_rows(store: Reads) -> None:
    events: list[CoreEvent] = []
    people = KnownPeople(store, events.append)
    summaries = followed(store, people)
    online = Person("Иван", state="online", status="в пути")
    people.take_contacts(People(200, contacts=["Иван"], people=[online]))

    assert {one.name: one.person for one in summaries.read()} == {
        "Иван": online, "名前": None, "#кафе": None, "a/b%41": None,
    }  # fmt: skip

    people.forget()  # the connection has ended
    summaries.note_events(events)
    changed = summaries.changed()

    assert changed is not None
    assert [(one.name, one.person) for one in changed.summaries] == [("Иван", None)]


def test_what_could_not_be_read_comes_with_the_next_change(store: Reads) -> None:
    summaries = followed(store)
    summaries.note("Иван")

    store.fails = True
    assert summaries.changed() is None
    store.fails = False
    summaries.note("名前")
    changed = summaries.changed()

    assert changed is not None
    assert sorted(one.name for one in changed.summaries) == ["Иван", "名前"]
