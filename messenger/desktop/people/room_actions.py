"""Actions on rooms that are asked about first: leaving, closing, removing a member for good."""

from collections.abc import Callable
from typing import Any

from PyQt6.QtWidgets import QWidget

from messenger.desktop.bridge import Bridge
from messenger.language import _
from messenger.ui.wording import shown_name
from messenger.windows.widgets.question import ask

_Then = Callable[[], object]
_Failed = Callable[[Exception], object]


def ask_to_leave(
    bridge: Bridge, owner: QWidget, room: str, *, then: _Then, failed: _Failed
) -> None:
    """Leave a room, if the user is sure; `then` is called when it is done."""
    shown = shown_name(room)
    ask(
        _("Leave {room}?", room=shown),
        _("You get no more messages from there until you join again."),
        _("Leave"),
        lambda: bridge.request(
            lambda client: client.leave(room), _ignoring(then), owner=owner, failed=failed
        ),
        owner,
    )


def ask_to_close(
    bridge: Bridge, owner: QWidget, room: str, *, then: _Then, failed: _Failed
) -> None:
    """Close a room for good, if the user is sure."""
    ask(
        _("Close {room} for good?", room=shown_name(room)),
        _("Nobody can write there any more. This cannot be undone."),
        _("Close for good"),
        lambda: bridge.request(
            lambda client: client.close_room(room), _ignoring(then), owner=owner, failed=failed
        ),
        owner,
    )


def ask_to_remove(
    bridge: Bridge, owner: QWidget, room: str, name: str, *, ban: bool, failed: _Failed
) -> None:
    """Remove a member from a room, if the user is sure; with `ban` they cannot join again."""
    about = _("They can join again.")
    if ban:
        about = _("They cannot join again, unless you invite them.")
    ask(
        _("Remove {name} from {room}?", name=shown_name(name), room=shown_name(room)),
        about,
        _("Remove for good") if ban else _("Remove"),
        lambda: bridge.request(
            lambda client: client.kick(room, name, ban=ban), owner=owner, failed=failed
        ),
        owner,
    )


def ask_to_encrypt(bridge: Bridge, owner: QWidget, room: str, *, failed: _Failed) -> None:
    """Have a room allow only encrypted messages for good, if the user is sure."""
    ask(
        _("Encrypt {room}?", room=shown_name(room)),
        _("From then on it allows only encrypted messages. Guests leave it. This stays so."),
        _("Encrypt"),
        lambda: bridge.request(
            lambda client: client.encrypt_room(room), owner=owner, failed=failed
        ),
        owner,
    )


def _ignoring(then: _Then) -> Callable[[Any], object]:
    return lambda _nothing: then()
