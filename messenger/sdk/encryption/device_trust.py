"""Decides which devices count: those that their account's identity has signed, if it has one.

Devices and identities are remembered as first seen. A device without the signature of a known
identity may be the server's: it gets no keys, and its messages have no effect.
"""

import logging
from collections import Counter
from collections.abc import Iterable
from functools import lru_cache

from messenger.crypto.accounts import AccountIdentity, signer_of
from messenger.crypto.devices import Device
from messenger.crypto.signed import SignatureError
from messenger.sdk.encryption.context import DeviceContext
from messenger.sdk.encryption.internal_events import DeviceSigned, IdentityAccepted
from messenger.sdk.events import ConversationChanged, DeviceAppeared, IdentityChanged
from messenger.sdk.key_errors import OwnKeysChanged, VerifiedKeysChanged
from messenger.sdk.store import IdentityTrust

_logger = logging.getLogger("messenger.client")

_MAX_BY_MESSAGE = 5  # Unsigned devices of an account to look up on one connection.
_MAX_REPORTED = 10_000  # Reports that are remembered, to make each of them once.


@lru_cache(maxsize=4096)  # Each message of a device asks for it.
def _signs(identity: AccountIdentity, device: Device) -> bool:
    return identity.has_signed(device)


class DeviceTrust:
    """Remembers devices and identities, and decides which of them count.

    `without_identity` are accounts whose identity is missing from the last list.
    """

    def __init__(self, context: DeviceContext) -> None:
        self._keys = context.keys
        self._me = context.identity
        self._tell = context.tell
        self._emit = context.emit
        self._clock = context.clock
        self._reported: set[tuple[str, ...]] = set()
        self._by_message: Counter[str] = Counter()
        self.without_identity: set[str] = set()

    def forget(self) -> None:
        """Forget what belongs to the connection that was lost."""
        self._reported.clear()
        self.without_identity.clear()
        self._by_message.clear()

    # --- what counts ---------------------------------------------------------------------------

    def counts(self, device: Device) -> bool:
        """Whether the device may get keys, and its messages have an effect.

        An account that has no identity is trusted on first use, device by device.
        """
        if device.key == self._me.device.key:
            return True
        return self._keys.identity_of(device.account) is None or self.is_signed(device)

    def is_signed(self, device: Device) -> bool:
        """Whether the known identity, if its trust is not `CHANGED`, has signed the device."""
        known = self._keys.identity_of(device.account)
        # Until the user decides, a changed identity may be the server's.
        if known is None or known[1] is IdentityTrust.CHANGED:
            return False
        # A copy without signatures, as sessions have it, counts like the stored one of the same
        # keys.
        return _signs(known[0], device) or self._was_signed(known[0], device)

    def signer_of(self, device: Device) -> str:
        """Return the self-signing key that has signed the device, "" if none has.

        The known identity takes precedence, if it has signed the device.
        """
        known = self._keys.identity_of(device.account)
        if known is not None and self.is_signed(device):
            return known[0].self_signing
        return signer_of(device)

    def is_excluded(self, account: str, device_id: str) -> bool:
        """Whether the device with this id is known, and does not count."""
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
        """Remember devices of a list; return those that count and whose keys have not changed."""
        found: set[Device] = set()
        by_account: dict[str, list[Device]] = {}
        for device in listed:
            by_account.setdefault(device.account, []).append(device)
        for account, devices in by_account.items():
            known = self._keys.devices_of(account)
            found.update(one for one in devices if self._remember(one, known) and self.counts(one))
        return found

    def remember_sender(self, device: Device) -> bool:
        """Remember the sender of a message; return whether to look it up in the device list.

        Raises SignatureError if its keys have changed. The list may have the signature of a new,
        unsigned device. Only a few of these are looked up, as anybody can make up more.
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
        """Report a device that is new, or newly signed, once."""
        signed = self.is_signed(self._keys.devices_of(device.account).get(device.device_id, device))
        if self._is_news("device", *device.key, str(signed)):
            excluded = not self.counts(device)
            self._tell(DeviceAppeared(device.account, device.device_id, signed, excluded))

    def _remember(self, device: Device, known: dict[str, Device]) -> bool:
        """Remember a device; return whether its keys are those that it had before."""
        # The server may list this device with other keys: the local ones are the right ones.
        if device.key[:2] == self._me.device.key[:2]:
            return device.key == self._me.device.key
        before = known.get(device.device_id)
        if before is None:
            self._keys.remember(device, self._clock())
            if known or (device.account == self._me.account and not self.counts(device)):
                self.announce(device)
        elif self.is_signed(device) and not self.is_signed(before):
            # Anybody may have made up the unsigned device: the signed one replaces it.
            self._keys.renew(device)
            self.announce(device)
            self._emit(DeviceSigned(device))
        elif before.key != device.key:
            _logger.warning("A device of %s has other keys than before", device.account)
            return False
        return True

    # --- identities ----------------------------------------------------------------------------

    def recognise(self, identity: AccountIdentity) -> None:
        """Remember an identity; raises SignatureError if it replaces a verified one."""
        self.without_identity.discard(identity.account)
        known = self._keys.identity_of(identity.account)
        if known is None:
            self._trust(identity, IdentityTrust.UNVERIFIED)
            return
        before, trust = known
        if before == identity and trust is not IdentityTrust.CHANGED:
            return
        if identity.account == self._me.account and trust is IdentityTrust.VERIFIED:
            self._tell_changed(identity.account, was_verified=True)
            raise OwnKeysChanged
        if trust is IdentityTrust.UNVERIFIED:
            self._trust(identity, IdentityTrust.UNVERIFIED)
            self._tell_changed(identity.account, was_verified=False, is_another=True)
            # It may be a former identity again: messages of its devices were held back meanwhile.
            self._emit(IdentityAccepted(identity.account))
            return
        self._block(identity, trust)

    def left_out(self, account: str) -> None:
        """Note that a device list lacks the identity of an account: a known one has changed then.

        Raises SignatureError if it was verified.
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
        self._trust(identity, IdentityTrust.CHANGED)
        if is_another or trust is IdentityTrust.VERIFIED:
            self._tell_changed(identity.account, was_verified=True, is_another=is_another)
        raise VerifiedKeysChanged(identity.account)

    def _trust(self, identity: AccountIdentity, trust: IdentityTrust) -> None:
        self._keys.trust(identity, trust)
        self._tell(ConversationChanged(identity.account))  # Lists show the trust.

    def _tell_changed(self, account: str, *, was_verified: bool, is_another: bool = False) -> None:
        """Report a changed identity: each time if it `is_another`, otherwise once."""
        known = self._keys.identity_of(account)
        is_news = self._is_news("identity", account, known[0].master if known else "")
        if is_another or is_news:
            self._tell(IdentityChanged(account, was_verified))

    def _is_news(self, *what: str) -> bool:
        """Note that something is reported; return whether it was not reported before.

        Others cause these reports without limit: repeating one is better than storing them all.
        """
        if what in self._reported:
            return False
        if len(self._reported) >= _MAX_REPORTED:
            self._reported.clear()
        self._reported.add(what)
        return True
