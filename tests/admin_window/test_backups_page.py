"""The page of backups, on a real server: made, cancelled, verified, scheduled."""

from collections.abc import Callable

from tests.admin_window.using import User
from tests.running import RunningServer

Show = Callable[[str], User]


def test_a_backup_is_cancelled_made_and_verified(window: Show, server: RunningServer) -> None:
    user = window("backups")
    page = user.page
    assert "no backup yet" in user.read()
    page.make.click()
    assert "The server goes on meanwhile" in user.asked()
    user.answer(yes=True)
    user.qtbot.waitUntil(page.cancel.isVisible)
    assert not page.make.isEnabled()
    page.cancel.click()
    user.qtbot.waitUntil(lambda: page.is_drawn and "cancelled" in user.read())
    user.qtbot.waitUntil(lambda: "no backup yet" in user.read())
    page.make.click()
    user.answer(yes=True)
    user.qtbot.waitUntil(lambda: page.is_drawn and len(page._found.backups) == 1)
    user.qtbot.waitUntil(lambda: "Not verified" in user.read())
    user.press("Verify")
    user.qtbot.waitUntil(lambda: "Verified at" in user.read())
    made = page._found.backups[0]
    assert (server.data / "backups" / made.backup).stat().st_size == made.size
    user.window.show_page("audit")
    user.settle()
    acts = [user.page.model.index(row, 2).data() for row in range(2)]
    assert acts == ["Backup made", "Backup made"]


def test_the_schedule_is_saved(window: Show, server: RunningServer) -> None:
    user = window("backups")
    page = user.page
    user.qtbot.waitUntil(lambda: "backup_keep" in page.form.rows)
    page.form.rows["backup_keep"].field.setText("5")
    assert page.bar.isVisible()
    page.bar.save.click()
    assert "backup_keep: 7 → 5" in user.asked()
    user.answer(yes=True)
    user.qtbot.waitUntil(lambda: "Restart the server for: backup_keep" in page.told())
    assert "backup_keep = 5" in (server.data / "messenger.toml").read_text("utf-8")
