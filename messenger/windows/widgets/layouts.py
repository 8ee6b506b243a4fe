"""Rows and columns of widgets, and layouts that are emptied to be filled anew."""

from PyQt6.QtWidgets import QHBoxLayout, QLayout, QVBoxLayout, QWidget

from messenger.windows.look.tokens import Space


def spaced(*widgets: QWidget, spacing: int = Space.S, stretch: bool = False) -> QWidget:
    """Return a row of widgets, with the free room behind them if it is to be there."""
    row = QWidget()
    layout = QHBoxLayout(row)
    layout.setContentsMargins(0, 0, 0, 0)
    layout.setSpacing(spacing)
    for widget in widgets:
        layout.addWidget(widget)
    if stretch:
        layout.addStretch(1)
    return row


def stacked(main: QWidget, *below: QWidget) -> QWidget:
    """Return a column of a widget that has all the free room, and others below it."""
    column = QWidget()
    layout = QVBoxLayout(column)
    layout.setContentsMargins(0, 0, 0, 0)
    layout.setSpacing(Space.M)
    layout.addWidget(main, 1)
    for widget in below:
        layout.addWidget(widget)
    return column


def centred(widget: QWidget) -> QWidget:
    """Return a row with a widget in its middle."""
    row = QWidget()
    layout = QHBoxLayout(row)
    layout.setContentsMargins(0, 0, 0, 0)
    layout.addStretch(1)
    layout.addWidget(widget)
    layout.addStretch(1)
    return row


def empty(layout: QLayout) -> None:
    """Remove all widgets of a layout."""
    while (item := layout.takeAt(0)) is not None:
        if (widget := item.widget()) is not None:
            # Later: the click that has led to other contents is still on its way through it.
            widget.hide()
            widget.deleteLater()
        elif (inner := item.layout()) is not None:
            empty(inner)
