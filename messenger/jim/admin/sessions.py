"""Sessions, as administrators list and end them, and the logins of all accounts."""

from typing import Literal

from msgspec import Struct, field

from messenger.jim.admin.paging import Backward, Page, Paged
from messenger.jim.base import Reply, Request
from messenger.jim.fields import Name, Number

SessionOrder = Literal["account_name", "address", "program", "since", "idle"]
"""The field by which a list of sessions is sorted."""


class SessionEntry(Struct, omit_defaults=True):
    """A connection: who is logged in by it, if anybody, since when (unix time), and from where.

    `number` tells it from all others since the server's start. `idle` is the time in seconds since
    it last sent something. A `slow` one does not read as fast as others write to it.
    """

    number: Number
    account_name: str = ""
    guest: bool = False
    operator: bool = False
    address: str = ""
    device: str = ""
    program: str = ""
    language: str = ""
    tls: bool = False
    since: float | None = None
    idle: float = 0
    slow: bool = False


class SessionsPage(Page):
    """The reply to `admin_sessions`."""

    sessions: list[SessionEntry] = field(default_factory=list)


class ListSessions(Paged[SessionsPage], tag="admin_sessions", kw_only=True):
    """List the connections whose account or address contains `search`, in pages."""

    answer = SessionsPage
    search: Name = ""
    sort: SessionOrder = "account_name"
    descending: bool = False


class EndSession(Request[Reply], tag="admin_end", kw_only=True):
    """End one connection; its client may log in again."""

    number: Number


class LoginEntry(Struct, omit_defaults=True):
    """A login of an account: unix time, IP address and program."""

    account_name: str
    time: float
    address: str
    program: str = ""


class LoginsPage(Reply):
    """The reply to `admin_logins`, the latest first; `next` is the `before` of the next page."""

    logins: list[LoginEntry] = field(default_factory=list)
    next: Number | None = None


class ListAllLogins(Backward[LoginsPage], tag="admin_logins", kw_only=True):
    """List the logins of all accounts, or of one, or from one IP address."""

    answer = LoginsPage
    account_name: Name = ""
    address: Name = ""
