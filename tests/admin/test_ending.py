"""How `messenger admin` ends: by Ctrl+C, by a reader that has seen enough, on a full disk."""

import signal
from pathlib import Path

import pytest

from tests.forking import Python
from tests.running import running


def test_what_is_watched_ends_by_ctrl_c(tmp_path: Path) -> None:
    with running(tmp_path):
        watching = Python("-m", "messenger", "admin", "stats", "--watch", "1", *_of(tmp_path))
        assert watching.stdout is not None
        first = [watching.stdout.readline()]
        while (line := watching.stdout.readline()).strip():
            first.append(line)
        second = watching.stdout.readline()
        watching.send_signal(signal.SIGINT)
        _out, err = watching.communicate(timeout=60)

        assert (watching.wait(), err) == (0, "")
        assert second == first[0]


def test_a_log_that_is_followed_ends_by_ctrl_c(tmp_path: Path) -> None:
    with running(tmp_path):
        following = Python("-m", "messenger", "admin", "log", "--follow", *_of(tmp_path))
        assert following.stdout is not None
        assert following.stdout.readline()
        following.send_signal(signal.SIGINT)
        _out, err = following.communicate(timeout=60)

        assert (following.wait(), err) == (0, "")


@pytest.mark.parametrize("verb", ["accounts list", "stats --watch 1", "log --follow"])
def test_a_reader_that_has_seen_enough_is_no_error(tmp_path: Path, verb: str) -> None:
    with running(tmp_path):
        program = Python("-m", "messenger", "admin", *verb.split(), *_of(tmp_path))
        assert program.stdout is not None
        program.stdout.close()
        assert program.stderr is not None

        assert (program.stderr.read(), program.wait()) == ("", 0)


def test_a_full_disk_is_an_error(tmp_path: Path) -> None:
    with running(tmp_path), Path("/dev/full").open("wb") as full:
        words = ("admin", "accounts", "list", *_of(tmp_path))
        program = Python("-m", "messenger", *words, stdout=full.fileno())
        assert program.stderr is not None
        said = program.stderr.read()

        assert program.wait() == 2
        assert "disk is full" in said


def _of(data: Path) -> tuple[str, str]:
    return "--data", str(data)
