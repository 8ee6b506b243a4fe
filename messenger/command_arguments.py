"""The arguments of each command of `messenger`, described in the user's language."""

import argparse
from collections.abc import Callable
from typing import NamedTuple

from messenger.admin.arguments import EXAMPLES, add_admin_arguments
from messenger.admin.verb_examples import CODES
from messenger.backup_arguments import add_backup_commands
from messenger.command_line import (
    CommandLineParser,
    Commands,
    add_settings_files,
    add_version,
    number,
    path,
    speak_the_users_language,
    whole_number,
)
from messenger.language import _
from messenger.operating.arguments import add_commands
from messenger.output import write_line

Run = Callable[[argparse.Namespace], int]
"""Runs a command with its arguments; returns the exit code."""


class Programs(NamedTuple):
    """The function that runs each command."""

    server: Run
    chat: Run
    desktop: Run
    run: Run
    invite: Run
    copy: Run
    check: Run
    admin: Run
    backup: Run


def make_parser(programs: Programs) -> argparse.ArgumentParser:
    """Return the parser of the command line; it sets `run` to the function of the command."""
    speak_the_users_language()
    parser = CommandLineParser(
        prog="messenger", description=_("A private messenger that people run themselves")
    )
    add_version(parser)
    commands = parser.add_subparsers(title=_("commands"), required=True, metavar="COMMAND")
    command = commands.add_parser("server", help=_("start a server"))
    add_version(command)
    _add_server_arguments(command)
    command.set_defaults(run=programs.server)
    command = commands.add_parser(
        "chat", help=_("chat in a terminal, or send and receive in a pipe")
    )
    add_version(command)
    _add_chat_arguments(command)
    command.set_defaults(run=programs.chat)
    command = commands.add_parser("desktop", help=_("chat in a window"))
    add_version(command)
    _add_desktop_arguments(command)
    command.set_defaults(run=programs.desktop)
    command = commands.add_parser(
        "run", help=_("start a server on this computer if none is running, and chat")
    )
    _add_run_arguments(command)
    command.set_defaults(run=programs.run)
    command = commands.add_parser("invite", help=_("create an invitation link"))
    _add_settings_arguments(command)
    _add_invite_arguments(command)
    command.set_defaults(run=programs.invite)
    command = commands.add_parser(
        "admin",
        help=_("administer a server"),
        description=_("Administers a server: this machine's, whether it runs or not, or another."),
        epilog=EXAMPLES.format(examples=_("Examples:"), codes=_("Exit codes:"), meanings=_(CODES)),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add_version(command)
    # Two hundred arguments, which no other command needs.
    command.fill_later(add_admin_arguments)
    command.set_defaults(run=programs.admin)
    add_backup_commands(commands, programs.backup)
    command = commands.add_parser("db", help=_("move or check the server's database"))
    add_version(command)
    all_commands = commands
    commands = command.add_subparsers(title=_("commands"), required=True, metavar="COMMAND")
    command = commands.add_parser(
        "copy",
        help=_("copy everything to another database, such as PostgreSQL"),
        description=_(
            "Copies everything to another database, and compares both. Stop the server first. The "
            "target must be empty; a copy that was interrupted continues."
        ),
    )
    add_version(command)
    _add_copy_arguments(command)
    command.set_defaults(run=programs.copy)
    command = commands.add_parser("check", help=_("check whether a server can run on a database"))
    add_version(command)
    _add_settings_arguments(command)
    command.add_argument(
        "database",
        nargs="?",
        metavar="DATABASE",
        help=_("directory of a server, file of SQLite, or postgresql://user@host/name"),
    )
    command.set_defaults(run=programs.check)
    add_commands(all_commands)
    _add_completion(all_commands, parser)
    return parser


def _add_completion(commands: Commands, parser: CommandLineParser) -> None:
    command = commands.add_parser(
        "completion",
        help=_("print a script with which a shell completes commands"),
        epilog=_("Examples:")
        + """
  messenger completion bash > ~/.local/share/bash-completion/completions/messenger
  messenger completion zsh > ~/.zfunc/_messenger
  messenger completion fish > ~/.config/fish/completions/messenger.fish""",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add_version(command)
    command.add_argument(
        "shell", choices=("bash", "zsh", "fish"), metavar="SHELL", help="bash, zsh, fish"
    )

    def complete(options: argparse.Namespace) -> int:
        from messenger.shell_completion import completion_script

        return 0 if write_line(completion_script(parser, options.shell), as_is=True) else 1

    command.set_defaults(run=complete)


def _add_settings_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "-p", "--port", type=whole_number, help=_("TCP port (7777; 0: any free one)")
    )
    add_settings_files(parser)


def _add_server_arguments(parser: argparse.ArgumentParser) -> None:
    from messenger.server.config import ENGINES, LOG_LEVELS

    _add_settings_arguments(parser)
    parser.add_argument("-a", "--address", help=_("IP address to listen on (all)"))
    parser.add_argument("--engine", choices=ENGINES, help=_("event loop (auto)"))
    parser.add_argument("--gui", action="store_true", help=_("open the administration window, too"))
    parser.add_argument(
        "--limits", choices=("on", "off"), help=_("off: no rate limits, for tests only")
    )
    parser.add_argument("--log-level", choices=LOG_LEVELS, help=_("log level (INFO)"))
    parser.add_argument(
        "--stop-at-eof", action="store_true", help=_("stop at the end of standard input, too")
    )


def _add_invite_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--uses", type=whole_number, default=1, help=_("how many people can register (1)")
    )
    parser.add_argument("--days", type=number, default=7, help=_("days until it expires (7)"))


