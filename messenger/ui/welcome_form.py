"""What a new user enters in a form: checked, and the field that a refused login is about."""

from enum import Enum, auto
from typing import NamedTuple

from messenger.jim.errors import BadRequest, ProtocolError
from messenger.jim.names import check_account, check_new_account
from messenger.language import _
from messenger.sdk.credentials import Credentials
from messenger.sdk.invitation import parse_server
from messenger.sdk.password_store import PasswordLocation
from messenger.ui.errors import explain
from messenger.ui.first_run import Newcomer
from messenger.ui.login import Step, next_step


class Kind(Enum):
    """How a new user wants to log in."""

    NEW = auto()
    """A new account is registered."""
    KNOWN = auto()
    """The user has an account."""
    GUEST = auto()
    """Without a password."""


class Part(Enum):
    """A field of the form."""

    SERVER = auto()
    NAME = auto()
    PASSWORD = auto()


class Mistake(Exception):
    """A field of the form is wrong; the text says why. `error` is what the server has said."""

    def __init__(self, part: Part, text: str, error: ProtocolError | None = None) -> None:
        super().__init__(text)
        self.part = part
        self.error = error


class Entered(NamedTuple):
    """The fields as the user has filled them in; `remember` is where to save the password."""

    server: str
    name: str
    kind: Kind
    password: str = ""
    remember: PasswordLocation | None = None
    passphrase: str = ""
    is_plain: bool = False


_PARTS = {
    Step.GIVE_PASSWORD: Part.NAME,
    Step.CHOOSE_NAME: Part.NAME,
    Step.CORRECT_PASSWORD: Part.PASSWORD,
    Step.CHOOSE_PASSWORD: Part.PASSWORD,
    Step.LOG_IN_AGAIN: Part.PASSWORD,
}
"""The field to correct for each step."""


def checked(entered: Entered) -> Newcomer:
    """Return the server and the account that the user means; raises Mistake."""
    try:
        server = parse_server(entered.server)
    except ValueError as error:
        raise Mistake(Part.SERVER, explain(error)) from error
    # The server would refuse the same names for new accounts, but not say which field it is about.
    check = check_new_account if entered.kind is Kind.NEW else check_account
    try:
        check(entered.name)
    except BadRequest as error:
        raise Mistake(Part.NAME, explain(error)) from error
    if not entered.password and entered.kind is not Kind.GUEST:
        raise Mistake(Part.PASSWORD, _("Choose a password, or come as a guest."))
    password = None if entered.kind is Kind.GUEST else entered.password
    is_new = entered.kind is Kind.NEW
    return Newcomer(
        server.address,
        server.port,
        Credentials(entered.name, password, is_new, server.token or None),
        None if password is None else entered.remember,
        server.key,
        entered.passphrase,
        entered.is_plain,
    )


def correction(error: ProtocolError, tried: Newcomer) -> Mistake:
    """Return what to correct after the server has refused the login."""
    name, _password, is_new, *_rest = tried.credentials
    refusal = next_step(error, tried.credentials)
    part = _PARTS.get(refusal.step, Part.SERVER)
    if refusal.step is Step.CHOOSE_PASSWORD and tried.credentials.password is None:
        part = Part.NAME  # The only thing that a guest has chosen.
    if refusal.step is Step.CHOOSE_NAME and is_new:
        said = _("The name {name} is taken: choose another, or log in to that account.", name=name)
        return Mistake(part, said)
    return Mistake(part, refusal.reason, refusal.error)
