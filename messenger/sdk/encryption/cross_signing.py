"""One's own account: its identity, the approval of devices, and keys for those to come."""

import logging
import os
from collections.abc import Callable, Sequence
from typing import Any

import msgspec

from messenger.crypto.accounts import (
    AccountIdentity,
    Secret,
    approval_code,
    new_nonce,
    parse_identity,
)
from messenger.crypto.identity import Identity
from messenger.crypto.signed import SignatureError
from messenger.crypto.to_device import DecryptedToDevice
from messenger.crypto.to_device_content import BackupState
from messenger.jim.devices import Published, PublishKeys
from messenger.jim.errors import BadRequest, Conflict
from messenger.language import N_, _
from messenger.sdk.encryption.approval import Approvals, OnDone
from messenger.sdk.encryption.device_lists import DeviceList, DeviceLists
from messenger.sdk.encryption.guard import costs_only_itself
from messenger.sdk.encryption.key_backup import KeyBackup
from messenger.sdk.encryption.megolm_sessions import MegolmSessions
from messenger.sdk.encryption.olm_sessions import OlmSessions
from messenger.sdk.encryption.trust_records import TrustRecords
from messenger.sdk.events import ApprovalNeeded, CoreEvent, DeviceApproved, IdentityMade
from messenger.sdk.link import Answer, Ask
from messenger.sdk.store import IdentityTrust
from messenger.sdk.store.keys import KeyStore
from messenger.sdk.store.schema import SET_ASIDE

_logger = logging.getLogger("messenger.client")

RECOVERY_CODE = "MESSENGER_RECOVERY_CODE"
"""The environment variable that approves a bot's or script's device, as /recover does."""

_UNAPPROVED = N_(
    "This device of {name} is not approved: it cannot read encrypted messages, and others do not "
    "see what it writes, until another device or the recovery code approves it "
    "(MESSENGER_RECOVERY_CODE)"
)
_EPHEMERAL = N_(
    "This program keeps no keys for {name}: it reads encrypted messages only while it runs, and "
    "none once another device of {name} has made an identity. Give it a store in a file"
)

_PENDING = "pending_secret"
"""The value of a store that has a secret whose identity the server may not have yet."""


