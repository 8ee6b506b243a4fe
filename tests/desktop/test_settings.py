"""The settings apply at once, can be used with the keyboard, and say what is lost first."""

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from PyQt6.QtCore import Qt
from PyQt6.QtWidgets import QAbstractButton, QComboBox, QLabel, QLineEdit, QWidget
from pytestqt.qtbot import QtBot

from messenger.desktop.settings.about import AboutPage, LicenceDialog
from messenger.desktop.settings.account import AccountPage
from messenger.desktop.settings.changes import Changes
from messenger.desktop.settings.dialog import SettingsDialog
from messenger.desktop.settings.hooks import Hooks
from messenger.desktop.settings.leaving import DeleteDataDialog, LogOutDialog
from messenger.desktop.settings.parts import SettingBox, SettingSlider, SettingSwitch
from messenger.desktop.settings.password import PasswordDialog
from messenger.jim.errors import WrongPassword
from messenger.sdk.errors import NotOnline
from messenger.sdk.profiles import Preferences, Profile
from messenger.ui.settings import choices
from messenger.ui.where import Where
from messenger.windows.look.theme import theme
from tests.desktop.standing_in import StandIn
from tests.desktop.typing import type_text

PASSWORD = "correct horse battery"
OTHER = "staple of the other kind"


class Kept:
    """Settings that are stored when the test says so."""

    def __init__(self) -> None:
        self.stored = Preferences()
        self.wanted: list[Preferences] = []
        self.changes = Changes(lambda: self.stored, self.wanted.append)

    @property
    def last(self) -> Preferences:
        return self.wanted[-1]


class Server:
    """What the account page asks the client for; `passwords` are those that it was given."""

    def __init__(self, *, is_guest: bool = False) -> None:
        self.core = SimpleNamespace(is_guest=is_guest)
        self.passwords: list[tuple[str, str]] = []
        self.error: Exception | None = None

    def change_password(self, old: str, new: str) -> None:
        if self.error is not None:
            raise self.error
        self.passwords.append((old, new))


@pytest.fixture
def kept() -> Kept:
    return Kept()


@pytest.fixture
def profile(tmp_path: Path) -> Profile:
    made = Profile(tmp_path / "профиль")
    made.set_up("chat.example.org", 7777, "Мария")
    return made


class Dialogs:
    """Opens settings, and remembers what their hooks were called with."""

    def __init__(self, qtbot: QtBot, kept: Kept, profile: Profile) -> None:
        self.called: list[str] = []
        self.made_password: str | None = None
        self._opened: list[SettingsDialog] = []  # Without a reference they would be deleted.
        self._qtbot = qtbot
        self._kept = kept
        self.controller: Any = SimpleNamespace(
            profile=profile, made_password=lambda: self.made_password
        )
        note = self.called.append
        self.hooks = Hooks(
            devices=lambda: QLabel("my devices"),
            back_up=lambda _parent: note("back up"),
            restore=lambda _parent: note("restore"),
            export=lambda _parent: note("export"),
            logged_out=lambda is_notified: note(f"logged out {is_notified}"),
            delete_data=lambda: note("delete"),
            test_notification=lambda: note("test"),
            has_tray=True,
        )

    def open(self, page: str = "general", client: Any = None, **hooks: Any) -> SettingsDialog:
        dialog = SettingsDialog(
            StandIn(client or Server()),  # type: ignore[arg-type]  # a stand-in
            self.controller,
            self._kept.changes,
            self.hooks._replace(**hooks),
            page=page,
        )
        self._qtbot.addWidget(dialog)
        self._opened.append(dialog)
        dialog.show()
        return dialog


@pytest.fixture
def dialogs(qtbot: QtBot, kept: Kept, profile: Profile) -> Dialogs:
    return Dialogs(qtbot, kept, profile)


def button(of: QWidget, text: str) -> QAbstractButton:
    return next(one for one in of.findChildren(QAbstractButton) if one.text() == text)


# --- changes ------------------------------------------------------------------------------


def test_changes_that_are_not_stored_yet_are_not_lost(kept: Kept) -> None:
    kept.changes.change("theme", "dark")
    kept.changes.change("text_size", "120")
    kept.changes.change("text_size", "120")

    assert len(kept.wanted) == 2
    assert (kept.last.theme, kept.last.text_size) == ("dark", 120)


def test_what_others_change_meanwhile_stays(kept: Kept) -> None:
    kept.changes.change("theme", "dark")
    kept.stored = Preferences(recent_emoji=("🐳",))

    kept.changes.change("bell", "off")

    assert kept.last == Preferences(theme="dark", bell=False, recent_emoji=("🐳",))


