"""What a user is asked for: names, passwords, passphrases, consent; each interface asks its way."""

from enum import Enum, auto

from messenger.crypto.passwords import check_policy
from messenger.jim.errors import BadRequest
from messenger.jim.names import check_account
from messenger.language import _
from messenger.output import visible


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
    """What nobody is there to be asked for."""

    SERVER = auto()
    PASSWORD = auto()
    PASSPHRASE = auto()
    NEW_PASSPHRASE = auto()
    RECOVERY_CODE = auto()


class Prompter:
    """Asks a user for what a login and some commands need, or does without.

    An interface says how, by `say`, `read` and `agrees`. `may_ask` says that somebody is there to
    answer, `given` is a password that came along, `may_rename` says that a user whose name is taken
    can choose another one. `is_registered` says that the name is known to have an account,
    `wants_account` that the user agreed to make one, `has_asked` that the user has just logged in
    by a form.
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

    # --- what an interface does ----------------------------------------------------------------

    def say(self, text: str) -> None:
        """Say something before the next question."""
        raise NotImplementedError

    def read(self, prompt: str, *, secret: bool = False) -> str:
        """Return a line that the user writes, unseen if it is secret; raises Cancelled."""
        raise NotImplementedError

    def agrees(self, question: str) -> bool:
        """Ask what is answered with yes or no; no where nobody can be asked."""
        raise NotImplementedError

    def missing(self, needed: Needed) -> NoLogin:
        """Return what is raised where something is needed, and nobody can be asked for it."""
        raise NotImplementedError

    def given_passphrase(self) -> str | None:
        """Return the passphrase that came along with the program's start, if one did."""
        return None

    # --- who it is -----------------------------------------------------------------------------

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
                self.say(str(error))
            else:
                return name

    def server(self) -> str:
        """Return where the server is, as the user writes it."""
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
        """Return the password of somebody who is new on this computer; None for a guest."""
        prompt = _("Password of {name} (empty: come as a guest): ", name=visible(name))
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
                self.say(_(str(error)))
                continue
            if password == self.password(_("Repeat: ")):
                return password
            self.say(_("The passwords do not match."))

    # --- what opens local data -----------------------------------------------------------------

    def passphrase(self) -> str:
        """Return the passphrase of the local data, without showing it."""
        if (given := self.given_passphrase()) is not None:
            return given
        if self._was_asked:
            self.say(_("Wrong passphrase."))
        self._was_asked = True
        return self._ask(_("Passphrase for local data: "), Needed.PASSPHRASE, secret=True)

    def passphrase_of_backup(self) -> str:
        """Return the passphrase that a backup was written with; it is asked for once."""
        if self._of_backup is None:
            given = not self.may_ask or self.given_passphrase() is not None
            prompt = _("Passphrase of the backup: ")
            self._of_backup = self.passphrase() if given else self.password(prompt)
        return self._of_backup

    def new_passphrase(self, prompt: str = "") -> str:
        """Return a new passphrase, by default one for the local data; empty for none.

        Where nobody can be asked it is the one that came along.
        """
        if not self.may_ask:
            given = self.given_passphrase()
            if given is None:
                raise self.missing(Needed.NEW_PASSPHRASE)
            return given
        while True:
            passphrase = self.password(prompt or _("New passphrase (empty: none): "))
            if not passphrase or passphrase == self.password(_("Repeat: ")):
                return passphrase
            self.say(_("The passphrases do not match."))

    def recovery_code(self, mistake: str) -> str:
        """Return the recovery code, where the keyring has lost the key of the local data.

        `mistake` is what was wrong with the one before.
        """
        if mistake and self.may_ask:
            self.say(mistake)
        prompt = _("The keyring has lost your key. Recovery code: ")
        return self._ask(prompt, Needed.RECOVERY_CODE)

    def _ask(self, prompt: str, needed: Needed, *, secret: bool = False) -> str:
        if not self.may_ask:
            raise self.missing(needed)
        return self.read(prompt, secret=secret)
