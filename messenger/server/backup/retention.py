"""The backups in a directory: their names, their order, and how many of them stay."""

import re
import time
from pathlib import Path
from typing import NamedTuple

ENDING = ".tar.gz"
_NAME = re.compile(r"messenger-(\d{4})(\d\d)(\d\d)-(\d\d)(\d\d)(\d\d)Z(-\d+)?\.tar\.gz")
_FORM = "messenger-%Y%m%d-%H%M%SZ"


class Backup(NamedTuple):
    """A backup in a directory, by the time in its name (unix time)."""

    file: Path
    made_at: float


def new_name(directory: Path, now: float) -> Path:
    """Return the file of a backup that is made `now` (unix time); there is none of that name."""
    name = time.strftime(_FORM, time.gmtime(now))
    file = directory / f"{name}{ENDING}"
    number = 1
    while file.exists():
        number += 1
        file = directory / f"{name}-{number}{ENDING}"
    return file


def backups_in(directory: Path) -> list[Backup]:
    """Return the backups of a directory that have been named by their time, the newest first.

    Raises OSError; a directory that does not exist has none.
    """
    if not directory.is_dir():
        return []
    found = []
    for file in directory.iterdir():
        if (match := _NAME.fullmatch(file.name)) and file.is_file():
            number = int((match[7] or "-1")[1:])
            found.append((_made_at(match), number, file))
    return [Backup(file, made_at) for made_at, _, file in sorted(found, reverse=True)]


def prune(directory: Path, keep: int) -> list[Path]:
    """Remove all but the newest backups of a directory; return those that were removed.

    Other files stay, whatever they are. Raises OSError, and ValueError if none would stay.
    """
    if keep < 1:
        raise ValueError("At least one backup has to stay")
    removed = []
    for backup in backups_in(directory)[keep:]:
        backup.file.unlink(missing_ok=True)
        removed.append(backup.file)
    return removed


def _made_at(match: re.Match[str]) -> float:
    import calendar

    return float(calendar.timegm((*map(int, match.groups()[:6]), 0, 0, 0)))
