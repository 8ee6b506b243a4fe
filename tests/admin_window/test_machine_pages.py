"""The pages for the log, the doctor and reports."""

from collections.abc import Callable

from messenger.admin_window.pages.close_report import CloseReport
from tests.admin_window.using import User
from tests.running import RunningServer, Talker

Show = Callable[[str], User]
Names = Callable[[str], str]


def test_the_log_is_live_and_searched(window: Show, server: RunningServer, name: Names) -> None:
    me = name("kai")
    user = window("log")
    page = user.page
    assert page.model.total > 0
    page.filter.setCurrentIndex(3)
    user.settle()
    assert {page.model.row(row).record.level for row in range(page.model.total)} <= {"ERROR"}
    page.filter.setCurrentIndex(0)
    user.search(me)
    before = page.model.total
    with Talker(server.port) as kai:
        kai.register_quickly(me)
        kai.log_in(me)
    with Talker(server.port) as kai:
        kai.log_in(me)
        # Without a key being pressed; the latest record comes with the one after it.
        user.qtbot.waitUntil(lambda: page.model.total > before)
    records = [page.model.row(row).record for row in range(page.model.total)]
    assert all(me in record.text for record in records)
    times = [record.time for record in records]
    assert times == sorted(times, reverse=True)
    user.open_row()
    user.qtbot.waitUntil(page.panel.isVisible)
    assert page.model.row(0).record.text in user.read(page.panel)


def test_a_log_that_is_not_live_stays_as_it_is(
    window: Show, server: RunningServer, name: Names
) -> None:
    user = window("log")
    page = user.page
    page.live.click()
    user.settle()
    total = page.model.total
    with Talker(server.port) as lea:
        lea.guest(name("lea"))
    page.refresh()
    user.settle()
    assert page.model.total == total
    page.live.click()
    user.qtbot.waitUntil(lambda: page.model.total > total)


def test_the_doctor_shows_each_check_with_its_time_and_advice(window: Show) -> None:
    user = window("doctor")
    page = user.page
    assert "not been examined" in user.read()
    user.press("Examine the server", page._sign)
    user.qtbot.waitUntil(lambda: len(page.checks) > 8 and page.is_drawn)
    user.settle()
    seen = user.read()
    assert "Integrity of the database" in seen
    assert "A message there and back" in seen
    for check in page.checks:
        assert check.text in seen
        assert check.advice in seen
    assert " ms" in seen
    first = page._number
    page.again.click()
    user.qtbot.waitUntil(lambda: page._number > first and page.is_drawn)


def test_a_report_shows_what_its_reporter_chose_and_is_closed(
    window: Show, server: RunningServer, name: Names
) -> None:
    mia, tim = name("mia"), name("tim")
    shown = {"from": tim, "conversation": tim, "seq": 1, "time": 1.0, "text": "Buy my watches"}
    with Talker(server.port) as one, Talker(server.port) as other:
        one.register_quickly(mia)
        other.register_quickly(tim)
        one.log_in(mia)
        for _ in range(2):
            made = one.ask("report", account_name=tim, reason="advertising", messages=[shown])
            assert made["response"] == 201, made
    user = window("reports")
    page = user.page
    assert page.model.row(0).account_name == tim
    user.open_row()
    user.qtbot.waitUntil(lambda: "Buy my watches" in user.read(page.panel))
    assert "advertising" in user.read(page.panel)
    user.press("Close the report", page.panel)
    dialog = user.dialog(CloseReport)
    assert dialog.others.text() == "Also close 1 other open report about the same"
    dialog.others.setChecked(True)
    dialog.note.setPlainText("Warned")
    dialog.yes.click()
    user.qtbot.waitUntil(lambda: page.told() == "The report is closed.")
    user.settle()
    assert "no open reports" in user.read()
    page.filter.setCurrentIndex(1)
    user.settle()
    assert (page.model.row(0).account_name, page.model.row(0).closed_by) == (tim, "operator")
    user.window.show_page("audit")
    user.settle()
    assert user.page.model.row(0).after["note"] == "Warned"
