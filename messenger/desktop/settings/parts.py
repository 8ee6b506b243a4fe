"""The parts of pages of settings: rows, and controls that change a setting."""

from PyQt6.QtCore import QSize, Qt
from PyQt6.QtGui import QResizeEvent, QWheelEvent
from PyQt6.QtWidgets import (
    QBoxLayout,
    QComboBox,
    QFrame,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QSlider,
    QVBoxLayout,
    QWidget,
)

from messenger.desktop.settings.changes import Changes
from messenger.language import N_, _
from messenger.ui.settings import CHOICES, value_name
from messenger.windows.look.theme import theme
from messenger.windows.look.tokens import Size, Space
from messenger.windows.widgets.labels import heading, text
from messenger.windows.widgets.plain import set_tip
from messenger.windows.widgets.switch import Switch

_LABELS = 132
"""Pixels of the column of labels."""
_ROW = 320
"""Pixels: in a narrower row its parts stand below each other."""
_LEAST = 160

_VALUES = {
    ("language", "auto"): N_("As the system"),
    ("theme", "auto"): N_("As the system"),
    ("theme", "dark"): N_("Dark"),
    ("theme", "light"): N_("Light"),
    ("notify_about", "all"): N_("All messages"),
    ("notify_about", "mentions"): N_("Mentions and direct messages"),
    ("notes_show", "text"): N_("Name and text"),
    ("notes_show", "name"): N_("Name only"),
    ("notes_show", "nothing"): N_("Neither name nor text"),
}
"""Values in more words than the table of settings has for a terminal."""


class Page(QWidget):
    """A page: a heading, then rows."""

    def __init__(self, title: str) -> None:
        super().__init__()
        self.setAccessibleName(title)
        self.rows = QVBoxLayout(self)
        self.rows.setContentsMargins(Space.XL, Space.XL, Space.XL, Space.L)
        self.rows.setSpacing(Space.M)
        self.rows.addWidget(heading(title))
        self.rows.addSpacing(Space.XS)

    def add(self, *widgets: QWidget) -> None:
        """Add rows."""
        for widget in widgets:
            self.rows.addWidget(widget)

    def resizeEvent(self, event: QResizeEvent | None) -> None:
        """Have smaller margins where there is little room."""
        super().resizeEvent(event)
        side = Space.L if self.width() < _ROW + 2 * Space.XL else Space.XL
        self.rows.setContentsMargins(side, side, side, Space.L)

    def end(self) -> None:
        """Keep the rows at the top."""
        self.rows.addStretch(1)


class SettingBox(QComboBox):
    """A box with the values of a setting."""

    def __init__(self, changes: Changes, name: str) -> None:
        super().__init__()
        self._changes = changes
        self._name = name
        choice = CHOICES[name]
        for value in choice.values:
            words = _VALUES.get((name, value))
            self.addItem(_(words) if words else value_name(value), value)
        self.setObjectName(name)
        self.setAccessibleName(_(choice.title))
        # It may be narrower than its longest value.
        self.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        # Not by the wheel: whoever scrolls the page would change what lies on the way.
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setCurrentIndex(choice.values.index(changes.value(name)))
        self.currentIndexChanged.connect(
            lambda _index: changes.change(name, str(self.currentData()))
        )

    def wheelEvent(self, event: QWheelEvent | None) -> None:
        """Let the page scroll."""
        if event is not None:
            event.ignore()


class SettingSwitch(Switch):
    """A switch for a setting that is on or off."""

    def __init__(self, changes: Changes, name: str, words: str = "") -> None:
        super().__init__(words or _(CHOICES[name].title))
        self.setObjectName(name)
        self.setAccessibleName(self.text())
        set_tip(self, self.text())
        self.setChecked(changes.value(name) == "on")
        self.toggled.connect(lambda is_on: changes.change(name, "on" if is_on else "off"))


