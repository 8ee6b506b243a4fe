"""The parts of the chat, from top to bottom."""

from PyQt6.QtCore import QPoint
from PyQt6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from messenger.desktop.chat_panel import ChatPanel
from messenger.windows.look.tokens import Space
from messenger.windows.widgets.banner import Banner


def test_a_notice_stands_apart_and_takes_no_room_once_it_is_closed(qtbot: QtBot) -> None:
    messages = QWidget()
    panel = ChatPanel(messages, QWidget())
    qtbot.addWidget(panel)
    panel.resize(600, 500)
    panel.show()
    head = panel.head.geometry().bottom() + 1
    banner = Banner("Your server runs as long as this window.")

    before = messages.y()
    panel.add_banner(banner)

    qtbot.waitUntil(lambda: banner.mapTo(panel, QPoint()).y() == head + Space.S)
    qtbot.waitUntil(lambda: messages.y() > before)
    banner.close_banner()
    qtbot.waitUntil(lambda: messages.y() == before)
