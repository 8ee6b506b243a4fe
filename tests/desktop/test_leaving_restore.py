"""A backup is restored between two windows: all of it, or nothing."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from PyQt6.QtWidgets import QFileDialog

from messenger.desktop.data.restore import RestoreDialog
from messenger.desktop.data.restoring import RestoringDialog
from messenger.desktop.main_window import MainWindow
from messenger.sdk.backup import Backup
from messenger.sdk.cancelling import raise_if_cancelled
from messenger.sdk.store import Store
from messenger.ui.profile_choice import Start
from tests.desktop.hands import Hands
from tests.desktop.programs import Program, back_up_to
from tests.desktop.test_leaving import Run, is_deleted, online, run, start
from tests.running import until

__all__ = ["run", "start"]  # fixtures

PASSPHRASE = "пароль от копии"
MARK = "mark"


@pytest.fixture
def backup(run: Run, start: Start, tmp_path: Path) -> Path:
    """A backup of a profile that has changed since, by a mark: messages the server has, too."""
    file = tmp_path / "резервная копия"
    program = run(start)
    write(online(program), "before")
    program.close()
    program.stored(lambda store: store.put(MARK, "of the backup"))
    back_up_to(file, program.profile, PASSPHRASE)
    program.stored(lambda store: store.put(MARK, "since the backup"))
    return file


def write(ui: Hands, text: str) -> None:
    ui.write(text)
    ui.see(text)


def restore(ui: Hands, file: Path) -> None:
    """Go through the dialog that asks for the backup."""
    ui.window.actions_of.restore(file)
    dialog = ui.dialog(RestoreDialog)
    dialog.field.edit.setText(PASSPHRASE)
    ui.click("Restore and restart", dialog)


def mark_of(program: Program) -> str:
    program.close()
    found: str = program.stored(lambda store: store.get(MARK))
    return found


def test_a_backup_is_restored_and_its_messages_are_shown(
    run: Run, start: Start, backup: Path
) -> None:
    program = run(start)
    ui = online(program)
    ui.see("before")
    ui.window.model.note("of the first window")
    first = ui.window

    restore(ui, backup)

    ui.wait(lambda: is_deleted(first))
    again = online(program)
    again.see("before")
    assert "of the first window" not in again.texts()
    write(again, "after")
    assert mark_of(program) == "of the backup"


def test_a_cancelled_restore_leaves_everything_as_it_was(
    run: Run, start: Start, backup: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program = run(start)
    ui = online(program)
    begun = False

    def never_done(_backup: Backup, _store: Store, progress: Callable[[int, int], Any]) -> None:
        nonlocal begun
        progress(1, 100)
        begun = True
        until(raise_if_cancelled)

    monkeypatch.setattr(Backup, "restore", never_done)
    restore(ui, backup)
    dialog = program.shown(RestoringDialog)
    ui.wait(lambda: begun)
    dialog.reject()

    online(program).see("before")
    assert mark_of(program) == "since the backup"


def test_a_program_that_ends_while_it_restores_leaves_everything_as_it_was(
    run: Run, start: Start, backup: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program = run(start)
    ui = online(program)
    begun = False

    def never_done(_backup: Backup, _store: Store, progress: Callable[[int, int], Any]) -> None:
        nonlocal begun
        begun = True
        until(raise_if_cancelled)

    monkeypatch.setattr(Backup, "restore", never_done)
    restore(ui, backup)
    program.shown(RestoringDialog)
    ui.wait(lambda: begun)

    assert mark_of(program) == "since the backup"
    assert program.code == 0


def test_the_settings_restore_too(
    run: Run, start: Start, backup: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program = run(start)
    ui = online(program)
    monkeypatch.setattr(QFileDialog, "getOpenFileName", lambda *_asked: (str(backup), ""))
    ui.window.actions_of.dialogs.show_settings("data")
    ui.click("Restore…", program.shown(MainWindow))
    dialog = ui.dialog(RestoreDialog)
    ui.click("Choose a backup…", dialog)
    dialog.field.edit.setText("wrong")
    ui.click("Restore and restart", dialog)
    ui.wait(lambda: "passphrase" in ui.said(dialog).casefold())
    dialog.field.edit.setText(PASSPHRASE)
    first = ui.window
    ui.click("Restore and restart", dialog)

    ui.wait(lambda: is_deleted(first))
    online(program).see("before")
