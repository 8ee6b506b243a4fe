"""Prompts at a terminal, and what to say where there is none."""

import getpass
import sys
from collections.abc import Callable

from messenger.console.streams import say
from messenger.given_secrets import PASSPHRASE_VARIABLE, PASSWORD_VARIABLE, given_passphrase
from messenger.language import N_, _
from messenger.output import visible
from messenger.ui.prompts import Cancelled, Needed, NoLogin, Prompter

_HOW_TO_GIVE: dict[Needed, str] = {
    Needed.SERVER: N_("Where is the server? messenger chat ADDR [PORT]"),
    Needed.PASSWORD: N_(
        "A password is needed: put it in a file (--password-file), or in {variable}"
    ),
    Needed.PASSPHRASE: N_("Local data is locked: put its passphrase in {variable}"),
    Needed.NEW_PASSPHRASE: N_("A passphrase is needed: put it in {variable}"),
    Needed.RECOVERY_CODE: N_("The keyring has lost your key: start messenger in a terminal"),
}


class TerminalPrompter(Prompter):
    """Asks at a terminal; without one, files or the environment have to provide the answers."""

    def say(self, text: str) -> None:
        """Say something before the next question."""
        say(text)

    def read(self, prompt: str, *, secret: bool = False) -> str:
        """Return a line that the user writes, unseen if it is secret; raises Cancelled."""
        if secret:
            return _read(lambda: getpass.getpass(_after_the_rest(prompt)))
        return _read_line(prompt)

    def agrees(self, question: str) -> bool:
        """Ask a yes-or-no question; False if nobody can be asked."""
        if not self.may_ask:
            return False
        answer = _read_line(f"{visible(question)} [y/N] ").strip().casefold()
        return answer in ("y", "yes", _("y"), _("yes"))

    def missing(self, needed: Needed) -> NoLogin:
        """Return the error to raise if nobody can be asked: it says how to provide the answer."""
        is_password = needed is Needed.PASSWORD
        variable = PASSWORD_VARIABLE if is_password else PASSPHRASE_VARIABLE
        return NoLogin(_(_HOW_TO_GIVE[needed], variable=variable))

    def given_passphrase(self) -> str | None:
        """Return the passphrase from the environment, if any."""
        return given_passphrase()


def _read_line(prompt: str) -> str:
    encoding = getattr(sys.stdout, "encoding", None) or "utf-8"
    # A name in the prompt may have characters that the terminal's encoding lacks.
    shown = prompt.encode(encoding, "replace").decode(encoding)
    return _read(lambda: input(_after_the_rest(shown)))


def _after_the_rest(prompt: str) -> str:
    """Show the prompt behind what was shown before it; return what is left to show.

    While lines are edited, standard output is written by a thread (`patch_stdout`); what writes to
    the terminal itself, as `input` and `getpass` do, would overtake it.
    """
    if sys.stdout is not sys.__stdout__:
        print(prompt, end="", flush=True)
        return ""
    return prompt


def _read(read: Callable[[], str]) -> str:
    try:
        return read()
    except UnicodeDecodeError as error:
        raise NoLogin(_("This is not text in the encoding of your terminal")) from error
    except (EOFError, KeyboardInterrupt) as error:
        if type(error) not in (EOFError, KeyboardInterrupt):
            raise  # Terminated, a subclass of KeyboardInterrupt: a signal ends the program.
        say("")  # The cursor is still in the line of the question.
        raise Cancelled(_("Cancelled.")) from error
