"""Verbs for devices: those of the user's account, their approval and removal; those of others."""

from typing import NamedTuple

from messenger.crypto.accounts import AccountIdentity
from messenger.crypto.devices import Device
from messenger.jim.devices import ForgetDevice, ListOwnDevices, OwnDevices
from messenger.jim.errors import DeviceRemoved
from messenger.sdk.events import ConnectionState
from messenger.sdk.key_errors import DeviceInUse
from messenger.sdk.key_states import Approval, ApprovalState, Recovery, RecoveryState
from messenger.sdk.verbs.key_shell import KeyShell
from messenger.sdk.verbs.verb import ANSWER_TIMEOUT, verb


class KnownDevice(NamedTuple):
    """A device as its owner or another user sees it.

    `approved`: the account's identity has signed it, from an older device or by the recovery code.
    `name` is its computer's; `last_seen` is its last login (unix time), `address` the address of
    that: only the owner sees these.
    """

    device_id: str
    fingerprint: str
    approved: bool
    name: str = ""
    program: str = ""
    address: str = ""
    last_seen: float | None = None
    is_this: bool = False


class DeviceVerbs(KeyShell):
    """Verbs for devices."""

    @property
    def approval(self) -> Approval:
        """Whether this device is approved, and how it can be."""
        if self._core.is_guest:
            return Approval(ApprovalState.NO_KEYS)
        is_refused = self._core.state is ConnectionState.REFUSED
        if is_refused and isinstance(self._core.error, DeviceRemoved):
            return Approval(ApprovalState.REMOVED)
        return self._encryption.account.approval

    @property
    def recovery(self) -> Recovery:
        """The recovery code, and how far older messages are restored."""
        if self._core.is_guest:
            return Recovery(RecoveryState.NONE)
        return self._encryption.account.backup.recovery

    @verb
    async def confirm_recovery_code(self) -> None:
        """Note that the user has noted the recovery code."""
        self._check_account()
        await self._run(self._encryption.account.confirm_code)

    @property
    def is_approved(self) -> bool:
        """Whether this device has the account's secret."""
        return self._encryption.account.secret is not None

    @property
    def approval_code(self) -> str:
        """The code that approves this device when it is typed on another one.

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

    @verb
    async def approve(self, code: str) -> None:
        """Approve the device that shows this code."""
        self._check_account()
        await self._wait(lambda take: self._encryption.account.approve(code, take))

    @verb
    async def recover(self, code: str) -> None:
        """Approve this device by the recovery code."""
        self._check_account()
        await self._wait(lambda take: self._encryption.account.recover(code, take))

    @verb
    async def recover_kept(self) -> None:
        """Approve this device, which was removed, by the secret that it had before.

        Raises BadRequest if the account has another one since, or this device has none.
        """
        self._check_account()
        await self._wait(self._encryption.account.recover_kept)

    @verb
    async def reset(self) -> None:
        """Create a new identity for the account; other users are notified of the change."""
        self._check_account()
        await self._wait(self._encryption.account.reset)

    @verb
    async def own_devices(self) -> list[KnownDevice]:
        """Return the devices of this account."""
        self._check_account()
        # First: without a connection it is refused at once, while a device list is waited for.
        answer: OwnDevices = await self._wait_for(
            lambda take: self._core.ask(ListOwnDevices(), take), ANSWER_TIMEOUT
        )
        account = self._core.credentials.name
        known = {device.device_id: device for device in await self._devices_of(account)}
        this = self._encryption.identity.device_id
        return [
            # A device without keys, such as that of a plain client, is in the account's list only.
            known.get(one.device, KnownDevice(one.device, "", approved=False))._replace(
                name=one.name,
                program=one.program,
                address=one.address,
                last_seen=one.last_seen,
                is_this=one.device == this,
            )
            for one in answer.devices
        ]

    @verb
    async def devices_of(self, account: str) -> list[KnownDevice]:
        """Return the devices of an account."""
        return await self._devices_of(account)

    @verb
    async def forget_device(self, device_id: str) -> None:
        """Remove another device of the account: nothing is encrypted for it any more.

        Raises Forbidden for this device, which logs out instead, and NotFound for an unknown one. A
        device that was approved still has the account's secret: it could approve itself and others,
        and decrypt the key backup. `reset` replaces that secret.
        """
        self._check_account()
        if device_id == self._encryption.identity.device_id:
            raise DeviceInUse
        await self._wait(lambda take: self._core.ask(ForgetDevice(device=device_id), take))

    async def _devices_of(self, account: str) -> list[KnownDevice]:
        found = await self._device_list(account)
        identity = found.identities.get(account)
        return [
            KnownDevice(device.device_id, device.ed25519, approved=_has_signed(identity, device))
            for device in found.listed.values()
            if device.account == account
        ]


def _has_signed(identity: AccountIdentity | None, device: Device) -> bool:
    return identity is not None and identity.has_signed(device)
