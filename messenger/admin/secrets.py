"""Passwords and confirmations, asked for at the terminal or given beside it."""

import getpass
import secrets
import sys
from pathlib import Path

from messenger.given_secrets import PASSWORD_VARIABLE, given_password
from messenger.language import _
from messenger.output import visible, write_error
from messenger.ui.prompts import NoLogin

_GENERATED_BYTES = 12  # 96 bits in 16 characters


def password_of(user: str, file: Path | None) -> str:
    """Return the password of the account that administers; raises NoLogin."""
    given = given_password(file)
    if given is not None:
        return given
    if not _is_terminal():
        raise NoLogin(
            _(
                "A password is needed: put it in a file (--password-file), or in {variable}",
                variable=PASSWORD_VARIABLE,
            )
        )
    return _ask(_("Password of {name}: ", name=user))


def new_password(name: str, file: Path | None) -> str:
    """Return the password for a new account: from a file, or asked for twice; raises NoLogin."""
    if file is not None:
        return given_password(file) or ""
    if not _is_terminal():
        raise NoLogin(
            _(
                "{name} needs a password: --generate makes one, --new-password-file reads one",
                name=name,
            )
        )
    chosen = _ask(_("Password for {name}: ", name=name))
    if chosen != _ask(_("Repeat: ")):
        raise NoLogin(_("The passwords do not match."))
    return chosen


def generated_password() -> str:
    """Return a random password."""
    return secrets.token_urlsafe(_GENERATED_BYTES)


def confirm(question: str) -> None:
    """Ask whether it is to be done; raises NoLogin if not, or if nobody can be asked."""
    if not _is_terminal():
        raise NoLogin(_("This needs a confirmation: repeat the command with --yes"))
    sys.stderr.write(f"{visible(question)} [y/N] ")
    sys.stderr.flush()
    answer = sys.stdin.readline().strip().casefold()
    if answer not in ("y", "yes", _("y"), _("yes")):
        raise NoLogin(_("Nothing was done."))


def _is_terminal() -> bool:
    return sys.stdin is not None and sys.stdin.isatty() and sys.stderr is not None


def _ask(prompt: str) -> str:
    try:
        return getpass.getpass(visible(prompt))
    except EOFError as error:
        write_error("")
        raise NoLogin(_("Cancelled.")) from error