def _add_copy_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "source",
        metavar="FROM",
        help=_("directory of a server, file of SQLite, or postgresql://user@host/name"),
    )
    parser.add_argument("target", metavar="TO", help=_("the same; it is created if it is a file"))


def _add_chat_arguments(parser: argparse.ArgumentParser) -> None:
    _add_server_and_account(parser)
    parser.add_argument(
        "--mode",
        choices=("chat", "send", "listen"),
        default="chat",
        help=_("send: standard input only; listen: standard output only"),
    )
    parser.add_argument(
        "--console", dest="screen", action="store_true", help=_("full screen instead of lines")
    )
    parser.add_argument("--lines", dest="screen", action="store_false", help=_("line by line"))
    # Both options have a default, and argparse uses the first one's: False.
    parser.set_defaults(screen=True)
    parser.add_argument(
        "--json", action="store_true", help=_("one JSON object per line, for programs")
    )
    parser.add_argument(
        "--events", action="store_true", help=_("with --json: report the connection, too")
    )
    parser.add_argument(
        "--timeout",
        type=number,
        metavar="SECONDS",
        help=_("in a pipe: how long to wait for the server's answer (60)"),
    )
    _add_user_arguments(parser)


def _add_desktop_arguments(parser: argparse.ArgumentParser) -> None:
    _add_server_and_account(parser)
    parser.add_argument(
        "--choose",
        action="store_true",
        help=_("choose among the accounts on this computer, or add one"),
    )
    _add_user_arguments(parser)


def _add_server_and_account(parser: argparse.ArgumentParser) -> None:
    """Add what any client can be told about its server, its account and its local data."""
    parser.add_argument(
        "address", nargs="?", metavar="ADDR", help=_("the server: host or host:port")
    )
    parser.add_argument(
        "port", nargs="?", type=whole_number, metavar="PORT", help=_("its TCP port (7777)")
    )
    parser.add_argument("--to", metavar="NAME", help=_("a person or a #room (#all)"))
    kind = parser.add_mutually_exclusive_group()
    kind.add_argument("--register", action="store_true", help=_("create a new account"))
    kind.add_argument(
        "--guest", action="store_true", help=_("log in as a guest, without a password")
    )
    kind.add_argument(
        "--reset-code",
        metavar="CODE",
        help=_("set a new password, by an administrator's code (or give its link as ADDR)"),
    )
    parser.add_argument(
        "--invite",
        metavar="LINK",
        help=_("an invitation link to register with (or in MESSENGER_INVITE)"),
    )
    secrecy = parser.add_mutually_exclusive_group()
    secrecy.add_argument(
        "--plain", dest="encryption", action="store_const", const="plain",
        help=_("connect without TLS: for servers that have none, on networks that you trust"),
    )  # fmt: skip
    secrecy.add_argument(
        "--tls", dest="encryption", action="store_const", const="tls",
        help=_("connect with TLS, on this machine too"),
    )  # fmt: skip
    parser.add_argument(
        "--trust",
        metavar="FINGERPRINT",
        help=_("fingerprint of the server's new key, from its operator; or: authority"),
    )
    parser.add_argument(
        "--restore", type=path, metavar="FILE", help=_("restore a backup made by /backup")
    )


def _add_run_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("-p", "--port", type=whole_number, help=_("TCP port of the server (7777)"))
    where = parser.add_mutually_exclusive_group()
    where.add_argument(
        "--console",
        dest="screen",
        action="store_true",
        default=None,
        help=_("in the terminal, not in a window"),
    )
    where.add_argument(
        "--lines", dest="screen", action="store_false", help=_("in the terminal, line by line")
    )
    # Neither: in a window, where there can be one.
    parser.set_defaults(screen=None)
    _add_user_arguments(parser)


def _add_user_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("-n", "--name", metavar="NAME", help=_("your name"))
    parser.add_argument(
        "--profile", metavar="PROFILE", help=_("one of several users or servers (the last one)")
    )
    parser.add_argument("--data", type=path, metavar="DIR", help=_("directory for local data"))
    parser.add_argument(
        "--password-file", type=path, metavar="FILE", help=_("file with the password")
    )
    parser.add_argument(
        "--log-level",
        choices=("DEBUG", "INFO", "WARNING", "ERROR"),
        default="INFO",
        help=_("log level (INFO)"),
    )
