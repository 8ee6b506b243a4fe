"""The theme that all windows of the process have: light or dark, and the size of text."""

from PyQt6.QtCore import QObject, Qt, pyqtSignal
from PyQt6.QtGui import QColor, QGuiApplication, QPalette, QPen
from PyQt6.QtWidgets import QApplication

from messenger.windows.look.files import look_directory
from messenger.windows.look.restyling import Restyling
from messenger.windows.look.tokens import DARK, LIGHT, Colours


class Theme(QObject):
    """The current colours and scale. Signals: `changed`, after both have been applied."""

    changed = pyqtSignal()

    def __init__(self) -> None:
        super().__init__()
        self.colours: Colours = LIGHT
        self.scale = 1.0
        self._applied: tuple[Colours, float] | None = None
        self._choice = "auto"
        self._is_followed = False
        self._restyling = Restyling()

    def apply(self, choice: str = "auto", scale: float = 1.0) -> None:
        """Use `light` or `dark` colours, or those of the system (`auto`), at a scale of text."""
        self._choice = choice
        self.scale = scale
        self._follow_the_system()
        self._set(DARK if self._is_dark() else LIGHT)

    @property
    def is_everywhere(self) -> bool:
        """Whether what is out of sight has been styled, too."""
        return self._restyling.is_finished

    def ring(self) -> QPen:
        """Return the pen that draws a ring around what has the keyboard."""
        return QPen(QColor(self.colours.accent), 2)

    def _is_dark(self) -> bool:
        if self._choice != "auto":
            return self._choice == "dark"
        hints = QGuiApplication.styleHints()
        return hints is not None and hints.colorScheme() is Qt.ColorScheme.Dark

    def _follow_the_system(self) -> None:
        hints = QGuiApplication.styleHints()
        if hints is not None and not self._is_followed:
            self._is_followed = True
            hints.colorSchemeChanged.connect(self._system_changed)

    def _system_changed(self) -> None:
        if self._choice == "auto":
            self._set(DARK if self._is_dark() else LIGHT)

    def _set(self, colours: Colours) -> None:
        # Not at the top: they take their colours from here.
        from messenger.windows.look.fonts import font
        from messenger.windows.look.sheet import style_sheet

        if self._applied == (colours, self.scale):
            return
        self.colours = colours
        app = QApplication.instance()
        if isinstance(app, QApplication):
            sheet = _in_file(style_sheet(colours, self.scale))
            # Another size of text is another layout, which has to be whole at once.
            is_same_size = self._applied is not None and self._applied[1] == self.scale
            with self._restyling.in_steps() if is_same_size else self._restyling.at_once():
                app.setFont(font())
                app.setPalette(palette(colours))
                # The file is read again, too. Qt takes eight times as long to replace a sheet.
                app.setStyle("Fusion")
                if app.styleSheet() != sheet:
                    app.setStyleSheet(sheet)
            self._applied = colours, self.scale
        self.changed.emit()


def _in_file(sheet: str) -> str:
    """Return a style sheet as Qt reads it from a file; itself, if it cannot be written."""
    try:
        file = look_directory() / "theme.qss"
        file.write_text(sheet, "utf-8")
    except OSError:
        return sheet
    return f"file:///{file.as_posix()}"


def palette(colours: Colours) -> QPalette:
    """Return the palette for standard widgets: with it Fusion needs little of a style sheet."""
    found = QPalette()
    role = QPalette.ColorRole
    for one, colour in (
        (role.Window, colours.window),
        (role.WindowText, colours.text),
        (role.Base, colours.field),
        (role.AlternateBase, colours.hover),
        (role.Text, colours.text),
        (role.Button, colours.window),
        (role.ButtonText, colours.text),
        (role.Highlight, colours.accent),
        (role.HighlightedText, colours.on_accent),
        (role.Accent, colours.accent),
        (role.Link, colours.link),
        (role.PlaceholderText, colours.soft),
        (role.ToolTipBase, colours.text),
        (role.ToolTipText, colours.window),
        (role.Mid, colours.line),
        (role.Dark, colours.line),
        (role.Light, colours.window),
        (role.BrightText, colours.bad),
    ):
        found.setColor(one, QColor(colour))
    for one in (role.Text, role.WindowText, role.ButtonText):
        found.setColor(QPalette.ColorGroup.Disabled, one, QColor(colours.faint))
    return found


theme = Theme()
"""The theme of this process."""
