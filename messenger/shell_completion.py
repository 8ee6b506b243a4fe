"""Completion of the command line in a shell: a script, made from the parser of all commands."""

import argparse
from collections.abc import Iterator
from shlex import quote

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
    return _without_grandchildren(script, parser) if shell == "zsh" else script


def _all(parser: CommandLineParser) -> Iterator[CommandLineParser]:
    parser.fill()
    yield parser
    for group in _groups(parser):
        for each in group.choices.values():
            yield from _all(each)
        for choice in group._choices_actions:  # noqa: SLF001  as above
            # shtab would list the longer description of those commands that have one.
            group.choices[choice.dest].description = choice.help


def _groups(parser: CommandLineParser) -> "Iterator[argparse._SubParsersAction[CommandLineParser]]":
    for action in parser._actions:  # noqa: SLF001  as above
        if isinstance(action, argparse._SubParsersAction):  # noqa: SLF001  it has no other name
            yield action


def _without_grandchildren(script: str, parser: CommandLineParser) -> str:
    """Return a script of zsh that lists for a command only its own commands.

    WORKAROUND shtab 1.13 lists those of all levels below, too (`complete_zsh`, `recurse`).
    """
    for each in _all(parser):
        own = {f"{quote(name)}:" for group in _groups(each) for name in group.choices}
        function = f"_shtab_{shtab.wordify(each.prog)}_commands() {{\n  local _commands=(\n"
        before, found, rest = script.partition(function)
        listed, end, after = rest.partition("\n  )\n")
        kept = [line for line in listed.split("\n") if line.strip().partition(":")[0] + ":" in own]
        script = "".join((before, found, "\n".join(kept), end, after))
    return script
