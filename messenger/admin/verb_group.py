"""What the parsers of all verbs of `messenger admin` have in common."""

import argparse
from collections.abc import Callable, Sequence
from typing import Any

from messenger.admin.verb_examples import ending
from messenger.command_line import add_settings_files, path, whole_number
from messenger.language import _

Verb = Callable[..., object]


class VerbGroup:
    """Verbs, or groups of verbs, of a parser; `words` are those that lead to it."""

    def __init__(self, parser: argparse.ArgumentParser, *words: str) -> None:
        self._words = words
        self._parsers = parser.add_subparsers(title=_("commands"), required=True, metavar="COMMAND")

    @property
    def names(self) -> list[str]:
        """The names of all verbs and groups."""
        return list(self._parsers.choices or ())

    def parser(self, name: str, summary: str) -> argparse.ArgumentParser:
        """Return the parser of a command that is no verb."""
        added: argparse.ArgumentParser = self._parsers.add_parser(
            name,
            help=summary,
            description=summary,
            epilog=ending(" ".join((*self._words, name))),
            formatter_class=argparse.RawDescriptionHelpFormatter,
        )
        return added

    def group(self, name: str, summary: str) -> "VerbGroup":
        """Return a group of verbs."""
        return VerbGroup(self.parser(name, summary), *self._words, name)

    def verb(self, name: str, verb: Verb, summary: str) -> argparse.ArgumentParser:
        """Return the parser of a verb."""
        added = self.parser(name, summary)
        added.set_defaults(verb=verb)
        add_where(added)
        return added


def add_where(parser: argparse.ArgumentParser) -> None:
    """Add which server is meant, and how its answers are shown."""
    parser.add_argument("--json", action="store_true", help=_("one JSON document, for programs"))
    add_here(parser)
    away = parser.add_argument_group(_("on another machine"))
    away.add_argument("--server", metavar="ADDR", help=_("the server: host or host:port"))
    add_login(away)


def add_login(parser: argparse._ActionsContainer) -> None:
    """Add who logs in on another machine, and what that server is known by."""
    parser.add_argument("--user", metavar="NAME", help=_("the administrator's account"))
    parser.add_argument(
        "--password-file", type=path, metavar="FILE", help=_("file with the password")
    )
    parser.add_argument(
        "--trust",
        metavar="FINGERPRINT",
        help=_("fingerprint of the server's key, from its operator; or: authority"),
    )


def add_here(parser: argparse.ArgumentParser) -> None:
    """Add which server on this machine is meant."""
    add_settings_files(parser.add_argument_group(_("on the server's machine")))


def add_page(
    parser: argparse.ArgumentParser, orders: Sequence[str], order: str, searched: str
) -> None:
    """Add which page is shown of a list: what is `searched` for, and how it may be sorted."""
    parser.add_argument("search", nargs="?", default="", metavar="SEARCH", help=searched)
    parser.add_argument("--sort", choices=orders, default=order, help=_("sort by this"))
    parser.add_argument("--descending", action="store_true", help=_("the greatest first"))
    add_rows(parser)


def add_rows(parser: argparse.ArgumentParser) -> None:
    """Add which rows are shown of a list."""
    parser.add_argument("--offset", type=count, default=0, help=_("leave out so many (0)"))
    parser.add_argument("--limit", type=count, default=100, help=_("show so many at most (100)"))


def page_of(options: argparse.Namespace) -> dict[str, Any]:
    """Return which page is wanted by the arguments of `add_page`, except for what is searched."""
    names = ("sort", "descending", "offset", "limit")
    return {name: getattr(options, name) for name in names}


def add_before(parser: argparse.ArgumentParser) -> None:
    """Add which page is shown of a list whose latest rows come first."""
    parser.add_argument("--before", type=count, metavar="NUMBER", help=_("only earlier ones"))
    parser.add_argument("--limit", type=count, default=100, help=_("show so many at most (100)"))


def add_yes(parser: argparse.ArgumentParser) -> None:
    """Add that nobody is asked."""
    parser.add_argument("--yes", action="store_true", help=_("without asking"))


def count(text: str) -> int:
    """Return a whole number that is not negative."""
    found = whole_number(text)
    if found < 0:
        raise argparse.ArgumentTypeError(_("a number must not be negative"))
    return found
