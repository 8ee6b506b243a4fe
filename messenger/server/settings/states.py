"""Each setting with its value, where that comes from, and what else it could be."""

import types
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal, get_args, get_origin

import msgspec

from messenger.jim.admin.settings import SettingKind, SettingSource, SettingValue
from messenger.output import encodable
from messenger.server.config import (
    KINDS,
    KINDS_OF_LIMITS,
    LIMITS_PREFIX,
    Layers,
    Settings,
    bounds_of,
)
from messenger.server.settings.catalogue import Group, Unit, entry, names
from messenger.server.settings.secrets import hide

_DEFAULTS = Settings()


class SettingState(msgspec.Struct, kw_only=True, frozen=True):
    """A setting, for programs that show it: `value` is what a start would use now.

    Passwords are `***`. `running` is the value of the server that runs, where that is known and
    differs: a restart is needed, or a reload if it takes effect `at_once`. `in_file` tells whether
    the file has a value, which the environment or the command line may override.
    """

    name: str
    group: Group
    description: str
    kind: SettingKind
    value: SettingValue
    default: SettingValue
    source: SettingSource
    in_file: bool
    at_once: bool
    unit: Unit = ""
    choices: tuple[str, ...] = ()
    least: float | None = None
    most: float | None = None
    running: SettingValue | msgspec.UnsetType = msgspec.UNSET

    @property
    def is_waiting(self) -> bool:
        """Whether the server that runs has another value."""
        return self.running is not msgspec.UNSET


def states(
    layers: Layers, running: Mapping[str, SettingValue] | None = None, language: str | None = None
) -> list[SettingState]:
    """Return all settings, those of a group together; raises ConfigError.

    `running` has the values of the running server by name, as they may be shown.
    """
    settings = layers.settings()
    return [_state(name, layers, settings, running, language) for name in names()]


def value_of(settings: Settings, name: str) -> Any:
    """Return the value of a setting or limit."""
    limit = name.removeprefix(LIMITS_PREFIX)
    return getattr(settings, name) if limit == name else getattr(settings.limits, limit)


def _state(
    name: str,
    layers: Layers,
    settings: Settings,
    running: Mapping[str, SettingValue] | None,
    language: str | None,
) -> SettingState:
    bare = name.removeprefix(LIMITS_PREFIX)
    kind = KINDS[name] if bare == name else KINDS_OF_LIMITS[bare]
    known, bounds = entry(name, language), bounds_of(bare, kind)
    value = shown(name, value_of(settings, name))
    now = (running or {}).get(name, value)
    return SettingState(
        name=name,
        group=known.group,
        description=known.description,
        kind=_kind(kind),
        value=value,
        default=shown(name, value_of(_DEFAULTS, name)),
        source=source_of(name, layers),
        in_file=name in layers.file,
        at_once=known.at_once,
        unit=known.unit,
        choices=get_args(kind) if get_origin(kind) is Literal else (),
        least=bounds.least if bounds else None,
        most=bounds.most if bounds else None,
        running=now if differs(name, value, now) else msgspec.UNSET,
    )


def differs(name: str, value: Any, running: Any) -> bool:
    """Tell whether the running server has another value than a start would use."""
    if name == "limits.connections":
        return bool(running > value)  # the system may allow fewer
    if name == "port" and value == 0:
        return False  # any free one
    return bool(running != value)


def shown(name: str, value: Any) -> SettingValue:
    """Return the value of a setting as it may be shown: a path as text, no password."""
    if name == "database" and value:
        return hide(value)
    found: SettingValue = encodable(str(value)) if isinstance(value, Path) else value
    return found


def _kind(kind: Any) -> SettingKind:
    if get_origin(kind) is Literal:
        return "choice"
    if isinstance(kind, types.UnionType):
        kind = get_args(kind)[0]
    return _KIND_NAMES[kind]


_KIND_NAMES: Mapping[Any, SettingKind] = {
    str: "text",
    Path: "path",
    bool: "switch",
    int: "whole number",
    float: "number",
}


def source_of(name: str, layers: Layers) -> SettingSource:
    """Return where the value of a setting comes from."""
    if name in layers.arguments:
        return "command line"
    if name in layers.environment:
        return "environment"
    return "file" if name in layers.file else "default"
