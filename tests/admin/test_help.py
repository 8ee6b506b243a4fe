"""The help of every verb of `messenger admin`: examples that work, and what exit codes say."""

import re
import shlex
from collections.abc import Iterator

import pytest

from messenger.admin.arguments import add_admin_arguments
from messenger.admin.verb_examples import EXAMPLES
from messenger.command_line import CommandLineParser


def admin_parser() -> CommandLineParser:
    parser = CommandLineParser(prog="messenger admin")
    add_admin_arguments(parser)
    return parser


def verbs(parser: CommandLineParser, *words: str) -> Iterator[str]:
    """Yield the words of each verb."""
    if parser.commands is None:
        yield " ".join(words)
        return
    for name, under in parser.commands.choices.items():
        yield from verbs(under, *words, name)


VERBS = list(verbs(admin_parser()))


def test_the_table_has_all_verbs_and_no_others() -> None:
    assert set(EXAMPLES) == set(VERBS)


@pytest.mark.parametrize("verb", VERBS)
def test_the_help_of_a_verb_has_examples_that_its_parser_accepts(
    verb: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        admin_parser().parse_args([*verb.split(), "--help"])
    assert ended.value.code == 0
    shown = capsys.readouterr().out
    examples = re.findall(r"(?m)^  messenger admin (.*)$", shown)
    assert examples
    own = admin_parser().parse_args(shlex.split(examples[0])).verb
    for example in examples:
        assert example.startswith(verb)
        # A mistake would end the program.
        assert admin_parser().parse_args(shlex.split(example)).verb == own
    (codes,) = re.findall(r"(?m)^Exit codes: (.*)$", shown)
    assert codes.startswith("0 ")
    assert "2 " in codes
