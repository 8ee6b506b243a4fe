"""Approves a device by the code that it shows: it gets the secret, and the backup's state."""

import base64
import hmac

from messenger.crypto.accounts import (
    Secret,
    approval_code,
    approval_proof,
    is_shown_by,
    new_nonce,
    read_approval_code,
)
from messenger.crypto.devices import Device
from messenger.crypto.signed import SignatureError, canonical
from messenger.crypto.to_device import DecryptedToDevice
from messenger.crypto.to_device_content import (
    MAX_TRUST_RECORDS,
    Approval,
    BackupState,
    read_content,
)
from messenger.jim.errors import BadRequest
from messenger.sdk.encryption.backup_state import known_state
from messenger.sdk.encryption.context import DeviceContext
from messenger.sdk.encryption.device_lists import DeviceList, DeviceLists
from messenger.sdk.encryption.key_backup import KeyBackup
from messenger.sdk.encryption.olm_sessions import Content, OlmSessions
from messenger.sdk.encryption.trust_records import TrustRecords
from messenger.sdk.events import DeviceApproved
from messenger.sdk.key_errors import DeviceUnreachable, NoSuchDevice
from messenger.sdk.link import OnDone

APPROVAL = "messenger.approval"
"""The to-device message with the account's secret, for a device whose code was typed."""


class Approvals:
    """Sends the account's secret to a device whose code the user typed, or accepts it from one."""

    def __init__(
        self,
        context: DeviceContext,
        device_lists: DeviceLists,
        olm_sessions: OlmSessions,
        trust_records: TrustRecords,
        backup: KeyBackup,
    ) -> None:
        self._tell = context.tell
        self._keys = context.keys
        self._device = context.identity
        self._device_lists = device_lists
        self._olm_sessions = olm_sessions
        self._trust_records = trust_records
        self._backup = backup

    @property
    def code(self) -> str:
        """The code that approves this device when it is typed on another one."""
        with self._keys.transaction():  # The user's thread asks for it, and the client's thread.
            nonce = self._keys.get("approval_nonce")
            if nonce is None:
                nonce = new_nonce().hex()
                self._keys.put("approval_nonce", nonce)
        return approval_code(self._device.device, bytes.fromhex(nonce))

    def give(self, code: str, secret: Secret, on_done: OnDone) -> None:
        """Approve the device that shows the code; `on_done` gets None, or the error.

        Trust records are backed up first, as the device is told to expect them.
        """
        try:
            digest, nonce = read_approval_code(code)
        except ValueError as error:
            on_done(BadRequest(str(error)))
            return

        def listed(device_list: DeviceList | Exception) -> None:
            if isinstance(device_list, Exception):
                on_done(device_list)
                return
            found = [one for one in device_list.listed.values() if is_shown_by(digest, nonce, one)]
            # The server makes the list: the secret is for devices of this account only.
            if not found or found[0].account != self._device.account:
                on_done(NoSuchDevice())
                return
            to = found[0]
            self._trust_records.share(secret, lambda: self._send(to, nonce, secret, on_done))

        self._backup.back_up()
        # A cached list may be from before the new device logged in.
        self._device_lists.forget(self._device.account)
        self._device_lists.of(self._device.account, listed)

    def _send(self, to: Device, nonce: bytes, secret: Secret, on_done: OnDone) -> None:
        # All records are backed up now, unless the server has refused that, or is too busy.
        trust_records = self._keys.trust_records(MAX_TRUST_RECORDS)
        state = known_state(self._keys, trust_records, self._trust_records.backed_up.lacking())
        content = {
            "secret": base64.b64encode(secret.secret).decode(),
            # Over the backup's state, too: nobody without the code can make the device expect less.
            "proof": approval_proof(nonce, secret.secret, to, canonical(state)),
            "backup": state,
        }

        def sent(reached: object) -> None:
            if isinstance(reached, Exception):
                on_done(reached)
            elif reached:
                self._tell(DeviceApproved(to.device_id))
                on_done(None)
                # The server may present an older backup, or have lost entries: comparing it now
                # uploads them again, and the new device looks again for some minutes.
                self._trust_records.give(to, trust_records, secret)
                self._backup.restore()
            else:
                on_done(DeviceUnreachable())

        self._olm_sessions.send([Content(to, APPROVAL, content)], sent)

    def take(self, message: DecryptedToDevice) -> tuple[Secret, BackupState]:
        """Return the secret, and the state of the backup, from a device that approves this one.

        Raises SignatureError unless the user typed this device's code there.
        """
        nonce = self._keys.get("approval_nonce")
        # Any device can send this type: only one that shows a code waits for an approval.
        if nonce is None or message.sender.account != self._device.account:
            raise SignatureError("An approval that was not requested")
        given = read_content(message.content, Approval)
        try:
            # Without `validate` Python skips characters that are not base64.
            secret = base64.b64decode(given.secret, validate=True)
        except ValueError as error:
            raise SignatureError("An approval that cannot be decoded") from error
        state = b"" if given.backup is None else canonical(given.backup)
        proof = approval_proof(bytes.fromhex(nonce), secret, self._device.device, state)
        # The duration of an ordinary comparison would reveal how much of a guess is right.
        if not hmac.compare_digest(proof.encode(), given.proof.encode()):
            raise SignatureError("An approval without this device's code")
        return Secret(self._device.account, secret), given.backup or BackupState()
