"""What follows a refused login: the next question for the user, or the end."""

from collections.abc import Callable
from enum import Enum, auto
from typing import NamedTuple

from messenger.jim.errors import (
    BadRequest,
    Conflict,
    DeviceRemoved,
    NotFound,
    ProtocolError,
    Unauthorized,
    WrongCode,
    WrongPassword,
)
from messenger.language import N_, _
from messenger.output import visible
from messenger.sdk.client import Client
from messenger.sdk.credentials import Credentials
from messenger.sdk.server_identity import ServerChanged
from messenger.ui.errors import explain
from messenger.ui.prompts import AnotherName, NoLogin, Prompter

Show = Callable[[str], None]


class NameTaken(NoLogin):
    """The name is taken, and nobody can be asked for another one."""


class Step(Enum):
    """The next step after a refused login."""

    GIVE_PASSWORD = auto()
    """The name belongs to an account."""
    LOG_IN_AGAIN = auto()
    """This device was removed: only a password that is typed now is accepted."""
    CORRECT_PASSWORD = auto()
    """The password is wrong, or there is no such account."""
    CORRECT_CODE = auto()
    """The code for a new password is wrong, used or expired."""
    CHOOSE_PASSWORD = auto()
    """The password for a new account breaks the server's rules."""
    CHOOSE_NAME = auto()
    """The name is taken."""
    STOP = auto()
    """No other input helps."""


class Refusal(NamedTuple):
    """A refused login: the next step, and the reason in a sentence for the user."""

    step: Step
    reason: str
    error: ProtocolError


_STEPS: tuple[tuple[type[ProtocolError], Step], ...] = (
    (ServerChanged, Step.STOP),
    (DeviceRemoved, Step.LOG_IN_AGAIN),
    (Unauthorized, Step.GIVE_PASSWORD),
    (WrongCode, Step.CORRECT_CODE),  # before its base class
    (WrongPassword, Step.CORRECT_PASSWORD),
    (NotFound, Step.CORRECT_PASSWORD),
    (BadRequest, Step.CHOOSE_PASSWORD),
    (Conflict, Step.CHOOSE_NAME),
)


def next_step(error: ProtocolError, credentials: Credentials) -> Refusal:
    """Return the next step after the server has refused these credentials."""
    step = next((step for kind, step in _STEPS if isinstance(error, kind)), Step.STOP)
    return Refusal(step, _reason(step, error, credentials), error)


def _reason(step: Step, error: ProtocolError, credentials: Credentials) -> str:
    name, has_password = visible(credentials.name), credentials.password is not None
    if step is Step.GIVE_PASSWORD:
        said = N_("{name} is registered (or guests are not allowed): a password is needed.")
        return _(said, name=name)
    if step is Step.CORRECT_PASSWORD and has_password:
        return _("Wrong password, or there is no account {name}.", name=name)
    if step is Step.CORRECT_PASSWORD:
        return _("You are logged out on this computer: log in again.")
    if step is Step.LOG_IN_AGAIN:
        return f"{explain(error)}."
    if step in (Step.CHOOSE_PASSWORD, Step.CORRECT_CODE):
        return explain(error)
    return _refused(error)


def _refused(error: ProtocolError) -> str:
    if isinstance(error, ServerChanged):
        return explain(error)
    return _("Login refused: {reason}", reason=explain(error))


# --- asking ------------------------------------------------------------------------------------


def log_in(client: Client, prompter: Prompter, show: Show, patience: float | None) -> bool:
    """Bring the client online; ask the user for whatever the server demands.

    False if the server could not be reached within `patience` seconds: the client keeps trying.
    Raises NoLogin, and AnotherName where the prompter may rename.
    """
    while True:
        try:
            return client.wait_until_online(patience)
        except ProtocolError as error:
            client.log_in(other_credentials(client.core.credentials, error, prompter, show))


def other_credentials(
    old: Credentials, error: ProtocolError, prompter: Prompter, show: Show
) -> Credentials:
    """Return other credentials after the server has refused the old ones.

    Raises NoLogin, and AnotherName where the prompter may rename.
    """
    refusal = next_step(error, old)
    ask = _QUESTIONS.get(refusal.step)
    # A given password can be tried without anybody to ask.
    if ask is None or not (prompter.may_ask or refusal.step is Step.GIVE_PASSWORD):
        raise _end(error) from error
    return ask(refusal, old, prompter, show)


def _end(error: ProtocolError) -> NoLogin:
    return (NameTaken if isinstance(error, Conflict) else NoLogin)(_refused(error))


def _give_password(
    refusal: Refusal, old: Credentials, prompter: Prompter, show: Show
) -> Credentials:
    # It is tried once: a wrong one would be refused for ever.
    if prompter.given is not None and old.password is None:
        return Credentials(old.name, prompter.given)
    if not prompter.is_registered:
        show(refusal.reason)
    prompter.is_registered = True
    return Credentials(old.name, prompter.password_of(old.name))


def _log_in_again(
    refusal: Refusal, old: Credentials, prompter: Prompter, show: Show
) -> Credentials:
    show(refusal.reason)
    return Credentials(old.name, prompter.password_of(old.name))


def _correct_password(
    refusal: Refusal, old: Credentials, prompter: Prompter, show: Show
) -> Credentials:
    show(refusal.reason)
    if old.password is not None:
        show(_("If you have forgotten it: an administrator can give you a code for a new one."))
    if old.password is None:
        return Credentials(old.name, prompter.given or prompter.password_of(old.name))
    if prompter.is_registered:
        return Credentials(old.name, prompter.password_of(old.name))
    return _mistyped_or_new(old, prompter)


def _mistyped_or_new(old: Credentials, prompter: Prompter) -> Credentials:
    name = visible(old.name)
    # Without echo first: users who mistyped their password type it again, whatever the question.
    prompt = _("Password of {name} (empty: make a new account): ", name=name)
    if again := prompter.password(prompt):
        return old._replace(password=again)
    if prompter.agrees(_("Make a new account {name} with the password above?", name=name)):
        prompter.wants_account = True
        return Credentials(old.name, old.password, register=True, invite=old.invite)
    return Credentials(old.name, prompter.password_of(old.name))


def _correct_code(
    refusal: Refusal, old: Credentials, prompter: Prompter, show: Show
) -> Credentials:
    show(refusal.reason)
    return old._replace(reset_code=prompter.reset_code())


def _choose_password(
    refusal: Refusal, old: Credentials, prompter: Prompter, show: Show
) -> Credentials:
    if not old.register and old.reset_code is None:
        raise _end(refusal.error) from refusal.error
    show(refusal.reason)
    prompter.given = None
    return old._replace(password=prompter.new_password(old.name))


def _choose_name(refusal: Refusal, old: Credentials, prompter: Prompter, show: Show) -> Credentials:
    if prompter.wants_account:
        show(refusal.reason)
        prompter.is_registered = True
        return Credentials(old.name, prompter.password_of(old.name))
    if prompter.may_rename:
        show(refusal.reason)
        raise AnotherName(prompter.name(old.name))
    raise _end(refusal.error) from refusal.error


_QUESTIONS: dict[Step, Callable[[Refusal, Credentials, Prompter, Show], Credentials]] = {
    Step.GIVE_PASSWORD: _give_password,
    Step.LOG_IN_AGAIN: _log_in_again,
    Step.CORRECT_PASSWORD: _correct_password,
    Step.CORRECT_CODE: _correct_code,
    Step.CHOOSE_PASSWORD: _choose_password,
    Step.CHOOSE_NAME: _choose_name,
}
