"""The arguments of the operator's commands, with examples."""

import argparse

from messenger.admin.machine_arguments import add_log_arguments
from messenger.admin.setting_arguments import (
    add_get_arguments,
    add_set_arguments,
    add_show_arguments,
)
from messenger.command_line import CommandLineParser, Commands, add_settings_files, path
from messenger.language import _
from messenger.operating.ending import Run, guarded


def add_commands(commands: Commands) -> None:
    """Add `config`, `doctor` and `log` to the commands of `messenger`."""
    _add_config(commands)
    _add(
        commands,
        "doctor",
        _doctor,
        _("examine the server and its machine, and say what to do"),
        "  messenger doctor\n  messenger doctor --json | jq 'select(.level != \"ok\")'",
    )
    _add_log(commands)


def _add(commands: Commands, name: str, run: Run, said: str, examples: str) -> CommandLineParser:
    command = commands.add_parser(
        name,
        help=said,
        description=said[:1].upper() + said[1:] + ".",
        epilog=_("Examples:") + "\n" + examples,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add_settings_files(command)
    command.add_argument(
        "--json", action="store_true", help=_("one JSON object per line, for programs")
    )
    command.set_defaults(run=guarded(run))
    return command


def _add_config(commands: Commands) -> None:
    command = commands.add_parser("config", help=_("show, change or check the server's settings"))
    commands = command.add_subparsers(title=_("commands"), required=True, metavar="COMMAND")
    command = _add(
        commands,
        "show",
        _show,
        _("show all settings with their sources, or more about some of them"),
        "  messenger config show\n"
        "  messenger config show port limits.message_burst\n"
        "  messenger config show --changed --json",
    )
    add_show_arguments(command)
    command = _add(
        commands,
        "get",
        _get,
        _("print the value of a setting, for scripts"),
        "  messenger config get port",
    )
    add_get_arguments(command)
    command = _add(
        commands,
        "set",
        _set,
        _("change settings, once they are known to be right"),
        "  messenger config set registration invitation\n"
        '  messenger config set name "Choir" limits.room_members 50\n'
        "  messenger config set --default port",
    )
    add_set_arguments(command)
    _add(
        commands,
        "check",
        _check,
        _("check whether a server can start with the settings"),
        "  messenger config check --data /var/lib/messenger",
    )
    _add_certificate(commands)


def _add_certificate(commands: Commands) -> None:
    command = _add(
        commands,
        "certificate",
        _certificate,
        _("show, renew or import the server's certificate"),
        "  messenger config certificate\n"
        "  messenger config certificate --renew\n"
        "  messenger config certificate --import fullchain.pem privkey.pem",
    )
    act = command.add_mutually_exclusive_group()
    act.add_argument(
        "--renew", action="store_true", help=_("make a new one for the same key, for ten years")
    )
    act.add_argument(
        "--new-key",
        action="store_true",
        help=_("make a new key, too: every client has to trust it again"),
    )
    act.add_argument(
        "--import",
        dest="files",
        nargs=2,
        type=path,
        metavar=("CERTIFICATE", "KEY"),
        help=_("use a certificate of an authority, with its chain"),
    )


def _add_log(commands: Commands) -> None:
    command = _add(
        commands,
        "log",
        _log,
        _("show the server's log"),
        "  messenger log --level WARNING\n"
        "  messenger log --follow --text alice\n"
        "  messenger log -n 1000 --json",
    )
    add_log_arguments(command)


def _doctor(options: argparse.Namespace) -> int:
    from messenger.operating.doctor_command import doctor

    return doctor(options)


def _log(options: argparse.Namespace) -> int:
    from messenger.operating.log_command import log

    return log(options)


def _show(options: argparse.Namespace) -> int:
    from messenger.operating.config_command import show

    return show(options)


def _get(options: argparse.Namespace) -> int:
    from messenger.operating.config_command import get

    return get(options)


def _set(options: argparse.Namespace) -> int:
    from messenger.operating.config_command import set_

    return set_(options)


def _check(options: argparse.Namespace) -> int:
    from messenger.operating.config_command import check

    return check(options)


def _certificate(options: argparse.Namespace) -> int:
    from messenger.operating.certificate_command import run

    return run(options)
