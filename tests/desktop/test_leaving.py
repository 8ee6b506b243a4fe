"""What the program does between two windows: logging out, deleting, registering, restarting."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PyQt6 import sip
from PyQt6.QtCore import QProcess
from PyQt6.QtWidgets import QMenu
from pytestqt.qtbot import QtBot

from messenger.desktop.first_run.profile_chooser import ProfileChooser
from messenger.desktop.first_run.read_dialog import ReadDialog
from messenger.desktop.first_run.welcome import WelcomeWindow
from messenger.desktop.main_window import MainWindow
from messenger.desktop.security.recovery import RecoveryCodeDialog
from messenger.desktop.settings.account import AccountPage
from messenger.desktop.settings.dialog import SettingsDialog
from messenger.desktop.settings.leaving import DeleteDataDialog, LogOutDialog
from messenger.desktop.settings.registering import RegisterDialog
from messenger.desktop.wishes import Ending
from messenger.language import own_language, use_language
from messenger.sdk.login import TOKEN
from messenger.sdk.profiles import Profiles
from messenger.ui.profile_choice import Start
from messenger.ui.welcome_form import Kind
from messenger.windows.look.theme import theme
from messenger.windows.qt_texts import translate_qt
from tests.desktop.hands import Hands
from tests.desktop.programs import Program, in_thread
from tests.names import DIRECTORY
from tests.running import RunningServer
from tests.stretching import PASSWORD

Run = Callable[..., Program]


@pytest.fixture
def start(server: RunningServer, name: Callable[[str], str], tmp_path: Path) -> Start:
    """A start of somebody who makes an account."""
    data = tmp_path / DIRECTORY
    return Start("127.0.0.1", server.port, name("ann"), register=True, data=data)


@pytest.fixture
def run(qtbot: QtBot, calls_in_gui_thread: None) -> Iterator[Run]:
    """Run programs: `run(start)`."""
    made: list[Program] = []

    def begin(start: Start, *, password: str | None = PASSWORD, chooses: bool = False) -> Program:
        made.append(Program(qtbot, start, password=password, chooses=chooses))
        return made[-1]

    yield begin
    for one in made:
        one.close()
    use_language("auto")
    translate_qt()
    theme.apply("light")


def online(program: Program) -> Hands:
    """Wait until the server has let the user in."""
    ui = program.main()
    ui.wait(lambda: not ui.window.connection.isVisible() and program.profile.record is not None)
    ui.wait(lambda: bool(program.profile.record and program.profile.record.confirmed))
    return ui


def is_deleted(window: MainWindow) -> bool:
    """Return whether a window is closed for good."""
    return sip.isdeleted(window)


def account_page(ui: Hands) -> AccountPage:
    ui.window.actions_of.dialogs.show_settings("account")
    page = ui.dialog(SettingsDialog).page
    assert isinstance(page, AccountPage)
    ui.wait(page.log_out.isEnabled)
    return page


def log_out(ui: Hands) -> None:
    account_page(ui).log_out.click()
    ui.click("Log out", ui.dialog(LogOutDialog))


def test_who_logs_out_is_welcomed_and_finds_the_messages_again(run: Run, start: Start) -> None:
    program = run(start)
    ui = online(program)
    ui.write("Привет")
    ui.see("Привет")

    log_out(ui)

    form = program.shown(WelcomeWindow)
    assert program.stored(lambda store: store.get(TOKEN)) is None
    device = program.stored(lambda store: store.get("device"))
    assert (form.fields.kind, form.fields.name.text) == (Kind.KNOWN, start.name)
    form.fields.password.edit.setText(PASSWORD)
    form.go.click()
    again = online(program)
    again.see("Привет")
    program.close()
    assert program.stored(lambda store: store.get("device")) == device
    assert program.stored(lambda store: store.get(TOKEN)) is not None
    assert program.code == 0


def test_a_command_logs_out_as_well(run: Run, start: Start) -> None:
    program = run(start)
    online(program).write("/logout")

    program.shown(WelcomeWindow)
    assert program.stored(lambda store: store.get(TOKEN)) is None


def test_who_logs_out_offline_is_told_that_the_server_does_not_know(run: Run, start: Start) -> None:
    program = run(start)
    ui = online(program)

    ui.window.leaving.emit(Ending.LOGGED_OUT_OFFLINE)

    dialog = program.shown(ReadDialog)
    assert "not from the server" in ui.said(dialog)
    ui.click("Close", dialog)
    program.shown(WelcomeWindow)


def test_deleted_data_are_gone_from_the_disk(run: Run, start: Start) -> None:
    program = run(start)
    ui = online(program)
    directory = program.profile.directory

    account_page(ui).delete.click()
    dialog = ui.dialog(DeleteDataDialog)
    dialog.name.edit.setText(start.name or "")
    ui.click("Delete everything", dialog)

    program.shown(WelcomeWindow)
    assert not directory.exists()


def test_who_has_another_account_chooses_after_logging_out(run: Run, start: Start) -> None:
    other = Profiles(start.data).named("another")
    other.set_up("chat.example.org", 7777, "Мария").confirmed = True
    other.save()
    program = run(start)
    log_out(online(program))

    chooser = program.shown(ProfileChooser)

    assert chooser.list.count() == 2
    rows = [chooser.list.item(row) for row in range(2)]
    mine = next(row for row, item in enumerate(rows) if item and start.name in item.text())
    chooser.list.setCurrentRow(mine)
    chooser.open_button.click()
    # The same program has had this profile before: it must not take itself for another one.
    assert program.shown(MainWindow).bridge.me == start.name


def test_a_guest_becomes_an_account_and_keeps_what_is_stored(run: Run, start: Start) -> None:
    program = run(start._replace(register=False, guest=True), password=None)
    ui = online(program)
    ui.write("as a guest")
    ui.see("as a guest")
    page = account_page(ui)
    ui.wait(page.register.isVisible)

    page.register.click()
    dialog = ui.dialog(RegisterDialog)
    dialog.password.edit.setText("password")
    ui.click("Register", dialog)
    assert dialog.isVisible()
    dialog.password.edit.setText(PASSWORD)
    dialog.repeated.edit.setText(PASSWORD)
    ui.click("Register", dialog)

    program.shown(RecoveryCodeDialog).reject()
    again = online(program)
    again.see("as a guest")
    record = program.profile.record
    assert record is not None
    assert record.registered
    program.close()
    assert program.stored(lambda store: store.get(TOKEN)) is not None


def test_a_guest_whose_registration_is_refused_stays_one(run: Run, start: Start) -> None:
    program = run(start._replace(register=False, guest=True), password=None)
    ui = online(program)
    ui.window.actions_of.register()
    dialog = ui.dialog(RegisterDialog)
    dialog.password.edit.setText(PASSWORD)
    dialog.repeated.edit.setText(PASSWORD)
    dialog.invitation.edit.setText(f"jim://127.0.0.1:{start.port}?invite=unknown")
    ui.click("Register", dialog)
    ui.wait(lambda: is_deleted(ui.window))

    again = online(program)
    again.wait(lambda: "invitation is unknown" in again.said(again.window.chat))
    again.wait(lambda: not again.window.connection.isVisible())
    assert in_thread(lambda: again.window.bridge.client.core.is_guest)


def test_a_restart_speaks_the_language_of_the_settings(run: Run, start: Start) -> None:
    program = run(start)
    ui = online(program)
    ui.window.actions_of.dialogs.show_settings("general")
    dialog = ui.dialog(SettingsDialog)
    dialog.changes.change("language", "ru")
    ui.wait(lambda: ui.window.controller.preferences.language == "ru")

    ui.window.leaving.emit(Ending.RESTART)

    ui.wait(lambda: is_deleted(ui.window))
    program.main()
    assert own_language() == "ru"
    # Nothing of the first window is left to be recoloured.
    theme.apply("dark")


def test_a_further_start_lets_the_user_choose_an_account(
    run: Run, start: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    started: list[tuple[list[str], bool]] = []

    def note(process: QProcess) -> tuple[bool, int]:
        has_password = process.processEnvironment().contains("MESSENGER_PASSWORD")
        started.append((process.arguments(), has_password))
        return True, 1

    monkeypatch.setenv("MESSENGER_PASSWORD", "of this account")
    monkeypatch.setattr(QProcess, "startDetached", note)
    program = run(start)
    ui = online(program)

    ui.window.conversations.menu_button.click()
    menu = ui.window.findChild(QMenu)
    assert menu is not None
    entry = next(one for one in menu.actions() if one.text().startswith("Add an account"))
    entry.trigger()
    menu.close()

    assert started == [
        (["-m", "messenger", "desktop", "--choose", "--data", str(start.data)], False)
    ]
    program.close()
    further = run(Start(data=start.data), chooses=True)
    chooser = further.shown(ProfileChooser)
    assert chooser.list.count() == 1
    chooser.add.click()
    assert further.shown(WelcomeWindow).fields.kind is Kind.NEW


def test_an_invitation_in_a_message_makes_an_account_in_a_window_of_its_own(
    run: Run, start: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    links: list[tuple[str, bool]] = []

    def note(process: QProcess) -> tuple[bool, int]:
        link = process.processEnvironment().value("MESSENGER_INVITE")
        links.append((link, link in process.arguments()))
        return True, 1

    monkeypatch.setattr(QProcess, "startDetached", note)
    program = run(start)
    link = "jim://chat.example.org:7777?invite=for-Иван"
    online(program).window.messages.link_opened.emit(link)

    assert links == [(link, False)]  # Arguments of programs can be read by all users.
    program.close()
    # Without the chooser, though there is an account: the invitation is for another one.
    invited = Start("chat.example.org", 7777, invite="for-Иван", data=start.data)
    form = run(invited, chooses=True).shown(WelcomeWindow)
    assert "for-Иван" in form.fields.server.text
