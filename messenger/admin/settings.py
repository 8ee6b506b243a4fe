"""The verbs for settings and the certificate, as the command line has them."""

import argparse
import difflib

from messenger.admin.output import Shown, plain
from messenger.admin.setting_arguments import wanted_changes
from messenger.admin.setting_lines import (
    certificate_lines,
    change_lines,
    effect_lines,
    is_changed,
    override_lines,
    plain_value,
    setting_details,
    setting_lines,
)
from messenger.language import _
from messenger.output import visible
from messenger.sdk.administration import Administration
from messenger.sdk.administration.results import CheckFinding, SettingEntry
from messenger.ui.certificate_words import expiry_warning
from messenger.ui.server_words import level_name


def show_settings(server: Administration, options: argparse.Namespace) -> Shown:
    """Show all settings, or more about those that are named."""
    page = server.settings()
    found = page.settings
    if options.names:
        found = [_named(name, found) for name in options.names]
        lines = "\n\n".join("\n".join(setting_details(one)) for one in found).split("\n")
    else:
        found = [one for one in found if not options.changed or is_changed(one)]
        lines = setting_lines(found)
    page.settings = found
    return Shown(lines, plain(page))


def get_setting(server: Administration, options: argparse.Namespace) -> Shown:
    """Show the value of a setting alone, for scripts."""
    found = _named(options.name, server.settings().settings)
    return Shown([visible(plain_value(found.value))], plain(found))


def change_settings(server: Administration, options: argparse.Namespace) -> Shown:
    """Change settings, and say what is in effect now."""
    changed = server.change_settings(wanted_changes(options))
    lines = [
        *change_lines(changed.changes),
        *override_lines(changed.changes),
        *effect_lines(changed.changes),
    ]
    if changed.problem:
        lines.append(visible(changed.problem))
    return Shown(lines, plain(changed))


def check_settings(server: Administration, options: argparse.Namespace) -> Shown:
    """Check whether a server could start with the settings, or on another database."""
    url = options.database
    findings = server.check_database(url) if url else server.check_settings()
    lines = [finding_line(one) for one in findings]
    code = 2 if any(one.level == "failed" for one in findings) else 0
    return Shown(lines, {"findings": plain(findings)}, code)


def show_certificate(server: Administration, options: argparse.Namespace) -> Shown:
    """Show the certificate, perhaps a new one."""
    found = server.renew_certificate() if options.renew else server.certificate()
    warning = expiry_warning(found.not_after)
    return Shown([*certificate_lines(found), *([warning] if warning else [])], plain(found))


def finding_line(found: CheckFinding) -> str:
    """Return what a check has found, for people."""
    return visible(f"{level_name(found.level)}: {found.text}")


def _named(name: str, found: list[SettingEntry]) -> SettingEntry:
    known = {one.name: one for one in found}
    if name in known:
        return known[name]
    bare = {one.removeprefix("limits."): one for one in known}
    near = difflib.get_close_matches(name, [*known, *bare], 1)
    if near:
        meant = bare.get(near[0], near[0])
        raise ValueError(
            _("There is no setting {name}: did you mean {near}?", name=name, near=meant)
        )
    raise ValueError(_("There is no setting {name}", name=name))
