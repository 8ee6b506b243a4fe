"""What a new user enters in a form: checked, and the field that a refused login is about."""

from enum import Enum, auto
from typing import NamedTuple

from messenger.jim.errors import BadRequest, ProtocolError
from messenger.jim.names import check_account, check_new_account
from messenger.language import N_, _
from messenger.sdk.credentials import Credentials
from messenger.sdk.invitation import Invitation, parse_link, parse_server
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
    FORGOTTEN = auto()
    """The user has an account, and a code of an administrator for a new password."""
    GUEST = auto()
    """Without a password."""


class Part(Enum):
    """A field of the form."""

    SERVER = auto()
    NAME = auto()
    PASSWORD = auto()
    CODE = auto()


class Mistake(Exception):
    """A field of the form is wrong; the text says why. `error` is what the server has said."""

    def __init__(self, part: Part, text: str, error: ProtocolError | None = None) -> None:
        super().__init__(text)
        self.part = part
        self.error = error


class Entered(NamedTuple):
    """The fields as the user has filled them in; `remember` is where to save the password.

    `code` is an administrator's code for a new password, or the link with it.
    """

    server: str
    name: str
    kind: Kind
    password: str = ""
    remember: PasswordLocation | None = None
    passphrase: str = ""
    is_plain: bool = False
    code: str = ""


CODE_HELP = N_("Ask whoever runs the server for one: it is valid for a day, and once.")
"""What to say beside the field for the code."""

AFTER_RESET = N_(
    "Your devices have to log in with the new password, and keep their messages. On a new device "
    "earlier messages appear once you type your recovery code there, or approve it on another one."
)
"""What a new password means for encryption."""

_PARTS = {
    Step.GIVE_PASSWORD: Part.NAME,
    Step.CHOOSE_NAME: Part.NAME,
    Step.CORRECT_PASSWORD: Part.PASSWORD,
    Step.CORRECT_CODE: Part.CODE,
    Step.CHOOSE_PASSWORD: Part.PASSWORD,
    Step.LOG_IN_AGAIN: Part.PASSWORD,
}
"""The field to correct for each step."""


def checked(entered: Entered) -> Newcomer:
    """Return the server and the account that the user means; raises Mistake."""
    server = _server(entered)
    is_forgotten = entered.kind is Kind.FORGOTTEN
    # A link for a forgotten password is for one account only.
    name = (server.account if is_forgotten else "") or entered.name
    # The server would refuse the same names for new accounts, but not say which field it is about.
    check = check_new_account if entered.kind is Kind.NEW else check_account
    try:
        check(name)
    except BadRequest as error:
        raise Mistake(Part.NAME, explain(error)) from error
    code = (server.reset_code or entered.code.strip()) if is_forgotten else None
    if code == "":
        raise Mistake(Part.CODE, _("Type the code that an administrator has given you."))
    if not entered.password and is_forgotten:
        raise Mistake(Part.PASSWORD, _("Choose a new password."))
    if not entered.password and entered.kind is not Kind.GUEST:
        raise Mistake(Part.PASSWORD, _("Choose a password, or come as a guest."))
    password = None if entered.kind is Kind.GUEST else entered.password
    is_new = entered.kind is Kind.NEW
    return Newcomer(
        server.address,
        server.port,
        Credentials(name, password, is_new, server.token or None, code),
        None if password is None else entered.remember,
        server.key,
        entered.passphrase,
        entered.is_plain,
    )


def code_in(text: str) -> str:
    """Return the code for a new password that a user has typed, or pasted as a link."""
    try:
        return parse_link(text).reset_code
    except ValueError:
        return text.strip()


def _server(entered: Entered) -> Invitation:
    """Return the server; its link may be in the field for the code, too. Raises Mistake."""
    is_in_code = entered.kind is Kind.FORGOTTEN and "://" in entered.code
    try:
        return parse_server(entered.code if is_in_code else entered.server)
    except ValueError as error:
        raise Mistake(Part.CODE if is_in_code else Part.SERVER, explain(error)) from error


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