def test_every_setting_of_the_window_is_on_a_page(dialogs: Dialogs) -> None:
    dialog = dialogs.open()
    found = set()
    for row in range(dialog.list.count()):
        dialog.list.setCurrentRow(row)
        kinds = (SettingBox, SettingSwitch, SettingSlider)
        for control in (one for kind in kinds for one in dialog.page.findChildren(kind)):
            slider = control.slider if isinstance(control, SettingSlider) else control
            found.add(slider.objectName())

    assert found == set(choices(Where.WINDOW))


def test_a_box_a_switch_and_a_slider_change_their_setting(
    qtbot: QtBot, dialogs: Dialogs, kept: Kept
) -> None:
    dialog = dialogs.open("appearance")
    box = dialog.page.findChild(SettingBox, "theme")
    assert box is not None
    qtbot.keyClick(box, Qt.Key.Key_Down)
    assert kept.last.theme == "light"
    slider = dialog.page.findChildren(SettingSlider)[0].slider
    qtbot.keyClick(slider, Qt.Key.Key_Right)
    assert kept.last.text_size == 110
    assert slider.accessibleDescription() == "110 %"

    dialog.show_page("notifications")
    switch = dialog.page.findChild(SettingSwitch, "notes")
    shows = dialog.page.findChild(QComboBox, "notes_show")
    assert switch is not None
    assert shows is not None
    qtbot.keyClick(switch, Qt.Key.Key_Space)
    assert not kept.last.notes
    assert not shows.isEnabled()


def test_a_new_language_says_when_it_applies(dialogs: Dialogs, kept: Kept) -> None:
    dialog = dialogs.open("general")
    box = dialog.page.findChild(SettingBox, "language")
    assert box is not None
    told = [one for one in dialog.page.findChildren(QLabel) if "after a restart" in one.text()]
    assert not told[0].isVisibleTo(dialog.page)

    box.setCurrentIndex(box.findData("ru"))

    assert told[0].isVisibleTo(dialog.page)
    assert kept.last.language == "ru"


# --- the dialog ---------------------------------------------------------------------------


def test_pages_are_chosen_with_the_keyboard(qtbot: QtBot, dialogs: Dialogs) -> None:
    dialog = dialogs.open("general")
    qtbot.keyClick(dialog.list, Qt.Key.Key_Down)
    assert dialog.page.accessibleName() == "Appearance"

    qtbot.keyClick(dialog, Qt.Key.Key_Escape)

    assert not dialog.isVisible()


def test_the_page_of_devices_is_made_when_it_is_shown(dialogs: Dialogs) -> None:
    made: list[str] = []

    def devices() -> QWidget:
        made.append("page")
        return QLabel("my devices")

    dialog = dialogs.open("general", devices=devices)
    assert not made
    dialog.show_page("devices")
    dialog.show_page("general")
    dialog.show_page("devices")

    assert made == ["page"]
    assert "my devices" in [one.text() for one in dialog.page.findChildren(QLabel)]


def test_at_the_smallest_width_nothing_is_cut_off(qtbot: QtBot, dialogs: Dialogs) -> None:
    theme.apply("light")
    dialog = dialogs.open()
    dialog.resize(344, 464)
    for row in range(dialog.list.count()):
        dialog.list.setCurrentRow(row)
        page = dialog.page
        qtbot.waitUntil(lambda page=page: page.minimumSizeHint().width() <= page.width())  # type: ignore[misc]  # bound now
    first = dialog.list.item(0)
    assert first is not None
    assert first.text() == ""  # An icon is all that there is room for.
    assert first.data(Qt.ItemDataRole.AccessibleTextRole) == "General"


def test_everything_has_a_name_for_a_screen_reader(dialogs: Dialogs) -> None:
    dialog = dialogs.open()
    for row in range(dialog.list.count()):
        dialog.list.setCurrentRow(row)
        for kind in (QAbstractButton, QComboBox, QLineEdit):
            for one in dialog.page.findChildren(kind):
                text = one.text() if isinstance(one, QAbstractButton) else ""
                assert one.accessibleName() or text, one.objectName()


def test_the_page_of_data_opens_what_others_have(qtbot: QtBot, dialogs: Dialogs) -> None:
    page = dialogs.open("data").page
    for words in ("Back up…", "Restore…", "Export…"):
        button(page, words).click()

    assert dialogs.called == ["back up", "restore", "export"]


def test_a_notification_can_be_tried(dialogs: Dialogs) -> None:
    button(dialogs.open("notifications").page, "Show a test notification").click()

    assert dialogs.called == ["test"]


