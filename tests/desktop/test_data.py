"""Data leave and come back in dialogs with progress, and nothing half done is left."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PyQt6.QtWidgets import QDialog, QFileDialog
from pytestqt.qtbot import QtBot

from messenger.desktop.data import working
from messenger.desktop.data.backup import BackupDialog
from messenger.desktop.data.export import ExportDialog
from messenger.desktop.data.protection import ProtectionDialog
from messenger.desktop.data.restore import RestoreDialog
from messenger.desktop.data.restoring import RestoringDialog
from messenger.desktop.data.working import WorkingDialog
from messenger.sdk import Client
from messenger.sdk.backup import Owner, back_up
from messenger.sdk.cancelling import raise_if_cancelled
from messenger.sdk.profiles import Profile, Profiles
from messenger.windows.file_questions import file_name
from messenger.windows.widgets.dialog import Dialog
from tests.desktop.devices import press, said, wait
from tests.desktop.people import People, Person

PASSPHRASE = "пароль от копии"


@pytest.fixture
def ann(person: People) -> Person:
    """Somebody who has written, and is not online."""
    made = person("ann", online=False)
    for number in range(3):
        made.say("bob", f"№ {number}")
    return made


@pytest.fixture
def show(qtbot: QtBot) -> Callable[[Dialog], None]:
    def show_it(dialog: Dialog) -> None:
        qtbot.addWidget(dialog)
        dialog.show()

    return show_it


Show = Callable[[Dialog], None]


@pytest.fixture
def chosen(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Answer the system's questions for a file: the last of these is chosen."""
    files: list[str] = []

    def answer(*_asked: object) -> tuple[str, str]:
        return (files[-1] if files else ""), ""

    for question in ("getSaveFileName", "getOpenFileName"):
        monkeypatch.setattr(QFileDialog, question, answer)
    return files


def fill_in(dialog: BackupDialog | ProtectionDialog, first: str, again: str) -> None:
    fields = dialog.passphrase if isinstance(dialog, BackupDialog) else dialog.fields
    fields.first.edit.setText(first)
    fields.again.edit.setText(again)


# --- export -------------------------------------------------------------------------------------


def test_a_conversation_is_exported_as_a_page_or_as_json(
    qtbot: QtBot, ann: Person, show: Show, chosen: list[str], tmp_path: Path
) -> None:
    dialog = ExportDialog(ann.bridge, "bob")
    show(dialog)
    press(qtbot, dialog, "Export")
    assert "Choose a file first" in said(dialog)
    chosen.append(str(tmp_path / "bob.html"))
    press(qtbot, dialog, "Choose a file…")
    press(qtbot, dialog, "Export")

    wait(qtbot, lambda: "3 messages are in" in said(dialog))
    assert (tmp_path / "bob.html").read_text("utf-8").count("<article") == 3
    press(qtbot, dialog, "Done")

    dialog = ExportDialog(ann.bridge, "bob")
    show(dialog)
    dialog.row.ask()
    dialog.json.setChecked(True)
    assert dialog.row.file == tmp_path / "bob.jsonl"
    press(qtbot, dialog, "Export")
    wait(qtbot, lambda: "3 messages are in" in said(dialog))
    lines = (tmp_path / "bob.jsonl").read_text("utf-8").splitlines()
    assert [json.loads(line)["text"] for line in lines] == ["№ 0", "№ 1", "№ 2"]


def test_a_file_is_replaced_only_if_the_question_for_it_has_asked(
    qtbot: QtBot, ann: Person, show: Show, chosen: list[str], tmp_path: Path
) -> None:
    old = tmp_path / "old.jsonl"
    old.write_text("precious")
    dialog = ExportDialog(ann.bridge, "bob")
    show(dialog)
    chosen.append(str(tmp_path / "old.html"))
    dialog.row.ask()
    dialog.json.setChecked(True)
    press(qtbot, dialog, "Export")
    wait(qtbot, lambda: "exists already" in said(dialog))
    assert old.read_text() == "precious"

    chosen.append(str(old))
    dialog.row.ask()
    press(qtbot, dialog, "Export")
    wait(qtbot, lambda: "3 messages are in" in said(dialog))
    assert "precious" not in old.read_text("utf-8")


def test_who_changes_his_mind_has_no_file(ann: Person, show: Show, chosen: list[str]) -> None:
    dialog = ExportDialog(ann.bridge, "bob")
    show(dialog)
    dialog.row.ask()

    assert dialog.row.file is None


# --- progress and cancelling --------------------------------------------------------------------


