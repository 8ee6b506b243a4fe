"""Verbs for other users' identities: compare numbers or emoji, verify, accept changes."""

from collections.abc import Callable

from messenger.crypto.accounts import AccountIdentity, safety_number
from messenger.jim.errors import NotFound
from messenger.sdk.key_errors import (
    NoKeys,
    NothingChanged,
    NothingToCompare,
    NoVerification,
    OtherKeysCompared,
)
from messenger.sdk.key_states import CancelReason, Verification
from messenger.sdk.store import IdentityTrust
from messenger.sdk.verbs.key_shell import KeyShell
from messenger.sdk.verbs.verb import verb


class VerificationVerbs(KeyShell):
    """Verbs for verification, and for unencrypted messages."""

    def trust_of(self, account: str) -> IdentityTrust:
        """Return how far the user trusts an account's identity."""
        known = self._encryption.keys.identity_of(account)
        return known[1] if known is not None else IdentityTrust.UNKNOWN

    def has_changed(self, account: str) -> bool:
        """Return whether sending is blocked until the user decides about a changed identity."""
        without = self._encryption.trust.without_identity
        return account in without or self.trust_of(account) is IdentityTrust.CHANGED

    @verb
    async def safety_number(self, account: str) -> str:
        """Return the number that both sides see if nobody intercepts; raises NotFound.

        Its identity is stored: `verify` accepts no other one.
        """
        own = await self._identity_of(self._core.credentials.name)
        identity = await self._identity_of(account)
        # Stored, because the answer may come after a restart.
        await self._run(lambda: self._encryption.keys.put(_shown_of(account), identity.master))
        return safety_number(own, identity)

    @verb
    async def verify(self, account: str) -> None:
        """Mark an account as verified: the user has compared the numbers, and they match.

        Raises NotFound, and VerificationNeeded (a Forbidden) if the identity is not the one whose
        number was shown last; a changed one can be verified only after its number was shown.
        """
        identity = await self._identity_of(account)
        shown = self._encryption.keys.get(_shown_of(account))
        has_changed = self.trust_of(account) is IdentityTrust.CHANGED
        if shown != identity.master and (shown is not None or has_changed):
            raise OtherKeysCompared(account)
        await self._run(lambda: self._encryption.account.decide(identity, IdentityTrust.VERIFIED))

    def verification(self, account: str) -> Verification | None:
        """Return the current verification with an account, or how the last one has ended."""
        return self._encryption.verifications.of(account)

    @verb
    async def request_verification(self, account: str) -> None:
        """Ask a user who is online to compare emoji, or accept their request.

        Raises NoKeys, and VerificationRunning once that has happened.
        """
        await self._identity_of(account)
        # The identity is known by now: otherwise its device list was fetched, or NotFound raised.
        await self._wait(lambda take: self._encryption.verifications.ask(account, take))

    @verb
    async def write_plain(self, conversation: str, *, allowed: bool = True) -> None:
        """Allow unencrypted messages in a conversation that cannot be encrypted, or forbid them.

        Without this, nothing is sent unencrypted to people whose identity is known, or where
        messages were encrypted before.
        """
        await self._run(lambda: self._encryption.plain.allow(conversation, allowed=allowed))

    @verb
    async def agree(self, account: str) -> None:
        """Confirm that the emoji match; raises NothingToCompare if none are shown."""
        await self._decide(
            lambda: self._encryption.verifications.agree(account), NothingToCompare(account)
        )

    @verb
    async def differ(self, account: str) -> None:
        """Report that the emoji differ: nobody is verified. Raises NothingToCompare."""
        await self._decide(
            lambda: self._encryption.verifications.cancel(account, CancelReason.MISMATCH),
            NothingToCompare(account),
        )

    @verb
    async def cancel_verification(self, account: str) -> None:
        """Cancel a verification, or decline a request; raises NoVerification if there is none."""
        await self._decide(
            lambda: self._encryption.verifications.cancel(account), NoVerification(account)
        )

    async def _decide(self, decide: Callable[[], bool], nothing: NotFound) -> None:
        await self._wait(lambda take: take(None if decide() else nothing))

    @verb
    async def accept(self, account: str) -> None:
        """Accept the changed identity of an account, unverified.

        If it has none any more, its devices are trusted on first use again. Raises Conflict if the
        account is verified and has not changed: this would undo the verification.
        """
        if self.trust_of(account) is IdentityTrust.VERIFIED and not self.has_changed(account):
            raise NothingChanged(account)
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
            await self._device_list(account)
            known = self._encryption.keys.identity_of(account)
        if known is None:
            raise NoKeys(account)
        return known[0]


def _shown_of(account: str) -> str:
    """Return the name of the stored value: the master key whose number was shown."""
    return f"shown {account}"
