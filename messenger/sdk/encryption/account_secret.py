"""The account's secret on this device: the current one, and pending or former ones."""

import logging
import os
from collections.abc import Callable
from typing import Any

from messenger.crypto.accounts import Secret, parse_identity
from messenger.crypto.signed import SignatureError
from messenger.sdk.encryption.context import DeviceContext
from messenger.sdk.encryption.device_lists import DeviceList, DeviceLists
from messenger.sdk.store import IdentityTrust
from messenger.sdk.store.schema import SET_ASIDE

_logger = logging.getLogger("messenger.client")

RECOVERY_CODE = "MESSENGER_RECOVERY_CODE"
"""The environment variable that approves a bot's or script's device, as /recover does."""

_PENDING = "pending_secret"
"""The profile's value with a secret whose identity the server may not have yet."""
_UNCONFIRMED = "unconfirmed_code"
"""The profile's value that says that the user has not confirmed the noting of the recovery code."""


class AccountSecret:
    """Stores the secret in the local database; a device that has it is approved.

    `current` is the secret in use, None if this device is not approved.
    """

    def __init__(self, context: DeviceContext, device_lists: DeviceLists) -> None:
        self._keys = context.keys
        self._device = context.identity
        self._device_lists = device_lists
        self.current = self._kept("secret")
        if self.current is not None:
            self._device.approve(self.current.approve)

    @property
    def pending(self) -> Secret | None:
        """The secret of an identity that was made on this device and is not confirmed yet."""
        return self._kept(_PENDING)

    def new(self) -> Secret:
        """Return a secret for a new identity; it is stored before that identity is published.

        If the connection ends before the reply, the server may have the identity already.
        """
        # Not a second one: the server may have published the identity of the pending secret.
        secret = self.pending or Secret(self._device.account)
        self._keys.put(_PENDING, secret.secret.hex())
        return secret

    @property
    def is_code_confirmed(self) -> bool:
        """Whether the user has noted the recovery code that was made on this device."""
        return self._keys.get(_UNCONFIRMED) is None

    def note_code(self, *, is_confirmed: bool) -> None:
        """Store whether the user has noted the recovery code."""
        self._keys.put(_UNCONFIRMED, None if is_confirmed else "yes")

    def set_aside(self, published: Any) -> Secret | None:
        """Return the secret from before this device was removed, if it is still the account's.

        Once another device has made a new identity the secret is useless.
        """
        kept = (self._keys.get(SET_ASIDE) or "").split()
        secrets = (Secret(self._device.account, bytes.fromhex(one)) for one in kept)
        return next((one for one in secrets if is_of(one, published)), None)

    def drop_set_aside(self) -> None:
        """Delete the secret from before the removal: this device is approved again."""
        self._keys.put(SET_ASIDE, None)

    def given(self) -> Secret | None:
        """Return the secret of the recovery code in the environment, if this device needs it."""
        code = os.environ.get(RECOVERY_CODE)
        if not code or self.current is not None:
            return None
        try:
            return Secret.from_code(self._device.account, code)
        except ValueError as error:
            _logger.warning("%s: %s", RECOVERY_CODE, error)
            return None

    def keep(self, secret: Secret) -> None:
        """Use this secret from now on: it approves this device."""
        with self._keys.transaction():
            self._keys.put("secret", secret.secret.hex())
            self._keys.put(_PENDING, None)
            # The code is valid once: whoever saw it on the screen cannot use it for a later
            # approval.
            self._keys.put("approval_nonce", None)
            self._keys.trust(secret.identity, IdentityTrust.VERIFIED)
        self.current = secret
        self._device.approve(secret.approve)
        # Cached lists still exclude devices by the identity that was known before.
        self._device_lists.forget()

    def ask_whether_current(self, secret: Secret, tell: Callable[[bool], None]) -> None:
        """Tell whether this secret still makes both the account's identity and this device's."""
        me = self._device.account

        def listed(device_list: DeviceList | Exception) -> None:
            known = self._keys.identity_of(me)
            # Not cached: the list may be from before another device was approved.
            self._device_lists.forget(me)
            is_same = self.current is not None and self.current.secret == secret.secret
            is_ours = is_same and known == (secret.identity, IdentityTrust.VERIFIED)
            tell(is_ours and not isinstance(device_list, Exception))

        # Not from the cache: another device may have made a new secret meanwhile.
        self._device_lists.forget(me)
        self._device_lists.of(me, listed)

    def _kept(self, name: str) -> Secret | None:
        """Return the secret that is stored under this name."""
        kept = self._keys.get(name)
        return Secret(self._device.account, bytes.fromhex(kept)) if kept else None


def is_of(secret: Secret, published: Any) -> bool:
    """Tell whether a published identity is derived from the secret."""
    try:
        return parse_identity(secret.account, published) == secret.identity
    # The server chose these bytes: a malformed identity is not this secret's, and ends no start.
    except SignatureError as error:
        _logger.warning("%s", error)
        return False