def test_progress_is_shown_and_closing_cancels(
    qtbot: QtBot, ann: Person, show: Show, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(working, "_STEP", 0)
    dialog = WorkingDialog(ann.bridge, "work")
    show(dialog)
    ended: list[str] = []

    def work(_client: Client, progress: working.Progress) -> None:
        try:
            while True:
                progress(1, 4)
                raise_if_cancelled()
        finally:
            ended.append("cancelled")

    dialog.work(work, lambda _result: ended.append("done"), lambda _error: ended.append("failed"))
    wait(qtbot, lambda: dialog._progress.value() == 250)
    assert dialog._progress.isVisible()
    dialog.reject()

    wait(qtbot, lambda: ended == ["cancelled"])


# --- backup and restore -------------------------------------------------------------------------


def test_a_backup_is_made_and_checked_before_it_is_restored(
    qtbot: QtBot, ann: Person, show: Show, chosen: list[str], tmp_path: Path
) -> None:
    file = tmp_path / "copy"
    dialog = BackupDialog(ann.bridge)
    show(dialog)
    chosen.append(str(file))
    dialog.row.ask()
    for first, again, mistake in (
        ("", "", "Write a passphrase."),
        (PASSPHRASE, "another", "do not match"),
    ):
        fill_in(dialog, first, again)
        press(qtbot, dialog, "Back up")
        assert mistake in said(dialog)
    fill_in(dialog, PASSPHRASE, PASSPHRASE)
    press(qtbot, dialog, "Back up")
    wait(qtbot, lambda: f"The backup is in {file}." in said(dialog))

    asked = RestoreDialog(ann.bridge, Owner(ann.name, "127.0.0.1", ann.port))
    show(asked)
    asked.row.ask()
    asked.field.edit.setText("wrong")
    press(qtbot, asked, "Restore and restart")
    wait(qtbot, lambda: "passphrase is wrong" in said(asked))
    asked.field.edit.setText(PASSPHRASE)
    press(qtbot, asked, "Restore and restart")
    wait(qtbot, lambda: asked.result() == QDialog.DialogCode.Accepted)
    assert (asked.file, asked.passphrase) == (file, PASSPHRASE)


@pytest.fixture
def profile(tmp_path: Path) -> Iterator[Profile]:
    """A profile that no client uses, and the file `copy` with an older state of it."""
    made = Profiles(tmp_path).named("ann")
    made.set_up("host", 7777, "ann")
    assert made.claim()
    yield made
    made.release()


def test_somebody_elses_backup_is_refused(
    qtbot: QtBot, ann: Person, show: Show, profile: Profile, tmp_path: Path
) -> None:
    def make(_client: Client) -> None:
        store = profile.open_store()
        back_up(store, tmp_path / "copy", PASSPHRASE, lambda _done, _of: None)
        store.close()

    ann.do(make)
    mine = Owner(ann.name, "127.0.0.1", ann.port)
    asked = RestoreDialog(ann.bridge, mine, file=tmp_path / "copy")
    show(asked)
    asked.field.edit.setText(PASSPHRASE)
    press(qtbot, asked, "Restore and restart")

    wait(qtbot, lambda: "not of this account" in said(asked))
    assert asked.file is None


def test_a_backup_is_restored_while_no_client_is_open(
    qtbot: QtBot, ann: Person, show: Show, profile: Profile, tmp_path: Path
) -> None:
    def make(_client: Client) -> None:
        store = profile.open_store()
        store.put("is", "old")
        back_up(store, tmp_path / "copy", PASSPHRASE, lambda _done, _of: None)
        store.put("is", "new")
        store.close()

    def look(_client: Client) -> str | None:
        store = profile.open_store()
        found = store.get("is")
        store.close()
        return found

    ann.do(make)
    wrong = RestoringDialog(profile, tmp_path / "copy", "wrong")
    show(wrong)
    wait(qtbot, lambda: "passphrase is wrong" in said(wrong))
    press(qtbot, wrong, "Close")
    assert wrong.result() == QDialog.DialogCode.Rejected
    assert ann.do(look) == "new"

    right = RestoringDialog(profile, tmp_path / "copy", PASSPHRASE)
    show(right)
    wait(qtbot, lambda: right.result() == QDialog.DialogCode.Accepted)
    assert ann.do(look) == "old"


# --- the passphrase -----------------------------------------------------------------------------


def test_a_passphrase_is_set_and_removed(qtbot: QtBot, ann: Person, show: Show) -> None:
    profile = ann.profile
    dialog = ProtectionDialog(ann.bridge, profile)
    show(dialog)
    fill_in(dialog, "свой пароль", "свой парол")
    press(qtbot, dialog, "Save")
    assert "do not match" in said(dialog)
    fill_in(dialog, "свой пароль", "свой пароль")
    wait(qtbot, dialog.fields.first.edit.accessibleDescription)
    press(qtbot, dialog, "Save")
    wait(qtbot, lambda: "this passphrase" in said(dialog))
    assert profile.record is not None
    assert profile.record.locked_by == "passphrase"
    press(qtbot, dialog, "Done")

    dialog = ProtectionDialog(ann.bridge, profile)
    show(dialog)
    assert dialog.is_set
    press(qtbot, dialog, "Remove it")
    wait(qtbot, lambda: "in a file" in said(dialog))
    assert profile.record.locked_by == "file"


# --- names --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "file"),
    [("a/b", "a_b"), ("..", "_"), ("Анна 1", "Анна 1"), ("con*?", "con__"), ("#room", "#room"),
     ("con.html", "_con.html"), ("COM1.a.jsonl", "_COM1.a.jsonl"), (".html", "html"), ("", "_"),
     ("a\u202elmth.exe.html", "a_lmth.exe.html"), ("конь.html", "конь.html"),
     ("名" * 250 + ".html", "名" * 66 + ".html")],
)  # fmt: skip
def test_names_of_files_are_what_any_system_takes(name: str, file: str) -> None:
    assert file_name(name) == file
