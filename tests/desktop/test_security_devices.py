"""Devices are approved, removed and recovered in dialogs, as the terminal does by commands."""

import stat
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PyQt6.QtWidgets import QDialog
from pytestqt.qtbot import QtBot

from messenger.desktop.security.approving import ApproveDialog
from messenger.desktop.security.be_approved import BeApprovedDialog, restored_text
from messenger.desktop.security.devices import DevicesDialog
from messenger.desktop.security.log_in import LogInDialog
from messenger.desktop.security.logins import LoginsDialog
from messenger.desktop.security.printing import code_page
from messenger.desktop.security.recovery import RecoveryCodeDialog
from messenger.desktop.security.removing import RemoveDialog
from messenger.desktop.security.resetting import ResetDialog
from messenger.sdk import Client
from messenger.sdk.credentials import Credentials
from messenger.sdk.events import ConnectionState
from messenger.sdk.key_states import Recovery, RecoveryState
from messenger.windows.widgets.dialog import Dialog
from tests.desktop.devices import OtherDevice, button, press, said, wait
from tests.desktop.people import People, Person
from tests.running import RunningServer, Talker
from tests.server.administrators import operator
from tests.stretching import PASSWORD


@pytest.fixture
def ann(person: People) -> Person:
    return person("ann")


@pytest.fixture
def second(ann: Person, tmp_path: Path) -> Iterator[OtherDevice]:
    """Another device of ann's, which is not approved."""
    made = OtherDevice(ann, tmp_path)
    made.start()
    yield made
    made.close()


@pytest.fixture
def show(qtbot: QtBot) -> Callable[[Dialog], Dialog]:
    def show_it(dialog: Dialog) -> Dialog:
        qtbot.addWidget(dialog)
        dialog.show()
        return dialog

    return show_it


Show = Callable[[Dialog], Dialog]


def code_of(client: Client) -> str:
    code = client.keys.recovery_code
    assert code is not None
    return code


def is_approved(device: Person) -> bool:
    return device.do(lambda client: client.keys.is_approved)


# --- approving ----------------------------------------------------------------------------------


def test_a_code_that_is_typed_approves(
    qtbot: QtBot, ann: Person, second: OtherDevice, show: Show
) -> None:
    theirs = BeApprovedDialog(second.bridge)
    show(theirs)
    press(qtbot, theirs, "Another device")
    code = second.do(lambda client: client.keys.approval_code)
    assert f"/approve {code}" in said(theirs)

    ours = ApproveDialog(ann.bridge)
    show(ours)
    for wrong, mistake in (("AAAAA", "typing mistakes"), (ann.do(code_of), "recovery code")):
        ours._code.edit.setText(wrong)
        press(qtbot, ours, "Approve")
        assert mistake in said(ours)
    ours._code.edit.setText(code.lower().replace("-", " "))
    press(qtbot, ours, "Approve")
    press(qtbot, ours, "Done")

    wait(qtbot, lambda: "This device is approved" in said(theirs))
    assert is_approved(second)


def test_the_code_of_a_strange_device_is_refused_beside_the_field(
    qtbot: QtBot, ann: Person, person: People, show: Show
) -> None:
    strange = person("bob").do(lambda client: client.keys.approval_code)
    ours = ApproveDialog(ann.bridge)
    show(ours)
    ours._read(strange)

    wait(qtbot, lambda: "None of your devices shows this code." in said(ours))
    assert ours._code.edit.isEnabled()


def test_the_recovery_code_approves_and_older_messages_come_back(
    qtbot: QtBot, ann: Person, second: OtherDevice, show: Show
) -> None:
    dialog = BeApprovedDialog(second.bridge, recovers=True)
    show(dialog)
    wait(qtbot, lambda: button(dialog, "Approve"))
    for wrong in ("nonsense", ann.do(code_of)[:-1]):
        dialog._field.edit.setText(wrong)
        press(qtbot, dialog, "Approve")
        assert "check for typing mistakes" in said(dialog)
    dialog._field.edit.setText(ann.do(code_of))
    press(qtbot, dialog, "Approve")

    press(qtbot, dialog, "Done")
    assert is_approved(second)


