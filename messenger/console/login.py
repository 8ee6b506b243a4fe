"""Who logs in: the name, the password, and what to do where the server says no."""

import getpass
import os
from collections.abc import Callable
from pathlib import Path

from messenger.jim.errors import (
    BadRequest,
    Conflict,
    NotFound,
    ProtocolError,
    Unauthorized,
    WrongPassword,
)
from messenger.language import _
from messenger.sdk.client import Client
from messenger.sdk.login import Credentials
from messenger.sdk.trust import ServerChanged

PASSWORD_VARIABLE = "MESSENGER_PASSWORD"  # noqa: S105  the name of a variable

Show = Callable[[str], None]


PASSPHRASE_VARIABLE = "MESSENGER_PASSPHRASE"  # noqa: S105  the name of a variable


class NoLogin(Exception):
    """The user cannot log in; the text says why and what to do."""


class Keys:
    """Asks for what a login needs: a terminal is asked, a pipe has to bring it along."""

    def __init__(self, *, may_ask: bool, password: str | None = None) -> None:
        self.may_ask = may_ask
        self.given = password
        self._was_asked = False

    def name(self, suggestion: str) -> str:
        """Return the name that the user wants."""
        if not self.may_ask:
            return suggestion
        prompt = _("Name [{suggestion}]: ", suggestion=suggestion)
        return _read(lambda: input(prompt)).strip() or suggestion

    def server(self) -> str:
        """Return where the server is, as the user writes it."""
        if not self.may_ask:
            raise NoLogin(_("Where is the server? messenger chat ADDR [PORT]"))
        return _read(lambda: input(_("Server, or an invitation link: ")))

    def password(self, prompt: str) -> str:
        """Return the password, without showing it."""
        if not self.may_ask:
            raise NoLogin(
                _(
                    "A password is needed: put it in a file (--password-file), or in {variable}",
                    variable=PASSWORD_VARIABLE,
                )
            )
        return _read(lambda: getpass.getpass(prompt))

    def passphrase(self) -> str:
        """Return the passphrase of what is kept on this computer, without showing it."""
        given = os.environ.get(PASSPHRASE_VARIABLE)
        if given is not None:
            return given
        if self._was_asked:
            self.say(_("This is not the passphrase."))
        self._was_asked = True
        if not self.may_ask:
            raise NoLogin(
                _(
                    "What is kept here is locked: put its passphrase in {variable}",
                    variable=PASSPHRASE_VARIABLE,
                )
            )
        return _read(lambda: getpass.getpass(_("Passphrase of what is kept here: ")))

    def new_password(self, name: str) -> str:
        """Return a password for a new account."""
        if self.given is not None:
            return self.given
        while True:
            password = self.password(_("New password of {name}: ", name=name))
            if password == self.password(_("The same again: ")):
                return password
            self.say(_("These were two different passwords."))

    def say(self, text: str) -> None:
        """Say something before the next question."""
        print(text)

    def recovery_code(self, mistake: str) -> str:
        """Return the recovery code, where the keyring has lost the key of what is kept.

        `mistake` is what was wrong with the one before.
        """
        if not self.may_ask:
            raise NoLogin(_("The keyring has lost your key: start messenger in a terminal"))
        if mistake:
            self.say(mistake)
        return _read(lambda: input(_("The keyring has lost your key. Recovery code: ")))

    def new_passphrase(self) -> str:
        """Return a passphrase for what is kept on this computer; empty for none."""
        while True:
            passphrase = self.password(_("New passphrase (empty: none): "))
            if passphrase == self.password(_("The same again: ")):
                return passphrase
            self.say(_("These were two different passphrases."))

    def agrees(self, question: str) -> bool:
        """Ask a question that is answered with yes or no."""
        if not self.may_ask:
            return False
        answer = _read(lambda: input(f"{question} [y/N] ")).strip().casefold()
        return answer in ("y", "yes", _("y"), _("yes"))


def given_password(file: Path | None) -> str | None:
    """Return the password that comes in a file or in the environment; raises NoLogin."""
    if file is None:
        return os.environ.get(PASSWORD_VARIABLE)
    try:
        return file.read_text("utf-8").split("\n")[0].rstrip("\r")
    except (OSError, UnicodeDecodeError) as error:
        raise NoLogin(_("{file} cannot be read ({reason})", file=file, reason=error)) from error


def log_in(client: Client, keys: Keys, show: Show, patience: float | None) -> bool:
    """Bring the client online, asking for what the server wants.

    False if the server was not to be reached for `patience` seconds: the client goes on trying.
    Raises NoLogin.
    """
    while True:
        try:
            return client.wait_until_online(patience)
        except ProtocolError as error:
            client.log_in(_next_try(client.core.credentials, error, keys, show))


def _next_try(old: Credentials, error: ProtocolError, keys: Keys, show: Show) -> Credentials:
    """Return other credentials after the server has refused the old ones."""
    name = old.name
    if isinstance(error, ServerChanged):
        raise NoLogin(str(error)) from error
    if isinstance(error, Unauthorized):
        if keys.given is not None and old.password is None:
            return Credentials(name, keys.given)
        show(_("{name} is an account, or guests are not let in.", name=name))
        return Credentials(name, keys.password(_("Password of {name}: ", name=name)))
    if isinstance(error, WrongPassword | NotFound) and keys.may_ask:
        show(_("Wrong password, or there is no account {name}.", name=name))
        question = _("Make a new account {name} with this password?", name=name)
        if old.password and keys.agrees(question):
            return Credentials(name, old.password, register=True, invite=old.invite)
        return Credentials(name, keys.password(_("Password of {name}: ", name=name)))
    if isinstance(error, BadRequest) and old.register and keys.may_ask:
        show(str(error))
        keys.given = None
        return old._replace(password=keys.new_password(name))
    reason = _("The server does not let you in: {reason}", reason=error)
    if isinstance(error, Conflict | BadRequest):
        reason += "\n" + _("Take another name with -n NAME.")
    raise NoLogin(reason) from error


def _read(read: Callable[[], str]) -> str:
    try:
        return read()
    except (EOFError, KeyboardInterrupt) as error:
        raise NoLogin(_("Not logged in.")) from error
