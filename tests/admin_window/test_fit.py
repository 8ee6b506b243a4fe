"""What the window shows fits its smallest size, has names, and a tab order from top to bottom."""

from collections.abc import Callable, Iterator

import pytest
from PyQt6.QtCore import Qt
from PyQt6.QtTest import QTest

from messenger.admin_window.keys import KEYS, KeySheet
from messenger.admin_window.navigation import Navigation
from messenger.admin_window.pages.new_account import NewAccount
from messenger.admin_window.places import _ENTRIES
from messenger.language import _, use_language
from messenger.windows.look.theme import theme
from tests.admin_window.using import User
from tests.desktop.checking import faults, tab_order

Show = Callable[[str], User]

PAGES = [entry.name for entry in _ENTRIES]


@pytest.fixture(params=["en", "ru"])
def language(request: pytest.FixtureRequest) -> Iterator[str]:
    """Each language of the window."""
    use_language(request.param)
    yield request.param
    use_language("en")
    theme.apply("light")


@pytest.mark.parametrize("page", PAGES)
def test_pages_fit(language: str, window: Show, page: str) -> None:
    user = window(page)
    user.qtbot.waitUntil(lambda: getattr(user.page, "is_drawn", True))
    user.window.resize(user.window.minimumSize())
    for look, scale in (("light", 1.0), ("dark", 1.3)):
        theme.apply(look, scale)
        user.settle()
        assert faults(user.window) == []


@pytest.mark.parametrize("page", PAGES)
def test_pages_fit_at_every_width(language: str, window: Show, page: str) -> None:
    user = window(page)
    user.qtbot.waitUntil(lambda: getattr(user.page, "is_drawn", True))
    theme.apply("light")
    smallest = user.window.minimumSize()
    for width in range(smallest.width(), 1_500, 40):
        user.window.resize(width, smallest.height())
        user.settle()
        assert (width, faults(user.window)) == (width, [])


def test_all_is_reached_by_the_keyboard(window: Show) -> None:
    user = window("accounts")
    listed = user.window.findChildren(Navigation)[0].list
    listed.setFocus()
    QTest.keyClick(listed, Qt.Key.Key_Down)
    user.settle()
    assert user.window.page is user.window._made["sessions"]
    QTest.keyClick(listed, Qt.Key.Key_F6)
    assert user.page.isAncestorOf(user.window.focusWidget())
    QTest.keyClick(user.page, Qt.Key.Key_F6)
    assert listed.hasFocus()
    QTest.keyClick(listed, Qt.Key.Key_PageDown, Qt.KeyboardModifier.ControlModifier)
    assert user.window.page is user.window._made["rooms"]


def test_the_keys_are_shown_and_hidden_by_one_key(window: Show) -> None:
    user = window("accounts")
    QTest.keyClick(user.page, Qt.Key.Key_F1)
    sheet = user.dialog(KeySheet)
    assert faults(sheet) == []
    said = user.read(sheet)
    assert all(_(key.summary) in said for key in KEYS)
    QTest.keyClick(sheet, Qt.Key.Key_F1)
    assert not sheet.isVisible()


def test_keys_search_and_make(window: Show) -> None:
    user = window("accounts")
    control = Qt.KeyboardModifier.ControlModifier
    QTest.keyClick(user.page.table, Qt.Key.Key_F, control)
    assert user.page.search.hasFocus()
    QTest.keyClick(user.page.table, Qt.Key.Key_N, control)
    user.dialog(NewAccount).reject()
    QTest.keyClick(user.page.table, Qt.Key.Key_W, control)
    assert not user.window.isVisible()


def test_tab_goes_through_the_head_and_then_to_the_table(window: Show) -> None:
    user = window("accounts")
    page = user.page
    found = [one for one in tab_order(user.window) if page.isAncestorOf(one)]
    assert found == [page.filter, page.search, page.saving.button, page.new, page.table]


@pytest.mark.parametrize("page", ["accounts", "rooms", "log"])
def test_a_panel_takes_the_place_of_its_table_where_both_do_not_fit(
    window: Show, page: str
) -> None:
    user = window(page)
    page_in_sight = user.page
    table, panel = page_in_sight.table, page_in_sight.panel
    user.window.resize(user.window.minimumSize())
    table.setFocus()
    table.selectRow(0)
    QTest.keyClick(table, Qt.Key.Key_Return)
    user.qtbot.waitUntil(panel.isVisible)
    user.qtbot.waitUntil(lambda: not table.isVisible())
    assert panel.isAncestorOf(user.window.focusWidget())
    assert faults(user.window) == []
    user.window.resize(1280, 800)
    user.qtbot.waitUntil(table.isVisible)
    assert panel.isVisible()
    user.window.resize(user.window.minimumSize())
    user.qtbot.waitUntil(lambda: not table.isVisible())
    QTest.keyClick(panel, Qt.Key.Key_Escape)
    assert table.isVisible()
    assert table.hasFocus()
