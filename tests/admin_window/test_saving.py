"""Tables as CSV: all rows that are searched, while the window goes on, and each of them once."""

import csv
from collections.abc import Callable, Generator, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from PyQt6.QtCore import Qt
from PyQt6.QtTest import QTest

from messenger.admin_window.table import saving
from messenger.admin_window.table.all_rows import Pages, Parts, Reader, Saved, save_rows
from messenger.admin_window.table.columns import NUMBER, Column, Query, Slice
from messenger.admin_window.table.feed_model import Part
from messenger.sdk.administration import Administration
from messenger.sdk.file_errors import FileUnwritable
from tests.admin_window.large_server import BLOCKED, LOGINS
from tests.admin_window.using import User

Show = Callable[[str], User]

COLUMNS = [Column[int]("Row", lambda row: row, kind=NUMBER)]
TABLES = ("accounts", "sessions", "rooms", "logins", "invitations", "reports", "audit")


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The file that the user chooses."""
    chosen = tmp_path / "table.csv"
    monkeypatch.setattr(saving, "file_to_save", lambda *_arguments: chosen)
    return chosen


def _read(file: Path) -> list[dict[str, str]]:
    with file.open(encoding="utf-8-sig", newline="") as lines:
        return list(csv.DictReader(lines))


def _save(user: User) -> None:
    user.page.saving.button.click()
    _wait(user)


def _wait(user: User) -> None:
    """Wait until nothing is saved any more."""
    user.qtbot.waitUntil(lambda: not user.page.saving.is_saving)
    user.settle()


@pytest.mark.parametrize("page", TABLES)
def test_each_table_is_saved_as_it_is_shown(window: Show, page: str, file: Path) -> None:
    user = window(page)
    if page == "accounts":
        user.search("anna.00")
    _save(user)
    model = user.page.model
    rows = _read(file)
    assert len(rows) >= model.total
    assert file.stat().st_mode & 0o777 == 0o600
    for row, written in zip(range(min(3, model.total)), rows, strict=False):
        for number, column in enumerate(model.columns):
            if column.kind.say is str:
                shown = model.index(row, number).data()
                assert written[column.written_title] in (shown, f"'{shown}") or not column.value(
                    model.row(row)
                )
    assert user.page.told().endswith("table.csv.")


def test_all_pages_are_saved_and_the_window_goes_on(window: Show, file: Path) -> None:
    user = window("accounts")
    user.page.model.sort(5, Qt.SortOrder.DescendingOrder)
    user.search("anna")
    QTest.keyClick(user.page.table, Qt.Key.Key_S, Qt.KeyboardModifier.ControlModifier)
    assert user.page.saving.isVisible()
    assert not file.exists()
    user.window.show_page("sessions")
    sessions = user.page
    user.qtbot.waitUntil(lambda: sessions.model.is_loaded)
    user.window.show_page("accounts")
    assert user.page.saving.is_saving
    _wait(user)
    rows = _read(file)
    assert len({row["Name"] for row in rows}) == len(rows) == user.page.model.total > 9_000
    sent = [int(row["Sent"]) for row in rows]
    assert sent == sorted(sent, reverse=True)


def test_what_is_searched_and_filtered_is_saved(window: Show, file: Path) -> None:
    user = window("accounts")
    user.page.filter.setCurrentIndex(4)  # blocked ones
    user.page.search.setText("lena")  # The list has not been asked for yet.
    _save(user)
    rows = _read(file)
    assert 0 < len(rows) <= BLOCKED
    assert all("lena" in row["Name"] and row["State"] == "blocked" for row in rows)


def test_the_history_has_no_gap(window: Show, file: Path) -> None:
    user = window("logins")
    _save(user)
    times = [row["Time (UTC)"] for row in _read(file)]
    assert len(times) >= LOGINS
    assert times == sorted(times, reverse=True)


def test_who_cancels_keeps_the_older_file(window: Show, file: Path) -> None:
    file.write_text("before")
    user = window("accounts")
    user.page.saving.button.click()
    user.page.saving.cancel.click()
    _wait(user)
    assert user.page.told() == "Nothing was saved."
    assert [one.name for one in file.parent.iterdir()] == [file.name]
    assert file.read_text() == "before"
    assert user.page.saving.button.isEnabled()


def test_a_file_that_cannot_be_written_is_a_sentence(
    window: Show, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(saving, "file_to_save", lambda *_arguments: tmp_path / "gone" / "x.csv")
    user = window("accounts")
    _save(user)
    assert "cannot be written" in user.read()


# --- lists that change while they are read -------------------------------------------------------


def _write(file: Path, read: Reader) -> Iterator[Saved]:
    """Write all rows; stop before each page."""
    steps: Generator[Saved, Administration] = save_rows(file, COLUMNS, read)
    saved = next(steps)
    server: Any = None
    while not saved.is_complete:
        yield saved
        saved = steps.send(server)


def _rows(file: Path) -> list[int]:
    return [int(row["Row"]) for row in _read(file)]


def _page(rows: list[int], _server: Administration, /, **keys: Any) -> Slice[int]:
    return Slice(rows[keys["offset"] :][: keys["limit"]], len(rows))


def test_rows_that_others_moved_to_pages_read_before_are_saved_too(tmp_path: Path) -> None:
    rows, file = list(range(1_300)), tmp_path / "rows.csv"
    read: Pages[int] = Pages(partial(_page, rows), lambda row: row, Query())
    for saved in _write(file, read):
        if saved.done == 500:
            del rows[:30]  # Those from 500 on are on the first page now.
    assert sorted(_rows(file)) == list(range(1_300))


def test_rows_that_are_moved_on_are_saved_once(tmp_path: Path) -> None:
    rows, file = list(range(1_300)), tmp_path / "rows.csv"
    read: Pages[int] = Pages(partial(_page, rows), lambda row: row, Query())
    for saved in _write(file, read):
        rows[:0] = [-saved.done - 1]
    found = _rows(file)
    assert len(set(found)) == len(found)
    assert set(range(1_300)) <= set(found)


def test_one_that_goes_and_one_that_comes_hide_nothing(tmp_path: Path) -> None:
    rows, file = list(range(1_300)), tmp_path / "rows.csv"
    read: Pages[int] = Pages(partial(_page, rows), lambda row: row, Query())
    for saved in _write(file, read):
        if saved.done == 500:
            rows.append(rows[-1] + 1)
            del rows[7]
    assert sorted(_rows(file)) == list(range(1_301))


def test_a_list_that_changes_all_the_time_comes_to_an_end(tmp_path: Path) -> None:
    file, first = tmp_path / "rows.csv", 0

    def fetch(_server: Administration, /, **_keys: Any) -> Slice[int]:
        nonlocal first
        first += 1_000
        return Slice(list(range(first, first + 500)), 10_000)

    steps = sum(1 for _saved in _write(file, Pages(fetch, lambda row: row, Query())))
    assert steps <= 3 * 21  # The last row of a page is read with the next one, too.


def test_rows_are_added_before_a_feed_that_is_read(tmp_path: Path) -> None:
    rows, file = list(range(1, 1_301)), tmp_path / "rows.csv"

    def fetch(_server: Administration, /, **keys: Any) -> Part[int]:
        before = keys["before"] or len(rows) + 1
        found = [row for row in reversed(rows) if row < before][: keys["limit"]]
        rows.append(len(rows) + 1)
        return Part(found, found[-1] if len(found) == keys["limit"] else None)

    for _saved in _write(file, Parts(fetch, Query())):
        pass
    assert _rows(file) == list(range(1_300, 0, -1))


def test_an_error_of_the_server_leaves_no_file(tmp_path: Path) -> None:
    def fail(_server: Administration, /, **_keys: Any) -> Part[int]:
        raise OSError(28, "No space left on device")

    file = tmp_path / "rows.csv"
    with pytest.raises(FileUnwritable):
        for _saved in _write(file, Parts(fail, Query())):
            pass
    assert list(tmp_path.iterdir()) == []
