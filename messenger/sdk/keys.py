"""What a user does about keys, in blocking verbs: approve devices, compare numbers, decide."""

from collections.abc import Callable
from typing import Any, NamedTuple

from messenger.crypto.accounts import AccountIdentity, safety_number
from messenger.crypto.devices import Device
from messenger.jim.devices import ForgetDevice, ListOwnDevices
from messenger.jim.errors import Conflict, Forbidden, NotFound
from messenger.language import N_, _
from messenger.sdk.core import Core
from messenger.sdk.encryption import Encryption
from messenger.sdk.encryption.device_lists import DeviceList
from messenger.sdk.errors import VerificationNeeded
from messenger.sdk.link import OnAnswer
from messenger.sdk.store import IdentityTrust

_ANSWER_TIMEOUT = 30.0

WaitFor = Callable[[Callable[[OnAnswer], None], float], Any]


class KnownDevice(NamedTuple):
    """A device as its owner or another user sees it.

    `name` is that of its computer; `last_seen` is when it logged in last, unix time, and `address`
    from where: only the owner sees these.
    `approved` says that an older device, or the recovery code, vouches for it.
    """

    device_id: str
    fingerprint: str
    approved: bool
    name: str = ""
    program: str = ""
    address: str = ""
    last_seen: float | None = None
    is_this: bool = False