class SettingSlider(QWidget):
    """A slider for a setting whose values are numbers of percent, with the value behind it."""

    def __init__(self, changes: Changes, name: str) -> None:
        super().__init__()
        self._values = [int(value) for value in CHOICES[name].values]
        self.slider = QSlider(Qt.Orientation.Horizontal)
        self.slider.setObjectName(name)
        self.slider.setRange(0, len(self._values) - 1)
        self.slider.setPageStep(1)
        self.slider.setMinimumHeight(Size.BUTTON)
        self.slider.setAccessibleName(_(CHOICES[name].title))
        self._shown = text("", soft=True, wrap=False)
        self._shown.setMinimumWidth(48)
        self._shown.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(Space.M)
        layout.addWidget(self.slider, 1)
        layout.addWidget(self._shown)
        self.setFocusProxy(self.slider)
        # A file may have any number: the nearest is shown.
        stored = int(changes.value(name))
        self.slider.setValue(
            self._values.index(min(self._values, key=lambda one: abs(one - stored)))
        )
        self._show()
        self.slider.valueChanged.connect(self._show)
        # While it is dragged the whole window would be laid out again and again.
        self.slider.setTracking(False)
        self.slider.sliderMoved.connect(lambda place: self._say(self._values[place]))
        self.slider.valueChanged.connect(
            lambda place: changes.change(name, str(self._values[place]))
        )

    def _show(self) -> None:
        self._say(self._values[self.slider.value()])

    def _say(self, value: int) -> None:
        self._shown.setText(f"{value} %")
        self.slider.setAccessibleDescription(f"{value} %")


class Row(QFrame):
    """Two parts beside each other; where there is no room for that, below each other."""

    def __init__(self, first: QWidget, second: QWidget, *, stretches: int) -> None:
        """`stretches` is the part that gets the room, 0 or 1."""
        super().__init__()
        self.box = QBoxLayout(QBoxLayout.Direction.LeftToRight, self)
        self.box.setContentsMargins(0, 0, 0, 0)
        self.box.setSpacing(Space.M)
        self.box.addWidget(first, 1 - stretches)
        self.box.addWidget(second, stretches)

    def minimumSizeHint(self) -> QSize:
        """Return the least size: as narrow as the parts below each other."""
        return QSize(_LEAST, super().minimumSizeHint().height())

    def resizeEvent(self, event: QResizeEvent | None) -> None:
        """Arrange the parts for the width."""
        super().resizeEvent(event)
        is_narrow = self.width() < _ROW * theme.scale
        directions = QBoxLayout.Direction
        self.box.setDirection(directions.TopToBottom if is_narrow else directions.LeftToRight)
        self.box.setSpacing(Space.XS if is_narrow else Space.M)


def row(label: str, control: QWidget, help: str = "") -> QWidget:
    """Return a row: a label, its control, and perhaps help below that."""
    name = text(label)
    name.setMinimumWidth(_LABELS)
    name.setBuddy(control)
    # The label stands on the line of the control's text.
    name.setContentsMargins(0, Space.S, 0, 0)
    name.setAlignment(Qt.AlignmentFlag.AlignTop)
    right = QWidget()
    column = QVBoxLayout(right)
    column.setContentsMargins(0, 0, 0, 0)
    column.setSpacing(Space.XS)
    column.addWidget(control)
    if help:
        column.addWidget(text(help, small=True))
    return Row(name, right, stretches=1)


def action_row(title: str, help: str, button: QPushButton) -> QWidget:
    """Return a card that says what a button does."""
    name = text(title)
    name.setObjectName("name")
    left = QWidget()
    words = QVBoxLayout(left)
    words.setContentsMargins(0, 0, 0, 0)
    words.setSpacing(2)
    words.addWidget(name)
    words.addWidget(text(help, small=True))
    button.setAccessibleDescription(help)
    found = Row(left, button, stretches=0)
    found.setObjectName("card")
    found.box.setContentsMargins(Space.L, Space.M, Space.L, Space.M)
    found.box.setAlignment(button, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft)
    return found


def note(words: str) -> QLabel:
    """Return a small note below a group of rows."""
    return text(words, small=True)
