"""The command `messenger`: a server, a client, and what an operator needs besides."""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from messenger import __version__


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; return the exit code: 0, or 2 where something has to be mended."""
    parser = _parser()
    options = parser.parse_args(arguments)
    code: int = options.run(options)
    return code


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="messenger", description=__doc__)
    parser.add_argument("--version", action="version", version=f"Messenger {__version__}")
    commands = parser.add_subparsers(title="commands", required=True, metavar="COMMAND")
    server = commands.add_parser("server", help="start a server")
    _add_server_arguments(server)
    server.set_defaults(run=_server)
    invite = commands.add_parser("invite", help="make an invitation link")
    _add_settings_arguments(invite)
    invite.add_argument("--uses", type=int, default=1, help="how many may register (1)")
    invite.add_argument("--days", type=float, default=7, help="how long it is good (7 days)")
    invite.set_defaults(run=_invite)
    return parser


def _add_settings_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("-p", "--port", type=int, help="TCP port (7777; 0: any free one)")
    parser.add_argument("--data", type=Path, help="directory of database, logs, configuration")
    parser.add_argument("--config", type=Path, help="TOML file (messenger.toml there)")


def _add_server_arguments(parser: argparse.ArgumentParser) -> None:
    from messenger.server.config import ENGINES, LOG_LEVELS

    _add_settings_arguments(parser)
    parser.add_argument("-a", "--address", help="IP address to listen on (all)")
    parser.add_argument("--engine", choices=ENGINES, help="event loop (auto)")
    parser.add_argument(
        "--limits", choices=("on", "off"), help="off: no limits in time, for tests only"
    )
    parser.add_argument("--log-level", choices=LOG_LEVELS, help="what the log file tells (INFO)")


def _server(options: argparse.Namespace) -> int:
    from messenger.server.config import ConfigError, load_settings

    try:
        settings = load_settings(_given(options))
        from messenger.server.program import CannotStart, run

        run(settings, announce=lambda line: print(line, flush=True))  # noqa: T201
    except ConfigError as error:
        return _complain(error)
    except CannotStart as error:
        return _complain(error)
    return 0


def _invite(options: argparse.Namespace) -> int:
    from messenger.server.config import ConfigError, load_settings
    from messenger.server.invitations import make_link
    from messenger.server.program import CannotStart, open_database

    try:
        settings = load_settings(_given(options))
        link = make_link(settings, open_database(settings), options.uses, options.days)
    except (ConfigError, CannotStart) as error:
        return _complain(error)
    print(link)  # noqa: T201
    return 0


def _given(options: argparse.Namespace) -> dict[str, object]:
    given = {
        name: getattr(options, name, None)
        for name in ("address", "port", "data", "config", "engine", "log_level")
    }
    limits = getattr(options, "limits", None)
    given["limits_on"] = None if limits is None else limits == "on"
    return given


def _complain(error: Exception) -> int:
    print(error, file=sys.stderr)  # noqa: T201
    return 2


if __name__ == "__main__":
    sys.exit(main())
