"""The parts of the pages that verify somebody: tiles of emoji, and the groups of a number."""

from PyQt6.QtCore import Qt
from PyQt6.QtWidgets import QFrame, QGridLayout, QLabel, QSizePolicy, QVBoxLayout, QWidget

from messenger.crypto.emoji import EMOJI
from messenger.desktop.security.steps import number_rows
from messenger.language import _
from messenger.windows.look.fonts import font
from messenger.windows.look.tokens import Space, Type, Weight
from messenger.windows.widgets.labels import text

_TILES_A_ROW = 4
_PICTURE = 30
"""Pixels of an emoji in its tile."""


def emoji_tiles(indexes: tuple[int, ...]) -> QWidget:
    """Return the emoji of a verification in tiles, each with its name: fonts draw them differently.

    A screen reader reads the names in their order.
    """
    found = QWidget()
    grid = QGridLayout(found)
    grid.setContentsMargins(0, 0, 0, 0)
    grid.setSpacing(Space.S)
    for place, index in enumerate(indexes):
        picture, name = EMOJI[index]
        grid.addWidget(_tile(picture, _(name), place + 1), *divmod(place, _TILES_A_ROW))
    for column in range(_TILES_A_ROW):
        grid.setColumnStretch(column, 1)
        # All of one width, whatever their names are.
        grid.setColumnMinimumWidth(column, 70)
    return found


def _tile(picture: str, name: str, number: int) -> QFrame:
    tile = QFrame()
    tile.setObjectName("card")
    tile.setAccessibleName(_("{number}: {name}", number=number, name=name))
    tile.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
    shown = QLabel(picture)
    # Named, or the style sheet's size of all widgets would be its size.
    shown.setObjectName("emoji")
    face = font(_PICTURE)
    shown.setStyleSheet(f"font-size: {face.pixelSize()}px")
    words = text(name, small=True, wrap=True)
    for label in (shown, words):
        label.setAlignment(Qt.AlignmentFlag.AlignCenter)
    layout = QVBoxLayout(tile)
    layout.setContentsMargins(Space.XS, Space.M, Space.XS, Space.S)
    layout.setSpacing(Space.XS)
    layout.addWidget(shown)
    layout.addWidget(words)
    return tile


def number_card(number: str) -> QWidget:
    """Return a safety number in groups; it can be selected, and is read as one text."""
    found = QFrame()
    found.setObjectName("card")
    found.setAccessibleName(number)
    grid = QGridLayout(found)
    grid.setContentsMargins(Space.M, Space.M, Space.M, Space.M)
    grid.setVerticalSpacing(Space.S)
    face = font(Type.HEADING, Weight.MEDIUM)
    for y, row in enumerate(number_rows(number)):
        for x, group in enumerate(row):
            label = QLabel(group)
            label.setObjectName("digits")
            label.setAlignment(Qt.AlignmentFlag.AlignCenter)
            label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
            label.setStyleSheet(
                f"font-size: {face.pixelSize()}px; font-weight: 500;"
                'font-family: "DejaVu Sans Mono", Menlo, Consolas, monospace'
            )
            grid.addWidget(label, y, x)
    return found
