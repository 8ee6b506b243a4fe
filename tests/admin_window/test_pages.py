"""The pages for sessions, rooms, logins, invitations, the audit log and notices."""

from collections.abc import Callable

import pytest
from PyQt6.QtWidgets import QApplication

from messenger.admin_window.pages.account_actions import ACTIONS
from messenger.admin_window.pages.new_invitation import NewInvitation
from messenger.windows.look.theme import theme
from tests.admin_window.large_server import LOGINS
from tests.admin_window.using import User
from tests.running import RunningServer, Talker
from tests.server.administrators import registered

Show = Callable[[str], User]
Names = Callable[[str], str]


def test_sessions_are_listed_and_ended(window: Show, server: RunningServer, name: Names) -> None:
    me = name("eva")
    with Talker(server.port) as eva:
        eva.register_quickly(me)
        eva.log_in(me)
        user = window("sessions")
        assert me in user.names()
        assert "operator" in user.names()
        user.search(me)
        page = user.page
        assert user.names() == [me]
        page.table.selectRow(0)
        page.end(page.table.chosen_row())
        assert "connects and logs in again" in user.asked()
        user.answer(yes=True)
        assert eva.is_closed()
        assert page.told() == f"The connection of {me} is ended."


def test_rooms_show_their_members_and_are_closed(
    window: Show, server: RunningServer, name: Names
) -> None:
    me, room = name("fred"), name("#garden")
    with Talker(server.port) as fred:
        fred.register_quickly(me)
        fred.log_in(me)
        assert fred.ask("join", room=room)["response"] == 200
        user = window("rooms")
        user.search(room)
        page = user.page
        assert user.names() == [room]
        user.open_row()
        user.qtbot.waitUntil(lambda: "1 member" in user.read(page.panel))
        assert me in user.read(page.panel)
        user.press("Close the room", page.panel)
        assert "1 member" in user.asked()
        user.answer(yes=True)
        assert page.told() == f"The room {room} is closed."
        assert "Nothing was found" in user.read()


