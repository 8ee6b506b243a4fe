"""Runs an operator's command in this process."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from messenger.__main__ import main


class Ran(NamedTuple):
    """How a command ended, and what it has written."""

    code: int
    out: str
    err: str

    @property
    def objects(self) -> list[dict[str, Any]]:
        """Its lines of JSON."""
        return [json.loads(line) for line in self.out.splitlines()]


Command = Callable[..., Ran]


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """The directory of a server."""
    made = tmp_path / "сервер"
    made.mkdir(mode=0o700)
    return made


@pytest.fixture
def command(data: Path, capsys: pytest.CaptureFixture[str]) -> Command:
    """Run `messenger WORDS --data DATA`."""

    def run(*words: str) -> Ran:
        capsys.readouterr()
        return Ran(main([*words, "--data", str(data)]), *capsys.readouterr())

    return run
