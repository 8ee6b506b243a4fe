"""Who logs in: the name, the password, and what to do where the server says no."""

import getpass
import os
import sys
from collections.abc import Callable
from pathlib import Path

from messenger.console.streams import say
from messenger.crypto.passwords import check_policy
from messenger.jim.errors import (
    BadRequest,
    Conflict,
    DeviceRemoved,
    NotFound,
    ProtocolError,
    Unauthorized,
    WrongPassword,
)
from messenger.jim.names import check_account
from messenger.language import _
from messenger.output import visible
from messenger.sdk.client import Client
from messenger.sdk.login import Credentials
from messenger.sdk.trust import ServerChanged

PASSWORD_VARIABLE = "MESSENGER_PASSWORD"  # noqa: S105  the name of a variable

Show = Callable[[str], None]


PASSPHRASE_VARIABLE = "MESSENGER_PASSPHRASE"  # noqa: S105  the name of a variable


class NoLogin(Exception):
    """The user cannot log in; the text says why and what to do."""


class Cancelled(NoLogin):
    """The user has answered a question with Ctrl+C or Ctrl+D."""


class AnotherName(Exception):
    """The user wants to log in under another name."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.name = name


class Keys:
    """Asks for what a login needs: a terminal is asked, a pipe has to bring it along.

    `may_rename` says that a user whose name is taken can choose another one. `is_registered` says
    that the name is known to have an account, `wants_account` that the user agreed to make one,
    `has_asked` that the user has just logged in by a form.
    """

    def __init__(
        self, *, may_ask: bool, password: str | None = None, may_rename: bool = False
    ) -> None:
        self.may_ask = may_ask
        self.may_rename = may_rename
        self.given = password
        self.is_registered = False
        self.wants_account = False
        self.has_asked = False
        self._was_asked = False
        self._of_backup: str | None = None

    def name(self, suggestion: str) -> str:
        """Return the name that the user wants."""
        if not self.may_ask:
            return suggestion
        while True:
            prompt = _("Name [{suggestion}]: ", suggestion=suggestion)
            name = _read_line(prompt).strip() or suggestion
            try:
                check_account(name)
            except BadRequest as error:
                self.say(str(error))
            else:
                return name

    def server(self) -> str:
        """Return where the server is, as the user writes it."""
        if not self.may_ask:
            raise NoLogin(_("Where is the server? messenger chat ADDR [PORT]"))
        return _read_line(_("Server, or an invitation link: "))

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

    def password_of(self, name: str) -> str:
        """Return the password of an account; raises AnotherName if it is not the user's."""
        if not self.may_rename:
            return self.password(_("Password of {name}: ", name=visible(name)))
        prompt = _("Password of {name} (empty: another name): ", name=visible(name))
        if password := self.password(prompt):
            return password
        raise AnotherName(self.name(name))

    def password_of_newcomer(self, name: str) -> str | None:
        """Return the password of somebody who is new on this computer; None for a guest."""
        prompt = _("Password of {name} (empty: come as a guest): ", name=visible(name))
        return self.password(prompt) or None

    def passphrase(self) -> str:
        """Return the passphrase of the local data, without showing it."""
        given = os.environ.get(PASSPHRASE_VARIABLE)
        if given is not None:
            return given
        if self._was_asked:
            self.say(_("Wrong passphrase."))
        self._was_asked = True
        if not self.may_ask:
            raise NoLogin(
                _(
                    "Local data is locked: put its passphrase in {variable}",
                    variable=PASSPHRASE_VARIABLE,
                )
            )
        return _read(lambda: getpass.getpass(_("Passphrase for local data: ")))

    def passphrase_of_backup(self) -> str:
        """Return the passphrase that a backup was written with; it is asked for once."""
        if self._of_backup is None:
            given = not self.may_ask or PASSPHRASE_VARIABLE in os.environ
            prompt = _("Passphrase of the backup: ")
            self._of_backup = self.passphrase() if given else self.password(prompt)
        return self._of_backup

    def new_password(self, name: str) -> str:
        """Return a password for a new account."""
        if self.given is not None:
            return self.given
        while True:
            password = self.password(_("New password of {name}: ", name=visible(name)))
            try:
                check_policy(password, name)
            except ValueError as error:
                self.say(_(str(error)))
                continue
            if password == self.password(_("Repeat: ")):
                return password
            self.say(_("The passwords do not match."))

    def say(self, text: str) -> None:
        """Say something before the next question."""
        say(text)

    def recovery_code(self, mistake: str) -> str:
        """Return the recovery code, where the keyring has lost the key of the local data.

        `mistake` is what was wrong with the one before.
        """
        if not self.may_ask:
            raise NoLogin(_("The keyring has lost your key: start messenger in a terminal"))
        if mistake:
            self.say(mistake)
        return _read_line(_("The keyring has lost your key. Recovery code: "))

    def new_passphrase(self, prompt: str = "") -> str:
        """Return a new passphrase, by default one for the local data; empty for none.

        Where nobody can be asked it comes from the environment.
        """
        if not self.may_ask:
            return _given_passphrase()
        while True:
            passphrase = self.password(prompt or _("New passphrase (empty: none): "))
            if not passphrase or passphrase == self.password(_("Repeat: ")):
                return passphrase
            self.say(_("The passphrases do not match."))

    def agrees(self, question: str) -> bool:
        """Ask a question that is answered with yes or no."""
        if not self.may_ask:
            return False
        answer = _read_line(f"{visible(question)} [y/N] ").strip().casefold()
        return answer in ("y", "yes", _("y"), _("yes"))


