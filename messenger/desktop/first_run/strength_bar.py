"""The strength of a new password, while it is typed."""

from PyQt6.QtCore import QTimer
from PyQt6.QtWidgets import QProgressBar, QVBoxLayout, QWidget

from messenger.ui.first_run import Strength, strength
from messenger.windows.gui_thread import GuiThread
from messenger.windows.look.restyling import restyle
from messenger.windows.look.tokens import Space
from messenger.windows.widgets.labels import text

_PAUSE = 120
"""Milliseconds without a key before a password is rated: that takes up to 30 ms of a core."""
_BEST = 4
_FAIR = 2


class StrengthBar(QWidget):
    """A bar with a word below it; the rating is done in a thread."""

    def __init__(self, gui: GuiThread) -> None:
        super().__init__()
        self._gui = gui
        self._bar = QProgressBar()
        self._bar.setTextVisible(False)
        self._bar.setRange(0, _BEST + 1)
        self._words = text("", small=True)
        self._words.setObjectName("strength")
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(Space.XS)
        layout.addWidget(self._bar)
        layout.addWidget(self._words)
        self._rated = ("", "")
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(_PAUSE)
        self._timer.timeout.connect(self._rate)
        self.hide()

    @property
    def words(self) -> str:
        """The rating in words."""
        return self._words.text()

    def rate(self, password: str, name: str) -> None:
        """Rate a password soon; an empty one hides the bar."""
        self._rated = (password, name)
        if password:
            self._timer.start()
        else:
            self._timer.stop()
            self.hide()

    def _rate(self) -> None:
        rated = self._rated
        self._gui.run(
            lambda: strength(*rated), lambda found: self._show(rated, found), lambda _: None, self
        )

    def _show(self, rated: tuple[str, str], found: Strength) -> None:
        if rated != self._rated:  # Typed on: another rating follows.
            return
        self._bar.setValue(found.score + 1)
        for mark, holds in (("good", found.score > _FAIR), ("bad", found.score < _FAIR)):
            self._bar.setProperty(mark, holds)
        self._words.setObjectName(
            "good" if found.score > _FAIR else "error" if found.score < _FAIR else "small"
        )
        self._words.setText(found.text[:1].upper() + found.text[1:])
        self._bar.setAccessibleName(found.text)
        restyle(self._bar, self._words)
        self.show()
