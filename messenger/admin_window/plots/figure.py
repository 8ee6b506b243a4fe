"""A figure in a card: what it is, the figure, and a line that says how to take it."""

from PyQt6.QtWidgets import QFrame, QVBoxLayout

from messenger.windows.look.restyling import restyle
from messenger.windows.look.tokens import Space
from messenger.windows.widgets.labels import text


class FigureCard(QFrame):
    """A figure. `show_figure` shows it; before, there is a dash."""

    def __init__(self, words: str) -> None:
        super().__init__()
        self.setObjectName("sheet")
        self._name = words
        self._figure = text("–", wrap=False)
        self._figure.setObjectName("figure")
        self._note = text(" ", small=True, wrap=False)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(Space.L, Space.M, Space.L, Space.M)
        layout.setSpacing(2)
        layout.addWidget(text(words, small=True, wrap=False))
        layout.addWidget(self._figure)
        layout.addWidget(self._note)
        self.setAccessibleName(words)

    @property
    def figure(self) -> str:
        """The figure that is shown."""
        return self._figure.text()

    def show_figure(self, figure: str, note: str = "", *, is_bad: bool = False) -> None:
        """Show a figure and its note; `is_bad` if somebody should look after it."""
        self._figure.setText(figure)
        self._note.setText(note or " ")
        name = "warn" if is_bad else "small"
        if self._note.objectName() != name:
            self._note.setObjectName(name)
            restyle(self._note)
        self.setAccessibleDescription(f"{figure}. {note}")
