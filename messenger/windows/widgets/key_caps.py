"""Keys as people see them on a keyboard, each on a small plate, and what they do beside them."""

from html import escape

from PyQt6.QtCore import Qt
from PyQt6.QtWidgets import QGridLayout, QLabel

from messenger.windows.look.theme import theme
from messenger.windows.widgets.labels import text


def add_row(grid: QGridLayout, line: int, column: int, shown: QLabel, row: tuple[str, str]) -> None:
    """Add a row of two columns: what is pressed or typed, as it is `shown`, and what it does."""
    shown.setTextFormat(Qt.TextFormat.RichText)
    shown.setAccessibleName(": ".join(row))
    top = Qt.AlignmentFlag.AlignTop
    grid.addWidget(shown, line, column, top)
    grid.addWidget(text(row[1]), line, column + 1, top)


def key_caps(keys: str) -> str:
    """Return keys, separated by commas, as rich text."""
    colours = theme.colours
    style = f"background-color: {colours.field}; color: {colours.text}; font-weight: 500;"
    caps = [f'<span style="{style}">&nbsp;{escape(one)}&nbsp;</span>' for one in keys.split(", ")]
    return " ".join(caps)
