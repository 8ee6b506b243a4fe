"""Reasons that the operating system gives are translated with the sentence that they are in."""

import ast
import errno
import os
import socket
from pathlib import Path

import pytest

from messenger.language import _, say, speaking
from messenger.sdk.errors import Unreachable
from messenger.sdk.failures import failure_of
from messenger.sdk.file_errors import FileUnwritable
from messenger.system_errors import REASONS, reason_of
from messenger.ui.errors import explain

_ROOT = Path(__file__).parent.parent / "messenger"


@pytest.mark.parametrize(
    "number",
    [
        errno.EACCES,
        errno.EADDRINUSE,
        errno.ECONNREFUSED,
        errno.EIO,
        errno.EISDIR,
        errno.EMFILE,
        errno.ENOENT,
        errno.ENOSPC,
        errno.EROFS,
    ],
)
def test_what_systems_say_is_translated(number: int) -> None:
    error = OSError(number, os.strerror(number), "/место/файл")
    said = say("The log cannot be read: {reason}", {"reason": reason_of(error)}, "ru")
    assert said.startswith("Журнал")
    assert os.strerror(number) in REASONS
    assert not any(one.isascii() and one.isalpha() for one in said.replace("DNS", "")), said


def test_each_reason_has_a_translation() -> None:
    with speaking("ru"):
        assert [one for one in REASONS if _(one) == one] == []
    assert list(REASONS) == sorted(REASONS)


def test_the_clients_errors_say_it_in_the_users_language(tmp_path: Path) -> None:
    refused = failure_of(ConnectionRefusedError(errno.ECONNREFUSED, "Connection refused")).error
    full = FileUnwritable(tmp_path, reason_of(OSError(errno.ENOSPC, "No space left on device")))
    assert isinstance(refused, Unreachable)
    assert "Connection refused" in str(refused)  # for logs and scripts
    with speaking("ru"):
        assert "в соединении отказано" in explain(refused)
        assert "на диске нет места" in explain(full)


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (OSError(errno.ENOENT, "No such file or directory", "/a"), "No such file or directory"),
        (socket.gaierror(-2, "Name or service not known"), "Name or service not known"),
        (OSError("of a library"), "of a library"),
        (ValueError("in\n two   lines"), "in two lines"),
        (EOFError(), "EOFError"),
        (None, "unknown error"),
    ],
)
def test_a_reason_is_one_line(error: BaseException | None, reason: str) -> None:
    assert reason_of(error) == reason


def test_a_name_is_not_translated() -> None:
    """Only what this program has put there: a file may be called like a reason."""
    assert say(
        "{file} is damaged: take another copy of it", {"file": "File exists"}, "ru"
    ).startswith("File exists")


def test_nobody_else_takes_the_systems_words() -> None:
    """Each `strerror` of an error elsewhere would stay English."""
    found = [
        f"{file.relative_to(_ROOT)}:{node.lineno}"
        for file in _ROOT.rglob("*.py")
        if file.name != "system_errors.py"
        for node in ast.walk(ast.parse(file.read_text("utf-8")))
        if isinstance(node, ast.Attribute)
        and node.attr == "strerror"
        and not (isinstance(node.value, ast.Name) and node.value.id == "os")
    ]
    assert found == []
