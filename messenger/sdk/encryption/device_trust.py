"""Which devices count: those that their account's identity has signed, where it has one.

Devices and identities are remembered as they were seen first. What is not signed by an identity
that is known may be the server's own: it is given no keys, and nothing that it says has an effect.
"""

import logging
from collections import Counter
from collections.abc import Iterable
from functools import lru_cache

from messenger.crypto.accounts import AccountIdentity, signer_of
from messenger.crypto.devices import Device
from messenger.crypto.signed import SignatureError
from messenger.language import _
from messenger.sdk.encryption.context import DeviceContext
from messenger.sdk.encryption.internal_events import DeviceSigned, IdentityAccepted
from messenger.sdk.events import DeviceAppeared, IdentityChanged
from messenger.sdk.store import IdentityTrust

_logger = logging.getLogger("messenger.client")

_MAX_BY_MESSAGE = 5
_MAX_TOLD = 10_000


@lru_cache(maxsize=4096)
def _signs(identity: AccountIdentity, device: Device) -> bool:
    return identity.has_signed(device)


class IdentityReplaced(SignatureError):
    """An account that the user has verified has another identity than then."""

    def __init__(self, account: str) -> None:
        super().__init__(_("{name} is not who you have verified any more", name=account))
        self.account = account


class DeviceTrust:
    """Remembers devices and identities, and tells which of them count.

    `without_identity` are accounts whose identity the last list did not have any more.
    """

    def __init__(self, context: DeviceContext) -> None:
        self._keys = context.keys
        self._me = context.identity
        self._tell = context.tell
        self._emit = context.emit
        self._clock = context.clock
        self._told: set[tuple[str, ...]] = set()
        self._by_message: Counter[str] = Counter()
        self.without_identity: set[str] = set()

    def forget(self) -> None:
        """The link is gone."""
        self._told.clear()
        self.without_identity.clear()
        self._by_message.clear()

    # --- what counts ---------------------------------------------------------------------------

    def counts(self, device: Device) -> bool:
        """Whether the device may be given keys, and what it says may be believed.

        An account that has no identity is trusted on first use, device by device.
        """
        if device.key == self._me.device.key:
            return True
        return self._keys.identity_of(device.account) is None or self.is_signed(device)

    def is_signed(self, device: Device) -> bool:
        """Whether an identity that is known, and has not changed since, has signed the device."""
        known = self._keys.identity_of(device.account)
        if known is None or known[1] is IdentityTrust.CHANGED:
            return False
        return _signs(known[0], device) or self._was_signed(known[0], device)

    def signer_of(self, device: Device) -> str:
        """Return the self-signing key that has signed the device, "" if none has.

        It is that of the identity that is known, if this one counts and has signed it.
        """
        known = self._keys.identity_of(device.account)
        if known is not None and self.is_signed(device):
            return known[0].self_signing
        return signer_of(device)

    def is_excluded(self, account: str, device_id: str) -> bool:
        """Whether a device is known by this id, and does not count."""
        if (account, device_id) == self._me.device.key[:2]:
            return False
        device = self._keys.devices_of(account).get(device_id)
        return device is not None and not self.counts(device)

    @property
    def is_approved(self) -> bool:
        """Whether this device counts for others: the account has no identity, or has signed it."""
        known = self._keys.identity_of(self._me.account)
        return known is None or _signs(known[0], self._me.device)

    def _was_signed(self, identity: AccountIdentity, device: Device) -> bool:
        known = self._keys.devices_of(device.account).get(device.device_id)
        return known is not None and known.key == device.key and _signs(identity, known)

    # --- devices -------------------------------------------------------------------------------

    def remember_all(self, listed: Iterable[Device]) -> set[Device]:
        """Remember devices of a list; return those that count and are who they were before."""
        found: set[Device] = set()
        by_account: dict[str, list[Device]] = {}
        for device in listed:
            by_account.setdefault(device.account, []).append(device)
        for account, devices in by_account.items():
            known = self._keys.devices_of(account)
            found.update(one for one in devices if self._remember(one, known) and self.counts(one))
        return found

    def remember_sender(self, device: Device) -> bool:
        """Remember a device that has sent something; return whether it is to be looked up.

        Raises Forged if it had other keys before. Of one that is new and not signed a list of
        devices may tell more; a few are looked up and told of, for anybody can make up more.
        """
        known = self._keys.devices_of(device.account)
        is_new = device.device_id not in known and device.key != self._me.device.key
        if is_new and known and not self.is_signed(device):
            self._by_message[device.account] += 1
            is_one_of_few = self._by_message[device.account] <= _MAX_BY_MESSAGE
            if is_one_of_few or self.counts(device):
                self._keys.remember(device, self._clock())
            return is_one_of_few
        if not self._remember(device, known):
            raise SignatureError(f"A device of {device.account} has other keys than before")
        return False

    def announce(self, device: Device) -> None:
        """Tell of a device that is new, or signed by now, once."""
        signed = self.is_signed(self._keys.devices_of(device.account).get(device.device_id, device))
        if self._is_news("device", *device.key, str(signed)):
            excluded = not self.counts(device)
            self._tell(DeviceAppeared(device.account, device.device_id, signed, excluded))

    def _remember(self, device: Device, known: dict[str, Device]) -> bool:
        """Remember a device; return whether it has the keys that it had before."""
        if device.key[:2] == self._me.device.key[:2]:
            return device.key == self._me.device.key
        before = known.get(device.device_id)
        if before is None:
            self._keys.remember(device, self._clock())
            if known or (device.account == self._me.account and not self.counts(device)):
                self.announce(device)
        elif self.is_signed(device) and not self.is_signed(before):
            # What was remembered without a signature anybody may have made up.
            self._keys.renew(device)
            self.announce(device)
            self._emit(DeviceSigned(device))
        elif before.key != device.key:
            _logger.warning("A device of %s has other keys than before", device.account)
            return False
        return True

    # --- identities ----------------------------------------------------------------------------

    def recognise(self, identity: AccountIdentity) -> None:
        """Remember an identity; raises Forged if a verified one has become another."""
        self.without_identity.discard(identity.account)
        known = self._keys.identity_of(identity.account)
        if known is None:
            self._keys.trust(identity, IdentityTrust.UNVERIFIED)
            return
        before, trust = known
        if before == identity and trust is not IdentityTrust.CHANGED:
            return
        if identity.account == self._me.account and trust is IdentityTrust.VERIFIED:
            self._tell_changed(identity.account, was_verified=True)
            raise SignatureError(
                _("Your account has another identity now: approve this device again")
            )
        if trust is IdentityTrust.UNVERIFIED:
            self._keys.trust(identity, IdentityTrust.UNVERIFIED)
            self._tell_changed(identity.account, was_verified=False, is_another=True)
            # It may be the one from before: what its devices have sent meanwhile was held back.
            self._emit(IdentityAccepted(identity.account))
            return
        self._block(identity, trust)

    def left_out(self, account: str) -> None:
        """A list of devices has no identity of an account: if there was one, it has changed.

        Raises Forged if it was a verified one.
        """
        known = self._keys.identity_of(account)
        if known is None:
            return
        self.without_identity.add(account)
        if account == self._me.account or known[1] is IdentityTrust.UNVERIFIED:
            self._tell_changed(account, was_verified=False)
        else:
            self._block(*known)

    def _block(self, identity: AccountIdentity, trust: IdentityTrust) -> None:
        known = self._keys.identity_of(identity.account)
        is_another = known is None or known[0] != identity
        self._keys.trust(identity, IdentityTrust.CHANGED)
        if is_another or trust is IdentityTrust.VERIFIED:
            self._tell_changed(identity.account, was_verified=True, is_another=is_another)
        raise IdentityReplaced(identity.account)

    def _tell_changed(self, account: str, *, was_verified: bool, is_another: bool = False) -> None:
        """Tell that an identity has changed: each time that `is_another`, else once."""
        known = self._keys.identity_of(account)
        is_news = self._is_news("identity", account, known[0].master if known else "")
        if is_another or is_news:
            self._tell(IdentityChanged(account, was_verified))

    def _is_news(self, *what: str) -> bool:
        """Note that something is told; return whether it was not told before, as far as is known.

        Others make what there is to tell: some of it told twice is better than all remembered.
        """
        if what in self._told:
            return False
        if len(self._told) >= _MAX_TOLD:
            self._told.clear()
        self._told.add(what)
        return True
