"""Argparse in the user's language, which reports each mistake in one sentence."""

import argparse
import gettext
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn, Protocol

from messenger import __version__
from messenger.language import LOCALES, N_, _
from messenger.output import visible, write_error, write_line

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from _typeshed import SupportsWrite

_DOMAIN = "messenger"

# Argparse looks these up by itself; they are listed so that they get into the catalogue.
_ARGPARSE = (
    N_("usage: "),
    N_("options"),
    N_("positional arguments"),
    N_("show this help message and exit"),
    N_("argument %(argument_name)s: %(message)s"),
    N_("ambiguous option: %(option)s could match %(matches)s"),
    N_("expected one argument"),
    N_("ignored explicit argument %r"),
    N_("invalid choice: %(value)r (choose from %(choices)s)"),
    N_("not allowed with argument %s"),
    N_("the following arguments are required: %s"),
    N_("unrecognized arguments: %s"),
)


class CommandLineParser(argparse.ArgumentParser):
    """Reports mistakes in one sentence; no stream and no encoding makes its output fail."""

    _fill: "Callable[[CommandLineParser], None] | None" = None
    _complete: "Callable[[list[str]], list[str]] | None" = None
    commands: "Commands | None" = None
    """What `add_subparsers` has returned, if it was called."""

    def fill_later(self, fill: "Callable[[CommandLineParser], None]") -> None:
        """Have the arguments added once this parser is used, if it is."""
        self._fill = fill

    def fill(self) -> None:
        """Add the arguments that were to be added later."""
        fill, self._fill = self._fill, None
        if fill is not None:
            fill(self)

    def complete_by(self, complete: "Callable[[list[str]], list[str]]") -> None:
        """Have words that may be left out added before the arguments are parsed."""
        self._complete = complete

    # The types are those of the base class, which has overloads.
    def add_subparsers(self, **words: Any) -> Any:
        """Add commands, and keep them: argparse has no public way to ask for them."""
        self.commands = super().add_subparsers(**words)
        return self.commands

    def parse_known_args(self, args: Any = None, namespace: Any = None) -> Any:
        """Parse, after the arguments that were to be added later."""
        self.fill()
        args = list(sys.argv[1:] if args is None else args)
        if self._complete is not None:
            args = self._complete(args)
        option = args[0].partition("=")[0] if args else ""
        if self._subparsers is not None and self._is_foreign(option):
            # Argparse would take the option's value for the command.
            self.error(_("options follow the command, as in: COMMAND {option}", option=option))
        return super().parse_known_args(args, namespace)

    def _is_foreign(self, option: str) -> bool:
        return option.startswith("-") and option not in self._option_string_actions

    def error(self, message: str) -> NoReturn:
        """Print the mistake, and exit with code 2."""
        write_error(visible(_("{mistake} (see --help)", mistake=message)))
        self.exit(2)

    def _print_message(self, message: str, file: "SupportsWrite[str] | None" = None) -> None:
        write = write_line if file is sys.stdout else write_error
        for line in message.rstrip("\n").split("\n"):
            write(line)


class Commands(Protocol):
    """What `add_subparsers` of such a parser returns: argparse has no public name for it."""

    @property
    def choices(self) -> "Mapping[str, CommandLineParser]":
        """The parsers of the commands, by name."""

    def add_parser(self, name: str, **words: Any) -> CommandLineParser:
        """Add a command; return its parser."""


def add_version(parser: argparse.ArgumentParser) -> None:
    """Add `--version`."""
    version = f"Messenger {__version__}"
    shown = _("show the version and exit")
    parser.add_argument("--version", action="version", version=version, help=shown)


def add_settings_files(parser: argparse._ActionsContainer) -> None:
    """Add where a server on this machine has its settings."""
    parser.add_argument(
        "--data", type=path, help=_("directory for the database, logs and configuration")
    )
    parser.add_argument(
        "--config",
        type=path,
        help=_("configuration in TOML (messenger.toml in the data directory)"),
    )


def settings_files(options: argparse.Namespace) -> dict[str, object]:
    """Return where the server has its settings, by the arguments of `add_settings_files`."""
    return {name: getattr(options, name) for name in ("data", "config")}


def speak_the_users_language() -> None:
    """Make argparse translate its own texts with the program's catalogue."""
    gettext.bindtextdomain(_DOMAIN, LOCALES)
    gettext.textdomain(_DOMAIN)


def path(text: str) -> Path:
    """Return the path given to an option; an empty one (`--data "$UNSET"`) is a mistake."""
    try:
        if text:
            return Path(text).expanduser()
    except RuntimeError as error:  # `~name` without such a user
        raise argparse.ArgumentTypeError(str(error)) from error
    raise argparse.ArgumentTypeError(_("a path must not be empty"))


_GREATEST = 2**53 - 1
"""The greatest whole number that every reader of JSON takes as it is."""


def whole_number(text: str) -> int:
    """Return a whole number; `int` alone would accept 7_7 and digits of other scripts, too."""
    try:
        value = int(_plain(text))
    except ValueError as error:
        said = _("“{text}” is not a whole number", text=text)
        raise argparse.ArgumentTypeError(said) from error
    if abs(value) > _GREATEST:
        raise argparse.ArgumentTypeError(_("“{text}” is too large a number", text=text))
    return value


def number(text: str) -> float:
    """Return a number, with the same restrictions as `whole_number`."""
    try:
        return float(_plain(text))
    except ValueError as error:
        raise argparse.ArgumentTypeError(_("“{text}” is not a number", text=text)) from error


def _plain(text: str) -> str:
    return text if text.isascii() and "_" not in text else ""
