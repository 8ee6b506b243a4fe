"""The page of accounts, on a real server that has 100,000 of them."""

from collections.abc import Callable

import pytest
from PyQt6.QtCore import Qt
from PyQt6.QtTest import QTest

from messenger.admin_window.pages.new_account import NewAccount
from messenger.windows.widgets.buttons import IconButton
from tests.admin_window.large_server import ACCOUNTS, ADMINISTRATORS, BLOCKED, name_of
from tests.admin_window.using import User
from tests.running import RunningServer, Talker
from tests.server.administrators import administrator, operator, registered

Show = Callable[[str], User]


def test_all_accounts_are_there_by_scrolling(window: Show) -> None:
    user = window("accounts")
    page = user.page
    assert page.model.rowCount() >= ACCOUNTS
    assert user.names() == sorted(user.names())
    page.table.scrollToBottom()
    page.table.repaint()
    user.settle()
    last = page.model.row(page.model.rowCount() - 1)
    assert last.account_name == f"zoe.{ACCOUNTS - 4:05}"


def test_the_server_sorts(window: Show) -> None:
    user = window("accounts")
    page = user.page
    page.model.sort(5, Qt.SortOrder.DescendingOrder)
    user.settle()
    counts = [page.model.row(number).messages for number in range(50)]
    assert counts == sorted(counts, reverse=True)


@pytest.mark.parametrize(
    ("choice", "count"), [(0, ACCOUNTS), (3, ADMINISTRATORS), (4, BLOCKED), (1, 0)]
)
def test_the_server_filters(window: Show, choice: int, count: int) -> None:
    user = window("accounts")
    user.page.filter.setCurrentIndex(choice)
    user.settle()
    if count:
        assert user.page.model.total >= count
        assert user.page.model.total < count + 10
    else:
        assert "Nothing was found" in user.read()


def test_who_is_online_is_found(
    window: Show, server: RunningServer, name: Callable[[str], str]
) -> None:
    me = name("ann")
    user = window("accounts")
    with Talker(server.port) as ann:
        assert ann.register_quickly(me)["response"] == 201
        ann.log_in(me)
        user.page.filter.setCurrentIndex(1)
        user.settle()
        assert user.names() == [me]
        assert user.page.model.index(0, 1).data() == "online"
    user.search(me[:3].upper())
    user.page.filter.setCurrentIndex(0)
    user.settle()
    assert me in user.names()


def test_a_search_finds_names_and_addresses(window: Show) -> None:
    user = window("accounts")
    user.search(name_of(4242))
    assert user.names() == [name_of(4242)]
    user.search("10.17.3.7")
    assert {user.page.model.row(row).address for row in range(user.page.model.total)} == {
        "10.17.3.7"
    }
    user.search("nobody has this name")
    assert "Nothing was found" in user.read()
    user.search("")
    assert user.page.model.total >= ACCOUNTS


def test_the_panel_shows_devices_and_follows_the_keyboard(window: Show) -> None:
    user = window("accounts")
    user.search(name_of(3))  # It has three devices.
    page = user.page
    page.table.setFocus()
    page.table.selectRow(0)
    assert not page.panel.isVisible()
    QTest.keyClick(page.table, Qt.Key.Key_Return)
    user.qtbot.waitUntil(lambda: "3 devices" in user.read(page.panel))
    assert "Laptop" in user.read(page.panel)
    user.search("")
    assert not page.panel.isVisible()
    page.table.opened.emit(page.model.row(0))
    page.table.selectRow(1)
    user.qtbot.waitUntil(lambda: page.model.row(1).account_name in user.read(page.panel))
    QTest.keyClick(page.panel, Qt.Key.Key_Escape)
    assert not page.panel.isVisible()


def test_the_panel_keeps_its_buttons_while_nothing_changes(window: Show) -> None:
    user = window("accounts")
    user.open_found(name_of(3))
    page = user.page
    user.qtbot.waitUntil(lambda: "3 devices" in user.read(page.panel))
    button = user.button("Block", page.panel)
    button.setFocus()
    user.window.refresh()
    user.settle()
    user.qtbot.wait(300)  # Longer than the panel waits before it asks.
    user.settle()
    assert user.button("Block", page.panel) is button
    assert button.hasFocus()


