"""A restoration that is killed at any step: the next start has the old data or the restored."""

import signal
from collections.abc import Callable
from pathlib import Path

import pytest

from messenger.server.backup.making import make_backup
from messenger.server.backup.replacement import NOTE
from messenger.server.backup.source import source_of
from messenger.server.config import load_settings
from tests.forking import Python
from tests.postgresql import Postgresql
from tests.running import Talker, running
from tests.server.administrators import operator

_RESTORE = """
import os, signal, sys
from pathlib import Path
from sqlalchemy import event
from sqlalchemy.engine import Engine
from messenger.server.backup import replacement
from messenger.server.backup.orders import RestoreOrder
from messenger.server.interrupted_restoration import put_back
from messenger.server.restoration import restore
from messenger.server.settings.editor import SettingsEditor

left = int(sys.argv[3])

def step(*_arguments):
    global left
    left -= 1
    if left < 0:
        os.kill(os.getpid(), signal.SIGKILL)

def killing(function):
    def run(*arguments, **options):
        step()
        return function(*arguments, **options)
    return run

# Whatever is to be seen from outside: files that get another name or go, and transactions.
for name in ("rename", "replace", "unlink"):
    setattr(Path, name, killing(getattr(Path, name)))
event.listen(Engine, "commit", step)
editor = SettingsEditor({"data": Path(sys.argv[1])}, {})
if sys.argv[2]:
    order = RestoreOrder(Path(sys.argv[2]), Path(sys.argv[1]), "operator", "local")
    restore(order, editor, lambda _progress: None)
else:
    put_back(editor.layers().settings(), 0)
"""
"""Restores a backup, or undoes that, and is killed at a step: not if there are fewer."""


def _said(port: int) -> list[str]:
    with Talker(port) as ann:
        assert ann.log_in_fully("анна")["response"] == 200
        found = ann.ask("history", conversation="#all", after=0).get("messages", [])
    return [one["message"] for one in found]


def _say(port: int, text: str) -> None:
    with Talker(port) as ann:
        assert ann.log_in_fully("анна")["response"] == 200
        assert ann.ask("msg", to="#all", message=text, id=text)["response"] == 200


@pytest.mark.parametrize("place", ["in the directory", "under its own name", "elsewhere", "url"])
def test_either_all_is_restored_or_nothing(
    tmp_path: Path, postgresql: Postgresql, place: str
) -> None:
    data = tmp_path / "сервер"
    data.mkdir()
    urls: dict[str, Callable[[], str]] = {
        "in the directory": lambda: "",
        "under its own name": lambda: f"sqlite:///{data / 'own' / 'mine.sqlite'}",
        "elsewhere": lambda: f"sqlite:///{tmp_path / 'mine.sqlite'}",
        "url": postgresql.empty_database,
    }
    (data / "own").mkdir()
    if url := urls[place]():
        (data / "messenger.toml").write_text(f'database = "{url}"\n', "utf-8")
    settings = load_settings({"data": data}, {})
    with running(data) as server:
        with Talker(server.port) as ann:
            ann.register_quickly("анна")
        _say(server.port, "before")
    source = source_of(settings, data / "messenger.toml")
    backup = make_backup(source, data / "backups", lambda _: None).file
    with running(data) as server:
        _say(server.port, "after")

    outcomes = []
    for steps in range(100):
        process = Python("-c", _RESTORE, str(data), str(backup), str(steps))
        code = process.wait(120)
        # And what undoes it is killed in turn, further on each time.
        undoing = Python("-c", _RESTORE, str(data), "", str(steps % 7))
        assert undoing.wait(120) in (0, -signal.SIGKILL)
        with running(data) as server:
            said = _said(server.port)
            state = operator(server, "admin_backups")
        assert said in (["before"], ["before", "after"])
        assert not (data / NOTE).exists()
        assert not (data / ".restoring").exists()
        assert not [one for one in tmp_path.iterdir() if "restoring" in one.name]
        if said == ["before"]:
            assert code in (0, -signal.SIGKILL)
            break
        assert code == -signal.SIGKILL
        outcomes.append(state.get("failure") or "")
    assert said == ["before"]
    assert len(outcomes) > 4
    told = [one for one in outcomes if one]
    assert all("Restore it again" in one and backup.name in one for one in told)
    assert told
