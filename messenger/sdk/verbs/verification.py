"""Other users' identities: comparing numbers or emoji with them, and deciding what one trusts."""

from collections.abc import Callable

from messenger.crypto.accounts import AccountIdentity, safety_number
from messenger.jim.errors import Conflict, NotFound
from messenger.language import N_, _
from messenger.sdk.errors import VerificationNeeded
from messenger.sdk.link import OnAnswer
from messenger.sdk.store import IdentityTrust
from messenger.sdk.verbs.key_shell import KeyShell
from messenger.sdk.verbs.verb import verb


class VerificationVerbs(KeyShell):
    """Verbs for whom the user trusts, and what may be sent to whom."""

    def trust_of(self, account: str) -> IdentityTrust:
        """Return how far the user trusts that an account is whose it says."""
        known = self._encryption.keys.identity_of(account)
        return known[1] if known is not None else IdentityTrust.UNKNOWN

    def has_changed(self, account: str) -> bool:
        """Return whether sending is blocked until the user decides about a changed identity."""
        without = self._encryption.trust.without_identity
        return account in without or self.trust_of(account) is IdentityTrust.CHANGED

    @verb
    async def safety_number(self, account: str) -> str:
        """Return the number that both see if nobody is between them; raises NotFound.

        For which identity it was shown is kept: `verify` decides for that one.
        """
        own = await self._identity_of(self._core.credentials.name)
        identity = await self._identity_of(account)
        await self._run(lambda: self._encryption.keys.put(_shown_of(account), identity.master))
        return safety_number(own, identity)

    @verb
    async def verify(self, account: str) -> None:
        """Note that the user has compared the number, and that it is the same.

        Raises NotFound, and Forbidden if the identity is another one than that whose number was
        shown last; one that has changed can be verified only after its number was shown.
        """
        identity = await self._identity_of(account)
        shown = self._encryption.keys.get(_shown_of(account))
        has_changed = self.trust_of(account) is IdentityTrust.CHANGED
        if shown != identity.master and (shown is not None or has_changed):
            said = N_("{name} has other security keys now than those you have compared")
            raise VerificationNeeded(_(said, name=account), account)
        await self._run(lambda: self._encryption.account.decide(identity, IdentityTrust.VERIFIED))

    @verb
    async def request_verification(self, account: str) -> None:
        """Ask somebody who is online to compare emoji, or say yes to who has asked."""
        await self._identity_of(account)
        await self._wait(lambda take: self._encryption.verifications.ask(account, take))

    @verb
    async def write_plain(self, conversation: str, *, allowed: bool = True) -> None:
        """Let what cannot be encrypted in this conversation go out in plain, or no longer.

        Nothing goes out in plain by itself to people whose identity is known, or where it was
        encrypted before.
        """
        await self._run(lambda: self._encryption.plain.allow(conversation, allowed=allowed))

    @verb
    async def agree(self, account: str) -> None:
        """The emoji are the same; raises NotFound if there are none to compare."""
        await self._end(self._encryption.verifications.agree, account)

    @verb
    async def differ(self, account: str) -> None:
        """The emoji are others: nobody is verified; raises NotFound as `agree` does."""
        await self._end(self._encryption.verifications.differ, account)

    async def _end(self, decide: Callable[[str], bool], account: str) -> None:
        def run(take: OnAnswer) -> None:
            nothing = NotFound(_("There is nothing to compare with {name}", name=account))
            take(None if decide(account) else nothing)

        await self._wait(run)

    @verb
    async def accept(self, account: str) -> None:
        """Go on with an account whose identity has changed, as one that is not verified.

        Where it has none any more its devices are trusted on first use again. Raises Conflict for
        one that is verified and has not changed: this would take that back.
        """
        if self.trust_of(account) is IdentityTrust.VERIFIED and not self.has_changed(account):
            raise Conflict("Nothing has changed: {name} is verified", name=account)
        if account in self._encryption.trust.without_identity:
            await self._run(lambda: self._encryption.account.begin_anew_with(account))
        else:
            identity = await self._identity_of(account)
            await self._run(
                lambda: self._encryption.account.decide(identity, IdentityTrust.UNVERIFIED)
            )

    async def _identity_of(self, account: str) -> AccountIdentity:
        known = self._encryption.keys.identity_of(account)
        if known is None:
            await self._readers(account)
            known = self._encryption.keys.identity_of(account)
        if known is None:
            raise NotFound(_("{name} has no encryption-capable device yet", name=account))
        return known[0]


def _shown_of(account: str) -> str:
    """Return the name of the value that has the master key whose number was shown."""
    return f"shown {account}"
