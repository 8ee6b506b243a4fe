"""The cross-signing identity of this account: made, adopted by approved devices, and reset."""

import logging
from typing import Any

import msgspec

from messenger.crypto.accounts import AccountIdentity, Secret, parse_identity
from messenger.crypto.signed import SignatureError
from messenger.crypto.to_device import DecryptedToDevice
from messenger.crypto.to_device_content import BackupState
from messenger.jim.devices import Published, PublishKeys
from messenger.jim.errors import BadRequest, Conflict
from messenger.sdk.encryption.account_data import SharedAccountData
from messenger.sdk.encryption.account_secret import RECOVERY_CODE, AccountSecret, is_of
from messenger.sdk.encryption.approval import Approvals
from messenger.sdk.encryption.context import DeviceContext
from messenger.sdk.encryption.device_lists import DeviceLists
from messenger.sdk.encryption.guard import costs_only_itself
from messenger.sdk.encryption.internal_events import ApprovalPublished, TrustChanged
from messenger.sdk.encryption.key_backup import KeyBackup
from messenger.sdk.encryption.olm_sessions import OlmSessions
from messenger.sdk.encryption.redecryption import Redecryption
from messenger.sdk.encryption.session_keys import SessionKeys
from messenger.sdk.encryption.trust_records import TrustRecords
from messenger.sdk.events import ApprovalChanged
from messenger.sdk.key_errors import NoKeptSecret, NotApproved, WrongRecoveryCode
from messenger.sdk.key_states import Approval, ApprovalState
from messenger.sdk.link import Answer, OnDone
from messenger.sdk.store import IdentityTrust

_logger = logging.getLogger("messenger.client")

_UNAPPROVED = (
    "This device of %s is not approved: it cannot read encrypted messages, and others do not "
    "see what it sends, until you approve it from another device or with the recovery code "
    "(MESSENGER_RECOVERY_CODE)"
)
_EPHEMERAL = (
    "This program does not save the keys of %s: it can read encrypted messages only while it runs, "
    "and none once another device has made an identity. Give it a store in a file"
)


