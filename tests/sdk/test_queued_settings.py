"""What a user sets is read at once, waits for nobody, and is stored within moments."""

import threading
from math import inf
from pathlib import Path

import pytest

from messenger.sdk import Client, Credentials, Store
from messenger.sdk.events import ConnectionState, StateChanged
from messenger.sdk.file_errors import DatabaseUnusable
from messenger.sdk.store import ConversationSummary
from tests.running import RunningServer
from tests.sdk.person import Names, People, Person, told, wait

BOB = "a/b%41"


def shown(store: Store) -> tuple[str, bool, float]:
    row = store.summary(BOB)
    return ("", False, 0.0) if row is None else (row.draft, row.pinned, row.muted_until)


def set_all(client: Client) -> None:
    client.set_draft(BOB, "что я хотел")
    client.pin(BOB)
    client.mute(BOB)


ALL = ("что я хотел", True, inf)


def test_what_is_set_is_read_while_the_core_and_the_writer_are_busy(
    person: People, name: Names
) -> None:
    ann = person(name("Анна"))
    done = threading.Event()

    def use() -> None:
        set_all(ann)
        assert shown(ann.store) == ALL
        assert ann.drafts() == {BOB: ALL[0]}
        assert next(one.name for one in ann.summaries()) == BOB  # pinned, and not stored yet
        ann.pin(BOB, pinned=False)
        assert shown(ann.store) == (ALL[0], False, inf)
        done.set()

    with ann._lock, ann.store.transaction():
        threading.Thread(target=use).start()
        assert done.wait(60)
    wait(lambda: not ann.store.queued_settings.now())

    assert shown(ann.store) == (ALL[0], False, inf)


def test_it_is_stored_by_a_client_that_is_closed_at_once_or_is_never_started(
    one_server: RunningServer, tmp_path: Path, person: People, name: Names
) -> None:
    file = tmp_path / "ann.db"
    ann = person(name("Анна"), store=Store(file))
    set_all(ann)
    ann.close()
    ann.store.close()
    again = Store(file)
    assert shown(again) == ALL
    offline = Client("127.0.0.1", one_server.port, Credentials("Анна"), again)

    offline.pin(BOB, pinned=False)
    offline.close()
    offline.set_draft(BOB, "")  # as an interface does that ends later
    again.close()

    store = Store(file)
    assert shown(store) == ("", False, inf)
    store.close()


def test_what_is_sent_at_once_takes_the_draft_that_was_set_before_and_not_the_next_one(
    person: People, name: Names
) -> None:
    ann = person(name("Анна"))
    for number in range(20):
        ann.set_draft("#all", f"{number}")
        ann.send_text("#all", f"{number}")
        assert "#all" not in ann.drafts()
        ann.set_draft("#all", "next")
        assert ann.drafts()["#all"] == "next"
    wait(lambda: not ann.store.queued_settings.now())

    assert ann.drafts() == {"#all": "next"}


def test_what_could_not_be_stored_is_not_shown_and_its_reason_is_told(
    person: People, name: Names, monkeypatch: pytest.MonkeyPatch
) -> None:
    ann = person(name("Анна"))
    states: list[object] = told(ann, StateChanged)
    with ann.store.transaction() as connection:
        pages = connection.exec_driver_sql("PRAGMA page_count").scalar_one()
        connection.exec_driver_sql(f"PRAGMA max_page_count={pages}")

    ann.set_draft(BOB, "long " * 20_000)

    wait(lambda: any(_is_full(one) for one in states))
    assert shown(ann.store) == ("", False, 0.0)


def _is_full(event: object) -> bool:
    return (
        isinstance(event, StateChanged)
        and event.state is ConnectionState.OFFLINE
        and isinstance(event.error, DatabaseUnusable)
    )


def test_a_value_that_is_set_again_while_the_first_is_stored_stays(tmp_path: Path) -> None:
    store = Store(tmp_path / "ann.db")
    stored = [store.queued_settings.add(BOB, draft=draft, pinned=True) for draft in ("a", "b", "a")]

    stored[0]()
    store.describe(BOB, draft="b")
    stored[1]()
    assert shown(store) == ("a", True, 0.0)
    assert _only(store.summaries([BOB])).draft == "a"
    stored[2]()

    assert shown(store) == ("b", False, 0.0)
    assert store.summaries(["#all"]) == []
    store.close()


def _only(rows: list[ConversationSummary]) -> ConversationSummary:
    (row,) = rows
    return row


def test_reading_a_list_with_what_is_queued_keeps_its_order(person: People, name: Names) -> None:
    ann: Person = person(name("Анна"))
    for text in ("one", "two"):
        ann.send_text("#all", text)
    with ann._lock:
        ann.set_draft(BOB, "later")
        ann.pin("#all")
        assert [one.name for one in ann.summaries()] == ["#all", BOB]
