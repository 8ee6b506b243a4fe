"""Who administers: an account with a role, or the operator at the server's own socket."""

from typing import NamedTuple

from messenger.jim.errors import Forbidden, Unauthorized
from messenger.server.records import Account, Session

ADMINISTRATOR = "administrator"
"""The role that allows the actions of administration."""

OPERATOR = "operator"
"""The name of whoever uses the server's own socket: the rights of its file are the login."""

LOCAL = "local"
"""Where an operator is, in place of an IP address."""


class Actor(NamedTuple):
    """Who does something, and from which address; the operator has no account."""

    name: str
    origin: str
    account_id: int | None

    @property
    def is_operator(self) -> bool:
        """Whether it is whoever uses the server's own socket, on the server's machine."""
        return self.account_id is None


def account_of(session: Session) -> Account:
    """Return the account of a session; raises Unauthorized if it is not logged in."""
    if session.account is None:
        raise Unauthorized("Log in first: send authenticate, or presence as a guest")
    return session.account


def check_role(session: Session, role: str) -> None:
    """Raise Forbidden unless the session may do what requires this role."""
    if session.is_operator:
        return
    if role not in account_of(session).roles:
        raise Forbidden("Your account may not do this")
    if not session.connection.certificate:
        raise Forbidden("Administration requires TLS: connect with it")


def actor_of(session: Session) -> Actor:
    """Return who acts in a session; raises Unauthorized, or Forbidden for a guest."""
    if session.is_operator:
        return Actor(OPERATOR, LOCAL, None)
    account = account_of(session)
    if account.guest or account.id is None:
        raise Forbidden("A guest cannot administer: register first")
    return Actor(account.name, session.address, account.id)
