"""What the window shows fits its smallest size, has names, and a tab order from top to bottom."""

from collections.abc import Callable, Iterator

import pytest
from PyQt6.QtCore import Qt
from PyQt6.QtTest import QTest

from messenger.admin_window.navigation import Navigation
from messenger.language import use_language
from messenger.windows.look.theme import theme
from tests.admin_window.using import User
from tests.desktop.checking import faults

Show = Callable[[str], User]

PAGES = ("accounts", "sessions", "rooms", "logins", "invitations", "audit", "notice")


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
    user.window.resize(user.window.minimumSize())
    for look, scale in (("light", 1.0), ("dark", 1.3)):
        theme.apply(look, scale)
        user.settle()
        assert faults(user.window) == []


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
