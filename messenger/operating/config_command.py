"""`messenger config`: shows, changes and checks the server's settings."""

import argparse

import msgspec

from messenger.language import N_, _
from messenger.operating.ending import DONE, WRONG, given, level_word, write_json
from messenger.operating.running_server import Reloaded, check_file, find, reload
from messenger.output import visible, write_error, write_line
from messenger.server.config import LIMITS_PREFIX, ConfigError, check_value
from messenger.server.setting_values import show as show_value
from messenger.server.settings.editor import Change, SettingsEditor
from messenger.server.settings.states import SettingState

_GROUPS = {
    "identity": N_("Identity"),
    "network": N_("Network"),
    "accounts": N_("Accounts"),
    "storage": N_("Storage"),
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


def show(options: argparse.Namespace) -> int:
    """Print all settings, or more about those that are named."""
    found = _states(options)
    if options.names:
        known = {one.name: one for one in found}
        found = [known[_known(name, known)] for name in options.names]
    elif options.changed:
        found = [
            one for one in found if one.value != one.default or one.running is not msgspec.UNSET
        ]
    if options.json:
        for one in found:
            write_json(one)
    elif options.names:
        write_line("\n\n".join("\n".join(_details(one)) for one in found))
    else:
        _write_table(found)
    return DONE


def get(options: argparse.Namespace) -> int:
    """Print the value of one setting, as it would be written on the command line."""
    known = {one.name: one for one in _states(options)}
    found = known[_known(options.name, known)]
    if options.json:
        write_json(found)
    else:
        write_line(_plain(found.value))
    return DONE


def set_(options: argparse.Namespace) -> int:
    """Save new values, and have a running server take over what it can."""
    pairs = options.pairs
    if len(pairs) % 2 or not (pairs or options.defaults):
        raise ConfigError(_("Each setting needs a value: name and value alternate"))
    wanted = dict(zip(pairs[::2], pairs[1::2], strict=True)) | dict.fromkeys(options.defaults)
    wanted = {name: _switched(name, value) for name, value in wanted.items()}
    server, editor = find(options), SettingsEditor(given(options))
    check_file(server, editor.path)
    port = server.state.port if server.state is not None else None
    changes = editor.change(wanted, port)
    reloaded = reload(server, [one.name for one in changes if one.at_once])
    _report(options, changes, reloaded)
    return reloaded.code


def check(options: argparse.Namespace) -> int:
    """Check what a start would check, and the database."""
    from messenger.server.settings.start_check import check_layers

    is_running = find(options).is_running
    layers = SettingsEditor(given(options)).layers
    findings = check_layers(layers, port_is_free=not is_running)
    for one in findings:
        if options.json:
            write_json(one._asdict())
        else:
            write_line(visible(f"{level_word(one.level)}: {one.text}"))
    return WRONG if any(one.level == "failed" for one in findings) else DONE


def _states(options: argparse.Namespace) -> list[SettingState]:
    server = find(options)
    running = server.state.values if server.state is not None else None
    return SettingsEditor(given(options)).states(running)


def _known(name: str, known: dict[str, SettingState]) -> str:
    """Return the name of a setting; raises ConfigError, which says what may be meant."""
    if name not in known:
        check_value(name, "")
    return name


def _switched(name: str, value: str | None) -> str | bool | None:
    """Return a switch as TOML has it: in the environment it is on or off."""
    words = {"on": True, "off": False}
    is_switch = name in ("limits_on", "one_session_per_account")
    return words.get(value or "", value) if is_switch else value


def _plain(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return "" if value is None else str(value)


def _write_table(found: list[SettingState]) -> None:
    width = max((len(one.name) for one in found), default=0)
    group = ""
    for one in found:
        if one.group != group:
            write_line(("\n" if group else "") + _(_GROUPS[one.group]))
            group = one.group
        value = "-" if one.value is None else show_value(one.value)
        source = "" if one.source == "default" else f"  ({_(_SOURCES[one.source])})"
        write_line(visible(f"  {one.name:{width}}  {value}{source}{_running(one)}"))


def _running(one: SettingState) -> str:
    if one.running is msgspec.UNSET:
        return ""
    return "; " + _("the running server uses {value}", value=show_value(one.running))


def _details(one: SettingState) -> list[str]:
    rows = [
        (_("value"), f"{show_value(one.value)}{_running(one)}"),
        (_("source"), _(_SOURCES[one.source])),
        (_("default"), show_value(one.default)),
        (_("allowed"), _allowed(one)),
        (_("unit"), _(_UNITS[one.unit]) if one.unit else ""),
        (_("takes effect"), _("at once") if one.at_once else _("at the next start")),
    ]
    width = max(len(name) for name, _value in rows)
    shown = [visible(f"  {name:{width}}  {value}") for name, value in rows if value]
    return [one.name, f"  {one.description}", *shown]


def _allowed(one: SettingState) -> str:
    from messenger.server.config import KINDS, KINDS_OF_LIMITS, bounds_of
    from messenger.server.setting_values import describe

    bare = one.name.removeprefix(LIMITS_PREFIX)
    kind = KINDS[bare] if bare == one.name else KINDS_OF_LIMITS[bare]
    return describe(kind, bounds_of(bare, kind))


def _report(options: argparse.Namespace, changes: list[Change], reloaded: Reloaded) -> None:
    if options.json:
        for one in changes:
            effect = "now" if one.name in reloaded.names else reloaded.later
            write_json(msgspec.structs.asdict(one) | {"effect": effect})
        if reloaded.problem:
            write_error(visible(reloaded.problem))
        return
    if not changes:
        write_line(_("Nothing has changed: the settings have these values already."))
    for one in changes:
        before = _("default") if one.before is None else show_value(one.before)
        after = _("default") if one.after is None else show_value(one.after)
        write_line(visible(f"{one.name}: {before} -> {after}"))
        if one.overridden_by:
            said = _(
                "{name} is set by the {source} as well, which the file does not override",
                name=one.name,
                source=_(_SOURCES[one.overridden_by]),
            )
            write_error(visible(said))
    for said in reloaded.sentences([one.name for one in changes]):
        write_line(visible(said))
    if reloaded.problem:
        write_error(visible(reloaded.problem))
