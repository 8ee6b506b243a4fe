"""What a check has found, as data, and how a check is run."""

import time
from collections.abc import Callable
from typing import Literal, NamedTuple

import msgspec

from messenger.jim.admin.doctor import CheckLevel
from messenger.language import _, decimal
from messenger.system_errors import reason_of

Name = Literal[
    "settings",
    "port",
    "public_address",
    "tls",
    "certificate",
    "round_trip",
    "clock",
    "disk",
    "database",
    "integrity",
    "rights",
    "open_files",
    "log",
]


class Found(NamedTuple):
    """The result of a check: what was found, and what to do about it."""

    level: CheckLevel
    text: str
    advice: str = ""


class Check(msgspec.Struct, kw_only=True, frozen=True):
    """A check that was made: `seconds` is how long it took."""

    name: Name
    level: CheckLevel
    seconds: float
    text: str
    advice: str = ""


def run(name: Name, check: Callable[[], Found]) -> Check:
    """Make a check; whatever it raises is a failure of its own."""
    began = time.perf_counter()
    try:
        found = check()
    except Exception as error:
        reason = reason_of(error)
        found = Found("failed", _("The check itself failed: {reason}", reason=reason))
    seconds = round(time.perf_counter() - began, 4)
    return Check(
        name=name, level=found.level, seconds=seconds, text=found.text, advice=found.advice
    )


def worst(levels: list[CheckLevel]) -> CheckLevel:
    """Return the worst of some levels."""
    order: tuple[CheckLevel, ...] = ("failed", "warning", "ok")
    return next((level for level in order if level in levels), "ok")


def milliseconds(seconds: float) -> str:
    """Return a time to show, in milliseconds."""
    return decimal(seconds * 1000, 1)


def megabytes(count: float) -> str:
    """Return a size to show, in MB: tenths only of a small one."""
    size = count / 1_000_000
    return (f"{size:,.1f}" if size < 100 else f"{size:,.0f}").replace(",", " ")
