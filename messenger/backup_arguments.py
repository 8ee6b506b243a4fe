"""The arguments of `messenger backup`, with examples."""

import argparse
from typing import TYPE_CHECKING

from messenger.command_line import (
    CommandLineParser,
    Commands,
    add_settings_files,
    add_version,
    path,
    whole_number,
)
from messenger.language import _

if TYPE_CHECKING:
    from messenger.operating.ending import Run


def add_backup_commands(commands: Commands, backup: "Run") -> None:
    """Add `backup` with its commands, which `backup` runs by their `verb`."""
    command = commands.add_parser("backup", help=_("back up a server, verify or restore a backup"))
    add_version(command)
    commands = command.add_subparsers(title=_("commands"), required=True, metavar="COMMAND")
    command = _add(
        commands,
        "make",
        _("back up everything, also while the server runs"),
        _(
            "Makes one file of the database, the server's key and certificate, and its "
            "configuration. The server may run meanwhile."
        ),
        "  messenger backup make /srv/backups --keep 7\n"
        "  messenger backup make --json | jq -r .file",
    )
    add_settings_files(command)
    command.add_argument(
        "target",
        nargs="?",
        type=path,
        metavar="TO",
        help=_("directory, or a new file that ends with .tar.gz (backups in the data directory)"),
    )
    command.add_argument(
        "--keep", type=whole_number, metavar="COUNT", help=_("remove all but the newest backups")
    )
    command.set_defaults(run=backup, verb="make")
    command = _add(
        commands,
        "verify",
        _("check a backup by restoring it aside"),
        _("Restores a backup into a temporary directory, and checks every file and row of it."),
        "  messenger backup verify messenger-20270131-040000Z.tar.gz",
    )
    command.add_argument("file", type=path, metavar="BACKUP", help=_("file of the backup"))
    command.set_defaults(run=backup, verb="verify")
    command = _add(
        commands,
        "restore",
        _("restore a server from a backup"),
        _(
            "Restores a backup into an empty directory, or an empty database. Stop the server "
            "first."
        ),
        "  messenger backup restore messenger-20270131-040000Z.tar.gz --data /var/lib/messenger",
    )
    command.add_argument("file", type=path, metavar="BACKUP", help=_("file of the backup"))
    command.add_argument("--data", type=path, help=_("directory to restore the server into"))
    command.add_argument(
        "--database", metavar="URL", help=_("database to restore into (as configured)")
    )
    command.add_argument(
        "--replace", action="store_true", help=_("move what is there already aside")
    )
    command.add_argument(
        "--yes",
        action="store_true",
        help=_("restore into the database that the backup names, without asking"),
    )
    command.set_defaults(run=backup, verb="restore")


def _add(
    commands: Commands, name: str, said: str, description: str, examples: str
) -> CommandLineParser:
    codes = _("0 done, 2 not done: one sentence on standard error says why")
    command = commands.add_parser(
        name,
        help=said,
        description=description,
        epilog=f"{_('Examples:')}\n{examples}\n\n{_('Exit codes:')} {codes}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add_version(command)
    command.add_argument("--json", action="store_true", help=_("one JSON document, for programs"))
    return command
