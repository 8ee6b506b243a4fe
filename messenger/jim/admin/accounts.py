"""Accounts, as administrators list and change them."""

from typing import Literal

from msgspec import Struct, field

from messenger.jim.accounts import LoginRecord
from messenger.jim.admin.paging import Page, Paged
from messenger.jim.base import Reply, Request
from messenger.jim.devices import OwnDevice
from messenger.jim.fields import Name, Number

Role = Literal["user", "administrator"]
"""What an account may do: administrators may send the requests of this package."""

State = Literal["active", "blocked", "removed"]
"""A blocked account cannot log in; of a removed one only its messages are left."""

AccountFilter = Literal["present", "active", "blocked", "removed", "all"]
"""Which accounts a list has, by state; those that are present were not removed."""

AccountOrder = Literal[
    "name", "role", "state", "created", "last_login", "last_seen", "address", "messages", "bytes"
]
"""The field by which a list of accounts is sorted."""


class AccountEntry(Struct, omit_defaults=True):
    """An account in a list; times are unix time, and `address` that of its last login.

    `messages` and `bytes` count what it has sent, `sessions` the connections that it has now.
    """

    account_name: str
    role: Role = "user"
    state: State = "active"
    sessions: Number = 0
    devices: Number = 0
    created: float = 0
    last_login: float | None = None
    last_seen: float | None = None
    address: str = ""
    messages: Number = 0
    bytes: Number = 0


class AccountsPage(Page):
    """The reply to `admin_accounts`."""

    accounts: list[AccountEntry] = field(default_factory=list)


class ListAccounts(Paged[AccountsPage], tag="admin_accounts", kw_only=True):
    """List accounts whose name or last address contains `search`, in pages.

    `online` true lists those that are online only, false the others; None does not matter.
    """

    answer = AccountsPage
    search: Name = ""
    filter: AccountFilter = "present"
    role: Role | None = None
    online: bool | None = None
    sort: AccountOrder = "name"
    descending: bool = False


class AccountDetails(Reply):
    """The reply to `admin_account`: the account, its devices and rooms, its last logins.

    `reset_expires` is there while a code can set a new password: until then it is valid.
    `invitations` counts the usable ones that the account has made as an administrator.
    """

    account: AccountEntry | None = None
    devices: list[OwnDevice] = field(default_factory=list)
    rooms: list[str] = field(default_factory=list)
    logins: list[LoginRecord] = field(default_factory=list)
    reset_expires: float | None = None
    invitations: Number = 0


class ShowAccount(Request[AccountDetails], tag="admin_account", kw_only=True):
    """Show one account."""

    answer = AccountDetails
    account_name: Name


class AddAccount(Request[Reply], tag="admin_add", kw_only=True):
    """Add an account; the `verifier` stands for its password, which the server never sees."""

    account_name: Name
    verifier: str
    role: Role = "user"

    # A representation may reach a log.
    def __repr__(self) -> str:
        return f"AddAccount({self.account_name!r}, role={self.role!r})"


class BlockAccount(Request[Reply], tag="admin_block", kw_only=True):
    """End an account's sessions, and let it log in no more; nothing of it is deleted."""

    account_name: Name


class UnblockAccount(Request[Reply], tag="admin_unblock", kw_only=True):
    """Let a blocked account log in again."""

    account_name: Name


class RemoveAccount(Request[Reply], tag="admin_remove", kw_only=True):
    """Remove an account for good: its messages stay with others, and its name stays taken."""

    account_name: Name


class PromoteAccount(Request[Reply], tag="admin_promote", kw_only=True):
    """Make an account an administrator."""

    account_name: Name


class DemoteAccount(Request[Reply], tag="admin_demote", kw_only=True):
    """Make an administrator a user."""

    account_name: Name


class PasswordReset(Reply):
    """The reply to `admin_reset`: the code, which is shown only once, and a link with it.

    `expires` is unix time. There is no link if none can lead to the server; `warning` says so, or
    why other computers may not be able to use it.
    """

    reset_code: str = ""
    link: str = ""
    expires: float = 0
    warning: str = ""

    # A representation may reach a log.
    def __repr__(self) -> str:
        return f"PasswordReset(expires={self.expires!r})"


class ResetPassword(Request[PasswordReset], tag="admin_reset", kw_only=True):
    """Make the code with which an account gets a new password, once; until then nothing changes."""

    answer = PasswordReset
    account_name: Name


class EndLogins(Request[Reply], tag="admin_logout", kw_only=True):
    """End an account's sessions, or those of one device: the next login needs the password."""

    account_name: Name
    device: Name = ""
