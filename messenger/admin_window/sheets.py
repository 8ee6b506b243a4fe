"""Sheets below each other that scroll, for pages that are no tables."""

from collections.abc import Sequence

from PyQt6.QtCore import Qt
from PyQt6.QtWidgets import (
    QBoxLayout,
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from messenger.windows.look.tokens import Space
from messenger.windows.widgets.labels import text, title

_WIDTH = 820
"""The greatest width of a sheet, in pixels: longer lines are hard to read."""


class Sheet(QFrame):
    """A plate with a title; add widgets to `body`."""

    def __init__(self, words: str = "") -> None:
        super().__init__()
        self.setObjectName("sheet")
        self.setMaximumWidth(_WIDTH)
        self.body = QVBoxLayout(self)
        self.body.setContentsMargins(Space.L, Space.M, Space.L, Space.M)
        self.body.setSpacing(Space.S)
        if words:
            self.body.addWidget(title(words))


class Sheets(QScrollArea):
    """Sheets below each other, which scroll where there is no room."""

    def __init__(self) -> None:
        super().__init__()
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setWidgetResizable(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        inside = QWidget()
        self.column = QVBoxLayout()
        self.column.setContentsMargins(0, 0, 0, 0)
        self.column.setSpacing(Space.M)
        row = QHBoxLayout()
        row.setContentsMargins(0, 0, 0, 0)
        # At the left, below the title of the page: the rest of the room is free.
        row.addLayout(self.column, 1_000)
        row.addStretch(1)
        outer = QVBoxLayout(inside)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addLayout(row)
        outer.addStretch(1)
        self.setWidget(inside)

    def add(self, widget: QWidget) -> None:
        """Add a sheet, or another widget, below the others."""
        self.column.addWidget(widget)


def add_facts(layout: QBoxLayout, facts: Sequence[tuple[str, str]]) -> None:
    """Add a table of names and values, which can be selected."""
    grid = QGridLayout()
    grid.setHorizontalSpacing(Space.M)
    grid.setVerticalSpacing(Space.XS)
    grid.setColumnStretch(1, 1)
    for row, (words, value) in enumerate(facts):
        top = Qt.AlignmentFlag.AlignTop
        name = text(words, small=True, wrap=False)
        name.setContentsMargins(0, 2, 0, 0)
        grid.addWidget(name, row, 0, top)
        said = text(value)
        said.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        grid.addWidget(said, row, 1, top)
    layout.addLayout(grid)
