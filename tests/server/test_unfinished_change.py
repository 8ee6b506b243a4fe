"""A server that is killed while it changes a setting or its certificate: file and row agree."""

import json
import signal
import time
from pathlib import Path

import pytest

from messenger.server import unfinished_change
from messenger.server.actors import Actor
from tests.forking import Python
from tests.running import running
from tests.server.administrators import audit_rows, operator

_CHANGE = """
import os, signal, sys
from functools import partial
from pathlib import Path
from sqlalchemy import event
from messenger.server import unfinished_change
from messenger.server.actors import Actor
from messenger.server.actors import Actor
from messenger.server.administration import settings
from messenger.server.settings import certificate, editor
from tests.in_process import InProcessServer

def die(*_args, **_options):
    os.kill(os.getpid(), signal.SIGKILL)

data, act, moment = Path(sys.argv[1]), sys.argv[2], sys.argv[3]
server = InProcessServer(data)
services = server.server.services
services.editor = editor.SettingsEditor({"data": data}, {})
if moment == "before the file is written":
    editor.Prepared.save = certificate.save = die
elif moment == "before the commit":
    # Not that of anything else, such as statistics.
    def die_with_row(_connection, _cursor, statement, *_args):
        if statement.startswith("INSERT INTO audit"):
            event.listen(server.engine, "commit", die)
    event.listen(server.engine, "before_cursor_execute", die_with_row)
else:
    unfinished_change.forget = die
operator = Actor("operator", "local", None)
acts = {
    "admin_set": partial(settings.change, services, operator, {"log_days": 3}, "en"),
    "admin_renew": partial(settings.renew_certificate, services, operator, "en"),
}
server.loop.run_until_complete(acts[act]())
"""
"""Changes something, and is killed at a moment."""


@pytest.mark.parametrize(
    ("moment", "happened"),
    [
        ("before the file is written", False),
        ("before the commit", True),
        ("before the note is removed", True),
    ],
)
@pytest.mark.parametrize("act", ["admin_set", "admin_renew"])
def test_after_a_kill_a_file_and_its_row_are_both_there_or_neither(
    tmp_path: Path, act: str, moment: str, *, happened: bool
) -> None:
    data = tmp_path / "сервер"
    with running(data):
        pass
    file = data / ("messenger.toml" if act == "admin_set" else "certificate.pem")
    before = file.read_bytes() if file.exists() else None

    process = Python("-c", _CHANGE, str(data), act, moment)
    assert process.wait(60) == -signal.SIGKILL
    killed = time.time()

    after = file.read_bytes() if file.exists() else None
    assert (after != before) is happened
    assert list(data.glob("unfinished*"))
    for _start in range(2):  # the second start adds nothing
        with running(data) as server:
            rows = [row for row in audit_rows(server) if row["action"] == act]
        assert len(rows) == happened
        assert not list(data.glob("unfinished*"))
    assert (file.read_bytes() if file.exists() else None) == after
    if happened:
        assert rows[0]["time"] <= killed  # when it was changed, and not when the server came back
        assert (rows[0]["actor"], rows[0]["origin"]) == ("operator", "local")
        shown = json.loads(rows[0]["after"])
        assert shown == {"log_days": 3} if act == "admin_set" else set(shown) == {"not_after"}


def test_a_change_that_is_done_leaves_no_note(tmp_path: Path) -> None:
    with running(tmp_path) as server:
        assert operator(server, "admin_set", changes={"log_days": 3})["response"] == 200
        assert operator(server, "admin_renew")["response"] == 200
        assert operator(server, "admin_set", changes={"prot": 3})["response"] == 400
        assert not list(tmp_path.glob("unfinished*"))
        assert len(audit_rows(server)) == 2


def test_a_note_that_cannot_be_read_keeps_no_server_from_starting(tmp_path: Path) -> None:
    (tmp_path / unfinished_change._NAMES.replace("*", "x")).write_bytes(b"{")
    with running(tmp_path) as server:
        assert audit_rows(server) == []
        assert not list(tmp_path.glob("unfinished*"))


def test_the_end_of_one_change_leaves_the_note_of_another(tmp_path: Path) -> None:
    with running(tmp_path):
        pass
    ann = Actor("ann", "192.0.2.1", None)
    for name in ("one", "other"):
        content = name.encode()
        unfinished_change.note(
            tmp_path, ann, "admin_set", name, tmp_path / name, content, None, {"is": name}
        )
        (tmp_path / name).write_bytes(content)

    unfinished_change.forget(tmp_path, b"one")

    with running(tmp_path) as server:
        assert [(row["actor"], row["target"]) for row in audit_rows(server)] == [("ann", "other")]
