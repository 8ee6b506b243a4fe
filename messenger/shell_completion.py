"""Completion of the command line in a shell: a script, made from the parser of all commands."""

import argparse
from collections.abc import Iterator

import shtab

from messenger.command_line import CommandLineParser, path


def completion_script(parser: CommandLineParser, shell: str) -> str:
    """Return the script of a shell that completes commands, options, choices and files."""
    for each in _all(parser):
        for action in each._actions:  # noqa: SLF001  as shtab itself: argparse has no other way
            if action.type is path:
                # Attributes that shtab looks for.
                vars(action)["complete"] = shtab.FILE
    script: str = shtab.complete(parser, shell)
    return script


def _all(parser: CommandLineParser) -> Iterator[CommandLineParser]:
    parser.fill()
    yield parser
    for action in parser._actions:  # noqa: SLF001  as above
        if isinstance(action, argparse._SubParsersAction):  # noqa: SLF001  it has no other name
            for each in action.choices.values():
                yield from _all(each)
