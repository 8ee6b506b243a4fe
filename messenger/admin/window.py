"""`messenger admin` without a verb: it opens the administration window, where there is Qt."""

import argparse
import sys
from collections.abc import Sequence
from difflib import get_close_matches

from messenger.admin.verb_group import add_here, add_login
from messenger.language import _

LOGIN_FROM_INPUT = "--login-from-input"
"""The option by which the window reads from its standard input what it logs in with."""

_WINDOW = "window"
_LIKE = 0.7
"""How like a verb a word is that was mistyped, rather than a server's address."""


def with_window(words: list[str], verbs: Sequence[str]) -> list[str]:
    """Return the arguments with the command `window`, if they name no verb."""
    first = words[0] if words else ""
    if first in ("-h", "--help", "--version", *verbs):
        return words
    # Options before the verb, which the parser refuses.
    if first.startswith("-") and set(verbs) & set(words[1:]):
        return words
    # Better a sentence on what is wrong than a window for a server of that name.
    if not first.startswith("-") and get_close_matches(first, verbs, 1, _LIKE):
        return words
    return [_WINDOW, *words]


def add_window(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of the window."""
    parser.set_defaults(verb=None)
    parser.add_argument(
        "server",
        nargs="?",
        default="",
        metavar="ADDR",
        help=_("the server: host or host:port (the one on this machine)"),
    )
    add_login(parser)
    add_here(parser)
    # In no help: only a server gives it to the window that it opens.
    parser.add_argument(LOGIN_FROM_INPUT, action="store_true", help=argparse.SUPPRESS)


def window_command(*words: str) -> list[str]:
    """Return the command that opens the window in a process of its own."""
    return [sys.executable, "-m", "messenger", "admin", _WINDOW, *words]
