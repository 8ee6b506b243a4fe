"""Prompts for names, passwords, passphrases and consent; each user interface asks its own way."""

from enum import Enum, auto

from messenger.crypto.passwords import check_policy
from messenger.jim.errors import BadRequest
from messenger.jim.names import check_account
from messenger.language import _
from messenger.output import visible
from messenger.sdk.credentials import Credentials
from messenger.ui.errors import explain


class NoLogin(Exception):
    """The user cannot log in; the text says why and what to do."""


class Cancelled(NoLogin):
    """The user has not answered a question."""


class AnotherName(Exception):
    """The user wants to log in under another name."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.name = name


class Needed(Enum):
    """An input that is missing while nobody can be asked for it."""

    SERVER = auto()
    PASSWORD = auto()
    PASSPHRASE = auto()
    NEW_PASSPHRASE = auto()
    RECOVERY_CODE = auto()


class Prompter:
    """Asks a user for what a login and some commands need, or does without.

    A user interface implements `say`, `read`, `agrees` and `missing`. `may_ask`: somebody can
    answer. `given` is a password from the command line or the environment. `may_rename`: a user
    whose name is taken can choose another one. `is_registered`: the name is known to have an
    account. `wants_account`: the user agreed to make one. `has_asked`: the user has just logged in
    by a form. `entered` are credentials for the account that is opened next.
    """

    def __init__(
        self, *, may_ask: bool, password: str | None = None, may_rename: bool = False
    ) -> None:
        self.may_ask = may_ask
        self.may_rename = may_rename
        self.given = password
        self._forget_user()

    def begin_anew(self) -> None:
        """Forget everything about the user: another account may be opened next."""
        self.given = None
        self._forget_user()

    def _forget_user(self) -> None:
        self.is_registered = False
        self.wants_account = False
        self.has_asked = False
        self.entered: Credentials | None = None
        self._was_asked = False
        self._of_backup: str | None = None

    # --- for the user interface to implement ----------------------------------------------------

    def say(self, text: str) -> None:
        """Say something before the next question."""
        raise NotImplementedError

    def read(self, prompt: str, *, secret: bool = False) -> str:
        """Return a line that the user writes, unseen if it is secret; raises Cancelled."""
        raise NotImplementedError

    def agrees(self, question: str) -> bool:
        """Ask a yes-or-no question; False if nobody can be asked."""
        raise NotImplementedError

    def missing(self, needed: Needed) -> NoLogin:
        """Return the error to raise for an input that is needed while nobody can be asked."""
        raise NotImplementedError

    def given_passphrase(self) -> str | None:
        """Return the passphrase that was passed to the program, if any."""
        return None

    # --- accounts ------------------------------------------------------------------------------

    def name(self, suggestion: str) -> str:
        """Return the name that the user wants."""
        if not self.may_ask:
            return suggestion
        while True:
            prompt = _("Name [{suggestion}]: ", suggestion=suggestion)
            name = self.read(prompt).strip() or suggestion
            try:
                check_account(name)
            except BadRequest as error:
                self.say(explain(error))
            else:
                return name

    def server(self) -> str:
        """Return the server's address or an invitation link, as the user writes it."""
        return self._ask(_("Server, or an invitation link: "), Needed.SERVER)

    def password(self, prompt: str) -> str:
        """Return the password, without showing it."""
        return self._ask(prompt, Needed.PASSWORD, secret=True)

    def password_of(self, name: str) -> str:
        """Return the password of an account; raises AnotherName if it is not the user's."""
        if not self.may_rename:
            return self.password(_("Password of {name}: ", name=visible(name)))
        prompt = _("Password of {name} (empty: another name): ", name=visible(name))
        if password := self.password(prompt):
            return password
        raise AnotherName(self.name(name))

    def password_of_newcomer(self, name: str) -> str | None:
        """Return the password of a user who is new on this computer; None for a guest."""
        prompt = _("Password of {name} (empty: log in as a guest): ", name=visible(name))
        return self.password(prompt) or None

    def new_password(self, name: str) -> str:
        """Return a password for a new account."""
        if self.given is not None:
            return self.given
        while True:
            password = self.password(_("New password of {name}: ", name=visible(name)))
            try:
                check_policy(password, name)
            except ValueError as error:
                self.say(explain(error))
                continue
            if password == self.password(_("Repeat: ")):
                return password
            self.say(_("The passwords do not match."))

    def reset_code(self) -> str:
        """Return the code of an administrator for a new password."""
        return self._ask(_("Code from an administrator: "), Needed.PASSWORD).strip()

    # --- local data ----------------------------------------------------------------------------

    def passphrase(self) -> str:
        """Return the passphrase of the local data, without showing it."""
        if (given := self.given_passphrase()) is not None:
            return given
        if self._was_asked:
            self.say(_("Wrong passphrase."))
        self._was_asked = True
        return self._ask(_("Passphrase for local data: "), Needed.PASSPHRASE, secret=True)

    def passphrase_of_backup(self) -> str:
        """Return the passphrase of a backup; it is asked for once."""
        if self._of_backup is None:
            given = not self.may_ask or self.given_passphrase() is not None
            prompt = _("Passphrase of the backup: ")
            self._of_backup = self.passphrase() if given else self.password(prompt)
        return self._of_backup

    def new_passphrase(self, prompt: str = "") -> str:
        """Return a new passphrase, by default one for the local data; empty for none.

        If nobody can be asked, it is the one that was passed to the program.
        """
        if not self.may_ask:
            given = self.given_passphrase()
            if given is None:
                raise self.missing(Needed.NEW_PASSPHRASE)
            return given
        while True:
            passphrase = self.password(prompt or _("New passphrase (empty: none): "))
            # A mistyped passphrase would make the data unreadable, an empty one encrypts nothing.
            if not passphrase or passphrase == self.password(_("Repeat: ")):
                return passphrase
            self.say(_("The passphrases do not match."))

    def recovery_code(self, mistake: Exception | None) -> str:
        """Return the recovery code: the keyring has lost the key of the local data.

        `mistake` is what was wrong with the previous one, if any.
        """
        if mistake and self.may_ask:
            self.say(explain(mistake))
        prompt = _("The keyring has lost your key. Recovery code: ")
        return self._ask(prompt, Needed.RECOVERY_CODE)

    def _ask(self, prompt: str, needed: Needed, *, secret: bool = False) -> str:
        if not self.may_ask:
            raise self.missing(needed)
        return self.read(prompt, secret=secret)