def test_licences_are_listed_and_shown(qtbot: QtBot, dialogs: Dialogs) -> None:
    page = dialogs.open("about").page
    assert isinstance(page, AboutPage)
    names = [page.list.item(row).text() for row in range(page.list.count())]
    assert names[1].startswith("PyQt6 ")
    assert names[1].endswith("GPL-3.0-only")

    page.list.setCurrentRow(1)
    qtbot.keyClick(page.list, Qt.Key.Key_Return)

    (shown,) = page.findChildren(LicenceDialog)
    assert shown.isVisible()
    shown.reject()


# --- the account --------------------------------------------------------------------------


def test_a_password_is_changed(qtbot: QtBot, dialogs: Dialogs, profile: Profile) -> None:
    server = Server()
    page = dialogs.open("account", server).page
    assert isinstance(page, AccountPage)
    page.password.click()
    (dialog,) = page.findChildren(PasswordDialog)
    type_text(dialog.old.edit, PASSWORD)
    type_text(dialog.new.edit, OTHER)
    type_text(dialog.repeated.edit, OTHER)

    dialog.go.click()

    assert server.passwords == [(PASSWORD, OTHER)]
    assert not dialog.isVisible()


@pytest.mark.parametrize(
    ("new", "repeated", "field", "said"),
    [
        ("short", "short", "new", "at least 8 characters"),
        (OTHER, "different", "repeated", "do not match"),
    ],
)
def test_a_mistake_is_told_at_its_field(
    qtbot: QtBot, profile: Profile, new: str, repeated: str, field: str, said: str
) -> None:
    server = Server()
    dialog = PasswordDialog(StandIn(server), profile, None)  # type: ignore[arg-type]  # a stand-in
    qtbot.addWidget(dialog)
    dialog.show()
    type_text(dialog.new.edit, new)
    type_text(dialog.repeated.edit, repeated)

    dialog.go.click()

    assert said in getattr(dialog, field).edit.accessibleDescription()
    assert not server.passwords


def test_a_wrong_password_can_be_corrected(qtbot: QtBot, profile: Profile) -> None:
    server = Server()
    server.error = WrongPassword("Wrong password")
    dialog = PasswordDialog(StandIn(server), profile, None)  # type: ignore[arg-type]  # a stand-in
    qtbot.addWidget(dialog)
    dialog.show()
    for field, text in ((dialog.old, "x"), (dialog.new, OTHER), (dialog.repeated, OTHER)):
        type_text(field.edit, text)

    dialog.go.click()
    assert dialog.old.edit.accessibleDescription() == "Wrong password"
    server.error = NotOnline()
    dialog.go.click()
    server.error = None
    dialog.go.click()

    assert server.passwords == [("x", OTHER)]


def test_a_guest_has_no_password_to_change(dialogs: Dialogs) -> None:
    page = dialogs.open("account", Server(is_guest=True)).page
    assert isinstance(page, AccountPage)

    assert not page.password.isVisible()
    assert any("guest" in one.text() for one in page.findChildren(QLabel))


def test_a_generated_password_is_shown_before_the_user_logs_out(
    dialogs: Dialogs, profile: Profile, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Profile, "log_out", lambda _profile, _client: True)
    dialogs.made_password = "blau-mond-7"
    page = dialogs.open("account").page
    assert isinstance(page, AccountPage)
    page.log_out.click()
    (dialog,) = page.findChildren(LogOutDialog)
    assert "blau-mond-7" in [one.text() for one in dialog.findChildren(QLabel)]

    dialog.go.click()

    assert dialogs.called == ["logged out True"]


def test_data_are_deleted_only_after_the_name_was_typed(
    qtbot: QtBot, dialogs: Dialogs, profile: Profile, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Profile, "log_out", lambda _profile, _client: False)
    page = dialogs.open("account").page
    assert isinstance(page, AccountPage)
    page.delete.click()
    (dialog,) = page.findChildren(DeleteDataDialog)
    qtbot.keyClick(dialog.name.edit, Qt.Key.Key_Return)
    assert dialog.isVisible()
    assert not dialog.go.isEnabled()
    type_text(dialog.name.edit, "Мария")

    dialog.go.click()

    assert dialogs.called == ["delete"]


def test_what_fails_is_told_and_can_be_tried_again(
    dialogs: Dialogs, profile: Profile, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(_profile: Profile, _client: object) -> bool:
        raise NotOnline

    monkeypatch.setattr(Profile, "log_out", fail)
    page = dialogs.open("account").page
    assert isinstance(page, AccountPage)
    page.log_out.click()
    (dialog,) = page.findChildren(LogOutDialog)

    dialog.go.click()

    assert dialog.isVisible()
    assert dialog.go.isEnabled()
    assert not dialogs.called
