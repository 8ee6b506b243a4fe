"""The table of commands: arguments, summary and function of each."""

import difflib
from collections.abc import Callable
from typing import NamedTuple

from messenger.language import _
from messenger.output import visible
from messenger.ui.commands.arguments import Usage
from messenger.ui.conversation import ConversationController


class Command(NamedTuple):
    """An entry of the table; texts are untranslated, `arguments` as the help shows them.

    `more` are further lines, which only the help of this command shows.
    """

    name: str
    arguments: str
    summary: str
    run: Callable[[ConversationController, str], None]
    more: tuple[str, ...] = ()

    @property
    def usage(self) -> str:
        """How the command is written, and what it does."""
        return f"/{self.name} {_(self.arguments)}".rstrip() + f" - {_(self.summary)}"

    @property
    def help(self) -> str:
        """The whole help of the command, in lines."""
        return "\n".join([self.usage, *(f"    {_(line)}" for line in self.more)])


COMMANDS: dict[str, Command] = {}

_Run = Callable[[ConversationController, str], None]


def command(
    name: str, arguments: str, summary: str, *, more: tuple[str, ...] = ()
) -> Callable[[_Run], _Run]:
    """Enter the decorated function into the table."""

    def enter(run: _Run) -> _Run:
        COMMANDS[name] = Command(name, arguments, summary, run, more)
        return run

    return enter


def run_command(controller: ConversationController, line: str) -> None:
    """Run a line that begins with a slash; raises Usage."""
    name, _space, rest = line[1:].strip().partition(" ")
    found = COMMANDS.get(name.casefold())
    if found is None:
        raise Usage(unknown(name))
    try:
        found.run(controller, rest.strip())
    except Usage as error:
        # Only the text is for the user: the first error adds nothing.
        raise Usage(str(error) or found.usage) from None


def unknown(name: str) -> str:
    """Return the answer to an unknown command, with the most similar one."""
    shown = visible(name)
    said = _("No command /{name}. To send it as a message, write //{name}", name=shown)
    close = difflib.get_close_matches(name.casefold(), COMMANDS, n=1)
    if not close:
        return said
    return said + "\n" + _("Did you mean: {usage}", usage=COMMANDS[close[0]].usage)
