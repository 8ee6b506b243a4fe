"""Has a style sheet look at a widget again."""

from PyQt6.QtWidgets import QWidget


def restyle(*widgets: QWidget) -> None:
    """Style widgets anew: style sheets look at their names and properties only once."""
    for widget in widgets:
        if (style := widget.style()) is not None:
            style.unpolish(widget)
            style.polish(widget)
