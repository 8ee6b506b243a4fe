"""Accounts on the wire: registration, password, logins, logout."""

from msgspec import Struct, field

from messenger.jim.base import Reply, Request
from messenger.jim.fields import Name, Word
from messenger.jim.session import ScramReply, User


class Register(Request[Reply], tag="register", kw_only=True):
    """Register an account; `invite` is the token of an invitation, `lang` as in a greeting.

    `verifier` replaces the password, which the server then never sees.
    """

    lang: str = "en"
    user: User
    invite: str | None = None
    verifier: str | None = None

    # A representation may reach a log, so it has neither password nor token.
    def __repr__(self) -> str:
        return f"Register({self.user!r})"


class Password(Request[ScramReply], tag="password", kw_only=True):
    """Change the password: by sending the old one and the new one, or by proof.

    The proof follows a first step of `scram` on the same connection: `data` is SCRAM's last
    message, and `verifier` replaces the new password, so that the server sees neither.
    """

    answer = ScramReply
    old: str = ""
    new: str = ""
    data: str | None = None
    verifier: str | None = None

    def __repr__(self) -> str:
        return "Password()"


class UseReset(Request[Reply], tag="use_reset", kw_only=True):
    """Set a new password by the code that an administrator has given, without a login.

    The `verifier` stands for the password, which the server never sees; `lang` as in a greeting.
    """

    lang: str = "en"
    account_name: Name
    code: Word
    verifier: str

    # A representation may reach a log.
    def __repr__(self) -> str:
        return f"UseReset({self.account_name!r})"


class Logout(Request[Reply], tag="logout", kw_only=True):
    """End the session for good: its token is no longer accepted."""


class LoginRecord(Struct, omit_defaults=True):
    """One login of an account: unix time, IP address and program."""

    time: float
    address: str
    program: str = ""


class Logins(Reply):
    """The answer to `logins`, the latest first."""

    logins: list[LoginRecord] = field(default_factory=list)


class ListLogins(Request[Logins], tag="logins", kw_only=True):
    """List the account's logins."""

    answer = Logins
