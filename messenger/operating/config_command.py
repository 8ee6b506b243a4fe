"""`messenger config`: shows, changes and checks the server's settings."""

import argparse

import msgspec

from messenger.admin.output import plain
from messenger.admin.setting_arguments import wanted_changes
from messenger.admin.setting_lines import (
    change_lines,
    effect_lines,
    is_changed,
    override_lines,
    plain_value,
    setting_details,
    setting_lines,
)
from messenger.command_line import settings_files
from messenger.jim.errors import Conflict, ProtocolError
from messenger.language import own_language
from messenger.offline_server import running_server
from messenger.operating.ending import DONE, NOT_NOW, WRONG, fail, write_json
from messenger.operating.running_server import check_file, find
from messenger.output import visible, write_error, write_line
from messenger.sdk.administration import on_socket
from messenger.sdk.administration.results import (
    ChangedSettings,
    Effect,
    SettingChange,
    SettingEntry,
)
from messenger.sdk.errors import ClientError
from messenger.server.config import ConfigError, check_value
from messenger.server.settings.editor import SettingsEditor
from messenger.server.settings.remote_changes import LOCAL_ONLY
from messenger.ui.errors import explain
from messenger.ui.server_words import level_name


def show(options: argparse.Namespace) -> int:
    """Print all settings, or more about those that are named."""
    found = _states(options)
    if options.names:
        known = {one.name: one for one in found}
        found = [known[_known(name, known)] for name in options.names]
    elif options.changed:
        found = [one for one in found if is_changed(one)]
    if options.json:
        for one in found:
            write_json(plain(one))
    elif options.names:
        write_line("\n\n".join("\n".join(setting_details(one)) for one in found))
    else:
        for line in setting_lines(found):
            write_line(line)
    return DONE


def get(options: argparse.Namespace) -> int:
    """Print the value of one setting, as it would be written on the command line."""
    known = {one.name: one for one in _states(options)}
    found = known[_known(options.name, known)]
    if options.json:
        write_json(plain(found))
    else:
        write_line(plain_value(found.value))
    return DONE


def set_(options: argparse.Namespace) -> int:
    """Save new values: by the server that runs, or in the file alone."""
    try:
        wanted = wanted_changes(options)
    except ValueError as error:
        raise ConfigError(str(error)) from error
    server, editor = find(options), SettingsEditor(settings_files(options))
    check_file(server, editor.path)
    if (connected := running_server(server.data)) is None:
        later: Effect = "restart" if server.is_running else "start"
        port = server.state.port if server.state is not None else None
        made = [
            SettingChange(
                name=one.name,
                before=one.before,
                after=one.after,
                effect=later,
                overridden_by=one.overridden_by,
            )
            for one in editor.change(wanted, port)
        ]
        _report(options, ChangedSettings(200, changes=made))
        return DONE
    # It takes over what it can, and writes who has done it to its audit log.
    try:
        with on_socket(connected, own_language()) as running:
            changed = running.change_settings(wanted)
    except Conflict as error:
        return fail(str(error), NOT_NOW)
    except (ProtocolError, ClientError) as error:
        return fail(explain(error), WRONG)
    _report(options, changed)
    return NOT_NOW if changed.problem else DONE


def check(options: argparse.Namespace) -> int:
    """Check what a start would check, and the database."""
    from messenger.server.settings.start_check import check_layers

    is_running = find(options).is_running
    layers = SettingsEditor(settings_files(options)).layers
    findings = check_layers(layers, port_is_free=not is_running)
    for one in findings:
        if options.json:
            write_json(one._asdict())
        else:
            write_line(visible(f"{level_name(one.level)}: {one.text}"))
    return WRONG if any(one.level == "failed" for one in findings) else DONE


def _states(options: argparse.Namespace) -> list[SettingEntry]:
    server = find(options)
    running = server.state.values if server.state is not None else None
    return [
        SettingEntry(**msgspec.structs.asdict(one), local_only=one.name in LOCAL_ONLY)
        for one in SettingsEditor(settings_files(options)).states(running)
    ]


def _known(name: str, known: dict[str, SettingEntry]) -> str:
    """Return the name of a setting; raises ConfigError, which says what may be meant."""
    if name not in known:
        check_value(name, "")
    return name


def _report(options: argparse.Namespace, changed: ChangedSettings) -> None:
    changes = changed.changes
    if options.json:
        for one in changes:
            write_json(plain(one))
    else:
        for line in [*change_lines(changes), *effect_lines(changes)]:
            write_line(line)
        for line in override_lines(changes):
            write_error(line)
    if changed.problem:
        write_error(visible(changed.problem))