class CrossSigning:
    """What one's devices share: a secret that vouches for them, and opens what is backed up.

    The first device makes it; others get it from an approved one, or by the recovery code. A
    database in memory makes none: who would have it when that is gone? `on_approved` is called when
    this device counts.
    """

    def __init__(
        self,
        keys: KeyStore,
        device: Identity,
        ask: Ask,
        tell: Callable[[CoreEvent], None],
        device_lists: DeviceLists,
        olm_sessions: OlmSessions,
        groups: MegolmSessions,
        *,
        lasting: bool,
    ) -> None:
        self._keys = keys
        self._device = device
        self._ask = ask
        self._tell = tell
        self._device_lists = device_lists
        self._olm_sessions = olm_sessions
        self._lasting = lasting
        self._warned = False
        self.trust_records = TrustRecords(keys, device, ask, tell, device_lists, olm_sessions)
        self.backup = KeyBackup(
            keys, ask, tell, groups, self.trust_records, self._ask_whether_ours, device.account
        )
        self._approvals = Approvals(
            keys, device, device_lists, olm_sessions, self.trust_records, self.backup
        )
        self._published: Any = None
        self.on_approved: Callable[[], None] = lambda: None
        self.secret = self._kept("secret")
        if self.secret is not None:
            device.approve(self.secret.approve)
            # A database of an earlier version does not say by whose secret its decisions are.
            self.trust_records.renumber_for(self.secret, is_made_here=False)

    @property
    def device_keys(self) -> dict[str, Any]:
        """The device's keys as they are published: with the account's signature if it has one."""
        return msgspec.json.decode(self._device.device_keys, type=dict[str, Any])

    @property
    def code(self) -> str:
        """The code that approves this device where it is typed on another one."""
        with self._keys.transaction():  # a user's thread may ask at the same time
            nonce = self._keys.get("approval_nonce")
            if nonce is None:
                nonce = new_nonce().hex()
                self._keys.put("approval_nonce", nonce)
        return approval_code(self._device.device, bytes.fromhex(nonce))

    def decide(self, identity: AccountIdentity, trust: IdentityTrust) -> None:
        """Keep what the user has decided of somebody, here and on one's other devices."""
        self.trust_records.decide(identity, trust)
        self._device_lists.forget()
        self.back_up()

    def begin_anew_with(self, account: str) -> None:
        """Trust the devices of an account on first use again: it has no identity any more."""
        self._keys.forget_identity(account)
        self._device_lists.forget()
        self.trust_records.on_decided(account)

    # --- at the beginning of each link ---------------------------------------------------------

    def begin(self, published: Any) -> None:
        """Compare what the server has of the account with what is here, and make up for it."""
        self._published = published
        if published is None:
            self._begin_without_identity()
        elif (pending := self._kept(_PENDING)) is not None and _is_of(pending, published):
            # It was made here, and the answer that said so was lost.
            self._make(pending, reset=False)
        else:
            self._begin_with_identity(published)
        if not (self._lasting or self.secret or self._warned):
            self._warned = True
            _logger.warning(_(_EPHEMERAL, name=self._device.account))

    def _begin_without_identity(self) -> None:
        known = self.secret or self._given_secret()
        if known is not None or self._lasting:
            self._make(known or self._new_secret(), reset=False)

    def _begin_with_identity(self, published: Any) -> None:
        with costs_only_itself("The identity of this account"):
            self._device_lists.trust.recognise(parse_identity(self._device.account, published))
        if self.secret is not None and _is_of(self.secret, published):
            self.back_up()
            if self.backup.expected.is_unchecked:
                self._fetch_history()  # The link ended before all of it was here.
            else:
                self.backup.look_for_earlier()
            self.backup.compare_daily(self.secret)
        elif (given := self._given_secret()) is not None:
            self._adopt(given, self._adopted)
        else:
            self._need_approval()

    def _given_secret(self) -> Secret | None:
        """Return the secret of the recovery code that the environment gives, if it does."""
        code = os.environ.get(RECOVERY_CODE)
        if not code or self.secret is not None:
            return None
        try:
            return Secret.from_code(self._device.account, code)
        except ValueError as error:
            _logger.warning("%s: %s", RECOVERY_CODE, _(str(error)))
            return None

    def _adopted(self, error: Exception | None) -> None:
        """The recovery code of the environment was taken, or is wrong."""
        if error is not None:
            _logger.warning("%s: %s", RECOVERY_CODE, error)
            self._need_approval()

    def _need_approval(self) -> None:
        _logger.warning(_(_UNAPPROVED, name=self._device.account))
        self._tell(ApprovalNeeded(self.code, keeps_secret=self._set_aside is not None))

    @property
    def _set_aside(self) -> Secret | None:
        """The secret from before this device was removed, if the account's identity is still its.

        Once another device has made a new one it is worth nothing.
        """
        kept = (self._keys.get(SET_ASIDE) or "").split()
        secrets = (Secret(self._device.account, bytes.fromhex(one)) for one in kept)
        return next((one for one in secrets if _is_of(one, self._published)), None)

    def reset(self, on_done: OnDone) -> None:
        """Make a new identity, where every approved device and the recovery code are lost."""
        self._make(self._new_secret(), reset=True, on_done=on_done)

    def _new_secret(self) -> Secret:
        """Return a secret that no identity is made of yet; it is kept before anything leaves.

        Where the link ends before the answer comes the server may have the identity already.
        """
        secret = self._kept(_PENDING) or Secret(self._device.account)
        self._keys.put(_PENDING, secret.secret.hex())
        return secret

    def _make(self, secret: Secret, *, reset: bool, on_done: OnDone = lambda _: None) -> None:
        """Publish the identity of a secret; what is here stays as it is until the server has it."""
        keys = msgspec.json.decode(self._device.signed_by(secret.approve), type=dict[str, Any])

        def published(answer: Answer) -> None:
            if isinstance(answer, Published):
                self._made(secret)
                on_done(None)
            elif isinstance(answer, Conflict):
                # Another device was faster.
                self._tell(ApprovalNeeded(self.code))
                on_done(answer)
            elif isinstance(answer, Exception):
                on_done(answer)

        request = PublishKeys(device_keys=keys, identity=secret.published(), reset=reset)
        self._ask(request, published)

    def _made(self, secret: Secret) -> None:
        """The server has the identity that was made here."""
        is_new = self._keys.get(_PENDING) == secret.secret.hex()
        self._keep(secret)
        self._published = secret.published()
        if is_new:
            self._tell(IdentityMade(secret.code()))
        self._keys.back_up_anew()
        self.trust_records.renumber_for(secret, is_made_here=is_new)
        if is_new:
            self.backup.expected.forget()
            self.backup.note_compared()
        elif self.backup.expected.is_unchecked:
            self._fetch_history()  # The server says that there was no identity: it may lie.
        self.trust_records.share_anew()
        self.back_up()

    def _ask_whether_ours(self, secret: Secret, tell: Callable[[bool], None]) -> None:
        """Tell whether the account's identity is now that of this secret, and the device's, too."""
        outbound = self._device.account

        def listed(device_list: DeviceList | Exception) -> None:
            known = self._keys.identity_of(outbound)
            # It may be one from before a device was approved: others than this ask for theirs.
            self._device_lists.forget(outbound)
            is_same = self.secret is not None and self.secret.secret == secret.secret
            is_ours = is_same and known == (secret.identity, IdentityTrust.VERIFIED)
            tell(is_ours and not isinstance(device_list, Exception))

        self._device_lists.forget(outbound)
        self._device_lists.of(outbound, listed)

    def _kept(self, name: str) -> Secret | None:
        """Return a secret that is kept under this name."""
        kept = self._keys.get(name)
        return Secret(self._device.account, bytes.fromhex(kept)) if kept else None

    def _keep(self, secret: Secret) -> None:
        with self._keys.transaction():
            self._keys.put("secret", secret.secret.hex())
            self._keys.put(_PENDING, None)
            self._keys.put("approval_nonce", None)
            self._keys.trust(secret.identity, IdentityTrust.VERIFIED)
        self.secret = secret
        self._device.approve(secret.approve)
        self._device_lists.forget()

    # --- approval ------------------------------------------------------------------------------

    def approve(self, code: str, on_done: OnDone) -> None:
        """Approve the device of this account that shows the code, and give it the secret.

        `on_done` gets None, or what went wrong.
        """
        if self.secret is None:
            on_done(BadRequest(_("This device is not approved itself: do it on another one")))
        else:
            self._approvals.give(code, self.secret, on_done)

    def take_approval(self, message: DecryptedToDevice) -> None:
        """Take the secret from a device whose user has typed the code that this one shows.

        Raises Forged if it did not.
        """
        secret, state = self._approvals.take(message)
        self._adopt(secret, lambda _: None, state)

    def recover(self, code: str, on_done: OnDone) -> None:
        """Approve this device by the recovery code; `on_done` gets None, or what went wrong."""
        try:
            secret = Secret.from_code(self._device.account, code)
        except ValueError as error:
            on_done(BadRequest(str(error)))
            return
        self._adopt(secret, on_done)

    def recover_kept(self, on_done: OnDone) -> None:
        """Approve this device, which was removed, by the secret that it had before.

        Only its user says so: whoever removed it may have meant it. `on_done` gets None, or what
        went wrong.
        """
        secret = self._set_aside
        if secret is None:
            on_done(BadRequest(_("This device keeps no secret that your account still has")))
        else:
            self._adopt(secret, on_done)

    def _adopt(self, secret: Secret, on_done: OnDone, state: BackupState | None = None) -> None:
        """Use the secret; `state` is what another device knows of the backup that has given it."""
        try:
            known = parse_identity(self._device.account, self._published)
        except SignatureError:
            known = None
        if known is not None and known != secret.identity:
            on_done(BadRequest(_("This is the recovery code of another account, or of older days")))
            return
        with self._keys.transaction():
            self._keep(secret)
            self._keys.put(SET_ASIDE, None)
            self.trust_records.renumber_for(secret, is_made_here=False)
            self.backup.expected.expect(state or BackupState())
        self._tell(DeviceApproved())

        def published(answer: Answer) -> None:
            if isinstance(answer, Exception):
                on_done(answer)
                return
            on_done(None)
            self.on_approved()
            self._fetch_history()

        request = PublishKeys(device_keys=self.device_keys, identity=secret.published())
        self._ask(request, published)

    def _fetch_history(self) -> None:
        self.restore(history=True)
        self.backup.approved()

    # --- keys for one's other devices ----------------------------------------------------------

    def tick(self) -> None:
        """Do what is due with the key backup."""
        if self.secret is not None:
            self.backup.tick(self.secret)

    def back_up(self) -> None:
        """Have the server keep keys that one's other devices may want, sealed by the secret."""
        if self.secret is not None:
            self.backup.back_up(self.secret)

    def restore(self, *, history: bool = False) -> None:
        """Fetch what was backed up; with `history`, what was written before is wanted, too."""
        if self.secret is not None:
            self.backup.restore(self.secret, history=history)

    def look_for_keys(self, session_ids: Sequence[str]) -> None:
        """Fetch the keys of these sessions, as far as one's other devices have backed them up."""
        if self.secret is not None:
            self.backup.look_for_keys(self.secret, session_ids)

    def stop(self) -> None:
        """The link is gone."""
        self.backup.stop()


def _is_of(secret: Secret, published: Any) -> bool:
    """Tell whether an identity, as the server has it, is made of the secret."""
    try:
        return parse_identity(secret.account, published) == secret.identity
    except SignatureError as error:
        _logger.warning("%s", error)
        return False
