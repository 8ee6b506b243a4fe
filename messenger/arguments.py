"""What the commands of `messenger` take: their arguments, in the user's language."""

import argparse
from collections.abc import Callable

from messenger import __version__
from messenger.command_line import Parser, number, path, speak_the_users_language, whole_number
from messenger.language import _

Run = Callable[[argparse.Namespace], int]
"""Runs a command with its arguments; returns the exit code."""


def make_parser(*, server: Run, chat: Run, run: Run, invite: Run) -> argparse.ArgumentParser:
    """Return the parser of the command line; it sets `run` to what runs the command."""
    speak_the_users_language()
    parser = Parser(
        prog="messenger", description=_("A private messenger that people run themselves")
    )
    _add_version(parser)
    commands = parser.add_subparsers(title=_("commands"), required=True, metavar="COMMAND")
    command = commands.add_parser("server", help=_("start a server"))
    _add_version(command)
    _add_server_arguments(command)
    command.set_defaults(run=server)
    command = commands.add_parser("chat", help=_("talk in a terminal, or as a tool for pipes"))
    _add_version(command)
    _add_chat_arguments(command)
    command.set_defaults(run=chat)
    command = commands.add_parser("run", help=_("start a server here if there is none, and talk"))
    _add_run_arguments(command)
    command.set_defaults(run=run)
    command = commands.add_parser("invite", help=_("make an invitation link"))
    _add_settings_arguments(command)
    _add_invite_arguments(command)
    command.set_defaults(run=invite)
    return parser


def _add_version(parser: argparse.ArgumentParser) -> None:
    version = f"Messenger {__version__}"
    shown = _("show the version, and end")
    parser.add_argument("--version", action="version", version=version, help=shown)


def _add_settings_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "-p", "--port", type=whole_number, help=_("TCP port (7777; 0: any free one)")
    )
    parser.add_argument("--data", type=path, help=_("directory of database, logs, configuration"))
    parser.add_argument("--config", type=path, help=_("TOML file (messenger.toml there)"))


def _add_server_arguments(parser: argparse.ArgumentParser) -> None:
    from messenger.server.config import ENGINES, LOG_LEVELS

    _add_settings_arguments(parser)
    parser.add_argument("-a", "--address", help=_("IP address to listen on (all)"))
    parser.add_argument("--engine", choices=ENGINES, help=_("event loop (auto)"))
    parser.add_argument(
        "--limits", choices=("on", "off"), help=_("off: no limits in time, for tests only")
    )
    parser.add_argument("--log-level", choices=LOG_LEVELS, help=_("what the log file tells (INFO)"))
    parser.add_argument(
        "--stop-at-eof", action="store_true", help=_("stop when standard input ends, too")
    )


def _add_invite_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--uses", type=whole_number, default=1, help=_("how many may register (1)"))
    parser.add_argument("--days", type=number, default=7, help=_("how long it is good (7 days)"))


def _add_chat_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("address", nargs="?", metavar="ADDR", help=_("the server: host, host:port"))
    parser.add_argument(
        "port", nargs="?", type=whole_number, metavar="PORT", help=_("its TCP port (7777)")
    )
    parser.add_argument(
        "--mode",
        choices=("chat", "send", "listen"),
        default="chat",
        help=_("send: standard input only; listen: standard output only"),
    )
    parser.add_argument(
        "--console", dest="screen", action="store_true", help=_("the whole screen, not lines")
    )
    parser.add_argument("--lines", dest="screen", action="store_false", help=_("line by line"))
    parser.set_defaults(screen=True)
    parser.add_argument("--to", metavar="NAME", help=_("a person or a #room (#all)"))
    parser.add_argument(
        "--json", action="store_true", help=_("one JSON object for each line, for programs")
    )
    parser.add_argument(
        "--events", action="store_true", help=_("with --json: tell of the connection, too")
    )
    kind = parser.add_mutually_exclusive_group()
    kind.add_argument("--register", action="store_true", help=_("make a new account"))
    kind.add_argument("--guest", action="store_true", help=_("come as a guest, without a password"))
    parser.add_argument(
        "--invite",
        metavar="LINK",
        help=_("an invitation: makes an account (or in MESSENGER_INVITE)"),
    )
    parser.add_argument(
        "--timeout",
        type=number,
        metavar="SECONDS",
        help=_("in a pipe: how long to wait for an answer of the server (60)"),
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
        help=_("that of the server's new key, from its operator; or: authority"),
    )
    parser.add_argument(
        "--restore", type=path, metavar="FILE", help=_("restore a backup that /backup has written")
    )
    _add_user_arguments(parser)


def _add_run_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("-p", "--port", type=whole_number, help=_("TCP port of the server (7777)"))
    parser.add_argument("--lines", dest="screen", action="store_false", help=_("line by line"))
    _add_user_arguments(parser)


def _add_user_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("-n", "--name", metavar="NAME", help=_("who you are"))
    parser.add_argument(
        "--profile", metavar="PROFILE", help=_("one of several users or servers (the last one)")
    )
    parser.add_argument("--data", type=path, metavar="DIR", help=_("directory of the local data"))
    parser.add_argument(
        "--password-file", type=path, metavar="FILE", help=_("file with the password")
    )
    parser.add_argument(
        "--log-level",
        choices=("DEBUG", "INFO", "WARNING", "ERROR"),
        default="INFO",
        help=_("what the log file tells (INFO)"),
    )
