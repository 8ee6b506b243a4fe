"""The dialog that verifies a contact: by emoji, by number, or by a QR code."""

from collections.abc import Callable
from functools import partial
from typing import NamedTuple

from PyQt6.QtCore import pyqtSignal
from PyQt6.QtWidgets import QWidget

from messenger.desktop.bridge import Bridge
from messenger.desktop.dialog_pages import RequestDialog
from messenger.desktop.security import verification_pages as pages
from messenger.desktop.security.code_source import CodeSource
from messenger.desktop.security.steps import UNDER_WAY, Step, first_step, step_of
from messenger.desktop.security.verification_pages import Page
from messenger.language import _
from messenger.sdk.client import Client
from messenger.sdk.events import TrustDecided, VerificationChanged
from messenger.sdk.key_states import CancelReason, Verification
from messenger.ui.codes import number_mistake
from messenger.ui.wording import shown_name
from messenger.windows.widgets.qr_code import QrCode


class _Known(NamedTuple):
    """What is known about an account when its dialog opens."""

    verification: Verification | None
    has_changed: bool


class VerificationDialog(RequestDialog):
    """Verifies one account. Signals: `decided`, when it was verified or its change accepted."""

    decided = pyqtSignal(str)

    def __init__(
        self,
        bridge: Bridge,
        account: str,
        parent: QWidget | None = None,
        *,
        compares_emoji: bool = False,
    ) -> None:
        """With `compares_emoji` it asks the other at once, or accepts that they have asked."""
        super().__init__(bridge, _("Verify {name}", name=shown_name(account)), parent)
        self.setObjectName("verification")
        self.account = account
        self.step = Step.CHOOSING
        self._number = ""
        self._verification: Verification | None = None
        self._pages = self._table()
        bridge.happened.connect(self._take)
        self.finished.connect(self._leave)
        if compares_emoji:
            self.go(Step.EXCHANGING)
            self._ask()
        else:
            self.go(Step.CHOOSING)
            self.set_busy(True)
            bridge.read(self._look, self._begin, owner=self)

    def go(self, step: Step) -> None:
        """Show a step."""
        self.step = step
        page = self._pages[step]()
        closing = [self.closing(page.closes)] if page.closes else []
        self.show_page(list(page.parts), [*closing, *page.buttons])
        self.set_busy(page.waits)

    def _table(self) -> dict[Step, Callable[[], Page]]:
        """Return the page of each step, made when it is shown."""
        account, go = self.account, self.go
        again = partial(go, Step.CHOOSING)
        differ = partial(self.request, lambda client: client.keys.differ(account))
        agree = partial(self.request, lambda client: client.keys.agree(account))
        return {
            Step.CHANGED: lambda: pages.changed(account, partial(go, Step.ACCEPTING), again),
            Step.ACCEPTING: lambda: pages.accepting(
                account, self._accept, partial(go, Step.CHANGED)
            ),
            Step.CHOOSING: lambda: pages.choosing(
                account,
                self._ask,
                partial(self._show_number, Step.NUMBER),
                partial(self._show_number, Step.CODE),
            ),
            Step.NUMBER: lambda: pages.number(
                account, self._number, partial(go, Step.DIFFERENT), self._verify
            ),
            Step.CODE: self._code_page,
            Step.DIFFERENT: lambda: pages.different(account, again),
            Step.WAITING: lambda: pages.waiting(account),
            Step.ASKED: lambda: pages.asked(account, self._ask),
            Step.EXCHANGING: lambda: pages.exchanging(account),
            Step.COMPARING: lambda: pages.emoji(account, self._emoji, differ, agree),
            Step.CONFIRMED: lambda: pages.confirmed(account),
            Step.VERIFIED: lambda: pages.verified(account, self.accept),
            Step.FAILED: lambda: pages.failed(self._verification, again),
        }

    @property
    def _emoji(self) -> tuple[int, ...]:
        return self._verification.emoji if self._verification is not None else ()

    # --- what happens --------------------------------------------------------------------------

    def _look(self, client: Client) -> _Known:
        keys = client.keys
        return _Known(keys.verification(self.account), keys.has_changed(self.account))

    def _begin(self, known: _Known) -> None:
        self._verification = known.verification
        self.go(first_step(known.verification, has_changed=known.has_changed))

    def _take(self, events: list[object]) -> None:
        for event in events:
            if isinstance(event, VerificationChanged):
                if event.verification.account == self.account:
                    self._verification_changed(event.verification)
            elif isinstance(event, TrustDecided) and event.account == self.account:
                self._decided_elsewhere()

    def _verification_changed(self, verification: Verification) -> None:
        self._verification = verification
        step = step_of(verification)
        if step is Step.FAILED and verification.reason is CancelReason.MISMATCH:
            step = Step.DIFFERENT
        elif step is Step.FAILED and self.step not in UNDER_WAY | {Step.ASKED}:
            return  # The user is busy with another way.
        self.go(step)
        if step is Step.VERIFIED:
            self.decided.emit(self.account)

    def _decided_elsewhere(self) -> None:
        if self.step not in (Step.VERIFIED, Step.FAILED, Step.DIFFERENT):
            self.decided.emit(self.account)
            self.accept()

    def _leave(self) -> None:
        if self.step in UNDER_WAY:
            # It may have ended meanwhile: then there is nothing to cancel.
            self.bridge.request(
                lambda client: client.keys.cancel_verification(self.account),
                owner=self.bridge,
                failed=lambda _error: None,
            )

    # --- what the user does --------------------------------------------------------------------

    def refused(self, error: Exception) -> None:
        """Say what went wrong; a request that was not sent leads back to the choice."""
        if self.step is Step.EXCHANGING:
            self.go(Step.CHOOSING)
        super().refused(error)

    def _ask(self) -> None:
        self.request(lambda client: client.keys.request_verification(self.account))

    def _accept(self) -> None:
        def accepted(_none: object) -> None:
            self.decided.emit(self.account)
            self.accept()

        self.request(lambda client: client.keys.accept(self.account), accepted)

    def _show_number(self, step: Step) -> None:
        def fetched(number: object) -> None:
            self._number = str(number)
            self.go(step)

        self.request(lambda client: client.keys.safety_number(self.account), fetched)

    def _verify(self) -> None:
        def verified(_none: object) -> None:
            self.go(Step.VERIFIED)
            self.decided.emit(self.account)

        self.request(lambda client: client.keys.verify(self.account), verified)

    def _code_page(self) -> Page:
        source = CodeSource(self.bridge)
        source.found.connect(self._read)
        source.failed.connect(self.show_error)
        own = QrCode(self._number, _("QR code of your safety number"))
        return pages.code(self.account, own, source)

    def _read(self, code: str) -> None:
        if mistake := number_mistake(code, self._number, self.account):
            self.show_error(mistake)
        else:
            self._verify()