class CrossSigning:
    """The secret that a user's devices share: it signs them, and decrypts the backup.

    The first device makes it; others get it from an approved one, or with the recovery code. A
    database in memory makes none, as the only copy would be lost with it. `stored_secret` is the
    secret on this device, `approval` its state. It has more methods than other classes: a device
    gets the secret in four ways, each in steps between which the server answers.
    """

    def __init__(
        self,
        context: DeviceContext,
        device_lists: DeviceLists,
        olm_sessions: OlmSessions,
        sessions: SessionKeys,
        redecryption: Redecryption,
    ) -> None:
        self._context = context
        self._device_lists = device_lists
        self._lasting = context.store.file is not None
        self._warned = False
        self.trust_records = TrustRecords(context, device_lists, olm_sessions)
        self.stored_secret = AccountSecret(context, device_lists)
        self.account_data = SharedAccountData(context, self.stored_secret)
        self.backup = KeyBackup(
            context, sessions, self.trust_records, redecryption, self.stored_secret
        )
        self._approvals = Approvals(
            context, device_lists, olm_sessions, self.trust_records, self.backup
        )
        self._published: Any = None
        is_known = self.secret is not None
        self.approval = Approval(ApprovalState.APPROVED if is_known else ApprovalState.UNKNOWN)
        if self.secret is not None:
            # A database of an earlier version lacks the identity that its trust records belong to.
            self._renumber_for(self.secret, is_made_here=False)

    @property
    def secret(self) -> Secret | None:
        """The account's secret, None if this device is not approved."""
        return self.stored_secret.current

    @property
    def code(self) -> str:
        """The code that approves this device when it is typed on another one."""
        return self._approvals.code

    @property
    def device_keys(self) -> dict[str, Any]:
        """The device's keys to publish, with the account's signature if it has one."""
        return msgspec.json.decode(self._context.identity.device_keys, type=dict[str, Any])

    def decide(self, identity: AccountIdentity, trust: IdentityTrust) -> None:
        """Store the user's decision about an identity, on this and the user's other devices."""
        self.trust_records.decide(identity, trust)
        self._device_lists.forget()
        self.backup.back_up()

    def begin_anew_with(self, account: str) -> None:
        """Trust the devices of an account on first use again, as it has lost its identity."""
        self._context.keys.forget_identity(account)
        self._device_lists.forget()
        self._context.emit(TrustChanged(account))

    # --- at the start of each connection -------------------------------------------------------

    def begin(self, published: Any) -> None:
        """Compare the published identity with the local secret, and publish or adopt one."""
        self._published = published
        if published is None:
            self._begin_without_identity()
        elif (pending := self.stored_secret.pending) is not None and is_of(pending, published):
            # It was made on this device, and the reply was lost.
            self._make(pending, reset=False)
        else:
            self._begin_with_identity(published)
        if not (self._lasting or self.secret or self._warned):
            self._warned = True
            _logger.warning(_EPHEMERAL, self._context.account)

    def _begin_without_identity(self) -> None:
        # A server that has lost the identity gets the same one again: no contact sees a change.
        known = self.secret or self.stored_secret.given()
        if known is not None or self._lasting:
            self._make(known or self.stored_secret.new(), reset=False)
        else:
            self._become(Approval(ApprovalState.NO_IDENTITY))

    def _begin_with_identity(self, published: Any) -> None:
        # The server chose these bytes: a malformed identity must not keep the client offline.
        with costs_only_itself("The identity of this account"):
            self._device_lists.trust.recognise(parse_identity(self._context.account, published))
        if self.secret is not None and is_of(self.secret, published):
            self._become(Approval(ApprovalState.APPROVED))
            self.backup.back_up()
            if self.backup.expected.is_unchecked:
                self.backup.fetch_history()  # The last connection ended before all of it arrived.
            else:
                self.backup.look_for_earlier()
            self.backup.compare_daily()
            self.account_data.begin()
        elif (given := self.stored_secret.given()) is not None:
            self._adopt(given, self._adopted)
        else:
            self._need_approval()

    def _adopted(self, error: Exception | None) -> None:
        """The recovery code of the environment was accepted, or is wrong."""
        if error is not None:
            _logger.warning("%s: %s", RECOVERY_CODE, error)
            self._need_approval()

    def _need_approval(self) -> None:
        _logger.warning(_UNAPPROVED, self._context.account)
        keeps_secret = self.stored_secret.set_aside(self._published) is not None
        self._become(Approval(ApprovalState.NEEDED, self.code, keeps_secret))

    def note_removed(self) -> None:
        """Another device of the account has removed this one."""
        self._become(Approval(ApprovalState.REMOVED))

    def _become(self, approval: Approval) -> None:
        before, self.approval = self.approval, approval
        if approval != before:
            self._context.tell(ApprovalChanged(approval, before.state))

    def reset(self, on_done: OnDone) -> None:
        """Make a new identity, if all approved devices and the recovery code are lost."""
        self._make(self.stored_secret.new(), reset=True, on_done=on_done)

    def _make(self, secret: Secret, *, reset: bool, on_done: OnDone = lambda _: None) -> None:
        """Publish the identity of a secret; local data changes only when the server has it."""
        keys = msgspec.json.decode(
            self._context.identity.signed_by(secret.approve), type=dict[str, Any]
        )

        def published(answer: Answer) -> None:
            if isinstance(answer, Published):
                self._made(secret)
                on_done(None)
            elif isinstance(answer, Conflict):
                # Another device was faster.
                self._become(Approval(ApprovalState.NEEDED, self.code))
                on_done(answer)
            elif isinstance(answer, Exception):
                on_done(answer)

        request = PublishKeys(device_keys=keys, identity=secret.published(), reset=reset)
        self._context.ask(request, published)

    def _made(self, secret: Secret) -> None:
        """Note that the server has the identity that was made on this device."""
        pending = self.stored_secret.pending
        is_new = pending is not None and pending.secret == secret.secret
        self.stored_secret.keep(secret)
        self._published = secret.published()
        self._become(Approval(ApprovalState.APPROVED))
        if is_new:
            self.stored_secret.note_code(is_confirmed=False)
            self.backup.tell_recovery()
        # The server's backup has no entries, or only those that another secret has encrypted.
        self._context.keys.back_up_anew()
        self._renumber_for(secret, is_made_here=is_new)
        if is_new:
            # This device has made the secret: no backup under it can be older than expected.
            self.backup.expected.forget()
            self.backup.note_compared()
        elif self.backup.expected.is_unchecked:
            self.backup.fetch_history()  # That there was no identity is only the server's claim.
        self.trust_records.share_anew()
        self.backup.back_up()
        self.account_data.begin()

    def _renumber_for(self, secret: Secret, *, is_made_here: bool) -> None:
        """Renumber the records of the user's devices if they belong to another secret."""
        with self._context.keys.transaction():
            if self.trust_records.renumber_for(secret, is_made_here=is_made_here):
                self.account_data.renumber(is_made_here=is_made_here)

    def confirm_code(self) -> None:
        """The user has noted the recovery code."""
        if not self.stored_secret.is_code_confirmed:
            self.stored_secret.note_code(is_confirmed=True)
            self.backup.tell_recovery()

    # --- approval ------------------------------------------------------------------------------

    def approve(self, code: str, on_done: OnDone) -> None:
        """Approve the device of this account that shows the code, and send it the secret.

        `on_done` gets None, or the error.
        """
        if self.secret is None:
            on_done(NotApproved())
        else:
            self._approvals.give(code, self.secret, on_done)

    def take_approval(self, message: DecryptedToDevice) -> None:
        """Adopt the secret from a device where the user typed the code that this one shows.

        Raises SignatureError if that is not so.
        """
        secret, state = self._approvals.take(message)
        self._adopt(secret, lambda _: None, state)

    def take_decision(self, message: DecryptedToDevice) -> None:
        """Apply a trust record of the user's other device; raises SignatureError if it is none."""
        self.trust_records.take_to_device(message, self.secret)

    def recover(self, code: str, on_done: OnDone) -> None:
        """Approve this device with the recovery code; `on_done` gets None, or the error."""
        try:
            secret = Secret.from_code(self._context.account, code)
        except ValueError as error:
            on_done(BadRequest(str(error)))
            return
        self._adopt(secret, on_done)

    def recover_kept(self, on_done: OnDone) -> None:
        """Approve this device, which was removed, with the secret that it had before.

        Only on the user's request, as it may have been removed on purpose. `on_done` gets None, or
        the error.
        """
        secret = self.stored_secret.set_aside(self._published)
        if secret is None:
            on_done(NoKeptSecret())
        else:
            self._adopt(secret, on_done)

    def _adopt(self, secret: Secret, on_done: OnDone, state: BackupState | None = None) -> None:
        """Use the secret; `state` is the backup's, as reported by the device that has sent it."""
        try:
            known = parse_identity(self._context.account, self._published)
        except SignatureError:
            known = None
        if known is not None and known != secret.identity:
            on_done(WrongRecoveryCode())
            return
        # Together: after a crash with the secret alone, this device would accept an older backup.
        with self._context.keys.transaction():
            self.stored_secret.keep(secret)
            self.stored_secret.drop_set_aside()
            self.stored_secret.note_code(is_confirmed=True)
            self._renumber_for(secret, is_made_here=False)
            self.backup.expected.expect(state or BackupState())
        self._become(Approval(ApprovalState.APPROVED))

        def published(answer: Answer) -> None:
            if isinstance(answer, Exception):
                on_done(answer)
                return
            on_done(None)
            # Others give keys to signed devices only: before the server has the signature none
            # would.
            self._context.emit(ApprovalPublished())
            self.backup.fetch_history()
            self.account_data.begin()

        request = PublishKeys(device_keys=self.device_keys, identity=secret.published())
        self._context.ask(request, published)