class Keys:
    """Keys of one's own account and of others.

    Verbs raise as `Client.ask` does, and Forbidden for guests, who have none.
    """

    def __init__(self, core: Core, wait_for: WaitFor) -> None:
        self._core = core
        self._wait_for = wait_for

    @property
    def _encryption(self) -> Encryption:
        return self._core.encryption  # another one, once this device was removed

    # --- one's own devices ---------------------------------------------------------------------

    @property
    def is_approved(self) -> bool:
        """Whether this device has the account's secret."""
        return self._encryption.account.secret is not None

    @property
    def approval_code(self) -> str:
        """The code that approves this device where it is typed on another one.

        Raises Forbidden for a guest.
        """
        self._check_account()
        return self._encryption.account.code

    @property
    def recovery_code(self) -> str | None:
        """The code that approves any device of the account; None on one that is not approved.

        Raises Forbidden for a guest.
        """
        self._check_account()
        secret = self._encryption.account.secret
        return secret.code() if secret is not None else None

    def approve(self, code: str) -> None:
        """Approve the device that shows this code."""
        self._check_account()
        self._wait_for(lambda take: self._encryption.account.approve(code, take), _ANSWER_TIMEOUT)

    def recover(self, code: str) -> None:
        """Approve this device by the recovery code."""
        self._check_account()
        self._wait_for(lambda take: self._encryption.account.recover(code, take), _ANSWER_TIMEOUT)

    def recover_kept(self) -> None:
        """Approve this device, which was removed, by the secret that it had before.

        Raises BadRequest where the account has another one since, or there is none.
        """
        self._check_account()
        self._wait_for(self._encryption.account.recover_kept, _ANSWER_TIMEOUT)

    def reset(self) -> None:
        """Make a new identity for the account; others will be told that it has changed."""
        self._check_account()
        self._wait_for(self._encryption.account.reset, _ANSWER_TIMEOUT)

    def own_devices(self) -> list[KnownDevice]:
        """Return the devices of this account."""
        self._check_account()
        account = self._core.credentials.name
        known = {device.device_id: device for device in self.devices_of(account)}
        listed = self._ask(ListOwnDevices()).devices
        this = self._encryption.identity.device_id
        return [
            known.get(one.device, KnownDevice(one.device, "", approved=False))._replace(
                name=one.name,
                program=one.program,
                address=one.address,
                last_seen=one.last_seen,
                is_this=one.device == this,
            )
            for one in listed
        ]

    def forget_device(self, device_id: str) -> None:
        """Remove another device of the account: nothing is encrypted for it any more.

        Raises Forbidden for this one, which logs out instead, and NotFound for one that is unknown.
        One that was approved has the account's secret all the same, and could approve itself and
        others, and open the key backup: `reset` makes another one, and the old one is worth
        nothing.
        """
        self._check_account()
        if device_id == self._encryption.identity.device_id:
            raise Forbidden("This is the device that you are using: log out instead")
        self._ask(ForgetDevice(device=device_id))

    # --- others --------------------------------------------------------------------------------

    def devices_of(self, account: str) -> list[KnownDevice]:
        """Return the devices of an account."""
        device_list = self._device_list(account)
        identity = device_list.identities.get(account)
        return [
            KnownDevice(device.device_id, device.ed25519, approved=_has_signed(identity, device))
            for device in device_list.listed.values()
            if device.account == account
        ]

    def trust_of(self, account: str) -> IdentityTrust:
        """Return how far the user trusts that an account is whose it says."""
        known = self._encryption.keys.identity_of(account)
        return known[1] if known is not None else IdentityTrust.UNKNOWN

    def has_changed(self, account: str) -> bool:
        """Return whether sending is blocked until the user decides about a changed identity."""
        without = self._encryption.trust.without_identity
        return account in without or self.trust_of(account) is IdentityTrust.CHANGED

    def safety_number(self, account: str) -> str:
        """Return the number that both see if nobody is between them; raises NotFound.

        For which identity it was shown is kept: `verify` decides for that one.
        """
        outbound, identity = (
            self._identity_of(self._core.credentials.name),
            self._identity_of(account),
        )
        self._run(lambda: self._encryption.keys.put(_shown_of(account), identity.master))
        return safety_number(outbound, identity)

    def verify(self, account: str) -> None:
        """Note that the user has compared the number, and that it is the same.

        Raises NotFound, and Forbidden if the identity is another one than that whose number was
        shown last; one that has changed can be verified only after its number was shown.
        """
        identity = self._identity_of(account)
        shown = self._encryption.keys.get(_shown_of(account))
        has_changed = self.trust_of(account) is IdentityTrust.CHANGED
        if shown != identity.master and (shown is not None or has_changed):
            said = N_("{name} has other security keys now than those you have compared")
            raise VerificationNeeded(_(said, name=account), account)
        self._run(lambda: self._encryption.account.decide(identity, IdentityTrust.VERIFIED))

    def request_verification(self, account: str) -> None:
        """Ask somebody who is online to compare emoji, or say yes to who has asked."""
        self._identity_of(account)
        self._wait_for(
            lambda take: self._encryption.verifications.ask(account, take), _ANSWER_TIMEOUT
        )

    def write_plain(self, conversation: str, *, allowed: bool = True) -> None:
        """Let what cannot be encrypted in this conversation go out in plain, or no longer.

        Nothing goes out in plain by itself to people whose identity is known, or where it was
        encrypted before.
        """
        self._run(lambda: self._encryption.plain.allow(conversation, allowed=allowed))

    def agree(self, account: str) -> None:
        """The emoji are the same; raises NotFound if there are none to compare."""
        self._end(self._encryption.verifications.agree, account)

    def differ(self, account: str) -> None:
        """The emoji are others: nobody is verified; raises NotFound as `agree` does."""
        self._end(self._encryption.verifications.differ, account)

    def _end(self, decide: Callable[[str], bool], account: str) -> None:
        def run(take: OnAnswer) -> None:
            nothing = NotFound(_("There is nothing to compare with {name}", name=account))
            take(None if decide(account) else nothing)

        self._wait_for(run, _ANSWER_TIMEOUT)

    def accept(self, account: str) -> None:
        """Go on with an account whose identity has changed, as one that is not verified.

        Where it has none any more its devices are trusted on first use again. Raises Conflict for
        one that is verified and has not changed: this would take that back.
        """
        if self.trust_of(account) is IdentityTrust.VERIFIED and not self.has_changed(account):
            raise Conflict("Nothing has changed: {name} is verified", name=account)
        if account in self._encryption.trust.without_identity:
            self._run(lambda: self._encryption.account.begin_anew_with(account))
        else:
            identity = self._identity_of(account)
            self._run(lambda: self._encryption.account.decide(identity, IdentityTrust.UNVERIFIED))

    def _identity_of(self, account: str) -> AccountIdentity:
        known = self._encryption.keys.identity_of(account)
        if known is None:
            self._device_list(account)
            known = self._encryption.keys.identity_of(account)
        if known is None:
            raise NotFound(_("{name} has no encryption-capable device yet", name=account))
        return known[0]

    def _check_account(self) -> None:
        """Raise Forbidden for a guest, who has no keys."""
        if self._core.is_guest:
            raise Forbidden("Guests have no encryption keys: register your name first")

    def _device_list(self, account: str) -> DeviceList:
        self._check_account()
        row = self._core.store.conversation(account)
        if row is not None and row.guest:
            raise NotFound("{name} is a guest: guests have no encryption keys", name=account)

        def list_anew(take: OnAnswer) -> None:
            self._encryption.device_lists.forget(account)
            self._encryption.device_lists.of(account, take)

        found: DeviceList = self._wait_for(list_anew, _ANSWER_TIMEOUT)
        return found

    def _run(self, do: Callable[[], None]) -> None:
        def run(take: OnAnswer) -> None:
            do()
            take(None)

        self._wait_for(run, _ANSWER_TIMEOUT)

    def _ask(self, request: Any) -> Any:
        return self._wait_for(lambda take: self._core.ask(request, take), _ANSWER_TIMEOUT)


def _shown_of(account: str) -> str:
    """Return the name of the value that has the master key whose number was shown."""
    return f"shown {account}"


def _has_signed(identity: AccountIdentity | None, device: Device) -> bool:
    return identity is not None and identity.has_signed(device)
