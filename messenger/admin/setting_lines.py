"""Settings, changes, findings and certificates as lines for people."""

import json
import time
from collections.abc import Iterable, Sequence

from msgspec import UNSET

from messenger.crypto.certificates import grouped
from messenger.language import N_, _
from messenger.output import visible
from messenger.sdk.administration.results import (
    Certificate,
    SettingChange,
    SettingEntry,
    SettingValue,
)

_GROUPS = {
    "identity": N_("Identity"),
    "network": N_("Network"),
    "accounts": N_("Accounts"),
    "storage": N_("Storage"),
    "retention": N_("Retention"),
    "log": N_("Log"),
    "clients": N_("Other clients"),
    "limits": N_("Limits"),
}
_SOURCES = {
    "default": N_("default"),
    "file": N_("file"),
    "environment": N_("environment"),
    "command line": N_("command line"),
}
_UNITS = {
    "seconds": N_("seconds"),
    "hours": N_("hours"),
    "days": N_("days"),
    "bytes": N_("bytes"),
    "characters": N_("characters"),
}
_KINDS = {"switch": N_("true or false"), "text": N_("a single line of text"), "path": N_("a path")}
_MAX_SHOWN = 60  # characters: the sentence about it fits a line or two of a terminal


def setting_lines(found: Sequence[SettingEntry]) -> list[str]:
    """Return a table of settings, group by group."""
    width = max((len(one.name) for one in found), default=0)
    lines: list[str] = []
    group = ""
    for one in found:
        if one.group != group:
            group = one.group
            lines += [*([""] if lines else []), _(_GROUPS.get(group, group))]
        value = "-" if one.value is None else shown_value(one.value)
        source = "" if one.source == "default" else f"  ({_(_SOURCES[one.source])})"
        lines.append(visible(f"  {one.name:{width}}  {value}{source}{_running(one)}"))
    return lines


def setting_details(one: SettingEntry) -> list[str]:
    """Return everything about a setting."""
    rows = [
        (_("value"), f"{shown_value(one.value)}{_running(one)}"),
        (_("source"), _(_SOURCES[one.source])),
        (_("default"), shown_value(one.default)),
        (_("allowed"), _allowed(one)),
        (_("unit"), _(_UNITS[one.unit]) if one.unit else ""),
        (_("takes effect"), _("at once") if one.at_once else _("at the next start")),
    ]
    shown = [f"  {line}" for line in _side_by_side(rows)]
    return [one.name, f"  {one.description}", *shown]


def is_changed(one: SettingEntry) -> bool:
    """Tell whether a setting differs from its default, or from what the running server uses."""
    return one.value != one.default or one.running is not UNSET


def change_lines(changes: Iterable[SettingChange]) -> list[str]:
    """Return the changes, from what to what."""
    lines = []
    for one in changes:
        before = _("default") if one.before is None else shown_value(one.before)
        after = _("default") if one.after is None else shown_value(one.after)
        lines.append(visible(f"{one.name}: {before} -> {after}"))
    return lines or [_("Nothing has changed: the settings have these values already.")]


def override_lines(changes: Iterable[SettingChange]) -> list[str]:
    """Return a warning for each change that is of no use, as something else hides the file."""
    said = N_("{name} is set by the {source} as well, which the file does not override")
    return [
        visible(_(said, name=one.name, source=_(_SOURCES[one.overridden_by])))
        for one in changes
        if one.overridden_by
    ]


def effect_lines(changes: Iterable[SettingChange]) -> list[str]:
    """Say which settings are in effect, and for which the server has to be restarted.

    That is of no use for those that something else hides.
    """
    found = [one for one in changes if not one.overridden_by]
    now = [one.name for one in found if one.effect == "now"]
    at_restart = [one.name for one in found if one.effect == "restart"]
    said = []
    if now:
        said.append(_("In effect now: {names}", names=", ".join(now)))
    if at_restart:
        said.append(_("Restart the server for: {names}", names=", ".join(at_restart)))
        said.append(_("That is done by: messenger admin restart"))
    return said


def certificate_lines(found: Certificate) -> list[str]:
    """Return what a certificate says."""
    rows = (
        (_("file"), found.file),
        (_("fingerprint of the key"), grouped(found.fingerprint)),
        (_("issued for"), ", ".join(found.names)),
        (_("issued by"), _("the server itself") if found.is_own else found.issuer),
        (_("valid until"), time.strftime("%Y-%m-%d", time.gmtime(found.not_after))),
    )
    return _side_by_side(rows)


def _side_by_side(rows: Sequence[tuple[str, str]]) -> list[str]:
    """Return lines of names and values, without those that have no value."""
    width = max(len(name) for name, _value in rows)
    return [visible(f"{name:{width}}  {value}") for name, value in rows if value]


def plain_value(value: SettingValue) -> str:
    """Return a value as it is written on the command line."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return "" if value is None else str(value)


def shown_value(value: object) -> str:
    """Return a value as its author wrote it, or as much of it as fits into a sentence."""
    shown = json.dumps(value, ensure_ascii=False, default=str)
    return shown if len(shown) <= _MAX_SHOWN else shown[:_MAX_SHOWN] + "…"


def _running(one: SettingEntry) -> str:
    if one.running is UNSET:
        return ""
    return "; " + _("the running server uses {value}", value=shown_value(one.running))


def _allowed(one: SettingEntry) -> str:
    if one.choices:
        return _("one of {values}", values=", ".join(map(shown_value, one.choices)))
    if one.least is not None and one.most is not None:
        said = (
            N_("a whole number from {least} to {most}")
            if one.kind == "whole number"
            else N_("a number from {least} to {most}")
        )
        return _(said, least=_number(one.least), most=_number(one.most))
    return _(_KINDS.get(one.kind, one.kind))


def _number(number: float) -> str:
    return f"{number:.6f}".rstrip("0").rstrip(".")
