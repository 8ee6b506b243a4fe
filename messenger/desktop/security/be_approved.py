"""The dialog in which a new device is approved: by another one, or by the recovery code."""

from PyQt6.QtWidgets import QWidget

from messenger.desktop.bridge import Bridge
from messenger.desktop.dialog_pages import Choice, RequestDialog, icon_head
from messenger.desktop.security.resetting import ResetDialog
from messenger.language import _, ngettext
from messenger.sdk.events import ApprovalChanged, RecoveryChanged
from messenger.sdk.key_states import Approval, ApprovalState, Recovery, RecoveryState
from messenger.ui.codes import Code, kind_of
from messenger.windows.widgets.buttons import LinkButton, PrimaryButton, acting
from messenger.windows.widgets.copying import CopyButton
from messenger.windows.widgets.dialog import open_dialog
from messenger.windows.widgets.field import Field
from messenger.windows.widgets.labels import mono, text
from messenger.windows.widgets.layouts import centred
from messenger.windows.widgets.qr_code import QrCode


class BeApprovedDialog(RequestDialog):
    """Shows this device's code until another one has approved it, or takes the recovery code."""

    def __init__(
        self, bridge: Bridge, parent: QWidget | None = None, *, recovers: bool = False
    ) -> None:
        """With `recovers` it begins with the recovery code."""
        super().__init__(bridge, _("Approve this device"), parent)
        self.setObjectName("be approved")
        self._approval = Approval(ApprovalState.UNKNOWN)
        self._field = Field("")
        self._restored = text("")
        bridge.happened.connect(self._take)
        self._choose()
        self.set_busy(True)
        bridge.read(
            lambda client: client.keys.approval,
            lambda approval: self._begin(approval, recovers=recovers),
            owner=self,
        )

    def _begin(self, approval: Approval, *, recovers: bool) -> None:
        self._approval = approval
        if approval.state is ApprovalState.APPROVED:
            self._show_approved(Recovery(RecoveryState.READY))
        elif recovers:
            self._ask_for_code()
        else:
            self._choose()

    def _take(self, events: list[object]) -> None:
        for event in events:
            if isinstance(event, ApprovalChanged):
                self._approval = event.approval
                if event.approval.state is ApprovalState.APPROVED:
                    self._show_approved(Recovery(RecoveryState.RESTORING))
            elif isinstance(event, RecoveryChanged):
                self._recovery_changed(event.recovery)

    # --- the ways ------------------------------------------------------------------------------

    def _choose(self) -> None:
        said = _(
            "Until then it cannot read encrypted messages, and what it sends is hidden from others."
        )
        other = Choice(
            "laptop", _("Another device"), _("One that you use already approves this one.")
        )
        code = Choice("key", _("Recovery code"), _("You noted it when you made your account."))
        choices: list[QWidget] = [acting(other, self._show_own), acting(code, self._ask_for_code)]
        if self._approval.keeps_secret:
            kept = Choice(
                "arrow-counter-clockwise",
                _("It was removed by mistake"),
                _("This device still has the keys that it had before."),
            )
            choices.append(acting(kept, self._recover_kept))
        lost = LinkButton(_("I have none of these…"))
        self.show_page(
            [
                icon_head("shield-check", _("Approve this device"), said),
                *choices,
                centred(acting(lost, self._reset)),
            ],
            [self.closing(_("Later"))],
        )

    def _show_own(self) -> None:
        code = self._approval.code
        said = _("On your other device open Devices, then “Approve a device”; in a terminal type:")
        shown = mono(f"/approve {code}")
        shown.setWordWrap(True)
        shown.setAccessibleName(_("Code of this device"))
        copy = CopyButton(_("Copy the code"), code, "link")
        self.show_page(
            [
                icon_head("laptop", _("Approve it on another device"), said),
                shown,
                centred(QrCode(code, _("QR code of this device"))),
                centred(copy),
                text(_("This dialog goes on as soon as the device is approved."), small=True),
            ],
            [self._back_button(), self.closing(_("Later"))],
        )

    def _ask_for_code(self) -> None:
        self._field = Field(_("Recovery code"), help=_("Forty characters; capitals do not matter."))
        approve = PrimaryButton(_("Approve"))
        said = _("It restores your older messages on this device.")
        self.show_page(
            [icon_head("key", _("Enter the recovery code"), said), self._field],
            [self._back_button(), acting(approve, self._recover)],
        )

    def _back_button(self) -> LinkButton:
        back = LinkButton(_("Back"))
        acting(back, self._choose)
        return back

    # --- what the user does --------------------------------------------------------------------

    def _recover(self) -> None:
        code = self._field.text
        if kind_of(code) is not Code.RECOVERY:
            self._field.show_error(_("This is no recovery code: check for typing mistakes."))
            self.fit()
            return
        self._field.show_error("")
        # The event that this device is approved shows the next page.
        self.request(lambda client: client.keys.recover(code), failed=self.retry_at(self._field))

    def _recover_kept(self) -> None:
        self.request(lambda client: client.keys.recover_kept())

    def _reset(self) -> None:
        open_dialog(ResetDialog(self.bridge, self))

    # --- approved ------------------------------------------------------------------------------

    def _show_approved(self, recovery: Recovery) -> None:
        self._restored = text("", soft=True)
        said = _("It can read your messages, and others see what it sends.")
        self.show_page(
            [
                icon_head("shield-check", _("This device is approved"), said, colour="good"),
                self._restored,
            ],
            [acting(PrimaryButton(_("Done")), self.accept)],
        )
        self._recovery_changed(recovery)

    def _recovery_changed(self, recovery: Recovery) -> None:
        if self._approval.state is not ApprovalState.APPROVED:
            return
        is_restoring = recovery.state is RecoveryState.RESTORING
        self._progress.setVisible(is_restoring)
        self._restored.setText(restored_text(recovery))
        self.fit()


def restored_text(recovery: Recovery) -> str:
    """Return how far older messages are restored, in words; empty if there is nothing to say."""
    keys = ngettext("{count} key", "{count} keys", recovery.keys)
    if recovery.state is RecoveryState.RESTORING:
        return _("Older messages are being fetched: {keys} so far…", keys=keys)
    if recovery.state is RecoveryState.RESTORED:
        return _("Older messages can be read: {keys} restored.", keys=keys)
    return ""
