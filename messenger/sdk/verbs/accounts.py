"""The user's own account: its password, its logins, the approval of its devices."""

from messenger.jim.accounts import ListLogins, LoginRecord
from messenger.sdk.verbs.shell import Shell
from messenger.sdk.verbs.verb import ANSWER_TIMEOUT, verb


class AccountVerbs(Shell):
    """Verbs for the user's own account; they raise as `ask` does."""

    @verb
    async def change_password(self, old: str, new: str, timeout: float = ANSWER_TIMEOUT) -> None:
        """Change the account's password; over TLS the server sees neither.

        Raises as `ask` does.
        """
        await self._wait_for(lambda take: self.core.change_password(old, new, take), timeout)

    @verb
    async def logins(self, timeout: float = ANSWER_TIMEOUT) -> list[LoginRecord]:
        """Return the account's logins, the latest first. Raises as `ask` does."""
        return (await self._ask(ListLogins(), timeout)).logins

    @verb
    async def approve(self, code: str, timeout: float = ANSWER_TIMEOUT) -> None:
        """Approve the device of this account that shows the code. Raises as `ask` does."""
        await self._wait_for(lambda take: self.core.encryption.account.approve(code, take), timeout)

    @property
    def recovery_code(self) -> str | None:
        """The code that approves any device of the account; None on one that is not approved."""
        secret = self.core.encryption.account.secret
        return secret.code() if secret is not None else None