def test_somebody_elses_recovery_code_is_refused(
    qtbot: QtBot, person: People, second: OtherDevice, show: Show
) -> None:
    other = person("bob").do(code_of)
    dialog = BeApprovedDialog(second.bridge, recovers=True)
    show(dialog)
    wait(qtbot, lambda: button(dialog, "Approve"))
    dialog._field.edit.setText(other)
    press(qtbot, dialog, "Approve")

    wait(qtbot, lambda: "belongs to another account" in said(dialog))
    assert not is_approved(second)


def test_progress_is_told_in_keys() -> None:
    assert "12 keys so far" in restored_text(Recovery(RecoveryState.RESTORING, keys=12))
    assert "1 key restored" in restored_text(Recovery(RecoveryState.RESTORED, keys=1))
    assert restored_text(Recovery(RecoveryState.READY)) == ""


# --- the list -----------------------------------------------------------------------------------


def test_the_list_shows_all_devices_and_removes_one(
    qtbot: QtBot, ann: Person, second: OtherDevice, show: Show
) -> None:
    dialog = DevicesDialog(ann.bridge)
    show(dialog)
    wait(qtbot, lambda: len(dialog.page.rows) == 2)
    this, other = dialog.page.rows
    assert "this one" in this.accessibleName()
    assert button(this, "Approve…") is None
    assert button(other, "Approve…") is not None
    assert "Not approved" in said(other)

    other.removed.emit(other.device)
    removing = dialog.findChild(RemoveDialog)
    assert removing is not None
    press(qtbot, removing, "Remove")
    wait(qtbot, lambda: "change it" in said(removing))
    assert button(removing, "Make new keys") is None
    with qtbot.waitSignal(dialog.password_wanted):
        press(qtbot, removing, "Change the password")

    wait(qtbot, lambda: len(dialog.page.rows) == 1)
    assert second.do(lambda client: client.core.state) is not ConnectionState.ONLINE


def test_who_removes_an_approved_device_is_told_to_make_new_keys(
    qtbot: QtBot, ann: Person, second: OtherDevice, show: Show
) -> None:
    ann.do(lambda client: client.keys.approve(second.do(_approval_code)))
    wait(
        qtbot, lambda: all(one.approved for one in ann.do(lambda client: client.keys.own_devices()))
    )
    before = ann.do(code_of)
    dialog = DevicesDialog(ann.bridge)
    show(dialog)
    wait(qtbot, lambda: len(dialog.page.rows) == 2)
    dialog.page.rows[1].removed.emit(dialog.page.rows[1].device)
    removing = dialog.findChild(RemoveDialog)
    assert removing is not None
    press(qtbot, removing, "Remove")
    press(qtbot, removing, "Make new keys")

    resetting = dialog.findChild(ResetDialog)
    assert resetting is not None
    start = button(resetting, "Start over")
    assert start is not None
    assert not start.isEnabled()
    resetting._sure.setChecked(True)
    press(qtbot, resetting, "Start over")
    wait(qtbot, lambda: ann.do(code_of) != before)


def _approval_code(client: Client) -> str:
    return client.keys.approval_code


def test_a_new_device_can_be_approved_from_its_own_list(
    qtbot: QtBot, second: OtherDevice, show: Show
) -> None:
    dialog = DevicesDialog(second.bridge)
    show(dialog)
    press(qtbot, dialog, "Approve this device…")

    assert dialog.findChild(BeApprovedDialog) is not None
    assert button(dialog, "Recovery code…") is None


def test_the_list_says_why_it_is_empty(qtbot: QtBot, person: People, show: Show) -> None:
    offline = person("ann", online=False)
    dialog = DevicesDialog(offline.bridge)
    show(dialog)

    wait(qtbot, lambda: "Not connected." in said(dialog))


def test_logins_are_listed(qtbot: QtBot, ann: Person, second: OtherDevice, show: Show) -> None:
    dialog = LoginsDialog(ann.bridge)
    show(dialog)

    wait(qtbot, lambda: said(dialog).count("127.0.0.1") == 2)