def test_blocking_says_what_it_does_and_does_it(
    window: Show, server: RunningServer, name: Callable[[str], str]
) -> None:
    me = name("bob")
    with Talker(server.port) as bob:
        assert bob.register_quickly(me)["response"] == 201
        assert bob.log_in(me)["response"] == 200
        user = window("accounts")
        user.open_found(me)
        page = user.page
        user.press("Block", page.panel)
        assert "cannot log in until you unblock" in user.asked()
        user.answer(yes=False)
        assert page.model.row(0).state == "active"
        user.press("Block", page.panel)
        user.answer(yes=True)
        assert page.told() == f"{me} is blocked."
        assert page.model.index(0, 1).data() == "blocked"
        assert bob.is_closed()
    with Talker(server.port) as bob:
        assert bob.log_in(me)["response"] == 403
    user.qtbot.waitUntil(lambda: "blocked" in user.read(page.panel))
    user.press("Unblock", page.panel)
    user.answer(yes=True)
    with Talker(server.port) as bob:
        assert bob.log_in(me)["response"] == 200


def test_demoting_says_how_many_invitations_stay_valid(
    window: Show, server: RunningServer, name: Callable[[str], str]
) -> None:
    with administrator(server, name("dora")) as dora:
        for _ in range(2):
            assert dora.ask("admin_invite")["response"] == 201
        user = window("accounts")
        user.open_found(dora.name)
        page = user.page
        user.press("Make a user again", page.panel)
        user.settle()
        words = user.asked()
        assert "can no longer administer" in words
        assert "2 invitations" in words
        user.answer(yes=True)
        user.qtbot.waitUntil(lambda: "no longer an administrator" in page.told())
        assert dora.ask("admin_stats")["response"] == 403


def test_removing_says_what_goes_and_what_stays(
    window: Show, server: RunningServer, name: Callable[[str], str]
) -> None:
    me = registered(server, name("carl"))
    user = window("accounts")
    user.search(me)
    page = user.page
    page.table.selectRow(0)
    menu = page.table.menu()
    remove = next(one for one in menu.actions() if one.text() == "Remove…")
    remove.trigger()
    menu.close()
    words = user.asked()
    assert "encryption keys" in words
    assert "stays with those who received it" in words
    user.answer(yes=True)
    assert "Nothing was found" in user.read()
    page.filter.setCurrentIndex(5)
    user.settle()
    assert user.names() == [me]
    page.table.selectRow(0)
    offered = [one.text() for one in page.table.menu().actions() if one.text()]
    assert offered[1:] == ["What administrators did", "Copy", "Sort by"]


def test_an_account_is_added(
    window: Show, server: RunningServer, name: Callable[[str], str]
) -> None:
    me, password = name("dora"), "correct horse battery"
    user = window("accounts")
    user.press("New account")
    dialog = user.dialog(NewAccount)
    dialog.add.click()
    assert "Type a name" in user.read(dialog)
    dialog.name.edit.setText(me)
    dialog.password.edit.setText("short")
    dialog.add.click()
    user.qtbot.waitUntil(lambda: "at least" in user.read(dialog))
    dialog.password.edit.setText(password)
    dialog.add.click()
    user.qtbot.waitUntil(lambda: user.page.told() == f"The account {me} is added.")
    with Talker(server.port) as dora:
        assert dora.log_in(me, password)["response"] == 200


def test_a_lost_server_is_said_and_the_rows_stay(window: Show, server: RunningServer) -> None:
    user = window("accounts")
    total = user.page.model.total
    server.kill()
    user.window.refresh()
    user.qtbot.waitUntil(lambda: user.page.troubled() == "Connection lost")
    assert user.page.model.total == total
    server.start()


def test_one_device_is_logged_out_alone(
    window: Show, server: RunningServer, name: Callable[[str], str]
) -> None:
    me = name("ned")
    with Talker(server.port) as ned, Talker(server.port) as other:
        ned.register_quickly(me)
        for client, device in ((ned, "d1"), (other, "d2")):
            assert client.log_in_fully(me, device=device)["response"] == 200
        user = window("accounts")
        user.open_found(me)
        page = user.page
        user.qtbot.waitUntil(lambda: "2 devices" in user.read(page.panel))
        buttons = page.panel.findChildren(IconButton)
        next(one for one in buttons if one.accessibleName() == "Log out test").click()
        assert "needs the password" in user.asked()
        user.answer(yes=True)
        assert page.told() == "test is logged out."
        assert len(operator(server, "admin_sessions", search=me)["sessions"]) == 1