def test_logins_go_back_as_far_as_one_scrolls(window: Show) -> None:
    user = window("logins")
    page = user.page
    for _page in range(LOGINS // 100):
        page.table.scrollToBottom()
        user.settle()
    assert page.model.rowCount() >= LOGINS
    times = [page.model.row(number).time for number in range(page.model.rowCount())]
    assert times == sorted(times, reverse=True)
    login = page.model.row(700)
    user.search(login.address)
    assert {page.model.row(row).address for row in range(page.model.total)} == {login.address}
    user.search(login.account_name)
    assert {page.model.row(row).account_name for row in range(page.model.total)} == {
        login.account_name
    }


def test_a_login_appears_on_top(window: Show, server: RunningServer, name: Names) -> None:
    me = name("gina")
    user = window("logins")
    page = user.page
    page.table.selectRow(0)
    chosen = page.table.chosen_row()
    with Talker(server.port) as gina:
        gina.register_quickly(me)
        gina.log_in(me)
        user.window.refresh()
        user.settle()
    assert page.model.row(0).account_name == me
    assert page.table.chosen_row() == chosen


def test_an_invitation_is_made_used_and_revoked(
    window: Show, server: RunningServer, name: Names
) -> None:
    user = window("invitations")
    assert "no invitation" in user.read()
    user.page.new.click()
    user.settle()
    dialog = user.dialog(NewInvitation)
    dialog.uses.setValue(5)
    dialog.make.click()
    user.qtbot.waitUntil(lambda: hasattr(dialog, "copy"))
    dialog.copy.click()
    clipboard = QApplication.clipboard()
    assert clipboard is not None
    link = clipboard.text()
    assert link.startswith("jim://")
    dialog.reject()
    user.settle()
    page = user.page
    row = page.model.row(0)
    assert (page.model.total, row.uses_left, row.usable) == (1, 5, True)
    token = link.partition("invite=")[2].partition("&")[0]
    with Talker(server.port) as hugo:
        assert hugo.register(name("hugo"), invite=token)["response"] == 201
    user.window.refresh()
    user.settle()
    page.revoke(page.model.row(0))
    assert "keeps the account" in user.asked()
    user.answer(yes=True)
    assert "no invitation" in user.read()
    page.filter.setCurrentIndex(1)
    user.settle()
    assert page.model.total == 1


def test_what_was_done_is_in_the_audit_log(
    window: Show, server: RunningServer, name: Names
) -> None:
    me = registered(server, name("ida"))
    user = window("accounts")
    user.open_found(me)
    user.press("Block", user.page.panel)
    user.answer(yes=True)
    user.window.show_page("audit")
    user.settle()
    page = user.page
    row = page.model.row(0)
    assert (row.actor, row.action, row.target) == ("operator", "admin_block", me)
    user.open_row()
    user.qtbot.waitUntil(page.panel.isVisible)
    seen = user.read(page.panel)
    assert "Account blocked" in seen
    assert "the server's machine" in seen


def test_a_notice_reaches_everyone(window: Show, server: RunningServer, name: Names) -> None:
    with Talker(server.port) as jim:
        jim.guest(name("jim"))
        user = window("notice")
        assert not user.page.send.isEnabled()
        user.page.field.setPlainText("The server is restarted at ten.")
        user.page.send.click()
        assert "restarted at ten" in user.asked()
        user.answer(yes=True)
        assert user.page.told() == "The notice is sent."
        assert user.page.field.toPlainText() == ""
        assert jim.before("The server is restarted at ten.") is not None


def test_a_notice_that_cannot_be_sent_stays_written(window: Show, server: RunningServer) -> None:
    user = window("notice")
    user.page.field.setPlainText("Сервер остановится в пять")
    user.press("Send")
    server.kill()
    try:
        user.answer(yes=True)
        user.qtbot.waitUntil(lambda: bool(user.page.told()))
    finally:
        server.start()
    assert "refused" in user.page.told()
    assert user.page.field.toPlainText() == "Сервер остановится в пять"


@pytest.mark.parametrize("page", ["accounts", "sessions", "logins", "audit", "invitations"])
def test_pages_are_made_when_they_are_first_shown(window: Show, page: str) -> None:
    user = window("notice")
    assert list(user.window._made) == ["notice"]
    user.window.show_page(page)
    user.settle()
    assert list(user.window._made) == ["notice", page]
    # A part that is shown before it has a parent would be a window for a moment.
    assert user.window.isActiveWindow()


def test_a_report_leads_to_what_it_is_about(
    window: Show, server: RunningServer, name: Names
) -> None:
    me, room = name("kim"), name("#loud")
    with Talker(server.port) as kim:
        kim.register_quickly(me)
        kim.register_quickly(name("leo"))
        kim.log_in(name("leo"))
        assert kim.ask("join", room=room)["response"] == 200
        assert kim.ask("report", account_name=me, room=room, reason="x")["response"] == 201
    user = window("reports")
    user.open_row()
    user.settle()
    reports = user.page
    user.press("Show the room", reports.panel)
    user.settle()
    assert (user.page.property("page"), user.names()) == ("rooms", [room])
    user.window.show_page("reports")
    user.press("Show the account", reports.panel)
    user.settle()
    assert (user.page.property("page"), user.names()) == ("accounts", [me])


def test_a_row_leads_to_others_about_it(window: Show, server: RunningServer, name: Names) -> None:
    me = name("lea")
    with Talker(server.port) as lea:
        lea.register_quickly(me)
        lea.log_in(me)
    user = window("logins")
    user.search(me)
    for words, page in (
        ("Show the account", "accounts"),
        (f"All logins of {me}", "logins"),
        ("Show the account", "accounts"),
        ("What administrators did", "audit"),
    ):
        user.page.table.selectRow(0)
        actions = user.page.table.menu().actions()
        next(one for one in actions if one.text() == words).trigger()
        user.settle()
        assert user.page.property("page") == page
    assert user.page.search.text() == me
    assert "Nothing was found" in user.read()


def test_acts_are_filtered(window: Show, server: RunningServer, name: Names) -> None:
    registered(server, name("mia"))
    user = window("accounts")
    user.search(name("mia"))
    user.page.table.selectRow(0)
    user.page.act(ACTIONS[0], user.page.table.chosen_row())
    user.answer(yes=True)
    user.window.show_page("audit")
    user.settle()
    user.page.filter.setCurrentText("Account logged out")
    user.settle()
    assert {user.page.model.row(row).action for row in range(user.page.model.total)} == {
        "admin_logout"
    }


def test_the_sign_of_a_panel_follows_the_theme(window: Show) -> None:
    user = window("log")
    user.open_row()
    picture = user.page.panel._picture
    light = picture.pixmap().toImage()
    theme.apply("dark")
    dark = picture.pixmap().toImage()
    assert dark != light
    theme.apply("light")
    assert picture.pixmap().toImage() == light
