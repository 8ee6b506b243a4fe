"""How far the user trusts people, kept up to date."""

from collections.abc import Mapping
from typing import Any

from PyQt6.QtCore import QObject, QTimer, pyqtSignal

from messenger.desktop.bridge import Bridge
from messenger.sdk.events import ConversationChanged, IdentityChanged, TrustDecided
from messenger.sdk.store import IdentityTrust

_GATHERED = 100
"""Milliseconds: receipts change conversations, too, and often."""


class KnownTrusts(QObject):
    """Reads the trust in all people again when it may have changed. Signals: `changed`."""

    changed = pyqtSignal()

    def __init__(self, bridge: Bridge, parent: QObject) -> None:
        super().__init__(parent)
        self.by_name: Mapping[str, IdentityTrust] = {}
        self._bridge = bridge
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(_GATHERED)
        self._timer.timeout.connect(self.load)
        bridge.happened.connect(self._take)

    def load(self) -> None:
        """Read it from the local database."""
        self._bridge.read(lambda client: client.store.trusts(), self._loaded, owner=self)

    def of(self, name: str) -> IdentityTrust:
        """Return the trust in somebody's identity."""
        return self.by_name.get(name, IdentityTrust.UNKNOWN)

    def _take(self, events: list[Any]) -> None:
        # `ConversationChanged` is what the user's own decisions are told by.
        if any(isinstance(e, ConversationChanged | IdentityChanged | TrustDecided) for e in events):
            self._timer.start()

    def _loaded(self, trusts: Mapping[str, IdentityTrust]) -> None:
        if trusts != self.by_name:
            self.by_name = trusts
            self.changed.emit()
