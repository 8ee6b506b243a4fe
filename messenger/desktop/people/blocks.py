"""Whom the user has blocked, as windows show it, and the question before somebody is blocked."""

from collections.abc import Callable
from typing import Any

from PyQt6.QtCore import QObject, pyqtSignal
from PyQt6.QtWidgets import QWidget

from messenger.desktop.bridge import Bridge
from messenger.language import _
from messenger.sdk.events import BlocksChanged
from messenger.ui.wording import shown_name
from messenger.windows.widgets.question import ask

_Failed = Callable[[Exception], object]


class KnownBlocks(QObject):
    """Follows whom the user has blocked, also on another device. Signals: `changed`, the names."""

    changed = pyqtSignal(frozenset)

    def __init__(self, bridge: Bridge, parent: QObject) -> None:
        super().__init__(parent)
        self.names: frozenset[str] = frozenset()
        self._is_known = False
        bridge.happened.connect(self._take)
        bridge.read(lambda client: client.people.blocked.names, self._loaded, owner=self)

    def _loaded(self, names: frozenset[str]) -> None:
        # What an event has brought meanwhile is newer.
        if not self._is_known:
            self._show(names)

    def _take(self, events: list[Any]) -> None:
        for event in events:
            if isinstance(event, BlocksChanged):
                self._show(frozenset(event.names))

    def _show(self, names: frozenset[str]) -> None:
        self._is_known = True
        if names != self.names:
            self.names = names
            self.changed.emit(names)


def ask_to_block(bridge: Bridge, owner: QWidget, name: str, *, failed: _Failed) -> None:
    """Block somebody, if the user is sure."""
    shown = shown_name(name)
    ask(
        _("Block {name}?", name=shown),
        _(
            "Nothing that {name} writes to you reaches you any more, and neither of you sees "
            "whether the other is online. In rooms that you share, their messages are hidden. "
            "{name} is not told that you did this, but that you do not accept their messages.",
            name=shown,
        ),
        _("Block"),
        lambda: bridge.request(lambda client: client.block(name), owner=owner, failed=failed),
        owner,
    )


def unblock(bridge: Bridge, owner: QObject, name: str, *, failed: _Failed) -> None:
    """Let somebody reach the user again; `BlocksChanged` shows what has come of it."""
    bridge.request(lambda client: client.unblock(name), owner=owner, failed=failed)
