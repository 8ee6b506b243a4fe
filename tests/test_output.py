"""Output for people: no stream and no encoding makes it fail."""

import io
import os
import subprocess
import sys
from pathlib import Path

import pytest

from messenger.output import write_line

TEXT = "Иван: 名前 ✓ \U0001f511"


def written(encoding: str, text: str, *, as_is: bool = False) -> str:
    raw = io.BytesIO()
    stream = io.TextIOWrapper(raw, encoding)
    assert write_line(text, stream, as_is=as_is)
    return raw.getvalue().decode(encoding)


def program(lines: int, *, encoding: str = "utf-8", redirected: str = "") -> tuple[int, str, str]:
    """Run a program that writes lines, and then to standard error how many were written."""
    code = (
        "import sys; from messenger.output import write_line, write_error;"
        f"write_error(str(sum(write_line({TEXT!r}) for _ in range({lines}))))"
    )
    done = subprocess.run(
        ["sh", "-c", f'"$@" {redirected}', "sh", sys.executable, "-c", code],
        capture_output=True,
        encoding=encoding,
        timeout=30,
        env={**os.environ, "PYTHONIOENCODING": encoding},
        cwd=Path(__file__).parent.parent,
    )
    return done.returncode, done.stdout, done.stderr


def test_text_that_the_encoding_has_is_written_as_it_is() -> None:
    assert written("utf-8", TEXT) == TEXT + "\n"


@pytest.mark.parametrize("encoding", ["ascii", "latin-1", "koi8-r", "cp1251"])
def test_characters_that_the_encoding_lacks_are_escaped(encoding: str) -> None:
    shown = written(encoding, TEXT)

    assert "\\u540d\\u524d" in shown
    assert shown.endswith("\\U0001f511\n")
    assert ("Иван" in shown) == (encoding in {"koi8-r", "cp1251"})


def test_a_file_name_that_is_not_text_is_written_escaped() -> None:
    assert written("utf-8", os.fsdecode(b"/srv/\xff")) == "/srv/\\udcff\n"


def test_control_characters_do_not_reach_the_terminal() -> None:
    assert written("utf-8", "\x1b[2Ja\rb\u202ec\n    d") == "␛[2Ja␍b\\u202ec\n    d\n"
    assert written("utf-8", "\x1b\u202e", as_is=True) == "\x1b\u202e\n"


@pytest.mark.parametrize("encoding", ["utf-8", "ascii", "latin-1"])
def test_a_program_writes_in_every_locale(encoding: str) -> None:
    code, said, counted = program(2, encoding=encoding)

    assert (code, len(said.splitlines()), counted) == (0, 2, "2\n")


@pytest.mark.parametrize("redirected", [">/dev/full", ">&-"])
def test_a_broken_output_is_reported_and_does_no_harm(redirected: str) -> None:
    code, _said, counted = program(1000, redirected=redirected)

    assert "Traceback" not in counted
    assert "Exception ignored" not in counted
    assert int(counted) < 1000
    assert code == 0


def test_a_pipe_without_a_reader_is_reported() -> None:
    reading, writing = os.pipe()
    os.close(reading)
    with os.fdopen(writing, "w") as stream:
        assert not write_line(TEXT, stream)
        assert not write_line("nor does anybody read what follows", stream)


def test_a_broken_standard_error_does_no_harm() -> None:
    for redirected in ("2>/dev/full", "2>&-"):
        assert program(1, redirected=redirected)[0] == 0
