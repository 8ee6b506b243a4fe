"""The code for a forgotten password, from the question to the new password."""

from collections.abc import Callable

from PyQt6.QtWidgets import QApplication

from messenger.admin_window.pages.reset_code import ResetCode
from messenger.crypto import passwords
from tests.admin_window.using import User
from tests.running import RunningServer, Talker
from tests.server.administrators import registered

Show = Callable[[str], User]


def test_a_code_is_made_shown_once_and_sets_a_new_password(
    window: Show, server: RunningServer, name: Callable[[str], str]
) -> None:
    me, password = registered(server, name("rita")), "correct horse battery"
    user = window("accounts")
    user.open_found(me)
    page = user.page
    user.press("Reset password", page.panel)
    assert "Until then nothing changes" in user.asked()
    user.answer(yes=True)
    dialog = user.dialog(ResetCode)
    dialog.copy_code.click()
    clipboard = QApplication.clipboard()
    assert clipboard is not None
    code = clipboard.text()
    seen = user.read(dialog)
    assert code in seen
    assert "recovery code" not in seen
    dialog.accept()
    user.settle()
    verifier = passwords.make_verifier(password).encode()
    with Talker(server.port) as rita:
        used = rita.ask("use_reset", account_name=me, code=code, verifier=verifier)
        assert used["response"] == 200, used
        assert rita.log_in(me, password)["response"] == 200


def test_no_code_is_offered_for_a_blocked_account(
    window: Show, server: RunningServer, name: Callable[[str], str]
) -> None:
    me = registered(server, name("rolf"))
    user = window("accounts")
    user.open_found(me)
    user.press("Block", user.page.panel)
    user.answer(yes=True)
    user.page.table.selectRow(0)
    words = [one.text() for one in user.page.table.menu().actions()]
    assert "Unblock…" in words
    assert "Reset password…" not in words