# --- the recovery code --------------------------------------------------------------------------


def test_the_code_is_saved_and_confirmed(
    qtbot: QtBot, ann: Person, show: Show, tmp_path: Path
) -> None:
    dialog = RecoveryCodeDialog(ann.bridge)
    show(dialog)
    code = ann.do(code_of)
    wait(qtbot, lambda: code in said(dialog).replace("\n", ""))
    assert dialog._done.isEnabled() is False

    file = tmp_path / "код.txt"
    dialog.save(file)
    wait(qtbot, lambda: str(file) in said(dialog))
    assert code in file.read_text("utf-8")
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    dialog._noted.setChecked(True)
    press(qtbot, dialog, "Done")

    wait(qtbot, lambda: dialog.result() == QDialog.DialogCode.Accepted)
    state = ann.do(lambda client: client.keys.recovery.state)
    assert state is not RecoveryState.CODE_UNCONFIRMED


def test_a_file_that_cannot_be_written_is_said(qtbot: QtBot, ann: Person, show: Show) -> None:
    dialog = RecoveryCodeDialog(ann.bridge)
    show(dialog)
    wait(qtbot, lambda: dialog._code)
    dialog.save(Path("/nowhere/at/all"))

    wait(qtbot, dialog._error.text)
    assert button(dialog, "Later") is not None


def test_a_device_without_the_code_says_how_to_get_it(
    qtbot: QtBot, second: OtherDevice, show: Show
) -> None:
    dialog = RecoveryCodeDialog(second.bridge)
    show(dialog)

    wait(qtbot, lambda: "not approved yet" in said(dialog))


def test_what_is_printed_is_text() -> None:
    assert "&lt;b&gt;" in code_page("<b>", "CODE", ["note"])


# --- logging in again ---------------------------------------------------------------------------


def test_a_wrong_password_is_said_beside_the_field_and_the_right_one_logs_in(
    qtbot: QtBot, ann: Person, show: Show
) -> None:
    wrong = Credentials(ann.name, "wrong")
    ann.do(lambda client: client.store.put("token", None))
    dialog = LogInDialog(ann.bridge)
    show(dialog)
    ann.do(lambda client: client.log_in(wrong))
    ann.do(_break)
    wait(qtbot, lambda: ann.do(_state) is ConnectionState.REFUSED)

    dialog.field.edit.setText("also wrong")
    press(qtbot, dialog, "Log in")
    wait(qtbot, lambda: "Wrong password" in said(dialog))
    dialog.field.edit.setText(PASSWORD)
    press(qtbot, dialog, "Log in")

    wait(qtbot, lambda: dialog.result() == QDialog.DialogCode.Accepted)
    assert ann.do(_state) is ConnectionState.ONLINE


def test_a_forgotten_password_is_set_where_one_was_logged_out(
    qtbot: QtBot, ann: Person, show: Show, server: RunningServer
) -> None:
    reset = operator(server, "admin_reset", account_name=ann.name)
    operator(server, "admin_logout", account_name=ann.name)
    wait(qtbot, lambda: ann.do(_state) is ConnectionState.REFUSED)
    dialog = LogInDialog(ann.bridge)
    show(dialog)
    press(qtbot, dialog, "Forgot your password?")
    assert "recovery code" in said(dialog)

    dialog.field.edit.setText("a new password")
    dialog.code.edit.setText("AAAA-AAAA")
    press(qtbot, dialog, "Log in")
    wait(qtbot, lambda: "wrong, used or expired" in said(dialog))
    assert dialog.code.edit.property("wrong")
    dialog.code.edit.setText(reset["link"])
    press(qtbot, dialog, "Log in")

    wait(qtbot, lambda: dialog.result() == QDialog.DialogCode.Accepted)
    assert ann.do(_state) is ConnectionState.ONLINE
    with Talker(server.port) as link:
        assert link.log_in(ann.name, "a new password")["response"] == 200


def _state(client: Client) -> ConnectionState:
    return client.core.state


def _break(client: Client) -> None:
    client._break()
