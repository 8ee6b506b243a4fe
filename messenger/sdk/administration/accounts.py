"""Accounts: list, show, add, block, remove, give roles, reset passwords, log out."""

from messenger.jim.admin.accounts import (
    AccountDetails,
    AccountFilter,
    AccountOrder,
    AccountsPage,
    AddAccount,
    BlockAccount,
    DemoteAccount,
    EndLogins,
    ListAccounts,
    PasswordReset,
    PromoteAccount,
    RemoveAccount,
    ResetPassword,
    Role,
    ShowAccount,
    UnblockAccount,
)
from messenger.jim.admin.claim import Claim
from messenger.sdk.administration.verbs import AdministrationVerbs
from messenger.sdk.new_password import new_verifier


class AccountVerbs(AdministrationVerbs):
    """Verbs for accounts; they raise as `Administration` says."""

    def accounts(
        self,
        search: str = "",
        *,
        filter: AccountFilter = "present",
        role: Role | None = None,
        online: bool | None = None,
        sort: AccountOrder = "name",
        descending: bool = False,
        offset: int = 0,
        limit: int = 100,
    ) -> AccountsPage:
        """Return a page of accounts, those with `search` in their names or last addresses."""
        asked = ListAccounts(
            search=search,
            filter=filter,
            role=role,
            online=online,
            sort=sort,
            descending=descending,
            offset=offset,
            limit=limit,
        )
        return self.ask(asked)

    def account(self, name: str) -> AccountDetails:
        """Return an account with its devices, rooms and last logins."""
        return self.ask(ShowAccount(account_name=name))

    def add_account(self, name: str, password: str, *, role: Role = "user") -> str:
        """Add an account; the server never sees the password.

        Raises BadRequest if the password is not good enough.
        """
        verifier = new_verifier(name, password)
        return self._do(AddAccount(account_name=name, verifier=verifier, role=role))

    def block(self, name: str) -> str:
        """Log an account out, and let it log in no more."""
        return self._do(BlockAccount(account_name=name))

    def unblock(self, name: str) -> str:
        """Let a blocked account log in again."""
        return self._do(UnblockAccount(account_name=name))

    def remove(self, name: str) -> str:
        """Remove an account for good: its messages stay, and its name stays taken."""
        return self._do(RemoveAccount(account_name=name))

    def promote(self, name: str) -> str:
        """Make an account an administrator."""
        return self._do(PromoteAccount(account_name=name))

    def demote(self, name: str) -> str:
        """Make an administrator a user."""
        return self._do(DemoteAccount(account_name=name))

    def reset_password(self, name: str) -> PasswordReset:
        """Return a code with which an account gets a new password: once, and within a day.

        Until it is used nothing changes. Then the account's devices log in with the new password
        and keep their keys; a new device needs the recovery code or another device for its history.
        """
        return self.ask(ResetPassword(account_name=name))

    def log_out(self, name: str, device: str = "") -> str:
        """End the sessions of an account, or of one device: they need the password again."""
        return self._do(EndLogins(account_name=name, device=device))

    def claim(self, code: str) -> str:
        """Make this account the first administrator, by the code that the server has printed."""
        return self._do(Claim(code=code))
