"""The bridge: work in threads, results and events in the GUI thread."""

import threading
import time
import weakref

import pytest
from PyQt6.QtCore import QObject
from pytestqt.qtbot import QtBot

from messenger.desktop.bridge import Bridge
from messenger.sdk.errors import UnknownUser
from tests.desktop.people import People, Person

_MANY = 1000


@pytest.fixture
def ann(person: People) -> Person:
    return person("ann", online=False)


@pytest.fixture
def owner() -> QObject:
    return QObject()


def test_a_result_comes_to_the_gui_thread(qtbot: QtBot, ann: Person, owner: QObject) -> None:
    found: list[tuple[object, object, object]] = []
    main = threading.current_thread()

    ann.bridge.read(
        lambda client: (client.store.count_unsent(), threading.current_thread()),
        lambda result: found.append((*result, threading.current_thread())),
        owner=owner,
    )
    qtbot.waitUntil(lambda: bool(found))

    count, worker, shown_in = found[0]
    assert count == 0
    assert worker is not main
    assert shown_in is main


def test_an_error_that_nobody_handles_is_a_sentence(
    qtbot: QtBot, ann: Person, owner: QObject
) -> None:
    def fail(_client: object) -> None:
        raise UnknownUser("bob")

    with qtbot.waitSignal(ann.bridge.failed) as told:
        ann.bridge.request(fail, owner=owner)

    assert told.args == ["There is no user bob"]


def test_an_error_goes_to_whoever_has_asked(qtbot: QtBot, ann: Person, owner: QObject) -> None:
    failed: list[Exception] = []

    def fail(_client: object) -> None:
        raise UnknownUser("bob")

    ann.bridge.request(fail, owner=owner, failed=failed.append)
    qtbot.waitUntil(lambda: bool(failed))

    assert isinstance(failed[0], UnknownUser)


def test_nothing_is_told_to_a_window_that_is_gone(qtbot: QtBot, ann: Person) -> None:
    from PyQt6 import sip

    gone, here = QObject(), QObject()
    told: list[str] = []
    may_end = threading.Event()
    ann.bridge.write(
        lambda _client: may_end.wait(10), lambda _found: told.append("gone"), owner=gone
    )
    ann.bridge.write(lambda _client: None, lambda _found: told.append("here"), owner=here)

    sip.delete(gone)
    may_end.set()
    qtbot.waitUntil(lambda: bool(told))

    assert told == ["here"]


def test_a_cancelled_task_stops_waiting(qtbot: QtBot, ann: Person, owner: QObject) -> None:
    told: list[str] = []
    waits, ended = threading.Event(), threading.Event()

    def wait(client: object) -> None:
        waits.set()
        try:
            ann.client.wait_until_online(60)
        finally:
            ended.set()

    task = ann.bridge.request(
        wait,
        lambda _found: told.append("found"),
        failed=lambda _e: told.append("failed"),
        owner=owner,
    )
    assert waits.wait(10)
    task.cancel()

    qtbot.waitUntil(ended.is_set)
    ann.bridge.request(lambda _client: None, lambda _found: told.append("next"), owner=owner)
    qtbot.waitUntil(lambda: bool(told))
    assert told == ["next"]


def test_a_cancelled_task_is_forgotten(qtbot: QtBot, ann: Person, owner: QObject) -> None:
    """Each key in a search cancels a task, which holds on to what the window has shown."""

    def wait(_client: object) -> None:
        ann.client.wait_until_online(60)

    def next_one(_client: object) -> None:
        pass

    known = [weakref.ref(wait), weakref.ref(next_one)]
    for task in [ann.bridge.request(wait, owner=owner), ann.bridge.read(next_one, owner=owner)]:
        task.cancel()
    del wait, next_one, task

    qtbot.waitUntil(lambda: not any(one() for one in known))


def test_what_is_written_keeps_its_order_and_is_finished_at_the_end(
    ann: Person, owner: QObject
) -> None:
    done: list[int] = []
    for number in range(_MANY):
        ann.bridge.write(lambda _client, number=number: done.append(number), owner=owner)

    ann.bridge.close()

    assert done == list(range(_MANY))


def test_events_come_in_their_order_in_lists_of_bounded_length(qtbot: QtBot, ann: Person) -> None:
    batches: list[list[object]] = []
    ann.bridge.happened.connect(batches.append)

    _tell_from_a_thread(ann.bridge, list(range(_MANY)))
    qtbot.waitUntil(lambda: sum(map(len, batches)) >= _MANY)

    assert [event for batch in batches for event in batch] == list(range(_MANY))
    assert max(map(len, batches)) <= 120


def _tell_from_a_thread(bridge: Bridge, events: list[int]) -> None:
    def tell() -> None:
        for number in range(0, len(events), 10):
            bridge._take(events[number : number + 10])

    thread = threading.Thread(target=tell)
    thread.start()
    thread.join()


def test_queries_that_hang_do_not_keep_the_window_from_closing(
    qtbot: QtBot, ann: Person, owner: QObject, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each hanging thread took its own time; a program that ends late is killed while it writes."""
    monkeypatch.setattr("messenger.desktop.bridge._GOODBYE", 0.5)
    may_end = threading.Event()
    written: list[int] = []
    for _time in range(6):
        ann.bridge.read(lambda _client: may_end.wait(120), owner=owner)
        ann.bridge.request(lambda _client: may_end.wait(120), owner=owner)
    for number in range(100):
        ann.bridge.write(lambda _client, number=number: written.append(number), owner=owner)
    before = time.monotonic()

    ann.bridge.close()

    # One after the other they would have taken six.
    assert time.monotonic() - before < 5
    assert written == list(range(100))
    may_end.set()


def test_events_are_gathered_as_long_after_a_storm_as_before(qtbot: QtBot, ann: Person) -> None:
    """Qt keeps the interval of the last start: after a storm each event was told by itself."""
    bridge, told = ann.bridge, list[int]()
    bridge.happened.connect(lambda events: told.append(len(events)))
    bridge._gather()
    usual = bridge._timer.interval()
    bridge._take(list(range(500)))
    qtbot.waitUntil(lambda: sum(told) == 500)

    bridge._gather()

    assert bridge._timer.interval() == usual > 0
