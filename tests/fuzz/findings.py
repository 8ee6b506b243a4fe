"""Findings of a fuzzer: what went wrong, and a file with the input, which can be replayed."""

import json
import re
import tempfile
from pathlib import Path
from typing import Any, NamedTuple

_EXCEPTION = re.compile(r"^[\w.]*(?:Error|Exception)\b[^\n]*", re.MULTILINE)


class Found(Exception):
    """A finding; `round` has what was sent, once it is known."""

    def __init__(self, what: str) -> None:
        super().__init__(what)
        self.what = what
        self.round: Round | None = None

    @property
    def name(self) -> str:
        """A name that is the same if it is found again: the exception, if there is one."""
        exceptions = _EXCEPTION.findall(self.what)
        return str(exceptions[-1]) if exceptions else self.what.partition("\n")[0]

    def __str__(self) -> str:
        if self.round is None:
            return self.what
        return f"{self.what}\nRun it again: make fuzz REPLAY={self.round.save(self.what)}"


class Round(NamedTuple):
    """One round of a fuzzer: its kind and seed, and what was sent, in order."""

    kind: str
    seed: str
    sent: list[Any]

    def save(self, what: str) -> Path:
        """Write the round to a file, and return its path."""
        directory = Path(tempfile.gettempdir()) / "messenger-fuzz"
        directory.mkdir(exist_ok=True)
        name = "".join(character if character.isalnum() else "-" for character in self.seed)
        file = directory / f"{self.kind}-{name}.json"
        file.write_text(json.dumps({**self._asdict(), "what": what}), "utf-8")
        return file


def load(file: Path) -> Round:
    """Return the round that was written to a file."""
    found = json.loads(file.read_text("utf-8"))
    return Round(found["kind"], found["seed"], found["sent"])