def _given_passphrase() -> str:
    given = os.environ.get(PASSPHRASE_VARIABLE)
    if given is None:
        raise NoLogin(
            _("A passphrase is needed: put it in {variable}", variable=PASSPHRASE_VARIABLE)
        )
    return given


def given_password(file: Path | None) -> str | None:
    """Return the password that comes in a file or in the environment; raises NoLogin."""
    if file is None:
        return _check_password(os.environ.get(PASSWORD_VARIABLE, ""), PASSWORD_VARIABLE) or None
    try:
        text = file.read_text("utf-8-sig")
    except UnicodeDecodeError as error:
        raise NoLogin(_("{file} is not text in UTF-8", file=file)) from error
    except OSError as error:
        reason = error.strerror or error
        raise NoLogin(_("{file} cannot be read ({reason})", file=file, reason=reason)) from error
    password = _check_password(text.split("\n")[0].rstrip("\r"), file)
    if not password:
        raise NoLogin(_("There is no password in the first line of {file}", file=file))
    return password


def _check_password(password: str, source: object) -> str:
    try:
        password.encode()
    except UnicodeEncodeError as error:
        raise NoLogin(_("{file} is not text in UTF-8", file=source)) from error
    return password


def log_in(client: Client, keys: Keys, show: Show, patience: float | None) -> bool:
    """Bring the client online, asking for what the server wants.

    False if the server could not be reached for `patience` seconds: the client goes on trying.
    Raises NoLogin, and AnotherName where `keys` may rename.
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
        return _after_unauthorized(old, keys, show)
    if isinstance(error, DeviceRemoved) and keys.may_ask:
        show(f"{error}.")
        return Credentials(name, keys.password_of(name))
    if isinstance(error, WrongPassword | NotFound) and keys.may_ask:
        return _after_wrong_password(old, keys, show)
    if isinstance(error, BadRequest) and old.register and keys.may_ask:
        show(str(error))
        keys.given = None
        return old._replace(password=keys.new_password(name))
    reason = _("Login refused: {reason}", reason=error)
    if isinstance(error, Conflict):
        if keys.wants_account:
            show(reason)
            keys.is_registered = True
            return Credentials(name, keys.password_of(name))
        if keys.may_rename:
            show(reason)
            raise AnotherName(keys.name(name))
        reason += "\n" + _("Take another name with -n NAME.")
    raise NoLogin(reason) from error


def _after_unauthorized(old: Credentials, keys: Keys, show: Show) -> Credentials:
    """The name needs a password."""
    if keys.given is not None and old.password is None:
        return Credentials(old.name, keys.given)
    if not keys.is_registered:
        said = _(
            "{name} is registered (or guests are not allowed): a password is needed.",
            name=visible(old.name),
        )
        show(said)
    keys.is_registered = True
    return Credentials(old.name, keys.password_of(old.name))


def _after_wrong_password(old: Credentials, keys: Keys, show: Show) -> Credentials:
    """The password was wrong, or there is no such account yet; or the login was ended."""
    name = visible(old.name)
    if old.password is None:
        show(_("You are logged out on this computer: log in again."))
        return Credentials(old.name, keys.given or keys.password_of(old.name))
    show(_("Wrong password, or there is no account {name}.", name=name))
    if keys.is_registered:
        return Credentials(old.name, keys.password_of(old.name))
    # Asked without echo first: who has mistyped a password types it again, whatever is asked.
    prompt = _("Password of {name} (empty: make a new account): ", name=name)
    if again := keys.password(prompt):
        return old._replace(password=again)
    if keys.agrees(_("Make a new account {name} with the password above?", name=name)):
        keys.wants_account = True
        return Credentials(old.name, old.password, register=True, invite=old.invite)
    return Credentials(old.name, keys.password_of(old.name))


def _read_line(prompt: str) -> str:
    encoding = getattr(sys.stdout, "encoding", None) or "utf-8"
    return _read(lambda: input(prompt.encode(encoding, "replace").decode(encoding)))


def _read(read: Callable[[], str]) -> str:
    try:
        return read()
    except UnicodeDecodeError as error:
        raise NoLogin(_("This is not text in the encoding of your terminal")) from error
    except (EOFError, KeyboardInterrupt) as error:
        if type(error) not in (EOFError, KeyboardInterrupt):
            raise  # A signal ends the program.
        say("")  # The question stands in a line of its own.
        raise Cancelled(_("Cancelled.")) from error
