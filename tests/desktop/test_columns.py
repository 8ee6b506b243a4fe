"""The columns that a window shows at its width."""

import pytest
from PyQt6.QtWidgets import QLabel, QWidget
from pytestqt.qtbot import QtBot

from messenger.desktop.columns import Columns
from messenger.desktop.side_panel import SidePanel


class Shown:
    """The columns of a window."""

    def __init__(self, qtbot: QtBot, width: int) -> None:
        self.list, self.chat, self.panel = QWidget(), QWidget(), SidePanel()
        self.columns = Columns(self.list, self.chat, self.panel)
        qtbot.addWidget(self.columns)
        self.columns.resize(width, 700)
        self.columns.show()
        self.columns.show_chat()

    @property
    def names(self) -> list[str]:
        columns = {"list": self.list, "chat": self.chat, "panel": self.panel}
        return [name for name, column in columns.items() if column.isVisible()]


@pytest.mark.parametrize(
    ("width", "alone", "with_panel"),
    [
        (1080, ["list", "chat"], ["list", "chat", "panel"]),
        (780, ["list", "chat"], ["chat", "panel"]),
        (500, ["chat"], ["panel"]),
    ],
)
def test_a_panel_takes_the_place_of_what_there_is_no_room_for(
    qtbot: QtBot, width: int, alone: list[str], with_panel: list[str]
) -> None:
    shown = Shown(qtbot, width)
    assert shown.names == alone
    shown.columns.show_panel(QLabel("results"), "Search everywhere")
    assert shown.names == with_panel
    shown.panel.close_panel()
    assert shown.names == alone


@pytest.mark.parametrize("width", [1080, 780, 500])
def test_what_a_panel_leads_to_is_seen(qtbot: QtBot, width: int) -> None:
    """Such as a message that a search has found."""
    shown = Shown(qtbot, width)
    shown.columns.show_panel(QLabel("results"), "Search everywhere")
    shown.columns.show_chat()
    assert "chat" in shown.names
    qtbot.waitUntil(lambda: shown.chat.width() >= 300)
