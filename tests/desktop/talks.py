"""Made-up conversations for tests of the message view."""

import time
from typing import Any

from PyQt6.QtCore import QPoint, QPointF, QRectF
from PyQt6.QtWidgets import QApplication

from messenger.desktop.messages.bubble import Bubble
from messenger.desktop.messages.model import MessagesModel
from messenger.desktop.messages.view import MessageView
from messenger.sdk.store import MessageSecurity, MessageState, StoredMessage
from tests.ui.samples import message

ME = "Анна"
NOON = time.mktime((2026, 5, 4, 12, 0, 0, 0, 0, -1))


def said(number: int, text: str = "", sender: str = "名前", **changes: Any) -> StoredMessage:
    """Return a message with a number, a minute after the one before."""
    moment = NOON + 60 * number
    state = MessageState.READ if sender == ME else MessageState.RECEIVED
    values: dict[str, Any] = {
        "id": number,
        "seq": number,
        "conversation": "#room",
        "sender": sender,
        "time": moment,
        "stored": moment,
        "state": state,
        "security": MessageSecurity.ENCRYPTED,
    }
    return message(text or f"text {number}", **(values | changes))


def talk(first: int, last: int) -> list[StoredMessage]:
    """Return messages of three people, of different lengths."""
    senders = (ME, "名前", "Bob Keller")
    return [
        said(number, f"{number} " + "слово word " * (number % 7 * 5), senders[number // 3 % 3])
        for number in range(first, last + 1)
    ]


def shown(model: MessagesModel, size: tuple[int, int] = (700, 500)) -> MessageView:
    """Show a model in a view."""
    view = MessageView(model)
    view.resize(*size)
    view.show()
    QApplication.processEvents()
    return view


def bubble(view: MessageView, key: int) -> tuple[Bubble, QRectF]:
    """Return the bubble of a message, and where it is in the viewport."""
    row = view.rows_model.place_of(key)
    assert row is not None
    block = view.block(row)
    assert isinstance(block, Bubble)
    return block, block.box.translated(0, view.top_of(row))


def point_in(view: MessageView, key: int, character: int) -> QPoint:
    """Return the point of the viewport where a character of a message begins."""
    block, box = bubble(view, key)
    line = block.text._layout.lineForTextPosition(character)
    x = line.cursorToX(character)
    across = x[0] if isinstance(x, tuple) else x
    at = block.text_at + QPointF(across + 1, line.y() + line.height() / 2)
    return (at + QPointF(0, box.top() - block.box.top())).toPoint()
