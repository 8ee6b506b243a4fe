"""What panels about people and rooms are made of."""

from PyQt6.QtCore import QSize, Qt
from PyQt6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QScrollArea,
    QSizePolicy,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from messenger.ui.wording import shown_name
from messenger.windows.look.avatars import avatar
from messenger.windows.look.icons import icon
from messenger.windows.look.theme import theme
from messenger.windows.look.tokens import Size, Space
from messenger.windows.widgets.icon_label import IconLabel
from messenger.windows.widgets.labels import heading, text
from messenger.windows.widgets.plain import set_tip

_PORTRAIT = 84


class Panel(QScrollArea):
    """A column of widgets that scrolls where the window is low, with an error on top."""

    def __init__(self, name: str) -> None:
        """`name` is for screen readers."""
        super().__init__()
        self.setAccessibleName(name)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setWidgetResizable(True)
        contents = QWidget()
        self._column = QVBoxLayout(contents)
        self._column.setContentsMargins(0, Space.L, 0, Space.L)
        self._column.setSpacing(Space.M)
        self._error = text("")
        self._error.setObjectName("error")
        self._error.hide()
        self.add(self._error)
        self.setWidget(contents)

    def add(self, *widgets: QWidget) -> None:
        """Add widgets side by side, with the panel's margins beside them."""
        row = QHBoxLayout()
        row.setContentsMargins(Space.L, 0, Space.L, 0)
        row.setSpacing(Space.S)
        for widget in widgets:
            row.addWidget(widget, 1)
        self._column.addLayout(row)

    def add_wide(self, widget: QWidget) -> None:
        """Add a list as wide as the panel, which takes the height that is left."""
        self._column.addWidget(widget, 1)

    def fill(self) -> None:
        """Leave the rest of the height free."""
        self._column.addStretch(1)

    def show_error(self, words: str) -> None:
        """Say what could not be done; an empty text takes that back."""
        self._error.setText(words)
        self._error.setAccessibleName(words)
        self._error.setVisible(bool(words))
        if words:
            self.ensureWidgetVisible(self._error)


class Portrait(QWidget):
    """A large avatar with the name and lines about it below."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self._picture = QLabel()
        self._picture.setPixmap(avatar(name, _PORTRAIT, self.devicePixelRatioF()))
        self._name = heading(shown_name(name))
        self._line = text("", soft=True)
        self._more = text("")
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, Space.XS)
        layout.setSpacing(Space.XS)
        for label in (self._picture, self._name, self._line, self._more):
            label.setAlignment(Qt.AlignmentFlag.AlignCenter)
            layout.addWidget(label)
        self._name.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._more.hide()

    @property
    def line(self) -> str:
        """What is said below the name."""
        return self._line.text()

    def show_lines(self, line: str, more: str = "") -> None:
        """Say this below the name, and more below that."""
        self._line.setText(line)
        self._more.setText(more)
        self._more.setVisible(bool(more))


class ActionButton(QToolButton):
    """A button with an icon above a word; its whole sentence is for tips and screen readers."""

    def __init__(self, icon_name: str, word: str, sentence: str) -> None:
        super().__init__()
        self.setObjectName("action")
        self.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextUnderIcon)
        self.setIconSize(QSize(Size.ICON, Size.ICON))
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self._icon_name = ""
        self.say(icon_name, word, sentence)
        theme.changed.connect(self._recolour)

    def say(self, icon_name: str, word: str, sentence: str) -> None:
        """Show another action."""
        self._icon_name = icon_name
        self.setText(word)
        set_tip(self, sentence)
        self.setAccessibleName(sentence)
        self._recolour()

    def _recolour(self) -> None:
        self.setIcon(icon(self._icon_name, theme.colours.accent))


class Card(QFrame):
    """A rounded ground with an icon, a sentence and what can be done (`body`)."""

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("card")
        self._mark = IconLabel()
        self._mark.setFixedWidth(Size.ICON)
        self._words = text("")
        top = QHBoxLayout()
        top.setSpacing(Space.S + 2)
        top.addWidget(self._mark, 0, Qt.AlignmentFlag.AlignTop)
        top.addWidget(self._words, 1)
        self.body = QVBoxLayout(self)
        self.body.setContentsMargins(Space.M, Space.M, Space.M, Space.M)
        self.body.setSpacing(Space.S)
        self.body.addLayout(top)

    @property
    def words(self) -> str:
        """The sentence."""
        return self._words.text()

    def say(self, icon_name: str, colour: str, words: str) -> None:
        """Show a sentence beside an icon; `colour` is the name of one of the theme's."""
        self._mark.show_icon(icon_name, colour)
        self._words.setText(words)
        self.setAccessibleName(words)
