"""The values that a setting may have: checked, and described in words."""

import json
import types
from pathlib import Path
from typing import Any, Literal, NamedTuple, get_args, get_origin

import msgspec

from messenger.language import N_, _

_MAX_SHOWN = 60  # characters: the sentence about it fits a line or two of a terminal

_WHOLE = N_("a whole number from {least} to {most}")
_NUMBER = N_("a number from {least} to {most}")
_TABLE = N_("a table")
_WORDS = {bool: N_("true or false"), str: N_("a single line of text"), Path: N_("a path")}


class Bounds(NamedTuple):
    """The least and the greatest value of a number."""

    least: float
    most: float


class InvalidValue(Exception):
    """A value is invalid for its setting; the text says in words which are valid."""


def convert(kind: Any, value: object, bounds: Bounds | None = None, *, strict: bool = True) -> Any:
    """Return the value as the type of a setting, within the bounds; raises InvalidValue.

    If not `strict`, the value may be text, as in the environment.
    """
    try:
        found = msgspec.convert(value, kind, strict=strict, dec_hook=_path)
    except (msgspec.ValidationError, ValueError, OverflowError, RuntimeError) as error:
        raise InvalidValue(describe(kind, bounds)) from error
    # NaN is within no bounds.
    if bounds is not None and not bounds.least <= found <= bounds.most:
        raise InvalidValue(describe(kind, bounds))
    if isinstance(found, str) and not found.isprintable():
        raise InvalidValue(describe(kind, bounds))
    return found


def describe(kind: Any, bounds: Bounds | None = None) -> str:
    """Return in words which values a setting of this type may have."""
    if get_origin(kind) is Literal:
        return _("one of {values}", values=", ".join(map(show, get_args(kind))))
    if bounds is not None:
        said = _WHOLE if kind is int else _NUMBER
        return _(said, least=_number(bounds.least), most=_number(bounds.most))
    if isinstance(kind, types.UnionType):  # optional
        kind = get_args(kind)[0]
    return _(_WORDS.get(kind, _TABLE))


def show(value: object) -> str:
    """Return a value as its author wrote it, or as much of it as fits into a sentence."""
    shown = json.dumps(value, ensure_ascii=False, default=str)
    return shown if len(shown) <= _MAX_SHOWN else shown[:_MAX_SHOWN] + "…"


def _path(kind: type, value: Any) -> Any:
    """Convert text to a path; raises RuntimeError if `~name` has no home directory."""
    if kind is Path and isinstance(value, str | Path) and str(value) and "\0" not in str(value):
        return Path(value).expanduser()
    raise ValueError(f"{value!r} is no path")


def _number(number: float) -> str:
    return f"{number:.6f}".rstrip("0").rstrip(".")
