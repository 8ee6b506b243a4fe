"""Completion of the command line in a shell: a script, made from the parser of all commands."""

from collections.abc import Iterator, Mapping
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
    for each in _commands(parser).values():
        # shtab would list the longer description instead of the help in the list of commands.
        each.description = None
        yield from _all(each)


def _commands(parser: CommandLineParser) -> Mapping[str, CommandLineParser]:
    return parser.commands.choices if parser.commands is not None else {}


def _without_grandchildren(script: str, parser: CommandLineParser) -> str:
    """Return a script of zsh that lists for a command only its own commands.

    WORKAROUND shtab 1.13 lists those of all levels below, too (`complete_zsh`, `recurse`).
    """
    for each in _all(parser):
        own = {f"{quote(name)}:" for name in _commands(each)}
        function = f"_shtab_{shtab.wordify(each.prog)}_commands() {{\n  local _commands=(\n"
        before, found, rest = script.partition(function)
        listed, end, after = rest.partition("\n  )\n")
        kept = [line for line in listed.split("\n") if line.strip().partition(":")[0] + ":" in own]
        script = "".join((before, found, "\n".join(kept), end, after))
    return script
